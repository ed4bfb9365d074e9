//! mqttspec-codec beside the MQTT codecs of other crates: speed, allocations, and scores on the test vectors.

pub mod codecs;
