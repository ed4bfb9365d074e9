//! A frame, decoded, encoded and decoded again.
#![cfg_attr(fuzzing, no_main)]
mqttspec_fuzz::fuzz_target!(round_trip);
