//! One adapter for each codec under comparison. To add one: write its file, and name it in the two lists below.

mod convert;
mod family;
mod fields;
pub mod mqtt5_protocol;
pub mod mqtt_bytes_v5;
pub mod mqtt_proto;
pub mod mqtt_protocol_core;
pub mod mqttbytes;
pub mod mqttrs;
pub mod mqute_codec;
mod ntex_family;
pub mod ntex_mqtt;
pub mod rmqtt_codec;
pub mod rumqttc;
pub mod rumqttc_next;
pub mod rusty_rtos_mqtt;
mod rusty_rtos_properties;
pub mod stock;

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
        codec::<ntex_mqtt::V3>(),
        codec::<ntex_mqtt::V5>(),
        codec::<rmqtt_codec::V3>(),
        codec::<rmqtt_codec::V5>(),
        codec::<mqtt_protocol_core::MqttProtocolCore>(),
        codec::<mqtt_proto::V3>(),
        codec::<mqtt_proto::V5>(),
        codec::<mqtt_proto::FramedV3>(),
        codec::<mqtt_proto::FramedV5>(),
        codec::<mqute_codec::V4>(),
        codec::<mqute_codec::V5>(),
        codec::<mqtt5_protocol::Mqtt5Protocol>(),
        codec::<rusty_rtos_mqtt::RustyRtos>(),
    ]
}
