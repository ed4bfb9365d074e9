//! What is too large for a client is discarded as if it had been delivered (MQTT-3.1.2-24, MQTT-3.1.2-25).

use mqttspec_codec::WillBuf;

use super::*;

/// `sub` comes back on `connection` and takes packets of `maximum` bytes.
fn resumes_narrow(run: &mut Run, connection: usize, maximum: u32) {
    let mut narrow = run.connect_packet("sub", false);
    narrow.properties.push(PropertyBuf::maximum_packet_size(maximum));
    run.connects_with(connection, narrow, true);
}

/// `sub` has got 300 bytes at this QoS under identifier 5, and its connection is lost.
fn large_in_flight(qos: QoS) -> Run {
    let mut run = Run::subscribed(V5, "a", qos);
    run.publishes("a", &"x".repeat(300), qos, 1);
    run.gets(1, PacketBuf::Publish(message("a", &"x".repeat(300), qos, 5)));
    run
}

#[test]
fn what_does_not_fit_when_the_client_is_back_is_not_owed() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.closes(1);
    run.publishes("a", &"x".repeat(300), Q1, 1);
    resumes_narrow(&mut run, 2, 120);
    assert!(!run.is_owed());
    run.is_silent();
    // It may have been dropped then: nobody owes it later.
    run.closes(2);
    run.resumes(3, "sub");
    run.is_silent();
    // What fits is owed.
    let mut run = Run::subscribed(V5, "a", Q1);
    run.closes(1);
    run.publishes("a", &"x".repeat(300), Q1, 1);
    resumes_narrow(&mut run, 2, 1_000);
    assert!(run.is_owed());
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn the_size_that_counts_is_that_of_the_connections_since_the_publication() {
    let mut run = Run::new(V5);
    let mut narrow = run.connect_packet("narrow", false);
    narrow.properties.push(PropertyBuf::maximum_packet_size(120));
    run.connects_with(3, narrow, false);
    run.subscribes(3, 1, &["a"], Q1);
    run.closes(3);
    run.publishes("a", &"x".repeat(300), Q1, 1);
    run.resumes(4, "narrow");
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn a_repetition_that_may_not_fit_is_not_due() {
    for qos in [Q1, Q2] {
        for (maximum, expected) in [(120, vec![]), (320, vec![]), (1_000, vec!["MQTT-4.4.0-1"])] {
            let mut run = large_in_flight(qos);
            run.closes(1);
            resumes_narrow(&mut run, 2, maximum);
            assert_eq!(run.is_owed(), !expected.is_empty());
            run.settles(&expected);
            // Nor is it on a later connection, on which it would.
            run.closes(2);
            run.resumes(3, "sub");
            run.passes(200);
            run.is_silent();
        }
    }
}

#[test]
fn pubrel_always_fits() {
    let mut run = large_in_flight(Q2);
    run.sends(1, PacketBuf::PubRec(ack(5)));
    run.gets(1, PacketBuf::PubRel(ack(5)));
    run.closes(1);
    resumes_narrow(&mut run, 2, 120);
    run.settles(&["MQTT-4.4.0-1"]);
}

#[test]
fn what_may_have_fitted_explains_nothing() {
    let mut run = Run::new(V5);
    let mut small = run.connect_packet("small", false);
    small.properties.push(PropertyBuf::maximum_packet_size(120));
    run.connects_with(3, small, false);
    run.subscribes(3, 1, &["a"], Q1);
    run.publishes("a", &"x".repeat(100), Q1, 1);
    run.publishes("a", "next", Q1, 2);
    run.settles(&["MQTT-4.5.0-1"]);
    // Nor does what was too large, once another has come.
    run.publishes("a", &"x".repeat(200), Q1, 3);
    run.publishes("a", "third", Q1, 4);
    run.takes(3, message("a", "third", Q1, 1));
    run.publishes("a", "fourth", Q1, 5);
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn the_properties_of_a_will_count() {
    let properties = [
        PropertyBuf::content_type("x".repeat(300)),
        PropertyBuf::correlation_data("x".repeat(300)),
        PropertyBuf::user_property("x".repeat(150), "x".repeat(150)),
    ];
    for property in properties {
        for (maximum, expected) in [(300, vec![]), (450, vec!["MQTT-3.1.2-8"])] {
            let mut run = Run::new(V5);
            let mut narrow = run.connect_packet("narrow", false);
            narrow.properties.push(PropertyBuf::maximum_packet_size(maximum));
            run.connects_with(3, narrow, false);
            run.subscribes(3, 1, &["w"], Q1);
            run.subscribes(1, 1, &["w"], Q1);
            let properties = vec![property.clone()];
            let will = WillBuf { qos: Q1, retain: false, properties, topic: "w".into(), payload: b"gone".to_vec() };
            let connect = ConnectBuf { will: Some(will), ..run.connect_packet("ill", true) };
            run.connects_with(4, connect, false);
            run.closes(4);
            run.takes(1, PublishBuf { properties: vec![property.clone()], ..message("w", "gone", Q1, 1) });
            run.settles(&expected);
        }
    }
}

/// `narrow` on connection 3 takes packets of `maximum` bytes and has subscribed to `filter`.
fn narrow(maximum: u32, filter: &str) -> Run {
    let mut run = Run::new(V5);
    let mut narrow = run.connect_packet("narrow", false);
    narrow.properties.push(PropertyBuf::maximum_packet_size(maximum));
    run.connects_with(3, narrow, false);
    run.subscribes(3, 1, &[filter], Q1);
    run
}

#[test]
fn the_length_of_the_topic_counts_once() {
    // 25 bytes on a topic of five: 64 more may follow, and it fits.
    let mut run = narrow(150, "topic");
    run.publishes("topic", "m", Q1, 1);
    run.settles(&["MQTT-4.5.0-1"]);
    // What may be too large, and need not be, explains nothing of what follows.
    let mut run = narrow(100, "topic");
    run.publishes("topic", &"x".repeat(30), Q1, 1);
    run.publishes("topic", "m", Q1, 2);
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn what_came_before_the_large_one_does_not_show_that_the_next_ones_come() {
    let mut run = narrow(120, "a");
    run.publishes("a", "first", Q1, 1);
    run.takes(3, message("a", "first", Q1, 1));
    run.publishes("a", &"x".repeat(200), Q1, 2);
    run.publishes("a", "next", Q1, 3);
    run.settles(&["MQTT-3.1.2-25"]);
}

#[test]
fn pubrel_fits_also_when_it_came_on_a_connection_that_was_taken_over() {
    // It shows that the Server had our PUBREC.
    let mut run = large_in_flight(Q2);
    run.sends(1, PacketBuf::PubRec(ack(5)));
    resumes_narrow(&mut run, 2, 120);
    run.gets(1, PacketBuf::PubRel(ack(5)));
    run.closes(1);
    run.settles(&["MQTT-4.4.0-1"]);
}

#[test]
fn a_message_refused_twice_counts_as_one_refusal() {
    let mut run = Run::new(V5);
    let mut two = run.connect_packet("two", false);
    two.properties.push(PropertyBuf::receive_maximum(2));
    run.connects_with(3, two, false);
    run.subscribes(3, 1, &["a"], Q2);
    run.publishes("a", "m", Q2, 1);
    run.gets(3, PacketBuf::Publish(message("a", "m", Q2, 5)));
    run.sends(3, PacketBuf::PubRec(refusal(5)));
    run.sends(3, PacketBuf::PubRec(refusal(5)));
    run.publishes("a", "n", Q2, 2);
    run.settles(&["MQTT-4.5.0-1"]);
}
