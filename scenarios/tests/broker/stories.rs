//! Scripts that between them meet every fault and every variant of the broker.

use mqttspec_codec::{
    ConnectBuf, DisconnectBuf, PacketBuf, PropertyBuf, PropertyId, PropertyList, ProtocolVersion, PublishBuf, QoS,
    ReasonCode, RetainHandling, SubscriptionOptions, UnsubscribeBuf,
};
use mqttspec_scenarios::broker::AUTHENTICATION_METHOD;

use crate::peer::*;
use crate::recorder::Recorder;

const QOS_0: QoS = QoS::AtMostOnce;
const QOS_1: QoS = QoS::AtLeastOnce;
const QOS_2: QoS = QoS::ExactlyOnce;

/// Every story.
pub(crate) const STORIES: &[fn(&mut Recorder)] = &[
    connects_that_are_wrong,
    client_identifiers,
    take_over,
    sessions,
    wills,
    delayed_wills,
    keep_alive,
    flows_from_the_client,
    flows_to_the_client,
    in_flight_across_connections,
    refusals,
    retained_messages,
    subscriptions,
    unsubscriptions,
    malformed_packets,
    identifier_after_unsubscribe,
    malformed_publishes,
    matching,
    properties,
    limits_of_the_client,
    limits_of_the_broker,
    topic_aliases,
    shared_subscriptions,
    shared_groups,
    replaced_subscriptions,
    message_expiry,
    authentication,
    negotiation,
    split_packets,
    text,
    many_pings,
    credentials,
];

fn connect_bytes(name: &[u8], level: u8, flags: u8, v5: bool, payload: &[u8]) -> Vec<u8> {
    let properties: &[u8] = if v5 { &[0] } else { &[] };
    let body = [&[0, name.len() as u8], name, &[level, flags, 0, 0], properties, payload].concat();
    [&[0x10, body.len() as u8], body.as_slice()].concat()
}

fn connects_that_are_wrong(r: &mut Recorder) {
    let v5 = r.version == V5_0;
    let (name, level) = (r.version.protocol_name().as_bytes(), r.version.protocol_level());
    let id = &[0, 1, b'a'];
    let with_password = &[0, 1, b'a', 0, 1, b'p'];
    // Will Properties, Will Topic and Will Payload.
    let with_will: &[u8] = if v5 { &[0, 1, b'a', 0, 0, 1, b'w', 0, 0] } else { &[0, 1, b'a', 0, 1, b'w', 0, 0] };
    for bytes in [
        connect_bytes(name, level, 0b0000_0011, v5, id),
        connect_bytes(b"MQTX", level, 0b0000_0010, v5, id),
        connect_bytes(b"MQTT", if v5 { 9 } else { 2 }, 0b0000_0010, v5, id),
        connect_bytes(name, level, 0b0000_1010, v5, id),
        connect_bytes(name, level, 0b0010_0010, v5, id),
        connect_bytes(name, level, 0b0001_1110, v5, with_will),
        connect_bytes(name, level, 0b0100_0010, v5, with_password),
    ] {
        let id = r.open();
        r.bytes(id, &bytes);
        r.ping(id);
    }
    let id = r.open();
    r.ping(id);
    r.send(id, PacketBuf::Connect(clean(r.version, "b")));
    let id = r.client("b");
    r.send(id, PacketBuf::Connect(clean(r.version, "b")));
    r.ping(id);
    // Refused for its client identifier or its authentication method, and followed by a PUBLISH.
    let witness = r.client("w");
    r.subscribe(witness, &[("#", QOS_0)], 0);
    let refused = match r.version {
        V5_0 => with_properties(clean(V5_0, "c"), &[PropertyBuf::authentication_method("unknown")]),
        version => lasting(version, ""),
    };
    let mut bytes = PacketBuf::Connect(refused).encode(r.version).unwrap();
    bytes.extend(PacketBuf::Publish(message("t", "m", QOS_0)).encode(r.version).unwrap());
    let id = r.open();
    r.bytes(id, &bytes);
    r.ping(id);
}

fn client_identifiers(r: &mut Recorder) {
    for client_id in ["", "", "12345678901234567890123", "123456789012345678901234", "dotted.id", "UPPER", "upper"] {
        let id = r.connect(clean(r.version, client_id));
        r.subscribe(id, &[("t", QOS_0)], 0);
        r.ping(id);
    }
    r.connect(lasting(r.version, ""));
    let id = r.client("p");
    r.publish(id, 1, message("t", "m", QOS_0));
}

fn take_over(r: &mut Recorder) {
    let witness = r.client("w");
    r.subscribe(witness, &[("will", QOS_0)], 0);
    let old = r.connect(with_will(lasting(r.version, "a"), "gone"));
    r.subscribe(old, &[("t", QOS_1)], 0);
    r.connect(lasting(r.version, "a"));
    r.ping(old);
    r.publish(witness, 1, message("t", "m", QOS_1));
}

fn sessions(r: &mut Recorder) {
    let publisher = r.client("p");
    let id = r.connect(lasting(r.version, "a"));
    r.subscribe(id, &[("t", QOS_2)], 0);
    r.publish(publisher, 1, message("t", "1", QOS_1));
    r.drop_connection(id);
    for (packet_id, qos) in [(2, QOS_1), (3, QOS_2), (4, QOS_0), (5, QOS_2)] {
        r.publish(publisher, packet_id, message("t", &packet_id.to_string(), qos));
    }
    let id = r.connect(lasting(r.version, "a"));
    r.drop_connection(id);
    let id = r.connect(lasting(r.version, "a"));
    r.send(id, puback(1));
    r.send(id, pubrec(3));
    r.drop_connection(id);
    let id = r.connect(lasting(r.version, "a"));
    // A QoS 2 message from the client across connections.
    r.publish(id, 7, message("t", "7", QOS_2));
    r.drop_connection(id);
    let id = r.connect(lasting(r.version, "a"));
    r.publish(id, 7, PublishBuf { dup: true, ..message("t", "7", QOS_2) });
    r.send(id, pubrel(7));
    r.drop_connection(id);
    let id = r.connect(ConnectBuf { clean_start: true, ..lasting(r.version, "a") });
    r.publish(publisher, 6, message("t", "m", QOS_1));
    r.drop_connection(id);
    // Clean sessions.
    let id = r.client("b");
    r.subscribe(id, &[("t", QOS_1)], 0);
    r.drop_connection(id);
    r.connect(lasting(r.version, "b"));
    r.publish(publisher, 7, message("t", "m", QOS_1));
    // Sessions of 5.0 that expire, while connected and after.
    let expiring = |version| match version {
        V5_0 => with_properties(
            ConnectBuf { clean_start: false, ..clean(V5_0, "e") },
            &[PropertyBuf::session_expiry_interval(120)],
        ),
        version => lasting(version, "e"),
    };
    let id = r.connect(expiring(r.version));
    r.subscribe(id, &[("t", QOS_1)], 0);
    r.wait(121_000);
    r.publish(publisher, 8, message("t", "m", QOS_1));
    r.drop_connection(id);
    r.wait(61_000);
    let id = r.connect(expiring(r.version));
    r.drop_connection(id);
    r.wait(121_000);
    let id = r.connect(expiring(r.version));
    if r.version == V5_0 {
        r.drop_connection(id);
        let id = r.client("e");
        let raise = vec![PropertyBuf::session_expiry_interval(1)];
        r.send(id, PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SUCCESS, properties: raise }));
        r.ping(id);
    }
}

fn will_of(version: ProtocolVersion, retain: bool, qos: QoS) -> ConnectBuf {
    let mut connect = with_will(clean(version, "a"), "gone");
    let will = connect.will.as_mut().unwrap();
    will.retain = retain;
    will.qos = qos;
    if version == V5_0 {
        will.properties = vec![PropertyBuf::user_property("b", "1"), PropertyBuf::user_property("a", "2")];
    }
    connect
}

fn wills(r: &mut Recorder) {
    let witness = r.client("w");
    r.subscribe(witness, &[("will", QOS_2)], 0);
    for (retain, qos) in [(false, QOS_1), (true, QOS_2)] {
        let id = r.connect(will_of(r.version, retain, qos));
        r.drop_connection(id);
        let late = r.client("l");
        r.subscribe(late, &[("will", QOS_1)], 0);
    }
    let id = r.connect(will_of(r.version, false, QOS_0));
    r.send(id, disconnect(ReasonCode::NORMAL_DISCONNECTION));
    let id = r.connect(will_of(r.version, false, QOS_0));
    r.bytes(id, &[0xC1, 0]);
    let id = r.client("a");
    r.drop_connection(id);
    let id = r.connect(will_of(r.version, false, QOS_0));
    r.bytes(id, &[0xE1, 0]);
    if r.version == V5_0 {
        let id = r.connect(will_of(r.version, false, QOS_0));
        r.send(id, disconnect(ReasonCode::DISCONNECT_WITH_WILL_MESSAGE));
    }
    r.wait(1_000);
}

fn delayed_wills(r: &mut Recorder) {
    if r.version != V5_0 {
        return;
    }
    let witness = r.client("w");
    r.subscribe(witness, &[("will", QOS_0)], 0);
    let delayed = |delay, session| {
        let mut connect = with_will(ConnectBuf { clean_start: false, ..clean(V5_0, "a") }, "gone");
        connect.properties.push(PropertyBuf::session_expiry_interval(session));
        connect.will.as_mut().unwrap().properties.push(PropertyBuf::will_delay_interval(delay));
        connect
    };
    let id = r.connect(delayed(2, 30));
    r.drop_connection(id);
    r.wait(1_000);
    let id = r.connect(delayed(20, 10));
    r.wait(5_000);
    r.drop_connection(id);
    r.wait(30_000);
}

fn keep_alive(r: &mut Recorder) {
    for keep_alive in [2, 0, 600] {
        let id = r.connect(ConnectBuf { keep_alive, ..clean(r.version, "a") });
        r.wait(2_000);
        r.ping(id);
        r.wait(100_000);
        r.ping(id);
    }
}

fn flows_from_the_client(r: &mut Recorder) {
    let id = r.client("a");
    for filters in [&[("t", QOS_2)][..], &[("t/#", QOS_1), ("u", QOS_0)]] {
        r.publish(id, 1, message("t", "0", QOS_0));
        r.publish(id, 1, message("t", "1", QOS_1));
        r.publish(id, 1, PublishBuf { dup: true, ..message("t", "1", QOS_1) });
        r.publish(id, 2, message("t", "2", QOS_2));
        r.publish(id, 2, PublishBuf { dup: true, ..message("t", "2", QOS_2) });
        r.send(id, pubrel(2));
        r.send(id, pubrel(2));
        r.publish(id, 2, message("t", "2", QOS_2));
        r.send(id, pubrel(2));
        r.publish(id, 3, message("$SYS/x", "2", QOS_2));
        r.publish(id, 3, message("$own", "2", QOS_2));
        let not_utf8 = PublishBuf { payload: vec![0xFF], ..message("t", "", QOS_1) };
        let says_utf8 = match r.version {
            V5_0 => vec![PropertyBuf::payload_format_indicator(1)],
            _ => vec![],
        };
        r.publish(id, 4, PublishBuf { properties: says_utf8, ..not_utf8 });
        r.subscribe(id, filters, 0);
    }
}

fn flows_to_the_client(r: &mut Recorder) {
    let publisher = r.client("p");
    let id = r.client("a");
    let other = r.client("b");
    for id in [id, other] {
        r.subscribe(id, &[("t", QOS_2)], 0);
    }
    for (packet_id, qos) in [(1, QOS_1), (2, QOS_2), (3, QOS_1), (4, QOS_2), (5, QOS_0)] {
        r.publish(publisher, packet_id, message("t", "payload", qos));
    }
    r.ping(id);
    r.send(id, puback(1));
    r.send(id, pubrec(2));
    r.send(id, pubcomp(2));
    r.send(id, pubrec(9));
    r.wait(10);
    // Refusals, and what comes of them after a reconnect.
    if r.version == V5_0 {
        let id = r.connect(lasting(V5_0, "c"));
        r.subscribe(id, &[("t", QOS_2)], 0);
        r.publish(publisher, 6, message("t", "no", QOS_1));
        r.send(id, PacketBuf::PubAck(ack(1, ReasonCode::UNSPECIFIED_ERROR)));
        r.drop_connection(id);
        r.connect(lasting(V5_0, "c"));
    }
}

/// One message before PUBACK, one before PUBREC, one before PUBCOMP, and the client away in each way.
fn in_flight_across_connections(r: &mut Recorder) {
    let publisher = r.client("p");
    for (name, leave) in [("a", disconnect(ReasonCode::NORMAL_DISCONNECTION)), ("b", PacketBuf::PingReq)] {
        let id = r.connect(lasting(r.version, name));
        r.subscribe(id, &[("t", QOS_2)], 0);
        for (packet_id, qos) in [(1, QOS_1), (2, QOS_2), (3, QOS_2), (4, QOS_2)] {
            r.publish(publisher, packet_id, message("t", &packet_id.to_string(), qos));
            r.send(publisher, pubrel(packet_id));
        }
        r.send(id, pubrec(3));
        r.send(id, pubrec(4));
        r.send(id, pubcomp(4));
        // By DISCONNECT, or taken over.
        r.send(id, leave);
        let mut again = lasting(r.version, name);
        if r.version == V5_0 {
            again.properties.push(PropertyBuf::receive_maximum(2));
        }
        let id = r.connect(again);
        r.send(id, puback(1));
    }
}

/// The client refuses messages of both QoS, and takes few at once (5.0).
fn refusals(r: &mut Recorder) {
    if r.version != V5_0 {
        return;
    }
    let publisher = r.client("p");
    let limits = [PropertyBuf::receive_maximum(1), PropertyBuf::maximum_packet_size(50)];
    let id = r.connect(with_properties(clean(V5_0, "a"), &limits));
    r.subscribe(id, &[("t", QOS_2)], 0);
    for (packet_id, qos) in [(1, QOS_1), (2, QOS_2), (3, QOS_2)] {
        r.publish(publisher, packet_id, message("t", &packet_id.to_string(), qos));
        r.send(publisher, pubrel(packet_id));
    }
    r.send(id, PacketBuf::PubAck(ack(1, ReasonCode::QUOTA_EXCEEDED)));
    r.send(id, PacketBuf::PubRec(ack(2, ReasonCode::QUOTA_EXCEEDED)));
    r.publish(id, 5, message("u", "m", QOS_2));
    r.send(id, pubrel(5));
}

fn retained_messages(r: &mut Recorder) {
    let publisher = r.client("p");
    let watcher = r.client("w");
    let as_published = SubscriptionOptions { retain_as_published: true, ..Default::default() };
    r.subscribe_with(watcher, &[("+", QOS_1)], as_published, 0);
    let plain = r.client("x");
    r.subscribe(plain, &[("t", QOS_1)], 0);
    let look = |r: &mut Recorder| {
        let id = r.client("l");
        r.subscribe(id, &[("#", QOS_2)], 0);
        r.subscribe(id, &[("#", QOS_2)], 0);
        for retain_handling in [RetainHandling::SendIfNew, RetainHandling::SendIfNew, RetainHandling::DoNotSend] {
            let options = SubscriptionOptions { retain_handling, ..Default::default() };
            r.subscribe_with(id, &[("+", QOS_1)], options, 0);
        }
        r.subscribe(id, &[("$SYS/#", QOS_0)], 0);
    };
    for publish in [
        retained("t", "1", QOS_1),
        message("t", "2", QOS_1),
        retained("t", "3", QOS_1),
        retained("t", "", QOS_1),
        message("u", "4", QOS_1),
        retained("t", "5", QOS_0),
    ] {
        r.publish(publisher, 1, publish);
        look(r);
    }
}

fn subscriptions(r: &mut Recorder) {
    let id = r.client("a");
    r.subscribe(id, &[("t", QOS_1), ("u", QOS_2), ("v", QOS_0)], 1);
    for topic in ["t", "u", "v"] {
        r.publish(id, 1, message(topic, "m", QOS_2));
        r.send(id, pubrel(1));
    }
    r.subscribe(id, &[("t", QOS_0)], 2);
    r.publish(id, 1, message("t", "m", QOS_1));
    r.subscribe(id, &[("+", QOS_2)], 3);
    r.publish(id, 1, message("t", "m", QOS_1));
    let id = r.client("b");
    let no_local = SubscriptionOptions { no_local: true, ..Default::default() };
    r.subscribe_with(id, &[("x", QOS_0)], no_local, 0);
    r.publish(id, 1, message("x", "m", QOS_1));
}

fn unsubscriptions(r: &mut Recorder) {
    let id = r.client("a");
    r.subscribe(id, &[("t", QOS_2), ("u", QOS_2), ("a/b", QOS_0), ("a/+", QOS_0)], 0);
    r.publish(id, 1, message("t", "m", QOS_2));
    r.send(id, pubrel(1));
    let unsubscribe = |filters: &[&str]| {
        let filters = filters.iter().map(|&f| f.to_owned()).collect();
        PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 5, properties: vec![], filters })
    };
    r.send(id, unsubscribe(&["t", "u", "none"]));
    r.send(id, unsubscribe(&["none"]));
    r.send(id, pubrec(1));
    r.send(id, unsubscribe(&["a/+"]));
    for topic in ["t", "u", "a/b"] {
        r.publish(id, 2, message(topic, "m", QOS_0));
    }
}

fn malformed_packets(r: &mut Recorder) {
    let v5 = r.version == V5_0;
    let no_properties: &[u8] = if v5 { &[0] } else { &[] };
    let frame = |first: u8, parts: &[&[u8]]| {
        let body = parts.concat();
        [&[first, body.len() as u8], body.as_slice()].concat()
    };
    let subscribe = |first, id: [u8; 2], rest: &[u8]| frame(first, &[&id, no_properties, rest]);
    let mut packets = vec![
        vec![0xC0, 0x80, 0x00],
        vec![0xC1, 0x00],
        frame(0x41, &[&[0, 1]]),
        frame(0x60, &[&[0, 1]]),
        subscribe(0x80, [0, 1], &[0, 1, b't', 0]),
        subscribe(0x82, [0, 0], &[0, 1, b't', 0]),
        subscribe(0x82, [0, 1], &[]),
        subscribe(0x82, [0, 1], &[0, 1, b't', 0xC0]),
        subscribe(0x82, [0, 1], &[0, 3, b'a', b'#', b'b', 0]),
        subscribe(0x82, [0, 1], &[0, 2, b'a', b'+', 0]),
        subscribe(0x82, [0, 1], &[0, 0, 0]),
        subscribe(0x82, [0, 1], &[0, 2, b'a', 0, 0]),
        subscribe(0xA0, [0, 1], &[0, 1, b't']),
        subscribe(0xA2, [0, 0], &[0, 1, b't']),
        subscribe(0xA2, [0, 1], &[]),
        frame(0xE1, &[]),
        vec![0xD0, 0x00],
        vec![0xF1, 0x00],
        vec![0x00, 0x00],
    ];
    if v5 {
        packets.push(subscribe(0x82, [0, 1], b"\x00\x0a$share/g/t\x04"));
        packets.push(subscribe(0x82, [0, 1], b"\x00\x09$share//t\x00"));
        packets.push(subscribe(0x82, [0, 1], b"\x00\x0a$share/+/t\x00"));
    }
    for bytes in packets {
        let id = r.client("a");
        r.bytes(id, &bytes);
        r.ping(id);
        r.publish(id, 1, message("t", "m", QOS_0));
    }
    let id = r.client("b");
    r.bytes(id, &[0xC0, 0x80, 0x80, 0x80, 0x80, 0x01]);
}

fn malformed_publishes(r: &mut Recorder) {
    let v5 = r.version == V5_0;
    let witness = r.client("w");
    r.subscribe(witness, &[("#", QOS_1)], 0);
    let no_properties: &[u8] = if v5 { &[0] } else { &[] };
    let publish = |first: u8, topic: &[u8], id: &[u8], properties: &[u8]| {
        let body = [&[0, topic.len() as u8], topic, id, properties].concat();
        [&[first, body.len() as u8], body.as_slice()].concat()
    };
    let mut packets = vec![
        publish(0x30, b"a\xFF", &[], no_properties),
        publish(0x30, b"a\0", &[], no_properties),
        publish(0x30, b"a/+", &[], no_properties),
        publish(0x30, b"", &[], no_properties),
        publish(0x32, b"t", &[0, 0], no_properties),
        publish(0x36, b"t", &[0, 1], no_properties),
        publish(0x30, b"\xEF\xBB\xBFt", &[], no_properties),
    ];
    if v5 {
        packets.push(publish(0x30, b"t", &[], &[3, 0x23, 0, 0]));
        packets.push(publish(0x30, b"t", &[], &[4, 0x08, 0, 1, b'#']));
        packets.push(publish(0x30, b"t", &[], &[2, 0x0B, 1]));
    }
    for bytes in packets {
        let id = r.client("a");
        r.bytes(id, &bytes);
        r.ping(id);
    }
}

fn matching(r: &mut Recorder) {
    let publisher = r.client("p");
    for (n, filter) in ["#", "+", "a", "a/#", "a/+", "+/b", "A", "a//b", "$x", "e", "\u{e9}"].into_iter().enumerate() {
        let id = r.client(&format!("s{n}"));
        r.subscribe(id, &[(filter, QOS_0)], 0);
    }
    for topic in ["a", "a/b", "a/b/c", "A", "a//b", "/a", "a/", "ab", "e ", "e\u{301}", "$x", "$x/b"] {
        r.publish(publisher, 1, message(topic, topic, QOS_0));
    }
}

fn properties(r: &mut Recorder) {
    let id = r.client("a");
    r.subscribe(id, &[("t", QOS_1)], 0);
    let properties = vec![
        PropertyBuf::payload_format_indicator(1),
        PropertyBuf::message_expiry_interval(60),
        PropertyBuf::content_type("text"),
        PropertyBuf::response_topic("r"),
        PropertyBuf::correlation_data([1, 2, 3]),
        PropertyBuf::user_property("b", "1"),
        PropertyBuf::user_property("a", "2"),
    ];
    r.publish(id, 1, PublishBuf { properties, ..message("t", "payload", QOS_1) });
    let properties = vec![PropertyBuf::content_type(""), PropertyBuf::user_property("", "")];
    r.publish(id, 2, PublishBuf { properties, ..message("t", "payload", QOS_1) });
}

fn limits_of_the_client(r: &mut Recorder) {
    let publisher = r.client("p");
    let mut connect = lasting(r.version, "a");
    if r.version == V5_0 {
        connect.properties.extend([PropertyBuf::receive_maximum(2), PropertyBuf::maximum_packet_size(50)]);
    }
    let id = r.connect(connect);
    r.subscribe(id, &[("t", QOS_2)], 0);
    for (packet_id, qos) in [(1, QOS_2), (2, QOS_1), (3, QOS_1), (4, QOS_0), (5, QOS_2)] {
        r.publish(publisher, packet_id, message("t", &packet_id.to_string(), qos));
    }
    r.ping(id);
    r.publish(id, 1, message("u", "m", QOS_1));
    r.send(id, pubrec(1));
    r.ping(id);
    r.send(id, pubcomp(1));
    r.send(id, puback(2));
    r.send(id, puback(3));
    r.publish(publisher, 6, message("t", &"x".repeat(60), QOS_1));
    r.publish(publisher, 7, message("t", "small", QOS_1));
    r.publish(id, 2, message("u", "m", QOS_1));
    r.publish(id, 3, message("u", "m", QOS_2));
}

fn limits_of_the_broker(r: &mut Recorder) {
    let id = r.client("a");
    for packet_id in 1..=17 {
        r.publish(id, packet_id, message("t", "m", QOS_2));
    }
    let id = r.client("a");
    r.publish(id, 1, message("t", &"x".repeat(2_000), QOS_1));
    r.ping(id);
    r.publish(id, 1, message("t", &"x".repeat(12_000), QOS_1));
    r.ping(id);
    // A will that an advertised capability rules out.
    r.connect(will_of(r.version, false, QOS_2));
    r.connect(will_of(r.version, true, QOS_0));
    let id = r.client("b");
    r.publish(id, 1, message("t", "m", QOS_2));
    r.ping(id);
    let id = r.client("b");
    r.publish(id, 1, retained("t", "m", QOS_1));
    for (filter, identifier) in [("t", 5), ("#", 0), ("$share/g/t", 0)] {
        let id = r.client("c");
        r.subscribe(id, &[(filter, QOS_2)], identifier);
    }
}

fn topic_aliases(r: &mut Recorder) {
    if r.version != V5_0 {
        return;
    }
    let witness = r.connect(with_properties(clean(V5_0, "w"), &[PropertyBuf::topic_alias_maximum(3)]));
    r.subscribe(witness, &[("t", QOS_0)], 0);
    for (topic, alias) in [("t", 1), ("", 1), ("t", 10), ("t", 11)] {
        let id = r.client("a");
        let properties = vec![PropertyBuf::topic_alias(alias)];
        r.publish(id, 1, PublishBuf { properties, ..message(topic, "m", QOS_1) });
        r.drop_connection(id);
    }
}

fn identifier_after_unsubscribe(r: &mut Recorder) {
    let id = r.client("a");
    r.subscribe(id, &[("t", QOS_0)], 5);
    let unsubscribe = UnsubscribeBuf { packet_id: 5, properties: vec![], filters: vec!["t".to_owned()] };
    r.send(id, PacketBuf::Unsubscribe(unsubscribe));
    r.subscribe(id, &[("t", QOS_0)], 0);
    r.publish(id, 1, message("t", "m", QOS_0));
}

fn shared_subscriptions(r: &mut Recorder) {
    let publisher = r.client("p");
    let names = ["a", "b", "c"];
    let ids = names.map(|name| r.connect(lasting(r.version, name)));
    for id in ids {
        r.subscribe(id, &[("$share/g/t", QOS_1)], 0);
    }
    for packet_id in 1..=6 {
        r.publish(publisher, packet_id, message("t", &packet_id.to_string(), QOS_2));
    }
    r.drop_connection(ids[0]);
    let id = r.connect(lasting(r.version, "a"));
    if r.version == V5_0 {
        r.send(id, PacketBuf::PubAck(ack(1, ReasonCode::UNSPECIFIED_ERROR)));
    }
    r.drop_connection(ids[1]);
    r.client("b");
}

fn shared_groups(r: &mut Recorder) {
    let publisher = r.client("p");
    r.publish(publisher, 1, retained("t", "kept", QOS_1));
    r.publish(publisher, 1, retained("u", "kept too", QOS_1));
    let id = r.client("a");
    r.subscribe(id, &[("#", QOS_1)], 0);
    r.subscribe(id, &[("$share/g/t", QOS_1), ("$share/h/t", QOS_1)], 0);
    r.publish(publisher, 2, message("t", "m", QOS_1));
    r.drop_connection(publisher);
    let id = r.client("b");
    r.subscribe(id, &[("t", QOS_1)], 0);
}

fn replaced_subscriptions(r: &mut Recorder) {
    let publisher = r.client("p");
    let mut connect = lasting(r.version, "a");
    if r.version == V5_0 {
        connect.properties.extend([PropertyBuf::receive_maximum(1), PropertyBuf::maximum_packet_size(100)]);
    }
    let id = r.connect(connect);
    let no_local = SubscriptionOptions { no_local: true, ..Default::default() };
    r.subscribe_with(id, &[("own", QOS_0)], no_local, 7);
    r.subscribe(id, &[("t", QOS_1), ("own", QOS_0)], 0);
    r.publish(id, 1, message("own", "m", QOS_0));
    r.publish(publisher, 1, message("t", "in flight", QOS_1));
    r.publish(publisher, 2, message("t", "waiting", QOS_1));
    r.subscribe_with(id, &[("x", QOS_0)], SubscriptionOptions::default(), 9);
    r.subscribe(id, &[("t", QOS_1)], 0);
    r.send(id, puback(1));
    let unsubscribe = UnsubscribeBuf { packet_id: 5, properties: vec![], filters: vec!["t".to_owned()] };
    r.send(id, PacketBuf::Unsubscribe(unsubscribe));
}

fn message_expiry(r: &mut Recorder) {
    if r.version != V5_0 {
        return;
    }
    let publisher = r.client("p");
    let id = r.connect(lasting(V5_0, "a"));
    r.subscribe(id, &[("t", QOS_1)], 0);
    let expiring = |seconds| PublishBuf {
        properties: vec![PropertyBuf::message_expiry_interval(seconds)],
        ..message("t", "m", QOS_1)
    };
    r.publish(publisher, 1, expiring(2));
    r.drop_connection(id);
    r.publish(publisher, 2, expiring(2));
    r.publish(publisher, 3, expiring(30));
    r.wait(5_000);
    r.connect(lasting(V5_0, "a"));
}

fn authentication(r: &mut Recorder) {
    if r.version != V5_0 {
        return;
    }
    let method = AUTHENTICATION_METHOD;
    let with_method =
        |name: &str, method: &str| with_properties(clean(V5_0, name), &[PropertyBuf::authentication_method(method)]);
    let answer = |r: &Recorder, id| {
        let challenge = PacketBuf::decode(&r.last_sent(id), V5_0).ok();
        let data =
            challenge.as_ref().and_then(|c| c.properties().binary(PropertyId::AuthenticationData).map(<[u8]>::to_vec));
        let mut nonce = data.unwrap_or_default();
        nonce.reverse();
        auth(ReasonCode::CONTINUE_AUTHENTICATION, method, Some(nonce))
    };
    let wrong = auth(ReasonCode::CONTINUE_AUTHENTICATION, method, Some(vec![1]));
    let id = r.connect(with_method("a", method));
    r.send(id, wrong.clone());
    let id = r.connect(with_method("a", method));
    r.ping(id);
    r.connect(with_method("a", "unknown"));
    let id = r.connect(with_method("a", method));
    let right = answer(r, id);
    r.send(id, right);
    r.send(id, auth(ReasonCode::RE_AUTHENTICATE, method, None));
    r.send(id, wrong);
    r.ping(id);
    let id = r.connect(with_method("b", method));
    let right = answer(r, id);
    r.send(id, right);
    r.send(id, auth(ReasonCode::RE_AUTHENTICATE, "other", None));
    r.ping(id);
    let id = r.connect(with_method("c", method));
    let right = answer(r, id);
    r.send(id, right);
    let mut flagged = auth(ReasonCode::RE_AUTHENTICATE, method, None).encode(V5_0).unwrap();
    flagged[0] |= 1;
    r.bytes(id, &flagged);
    let id = r.client("d");
    r.send(id, auth(ReasonCode::RE_AUTHENTICATE, method, None));
    r.ping(id);
    let id = r.connect(with_method("e", method));
    r.send(id, auth(ReasonCode::CONTINUE_AUTHENTICATION, "other", Some(vec![1])));
}

fn negotiation(r: &mut Recorder) {
    if r.version != V5_0 {
        return;
    }
    for properties in [
        vec![],
        vec![PropertyBuf::request_response_information(1)],
        vec![PropertyBuf::request_problem_information(0)],
        vec![PropertyBuf::maximum_packet_size(40)],
    ] {
        let id = r.connect(with_properties(clean(V5_0, "a"), &properties));
        r.subscribe(id, &[("t", QOS_1)], 0);
        r.publish(id, 1, message("u", "m", QOS_1));
        r.bytes(id, &[0xD0, 0]);
    }
}

fn split_packets(r: &mut Recorder) {
    let id = r.client("a");
    for byte in PacketBuf::Publish(message("t", "m", QOS_1)).encode(r.version).unwrap() {
        r.bytes(id, &[byte]);
    }
    r.ping(id);
}

fn text(r: &mut Recorder) {
    let id = r.client("a");
    r.subscribe(id, &[("t", QOS_1), ("\u{1D11E}", QOS_1)], 0);
    r.publish(id, 1, message("\u{1D11E}", "m", QoS::AtMostOnce));
    if r.version == V5_0 {
        let mut publish = message("t", "m", QOS_0);
        publish.properties.push(PropertyBuf::content_type("a\0b"));
        r.publish(id, 1, publish);
    }
}

fn many_pings(r: &mut Recorder) {
    let id = r.client("a");
    r.bytes(id, &[0xC0, 0, 0xC0, 0, 0xC0, 0]);
}

fn credentials(r: &mut Recorder) {
    let connect = ConnectBuf { user_name: Some("user".to_owned()), ..clean(r.version, "a") };
    r.connect(connect);
}
