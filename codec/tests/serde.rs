//! Packets as JSON, which scenarios and reports are made of.
#![cfg(feature = "serde")]

mod common;

use common::versioned_packet;
use mqttspec_codec::*;
use proptest::prelude::*;

proptest! {
    #![proptest_config(common::config(256))]

    #[test]
    fn packets_round_trip((_, packet) in versioned_packet()) {
        let json = serde_json::to_string(&packet).unwrap();
        prop_assert_eq!(serde_json::from_str::<PacketBuf>(&json).unwrap(), packet);
    }
}

#[test]
fn names_in_json_are_those_of_the_standard() {
    let json = |value: &PacketBuf| serde_json::to_string(value).unwrap();
    let ack = AckBuf {
        packet_id: 1,
        reason_code: ReasonCode::QUOTA_EXCEEDED,
        properties: vec![PropertyBuf::reason_string("no")],
    };
    let expected = r#"{"PubAck":{"packet_id":1,"reason_code":151,"properties":[{"id":"Reason String","value":{"Utf8String":"no"}}]}}"#;
    assert_eq!(json(&PacketBuf::PubAck(ack)), expected);
    assert_eq!(serde_json::to_string(&ProtocolVersion::V3_1_1).unwrap(), r#""3.1.1""#);
    assert_eq!(serde_json::to_string(&PacketType::ConnAck).unwrap(), r#""CONNACK""#);
    assert_eq!(serde_json::to_string(&QoS::ExactlyOnce).unwrap(), "2");
    assert!(serde_json::from_str::<QoS>("3").is_err());
}
