//! A frame, judged by the strict decoder and by `diagnose`.
#![cfg_attr(fuzzing, no_main)]
mqttspec_fuzz::fuzz_target!(strict);
