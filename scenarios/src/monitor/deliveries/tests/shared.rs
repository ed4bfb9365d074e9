use super::*;

/// `sub` on connection 1 and `two` on connection 2 share `$share/g/a`.
fn group(qos: QoS) -> Run {
    let mut run = Run::subscribed(V5, "$share/g/a", qos);
    run.connects(2, "two", false);
    run.subscribes(2, 1, &["$share/g/a"], qos);
    run
}

#[test]
fn one_member_gets_each_message() {
    let mut run = group(Q1);
    run.publishes("a", "m", Q1, 1);
    assert_eq!(run.monitor.owed(), Owed::Soon);
    run.takes(2, message("a", "m", Q1, 1));
    run.is_silent();
    run.publishes("a", "n", Q1, 2);
    run.settles(&["§4.8.2"]);
}

#[test]
fn it_may_wait_for_a_member_that_is_away_or_withholds() {
    let mut run = group(Q1);
    run.closes(1);
    run.publishes("a", "m", Q1, 1);
    run.is_silent();
    let mut run = group(Q1);
    run.publishes("a", "m", Q1, 1);
    run.publishes("a", "n", Q1, 2);
    run.gets(1, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.is_silent();
    run.sends(1, PacketBuf::PubAck(ack(1)));
    run.settles(&["§4.8.2"]);
}

#[test]
fn no_message_goes_to_two_members() {
    let mut run = group(Q1);
    run.publishes("a", "m", Q1, 1);
    run.takes(1, message("a", "m", Q1, 1));
    run.takes(2, message("a", "m", Q1, 1));
    run.settles(&["§4.8.2"]);
    // Each of two publications may.
    let mut run = group(Q1);
    run.publishes("a", "m", Q1, 1);
    run.publishes("a", "m", Q1, 2);
    run.takes(1, message("a", "m", Q1, 1));
    run.takes(2, message("a", "m", Q1, 1));
    run.is_silent();
}

#[test]
fn qos_1_that_was_not_acknowledged_may_go_to_another() {
    let mut run = group(Q1);
    run.publishes("a", "m", Q1, 1);
    run.gets(1, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.closes(1);
    run.takes(2, message("a", "m", Q1, 1));
    run.is_silent();
}

#[test]
fn qos_2_in_flight_goes_to_no_other() {
    let mut run = group(Q2);
    run.publishes("a", "m", Q2, 1);
    run.gets(1, PacketBuf::Publish(message("a", "m", Q2, 1)));
    run.closes(1);
    run.connects(3, "sub", true);
    run.takes(2, message("a", "m", Q2, 1));
    run.settles(&["MQTT-4.8.2-5"]);
}

#[test]
fn qos_2_in_flight_is_completed() {
    let mut run = group(Q2);
    run.publishes("a", "m", Q2, 1);
    run.gets(1, PacketBuf::Publish(message("a", "m", Q2, 1)));
    run.closes(1);
    run.resumes(3, "sub");
    run.settles(&["MQTT-4.8.2-4"]);
}

#[test]
fn what_one_refused_goes_to_no_other() {
    let mut run = group(Q1);
    run.publishes("a", "m", Q1, 1);
    run.gets(1, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.sends(1, PacketBuf::PubAck(refusal(1)));
    run.takes(2, message("a", "m", Q1, 1));
    run.settles(&["MQTT-4.8.2-6"]);
}
