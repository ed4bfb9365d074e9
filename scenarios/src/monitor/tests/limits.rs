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
