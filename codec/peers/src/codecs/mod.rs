//! One adapter for each codec under comparison. To add one: write its file, and name it in the two lists below.

mod convert;
mod family;
pub mod mqtt_bytes_v5;
pub mod mqttbytes;
pub mod mqttrs;
pub mod rumqttc;
pub mod rumqttc_next;

use mqttspec_bench::{Entrant, codec};

/// Every peer, in the order of the tables. A codec of both versions in two sets of functions is two entrants of one
/// name, one for each version.
pub fn peers() -> Vec<Box<dyn Entrant>> {
    vec![
        codec::<mqttrs::Mqttrs>(),
        codec::<mqttbytes::V4>(),
        codec::<mqttbytes::V5>(),
        codec::<rumqttc::V4>(),
        codec::<rumqttc::V5>(),
        codec::<rumqttc_next::V4>(),
        codec::<rumqttc_next::V5>(),
        codec::<mqtt_bytes_v5::MqttBytesV5>(),
    ]
}
