//! A stream of bytes, cut into frames in one piece and in many.
#![cfg_attr(fuzzing, no_main)]
mqttspec_fuzz::fuzz_target!(framing);
