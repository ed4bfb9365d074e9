//! The Client as sender: PUBREL, the Receive Maximum, and what nobody can know.

use super::*;

#[test]
fn a_release_answers_a_pubrec() {
    // MQTT-2.2.1-5: PUBREL has the identifier of a message that was received, which PUBREC says.
    let mut run = judged(V5);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 7)));
    run.sends(0, PacketBuf::PubRel(ack(7)));
    accuses(&mut run, &["MQTT-2.2.1-5"]);
    // A PUBREC out of nowhere may be answered, on the connection on which it came.
    let mut run = judged(V5);
    run.gets(0, PacketBuf::PubRec(ack(9)));
    run.sends(0, PacketBuf::PubRel(ack(9)));
    accuses(&mut run, &[]);
    run.sends(0, PacketBuf::PubRel(ack(10)));
    accuses(&mut run, &["MQTT-2.2.1-5"]);
    run.resume(0, 1);
    run.sends(1, PacketBuf::PubRel(ack(9)));
    accuses(&mut run, &["MQTT-2.2.1-5"]);
}

#[test]
fn releases_in_the_order_of_the_pubrecs_are_in_order() {
    let mut run = judged(V5);
    for id in [1, 2] {
        run.sends(0, PacketBuf::Publish(message("b", "y", Q2, id)));
    }
    for id in [2, 1] {
        run.gets(0, PacketBuf::PubRec(ack(id)));
    }
    // MQTT-4.6.0-4 asks for the order of the PUBRECs, not of the PUBLISHes; the same one twice is no other order.
    for id in [2, 2, 1] {
        run.sends(0, PacketBuf::PubRel(ack(id)));
    }
    accuses(&mut run, &[]);
}

#[test]
fn requests_do_not_count_against_the_receive_maximum() {
    let properties = vec![PropertyBuf::receive_maximum(1)];
    let mut run = judged_with(V5, connect(V5, "alice"), ConnAckBuf { properties, ..connack() });
    after(&mut run, 6);
    run.sends(0, subscribe(7, "a", SubscriptionOptions::default(), vec![]));
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    accuses(&mut run, &[]);
    run.sends(0, PacketBuf::Publish(message("a", "y", Q1, 2)));
    accuses(&mut run, &["MQTT-3.3.4-7"]);
}

#[test]
fn a_session_that_others_may_have_used_or_that_began_before_holds_anything() {
    for (partial, expected) in [(true, &[][..]), (false, &["MQTT-2.2.1-5"])] {
        let mut run = unconnected(V5);
        if partial {
            run.monitor = Monitor::new(V5).partial().judging_clients();
        }
        let properties = vec![PropertyBuf::session_expiry_interval(1_000)];
        run.connect_with(0, ConnectBuf { properties, ..connect(V5, "alice") }, connack());
        run.resume(0, 1);
        run.sends(1, PacketBuf::PubRel(ack(8)));
        accuses(&mut run, expected);
    }
    let old = ConnectBuf { clean_start: false, ..connect(V5, "alice") };
    let mut run = judged_with(V5, old, ConnAckBuf { session_present: true, ..connack() });
    run.sends(0, PacketBuf::PubRel(ack(8)));
    accuses(&mut run, &[]);
}

#[test]
fn a_latecomer_on_a_connection_that_was_left_makes_everything_doubtful() {
    for (late, expected) in [(true, &[][..]), (false, &["MQTT-2.2.1-5", "MQTT-2.2.1-5"])] {
        let mut run = judged(V5);
        let again = ConnectBuf { clean_start: false, ..connect(V5, "alice") };
        run.connect_with(1, again, ConnAckBuf { session_present: true, ..connack() });
        if late {
            run.sends(0, PacketBuf::PingReq);
        }
        run.sends(1, PacketBuf::PubAck(ack(9)));
        run.sends(1, PacketBuf::PubRel(ack(8)));
        accuses(&mut run, expected);
    }
}

#[test]
fn however_many_have_ended_their_ends_may_be_unread() {
    let ids = 1..=1_100;
    let mut run = judged(V5);
    ids.clone().for_each(|id| run.sends(0, PacketBuf::Publish(message("a", "x", Q2, id))));
    ids.clone().for_each(|id| run.gets(0, PacketBuf::PubRec(ack(id))));
    ids.clone().for_each(|id| run.sends(0, PacketBuf::PubRel(ack(id))));
    ids.clone().for_each(|id| run.gets(0, PacketBuf::PubComp(ack(id))));
    run.resume(0, 1);
    // MQTT-4.4.0-1 asks for it when the PUBCOMPs were lost.
    ids.for_each(|id| run.sends(1, PacketBuf::PubRel(ack(id))));
    accuses(&mut run, &[]);
    run.sends(1, PacketBuf::PubRel(ack(1_101)));
    accuses(&mut run, &["MQTT-2.2.1-5"]);
}
