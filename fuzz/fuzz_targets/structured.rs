//! Choices of a packet, and of what goes wrong with it.
#![cfg_attr(fuzzing, no_main)]
mqttspec_fuzz::fuzz_target!(structured);
