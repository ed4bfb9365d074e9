//! Choices of a packet and a named mutation of it.
#![cfg_attr(fuzzing, no_main)]
mqttspec_fuzz::fuzz_target!(mutations);
