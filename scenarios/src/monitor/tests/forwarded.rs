mod content;
mod expiry;

use crate::Time;

use super::*;

/// `alice` on connection 0 subscribes to `a` at QoS 1, `bob` publishes on connection 1.
fn two() -> Run {
    let mut run = Run::connected(V5);
    run.connect(1, "bob");
    run.subscribe(0, 1, "a", Q1);
    run
}

fn with(properties: Vec<PropertyBuf>) -> PublishBuf {
    PublishBuf { properties, ..message("a", "m", Q1, 1) }
}

fn all() -> Vec<PropertyBuf> {
    vec![
        PropertyBuf::payload_format_indicator(1),
        PropertyBuf::content_type("text"),
        PropertyBuf::response_topic("answers"),
        PropertyBuf::correlation_data(b"42".to_vec()),
        PropertyBuf::user_property("k", "1"),
        PropertyBuf::user_property("k", "2"),
    ]
}

/// What is found when a message published with the first properties comes with the second.
#[track_caller]
fn altered(published: Vec<PropertyBuf>, came: Vec<PropertyBuf>, expected: &[&str]) {
    let mut run = two();
    run.sends(1, PacketBuf::Publish(with(published)));
    run.gets(0, PacketBuf::Publish(with(came)));
    run.finds(expected);
}

#[test]
fn properties_are_passed_on_unaltered() {
    altered(all(), all(), &[]);
    for (dropped, statement) in [(0, "4"), (1, "20"), (2, "15"), (3, "16"), (4, "17"), (5, "17")] {
        let mut came = all();
        came.remove(dropped);
        altered(all(), came, &[&format!("MQTT-3.3.2-{statement}")]);
    }
    let replace = |at: usize, property| {
        let mut came = all();
        came[at] = property;
        came
    };
    altered(all(), replace(1, PropertyBuf::content_type("html")), &["MQTT-3.3.2-20"]);
    altered(all(), replace(3, PropertyBuf::correlation_data(b"4".to_vec())), &["MQTT-3.3.2-16"]);
    let mut reordered = all();
    reordered.swap(4, 5);
    altered(all(), reordered, &["MQTT-3.3.2-18"]);
    // One fault, not six.
    altered(all(), vec![], &["MQTT-3.3.2-17"]);
}

#[test]
fn what_says_nothing_or_is_added_is_left_open() {
    altered(vec![PropertyBuf::payload_format_indicator(0)], vec![], &[]);
    altered(vec![], vec![PropertyBuf::user_property("broker", "x")], &[]);
    let mut more = all();
    more.insert(4, PropertyBuf::user_property("broker", "x"));
    altered(all(), more, &[]);
}

#[test]
fn messages_that_look_alike_are_not_told_apart() {
    let mut run = two();
    run.sends(1, PacketBuf::Publish(with(vec![PropertyBuf::content_type("text")])));
    run.sends(
        1,
        PacketBuf::Publish(PublishBuf { packet_id: Some(2), ..with(vec![PropertyBuf::content_type("html")]) }),
    );
    run.gets(0, PacketBuf::Publish(with(vec![PropertyBuf::content_type("html")])));
    run.is_silent();
    run.gets(0, PacketBuf::Publish(PublishBuf { packet_id: Some(2), ..with(vec![]) }));
    run.finds(&["MQTT-3.3.2-20"]);
}

#[test]
fn a_will_keeps_the_order_of_its_user_properties() {
    let mut run = two();
    let mut will = crate::model::will("a", "gone");
    will.properties = vec![PropertyBuf::user_property("k", "1"), PropertyBuf::user_property("k", "2")];
    let came: Vec<_> = will.properties.iter().rev().cloned().collect();
    run.connect_with(2, ConnectBuf { will: Some(will), keep_alive: 0, ..connect(V5, "cyd") }, connack());
    run.closes(2, false);
    run.gets(0, PacketBuf::Publish(PublishBuf { properties: came, ..publish("a", "gone") }));
    run.finds(&["MQTT-3.1.3-10"]);
}

/// A message with an interval of 10 s is taken at 0 s and sent for sure at 5 s or later.
fn waited(published: u32, seconds: u64, came: Option<u32>, dup: bool) -> Run {
    let mut run = two();
    run.sends(1, PacketBuf::Publish(with(vec![PropertyBuf::message_expiry_interval(published)])));
    run.gets(1, PacketBuf::PubAck(ack(1)));
    run.monitor.at(Time::from_secs(seconds));
    run.sends(0, PacketBuf::PingReq);
    run.gets(0, PacketBuf::PingResp);
    let properties = came.map(PropertyBuf::message_expiry_interval).into_iter().collect();
    run.gets(0, PacketBuf::Publish(PublishBuf { dup, ..with(properties) }));
    run
}

#[test]
fn the_expiry_interval_is_reduced_by_the_time_waited() {
    for (came, expected) in [
        (Some(5), &[][..]),
        (Some(6), &[]),
        (Some(4), &[]),
        (Some(7), &["MQTT-3.3.2-6"]),
        (Some(10), &["MQTT-3.3.2-6"]),
        (Some(3), &["MQTT-3.3.2-6"]),
        (None, &["MQTT-3.3.2-6"]),
    ] {
        waited(10, 5, came, false).finds(expected);
    }
    // More than was published is never right.
    waited(10, 0, Some(11), false).finds(&["MQTT-3.3.2-6"]);
}

#[test]
fn what_has_expired_does_not_come() {
    waited(10, 13, Some(0), false).finds(&["MQTT-3.3.2-5"]);
    waited(10, 11, Some(0), false).finds(&[]);
    // It may wait on the way to us: nothing shows when the Server sent it.
    let mut run = two();
    run.sends(1, PacketBuf::Publish(with(vec![PropertyBuf::message_expiry_interval(10)])));
    run.gets(1, PacketBuf::PubAck(ack(1)));
    run.monitor.at(Time::from_secs(60));
    run.gets(0, PacketBuf::Publish(with(vec![PropertyBuf::message_expiry_interval(10)])));
    run.is_silent();
}

#[test]
fn topic_and_payload_are_not_altered() {
    for (version, bom, payload) in [(V5, "MQTT-1.5.4-3", "MQTT-4.5.0-1"), (V4, "MQTT-1.5.3-3", "MQTT-4.5.0-1")] {
        let mut run = Run::connected(version);
        run.connect(1, "bob");
        run.subscribe(0, 1, "#", Q0);
        run.sends(1, PacketBuf::Publish(publish("\u{feff}a", "message")));
        run.sends(1, PacketBuf::Publish(publish("b", "message")));
        run.gets(0, PacketBuf::Publish(publish("\u{feff}a", "message")));
        run.gets(0, PacketBuf::Publish(publish("b", "message")));
        // Somebody else's.
        run.gets(0, PacketBuf::Publish(publish("b", "other")));
        run.gets(0, PacketBuf::Publish(publish("c", "mess")));
        run.is_silent();
        run.gets(0, PacketBuf::Publish(publish("a", "message")));
        run.finds(&[bom]);
        run.gets(0, PacketBuf::Publish(publish("b", "messag")));
        run.finds(&[payload]);
        // It is a message of its own.
        run.sends(1, PacketBuf::Publish(publish("b", "mess")));
        run.gets(0, PacketBuf::Publish(publish("b", "mess")));
        run.is_silent();
    }
}

#[test]
fn where_some_publishers_are_not_seen_nothing_is_said_to_be_altered() {
    let mut run = Run { monitor: Monitor::new(V5).partial(), version: V5, event: 0 };
    run.connect(0, "alice");
    run.connect(1, "bob");
    run.subscribe(0, 1, "a", Q1);
    run.sends(1, PacketBuf::Publish(with(all())));
    run.gets(0, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.sends(1, PacketBuf::Publish(publish("a", "message")));
    run.gets(0, PacketBuf::Publish(publish("a", "messag")));
    run.is_silent();
}
