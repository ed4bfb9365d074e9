use super::*;

fn limited(property: PropertyBuf) -> Run {
    let mut run = Run::new(V5);
    let connect = ConnectBuf { properties: vec![property], ..connect(V5, "alice") };
    run.connect_with(0, connect, connack());
    run
}

#[test]
fn the_maximum_packet_size_is_kept() {
    let mut run = limited(PropertyBuf::maximum_packet_size(20));
    run.subscribe(0, 1, "a", Q0);
    // 2 bytes of fixed header, 3 of topic, 1 of properties.
    run.gets(0, PacketBuf::Publish(publish("a", &"x".repeat(14))));
    run.is_silent();
    run.gets(0, PacketBuf::Publish(publish("a", &"x".repeat(15))));
    run.finds(&["MQTT-3.1.2-24"]);
    run.gets(
        0,
        PacketBuf::Disconnect(DisconnectBuf {
            reason_code: ReasonCode::SERVER_BUSY,
            properties: vec![PropertyBuf::reason_string("because of the weather")],
        }),
    );
    run.finds(&["MQTT-3.14.2-3"]);
}

#[test]
fn a_property_too_many_is_found_under_its_own_statement() {
    let mut run = limited(PropertyBuf::maximum_packet_size(20));
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 2)));
    let properties = vec![PropertyBuf::user_property("a", "a rather long value")];
    run.gets(0, PacketBuf::PubAck(AckBuf { properties, ..ack(1) }));
    run.finds(&["MQTT-3.4.2-3"]);
    let properties = vec![PropertyBuf::reason_string("a rather long value")];
    run.gets(0, PacketBuf::PubAck(AckBuf { properties, ..ack(2) }));
    run.finds(&["MQTT-3.4.2-2"]);
}

#[test]
fn problem_information_is_sent_where_it_may_be() {
    let text = || vec![PropertyBuf::reason_string("r"), PropertyBuf::user_property("a", "b")];
    for (wanted, expected) in [(0, vec!["MQTT-3.1.2-29", "MQTT-3.1.2-29"]), (1, vec![])] {
        let mut run = limited(PropertyBuf::request_problem_information(wanted));
        run.subscribe(0, 1, "a", Q0);
        run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 2)));
        let properties = vec![PropertyBuf::user_property("a", "b")];
        run.gets(0, PacketBuf::Publish(PublishBuf { properties, ..publish("a", "y") }));
        run.is_silent();
        run.gets(0, PacketBuf::PubAck(AckBuf { properties: text(), ..ack(2) }));
        run.finds(&expected);
        run.gets(0, PacketBuf::Disconnect(DisconnectBuf { properties: text(), ..Default::default() }));
        run.is_silent();
    }
}

#[test]
fn topic_aliases_stay_within_the_maximum() {
    let aliased = |topic: &str, alias| {
        PacketBuf::Publish(PublishBuf { properties: vec![PropertyBuf::topic_alias(alias)], ..publish(topic, "x") })
    };
    let mut run = limited(PropertyBuf::topic_alias_maximum(2));
    run.subscribe(0, 1, "a/#", Q0);
    run.gets(0, aliased("a/b", 2));
    let PacketBuf::Publish(by_alias) = aliased("", 2) else { unreachable!() };
    run.gets(0, aliased("", 2));
    assert_eq!(run.monitor.resolved_topic(0, &by_alias), "a/b");
    run.gets(0, aliased("a/c", 2));
    assert_eq!(run.monitor.resolved_topic(0, &by_alias), "a/c");
    run.is_silent();
    run.gets(0, aliased("a/b", 3));
    run.finds(&["MQTT-3.1.2-26"]);
    run.gets(0, aliased("", 1));
    run.finds(&["§3.3.4"]);

    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "a/#", Q0);
    run.gets(0, aliased("a/b", 1));
    run.finds(&["MQTT-3.1.2-27"]);
}

#[test]
fn topic_aliases_are_forgotten_with_the_connection() {
    let alias = || vec![PropertyBuf::topic_alias(1)];
    let mut run = limited(PropertyBuf::topic_alias_maximum(2));
    run.subscribe(0, 1, "a", Q0);
    run.gets(0, PacketBuf::Publish(PublishBuf { properties: alias(), ..publish("a", "x") }));
    run.closes(0, false);
    let properties = vec![PropertyBuf::topic_alias_maximum(2)];
    let again = ConnectBuf { clean_start: false, properties, ..connect(V5, "alice") };
    run.connect_with(1, again, ConnAckBuf { session_present: true, ..connack() });
    run.gets(1, PacketBuf::Publish(PublishBuf { properties: alias(), ..publish("", "x") }));
    run.finds(&["MQTT-3.3.2-7"]);
}

#[test]
fn each_packet_has_sentences_for_the_properties_that_must_fit() {
    const LONG: &str = "a text that is far too long for this client";
    let reason = || vec![PropertyBuf::reason_string(LONG)];
    let user = || vec![PropertyBuf::user_property("a", LONG)];
    // Neither alone is too long by the excess of the packet.
    let both = || vec![PropertyBuf::reason_string(&LONG[..24]), PropertyBuf::user_property("a", &LONG[..21])];
    type Packet = fn(Vec<PropertyBuf>) -> PacketBuf;
    let packets: [(Packet, &str, &str); 6] = [
        (|properties| PacketBuf::PubRec(AckBuf { properties, ..ack(2) }), "MQTT-3.5.2-2", "MQTT-3.5.2-3"),
        (|properties| PacketBuf::PubRel(AckBuf { properties, ..ack(9) }), "MQTT-3.6.2-2", "MQTT-3.6.2-3"),
        (|properties| PacketBuf::PubComp(AckBuf { properties, ..ack(3) }), "MQTT-3.7.2-2", "MQTT-3.7.2-3"),
        (
            |properties| {
                PacketBuf::SubAck(SubAckBuf { packet_id: 4, properties, reason_codes: vec![ReasonCode::SUCCESS] })
            },
            "MQTT-3.9.2-1",
            "MQTT-3.9.2-2",
        ),
        (
            |properties| {
                let reason_codes = vec![ReasonCode::NO_SUBSCRIPTION_EXISTED];
                PacketBuf::UnsubAck(UnsubAckBuf { packet_id: 5, properties, reason_codes })
            },
            "MQTT-3.11.2-1",
            "MQTT-3.11.2-2",
        ),
        (
            |properties| PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SERVER_BUSY, properties }),
            "MQTT-3.14.2-3",
            "MQTT-3.14.2-4",
        ),
    ];
    let prepared = || {
        let mut run = limited(PropertyBuf::maximum_packet_size(30));
        run.subscribe(0, 1, "q", Q2);
        run.gets(0, PacketBuf::Publish(message("q", "x", Q2, 9)));
        run.sends(0, PacketBuf::PubRec(ack(9)));
        run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 2)));
        run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 3)));
        run.gets(0, PacketBuf::PubRec(ack(3)));
        run.sends(0, PacketBuf::PubRel(ack(3)));
        run.sends(0, subscribe(4, "b", SubscriptionOptions::default(), vec![]));
        let filters = vec!["c".to_owned()];
        run.sends(0, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 5, properties: vec![], filters }));
        run.is_silent();
        run
    };
    for (packet, reason_string, user_property) in packets {
        for (properties, expected) in [(reason(), reason_string), (user(), user_property), (both(), user_property)] {
            let mut run = prepared();
            run.gets(0, packet(properties));
            run.finds(&[expected]);
        }
    }
    for (properties, expected) in [(reason(), "MQTT-3.2.2-19"), (user(), "MQTT-3.2.2-20")] {
        let mut run = Run::new(V5);
        let connect = ConnectBuf { properties: vec![PropertyBuf::maximum_packet_size(30)], ..connect(V5, "alice") };
        run.connect_with(0, connect, ConnAckBuf { properties, ..connack() });
        run.finds(&[expected]);
    }
    let method = || vec![PropertyBuf::authentication_method("m")];
    for (more, expected) in [(reason(), "MQTT-3.15.2-2"), (user(), "MQTT-3.15.2-3")] {
        let mut run = Run::new(V5);
        let properties = [method(), vec![PropertyBuf::maximum_packet_size(30)]].concat();
        run.sends(0, PacketBuf::Connect(ConnectBuf { properties, ..connect(V5, "alice") }));
        let properties = [method(), more].concat();
        run.gets(0, PacketBuf::Auth(AuthBuf { reason_code: ReasonCode::CONTINUE_AUTHENTICATION, properties }));
        run.finds(&[expected]);
    }
}

#[test]
fn a_property_that_is_not_the_reason_is_not_blamed() {
    // Leaving it out would not be enough: the codes are too many by themselves.
    let mut run = limited(PropertyBuf::maximum_packet_size(30));
    let filters: Vec<String> = (0..40).map(|n| n.to_string()).collect();
    for some in filters.chunks(5) {
        let filters = some.to_vec();
        run.sends(0, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 7, properties: vec![], filters }));
        run.gets(0, unsuback(7, &[0x11; 5]));
    }
    run.is_silent();
    run.sends(0, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 7, properties: vec![], filters }));
    let properties = vec![PropertyBuf::reason_string("r"), PropertyBuf::user_property("a", "b")];
    let reason_codes = vec![ReasonCode::NO_SUBSCRIPTION_EXISTED; 40];
    run.gets(0, PacketBuf::UnsubAck(UnsubAckBuf { packet_id: 7, properties, reason_codes }));
    run.finds(&["MQTT-3.1.2-24"]);
    // One byte too many, and a User Property of seven: that one is.
    let mut run = limited(PropertyBuf::maximum_packet_size(20));
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    let properties = vec![PropertyBuf::reason_string("12345"), PropertyBuf::user_property("a", "b")];
    run.gets(0, PacketBuf::PubAck(AckBuf { properties, ..ack(1) }));
    run.finds(&["MQTT-3.4.2-2"]);
}

#[test]
fn an_alias_may_have_been_set_by_what_cannot_be_read() {
    let mut run = Run::new(V5);
    let properties = vec![PropertyBuf::topic_alias_maximum(5)];
    run.connect_with(0, ConnectBuf { properties, ..connect(V5, "alice") }, connack());
    run.gets_bytes(0, &[0xD1, 0]);
    run.all_findings();
    run.gets(0, PacketBuf::Publish(PublishBuf { properties: vec![PropertyBuf::topic_alias(3)], ..publish("", "x") }));
    run.is_silent();
}

#[test]
fn a_user_property_is_not_to_blame_for_more_than_its_own_bytes() {
    let mut run = Run::new(V5);
    let properties = vec![PropertyBuf::maximum_packet_size(10)];
    run.connect_with(0, ConnectBuf { properties, ..connect(V5, "alice") }, connack());
    let options = SubscriptionOptions::default();
    let filters: Vec<_> = (0..10).map(|number| SubscriptionBuf { filter: format!("a/{number}"), options }).collect();
    run.sends(0, PacketBuf::Subscribe(SubscribeBuf { packet_id: 1, properties: vec![], filters }));
    // 60 bytes, 45 of them of the property.
    let properties = vec![PropertyBuf::user_property("n".repeat(20), "v".repeat(20))];
    let reason_codes = vec![ReasonCode::SUCCESS; 10];
    run.gets(0, PacketBuf::SubAck(SubAckBuf { packet_id: 1, properties, reason_codes }));
    run.finds(&["MQTT-3.1.2-24"]);
}
