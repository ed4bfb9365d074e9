//! Text that a receiver may refuse, wherever a Client writes it: a Server that does is accused of nothing.

use mqttspec_codec::WillBuf;

use super::super::text::has_refusable_text;
use super::*;

const BAD: &str = "a\u{1}b";

fn with_user_name(user_name: &str) -> ConnectBuf {
    ConnectBuf { user_name: Some(user_name.to_owned()), ..connect(V5, "alice") }
}

fn with_will(topic: &str, properties: Vec<PropertyBuf>) -> ConnectBuf {
    let will = WillBuf { qos: Q0, retain: false, properties, topic: topic.to_owned(), payload: BAD.into() };
    ConnectBuf { will: Some(will), ..connect(V5, "alice") }
}

/// Every packet that holds these texts, each in one place.
fn packets(text: &str) -> Vec<PacketBuf> {
    let reason = || vec![PropertyBuf::reason_string(text)];
    let acknowledgement = || AckBuf { properties: reason(), ..ack(1) };
    let pairs = [PropertyBuf::user_property(text, "good"), PropertyBuf::user_property("good", text)];
    let mut packets = vec![
        PacketBuf::Connect(connect(V5, text)),
        PacketBuf::Connect(with_user_name(text)),
        PacketBuf::Connect(with_will(text, vec![])),
        PacketBuf::Connect(with_will("w", vec![PropertyBuf::content_type(text)])),
        PacketBuf::Publish(publish(text, "x")),
        subscribe(1, text, SubscriptionOptions::default(), vec![]),
        PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 1, properties: vec![], filters: vec![text.to_owned()] }),
        PacketBuf::PubAck(acknowledgement()),
        PacketBuf::PubRec(acknowledgement()),
        PacketBuf::PubRel(acknowledgement()),
        PacketBuf::PubComp(acknowledgement()),
        PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SUCCESS, properties: reason() }),
        PacketBuf::Auth(AuthBuf { reason_code: ReasonCode::RE_AUTHENTICATE, properties: reason() }),
    ];
    packets.extend(pairs.map(|pair| PacketBuf::Publish(PublishBuf { properties: vec![pair], ..publish("a", "x") })));
    packets
}

#[test]
fn a_control_character_is_seen_in_every_text_of_a_client() {
    for packet in packets(BAD) {
        assert!(has_refusable_text(&packet), "{packet:?}");
    }
    for packet in packets("good") {
        assert!(!has_refusable_text(&packet), "{packet:?}");
    }
    // A payload is no text.
    assert!(!has_refusable_text(&PacketBuf::Publish(publish("a", BAD))));
}
