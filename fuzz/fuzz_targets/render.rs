//! A frame, shown as text.
#![cfg_attr(fuzzing, no_main)]
mqttspec_fuzz::fuzz_target!(render);
