//! The Client as receiver: messages that come again, identifiers that are used again, order.

use super::*;

#[test]
fn each_sending_is_acknowledged() {
    // MQTT-4.3.2-4; at QoS 2 -4.3.3-10 for the repeated one, which comes before its PUBREL, and -8 for a new one.
    let once = message("a", "x", Q1, 1);
    let mut run = judged(V5);
    run.gets(0, PacketBuf::Publish(once.clone()));
    run.gets(0, dup(&once));
    run.sends(0, PacketBuf::PubAck(ack(1)));
    accuses(&mut run, &["MQTT-4.3.2-4"]);
    let twice = message("a", "x", Q2, 2);
    let mut run = judged(V5);
    run.gets(0, PacketBuf::Publish(twice.clone()));
    run.sends(0, PacketBuf::PubRec(ack(2)));
    run.gets(0, dup(&twice));
    accuses(&mut run, &["MQTT-4.3.3-10"]);
    let mut run = judged(V5);
    run.gets(0, PacketBuf::Publish(twice));
    run.sends(0, PacketBuf::PubRec(ack(2)));
    run.gets(0, PacketBuf::PubRel(ack(2)));
    run.sends(0, PacketBuf::PubComp(ack(2)));
    accuses(&mut run, &[]);
    run.gets(0, PacketBuf::Publish(message("a", "y", Q2, 2)));
    accuses(&mut run, &["MQTT-4.3.3-8"]);
    // An identifier may come back at another QoS.
    let mut run = judged(V5);
    run.gets(0, PacketBuf::Publish(once));
    run.sends(0, PacketBuf::PubAck(ack(1)));
    run.gets(0, PacketBuf::Publish(message("a", "y", Q2, 1)));
    run.sends(0, PacketBuf::PubRec(ack(1)));
    accuses(&mut run, &[]);
}

#[test]
fn the_order_is_that_of_the_messages() {
    let gets = |run: &mut Run, payload: &str, id| run.gets(0, PacketBuf::Publish(message("a", payload, Q1, id)));
    let answers = |run: &mut Run, ids: &[u16]| ids.iter().for_each(|id| run.sends(0, PacketBuf::PubAck(ack(*id))));
    // MQTT-4.6.0-2, also for an identifier that was used before.
    let mut run = judged(V5);
    gets(&mut run, "x", 1);
    answers(&mut run, &[1]);
    gets(&mut run, "y", 1);
    gets(&mut run, "z", 2);
    answers(&mut run, &[2, 1]);
    accuses(&mut run, &["MQTT-4.6.0-2"]);
    // One PUBACK too many answers nothing.
    let mut run = judged(V5);
    gets(&mut run, "x", 1);
    gets(&mut run, "y", 2);
    answers(&mut run, &[1, 2, 1]);
    accuses(&mut run, &[]);
    // Which of two sendings a PUBACK answers nobody can say.
    let mut run = judged(V5);
    gets(&mut run, "x", 1);
    gets(&mut run, "y", 2);
    run.gets(0, dup(&message("a", "x", Q1, 1)));
    answers(&mut run, &[2, 1, 1]);
    accuses(&mut run, &[]);
}

#[test]
fn what_was_received_belongs_to_the_session() {
    let twice = message("a", "x", Q2, 5);
    let began = |version| {
        let mut run = judged(version);
        run.gets(0, PacketBuf::Publish(twice.clone()));
        run.sends(0, PacketBuf::PubRec(ack(5)));
        run.closes(0, false);
        run
    };
    for (version, rec, comp) in [
        (V5, "MQTT-2.2.1-5", "MQTT-2.2.1-5"),
        (V4, "MQTT-2.3.1-6", "MQTT-4.3.3-2"),
        (V3, "MQTT31-4.1-1", "MQTT31-4.1-2"),
    ] {
        let connect = |clean_start| ConnectBuf { clean_start, ..connect(version, "alice") };
        let answers = |run: &mut Run| {
            run.sends(1, PacketBuf::PubRec(ack(5)));
            run.sends(1, PacketBuf::PubComp(ack(5)));
        };
        // It goes on: in 3.1 CONNACK does not say so.
        let mut run = began(version);
        run.connect_with(1, connect(false), ConnAckBuf { session_present: version != V3, ..connack() });
        answers(&mut run);
        accuses(&mut run, &[]);
        // It is over, because the Server has it no more or because the Client says so.
        if version != V3 {
            let mut run = began(version);
            run.connect_with(1, connect(false), connack());
            answers(&mut run);
            accuses(&mut run, &[rec, comp]);
        }
        let mut run = began(version);
        run.connect_with(1, connect(true), connack());
        answers(&mut run);
        accuses(&mut run, &[rec, comp]);
    }
}

#[test]
fn what_an_acknowledgement_answers_is_of_its_kind() {
    // 4.3.2: nothing is released at QoS 1.
    let mut run = judged(V5);
    run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 5)));
    run.sends(0, PacketBuf::PubAck(ack(5)));
    run.sends(0, PacketBuf::PubComp(ack(5)));
    accuses(&mut run, &["MQTT-2.2.1-5"]);
    let mut run = judged(V5);
    run.sends(0, PacketBuf::PubAck(ack(3)));
    run.sends(0, PacketBuf::PubRec(ack(4)));
    let findings: Vec<Finding> = run.all_findings().into_iter().filter(|found| found.accused == Side::Client).collect();
    let starts = |at: usize, text: &str| findings[at].message.starts_with(text);
    assert!(
        starts(0, "PUBACK for Packet Identifier 3,") && starts(1, "PUBREC for Packet Identifier 4,"),
        "{findings:?}"
    );
}

#[test]
fn so_many_releases_are_owed_an_answer_and_no_more() {
    for (answers, expected) in [(15, &["MQTT-4.3.3-11"][..]), (16, &[])] {
        let mut run = judged(V5);
        run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 2)));
        run.sends(0, PacketBuf::PubRec(ack(2)));
        for _ in 0..17 {
            run.gets(0, PacketBuf::PubRel(ack(2)));
        }
        for _ in 0..answers {
            run.sends(0, PacketBuf::PubComp(ack(2)));
        }
        accuses(&mut run, expected);
    }
}

#[test]
fn nothing_is_owed_on_a_connection_that_is_being_ended() {
    let owes = || {
        let mut run = judged(V5);
        run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
        run
    };
    accuses(&mut owes(), &["MQTT-4.3.2-4"]);
    let mut run = owes();
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    accuses(&mut run, &[]);
    let mut run = owes();
    run.gets(0, disconnect(ReasonCode(0x8B)));
    accuses(&mut run, &[]);
    let mut run = owes();
    run.gets_bytes(0, &[0xD1, 0x00]);
    accuses(&mut run, &[]);
}

#[test]
fn so_many_clients_are_followed_and_no_more() {
    let mut run = unconnected(V5);
    for client in 0..=1_024 {
        run.connect(client, &format!("client {client}"));
    }
    for client in [1_023, 1_024] {
        run.gets(client, PacketBuf::Publish(message("a", "x", Q1, 1)));
        run.sends(client, PacketBuf::PubComp(ack(9)));
    }
    run.monitor.settle();
    let findings = run.all_findings().into_iter().filter(|found| found.accused == Side::Client);
    let found: Vec<_> = findings.map(|found| (found.connection, name(&found))).collect();
    let of_last = |statement: &str| (Some(1_023), statement.to_owned());
    assert_eq!(found, [of_last("MQTT-2.2.1-5"), of_last("MQTT-4.3.2-4")]);
}
