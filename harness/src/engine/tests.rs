//! The steps of histories, played against the reference broker in memory.

use std::sync::Arc;

use mqttspec_codec::{PropertyBuf, ProtocolVersion, QoS, ReasonCode};
use mqttspec_reports::{Direction, Verdict};
use mqttspec_scenarios::broker::{AUTHENTICATION_METHOD, BrokerConfig, Fault, FaultSet};
use mqttspec_scenarios::model::{
    Answering, CloseHow, ConnectExt as _, Due, JudgedBy, Outgoing, PublishExt as _, Role, Step, connect, disconnect,
    publish, subscribe,
};

use super::*;

const V5: ProtocolVersion = ProtocolVersion::V5_0;
const V3: ProtocolVersion = ProtocolVersion::V3_1_1;

fn open(name: &str) -> Step {
    Step::Open { connection: name.to_owned() }
}

fn send(name: &str, outgoing: impl Into<Outgoing>) -> Step {
    Step::Send { connection: name.to_owned(), outgoing: outgoing.into() }
}

fn awaiting(name: &str) -> Step {
    Step::Await { connection: name.to_owned() }
}

fn fence(name: &str) -> Step {
    Step::Fence { connection: name.to_owned(), cite: "MQTT-3.12.4-1".into() }
}

fn at_once(name: &str) -> Step {
    Step::Answering { connection: name.to_owned(), answering: Answering::AtOnce }
}

fn acknowledge(name: &str, which: Due) -> Step {
    Step::Acknowledge { connection: name.to_owned(), which, reason_code: None }
}

fn drop_it(name: &str) -> Step {
    Step::Close { connection: name.to_owned(), how: CloseHow::Finish }
}

fn resend(name: &str) -> Step {
    Step::Resend { connection: name.to_owned() }
}

/// Open, CONNECT with a session that is kept, CONNACK.
fn arrive(version: ProtocolVersion, name: &str) -> Vec<Step> {
    vec![open(name), send(name, connect(version, &format!("{{ns}}{name}")).persistent()), awaiting(name)]
}

fn options() -> Options {
    Options { namespace: Namespace::new(1, 1), timing: Timing::default(), defaults: ConnectDefaults::default() }
}

/// A history without steps.
fn history(version: ProtocolVersion) -> Scenario {
    Scenario {
        id: "history".to_owned(),
        title: String::new(),
        version,
        role: Role::Broker,
        chapter: String::new(),
        statements: Vec::new(),
        needs: Vec::new(),
        judged_by: JudgedBy::Monitor,
        steps: Vec::new(),
    }
}

/// Plays a history against a broker with these faults, and returns its outcome, what each side sent (`alice > PUBACK`,
/// `alice < PUBLISH`), and how many milliseconds it took.
fn play(version: ProtocolVersion, steps: Vec<Step>, faults: FaultSet) -> (Outcome, Vec<String>, u64) {
    let scenario = Scenario { steps, ..history(version) };
    let config = BrokerConfig { faults, ..BrokerConfig::default() };
    let (outcome, transcript) = memory::run(&Arc::new(scenario), options(), config);
    let events = transcript.render();
    let lines = events
        .iter()
        .filter_map(|event| {
            let arrow = match event.direction {
                Direction::Sent => '>',
                Direction::Received => '<',
                _ => return None,
            };
            Some(format!("{} {arrow} {}", event.connection, event.summary))
        })
        .collect();
    (outcome, lines, events.last().map_or(0, |event| event.at_us / 1000))
}

/// The places of the lines that begin with one of `beginnings`, cut down to what begins them.
fn only<'b>(lines: &[String], beginnings: &[&'b str]) -> Vec<&'b str> {
    lines.iter().filter_map(|line| beginnings.iter().find(|beginning| line.starts_with(**beginning)).copied()).collect()
}

fn passes(version: ProtocolVersion, steps: Vec<Step>) -> Vec<String> {
    let (outcome, lines, ms) = play(version, steps, FaultSet::EMPTY);
    assert_eq!((outcome.verdict, outcome.reason.as_deref()), (Verdict::Pass, None), "{lines:#?}");
    assert!(ms < 1_000, "{ms} ms: {lines:#?}");
    lines
}

/// bob publishes two messages at each QoS to alice, who answers nothing of her own accord.
fn two_of_each() -> Vec<Step> {
    let mut steps = [arrive(V5, "alice"), arrive(V5, "bob")].concat();
    steps.extend([send("alice", subscribe(1, "{ns}/#", QoS::ExactlyOnce)), awaiting("alice"), at_once("bob")]);
    for (packet_id, qos) in [(1, QoS::AtLeastOnce), (2, QoS::AtLeastOnce), (3, QoS::ExactlyOnce), (4, QoS::ExactlyOnce)]
    {
        steps.extend([send("bob", publish("{ns}/t", "x").at(qos, packet_id)), awaiting("bob")]);
    }
    steps.push(fence("alice"));
    steps
}

#[test]
fn acknowledgements_wait_for_their_step_and_draining_sends_the_rest() {
    let mut steps = two_of_each();
    let lines = passes(V5, steps.clone());
    assert_eq!(only(&lines, &["alice > PUBACK", "alice > PUBREC"]), [""; 0], "{lines:#?}");
    steps.extend([
        acknowledge("alice", Due::Nth(5)),
        fence("alice"),
        acknowledge("alice", Due::Again),
        acknowledge("alice", Due::Oldest),
        acknowledge("alice", Due::Newest),
    ]);
    let lines = passes(V5, steps.clone());
    let acks = ["alice > PUBACK id 1", "alice > PUBACK id 2", "alice > PUBREC id 3", "alice > PUBREC id 4"];
    assert_eq!(only(&lines, &acks), [acks[1], acks[1], acks[0], acks[3]], "{lines:#?}");
    steps.push(Step::Drain);
    let lines = passes(V5, steps);
    assert_eq!(only(&lines, &acks), [acks[1], acks[1], acks[0], acks[3], acks[2]], "{lines:#?}");
    assert_eq!(only(&lines, &["alice > PUBCOMP"]).len(), 2, "{lines:#?}");
}

#[test]
fn what_is_answered_at_once_needs_no_step() {
    let mut steps = two_of_each();
    steps.extend([at_once("alice"), fence("alice"), fence("alice")]);
    let lines = passes(V5, steps);
    assert_eq!(only(&lines, &["alice > PUBACK", "alice > PUBREC", "alice > PUBCOMP"]).len(), 6, "{lines:#?}");
}

#[test]
fn a_reason_code_goes_only_where_it_is_defined() {
    let refuse = |which| Step::Acknowledge {
        connection: "bob".to_owned(),
        which,
        reason_code: Some(ReasonCode::UNSPECIFIED_ERROR),
    };
    let mut steps = arrive(V5, "bob");
    steps.extend([
        send("bob", subscribe(1, "{ns}/#", QoS::AtLeastOnce)),
        send("bob", publish("{ns}/t", "x").qos2(9)),
        awaiting("bob"),
        fence("bob"),
        refuse(Due::Oldest),
        refuse(Due::Oldest),
    ]);
    let lines = passes(V5, steps);
    let codes: Vec<_> = lines.iter().filter(|line| line.starts_with("bob > PUB") && line.contains("0x80")).collect();
    assert!(codes.len() == 1 && codes[0].contains("PUBACK"), "{lines:#?}");
    assert_eq!(only(&lines, &["bob > PUBREL"]).len(), 1, "{lines:#?}");
}

#[test]
fn a_client_that_comes_back_sends_again_what_is_not_finished() {
    for version in [V3, V5] {
        let mut steps = arrive(version, "bob");
        steps.extend([
            send("bob", publish("{ns}/1", "a").qos1(1)),
            send("bob", publish("{ns}/2", "b").qos2(2)),
            awaiting("bob"),
            resend("bob"),
            drop_it("bob"),
        ]);
        steps.extend(arrive(version, "bob"));
        steps.extend([resend("bob"), resend("bob"), awaiting("bob")]);
        let (outcome, lines, _) = play(version, steps.clone(), FaultSet::only(Fault::NoPubAck));
        assert!(outcome.verdict != Verdict::Error, "{:?}", outcome.reason);
        let again = ["bob > PUBLISH", "bob > PUBREL", "bob < PUBCOMP"];
        assert_eq!(only(&lines, &again), [again[0], again[0], again[0], again[1], again[2]], "{lines:#?}");
        assert_eq!(lines.iter().filter(|line| line.contains("DUP") || line.contains("dup")).count(), 1, "{lines:#?}");

        // Without a session there is nothing to go on with.
        let clean = |step: &Step| match step {
            Step::Send { outgoing: Outgoing::Packet(PacketBuf::Connect(_)), .. } => {
                send("bob", connect(version, "{ns}bob"))
            }
            other => other.clone(),
        };
        let (_, lines, _) = play(version, steps.iter().map(clean).collect(), FaultSet::only(Fault::NoPubAck));
        assert_eq!(only(&lines, &again), [again[0], again[0]], "{lines:#?}");
    }
}

#[test]
fn a_topic_alias_does_not_outlive_its_connection() {
    let aliased =
        |topic: &str, packet_id| send("bob", publish(topic, "x").qos2(packet_id).with(PropertyBuf::topic_alias(1)));
    let mut steps = arrive(V5, "bob");
    steps.extend([aliased("{ns}/t", 1), aliased("", 2), drop_it("bob")]);
    steps.extend(arrive(V5, "bob"));
    steps.extend([resend("bob"), awaiting("bob")]);
    let (_, lines, _) = play(V5, steps, FaultSet::only(Fault::NoPubRec));
    let again: Vec<_> = lines.iter().filter(|line| line.starts_with("bob > PUBLISH")).skip(2).collect();
    assert_eq!(again.len(), 2, "{lines:#?}");
    assert!(again.iter().all(|line| line.contains("/t") && !line.contains("alias")), "{again:#?}");
}

#[test]
fn steps_that_cannot_be_taken_are_left_out() {
    let steps = vec![
        send("nobody", publish("{ns}/t", "x")),
        acknowledge("nobody", Due::Newest),
        resend("nobody"),
        fence("nobody"),
        awaiting("nobody"),
        at_once("nobody"),
        drop_it("nobody"),
        open("alice"),
        fence("alice"),
        acknowledge("alice", Due::Again),
        drop_it("alice"),
        send("alice", publish("{ns}/t", "x")),
        drop_it("alice"),
        Step::Drain,
    ];
    assert_eq!(passes(V5, steps), [""; 0]);
}

#[test]
fn answers_that_never_come_hold_a_history_up_and_nothing_more() {
    let mut steps = arrive(V5, "alice");
    for packet_id in 1..10 {
        steps.extend([send("alice", subscribe(packet_id, "{ns}/t", QoS::AtMostOnce)), awaiting("alice")]);
    }
    steps.extend([fence("alice"), fence("alice"), send("alice", publish("{ns}/t", "x").qos1(77)), awaiting("alice")]);
    let faults: FaultSet = [Fault::NoSubAck, Fault::NoPingResp].into_iter().collect();
    let (outcome, lines, ms) = play(V5, steps, faults);
    assert!(matches!(outcome.verdict, Verdict::Pass | Verdict::Fail), "{:?}", outcome.reason);
    assert_eq!(only(&lines, &["alice < PUBACK"]).len(), 1, "{lines:#?}");
    assert!(ms < 60_000, "{ms} ms");
}

#[test]
fn a_farewell_is_waited_out_and_nothing_follows_it() {
    let mut steps = arrive(V5, "alice");
    steps.extend([
        send("alice", disconnect(ReasonCode::SUCCESS)),
        awaiting("alice"),
        fence("alice"),
        at_once("alice"),
        Step::Drain,
    ]);
    let lines = passes(V5, steps);
    assert!(lines.last().is_some_and(|line| line.starts_with("alice > DISCONNECT")), "{lines:#?}");
}

#[test]
fn a_name_can_be_opened_again_while_its_connection_lives() {
    let mut steps = [arrive(V5, "alice"), arrive(V5, "alice")].concat();
    steps.extend([fence("alice"), send("alice", publish("{ns}/t", "x").qos1(5)), awaiting("alice"), Step::Drain]);
    let lines = passes(V5, steps);
    assert_eq!(only(&lines, &["alice < CONNACK"]).len(), 2, "{lines:#?}");
    assert_eq!(only(&lines, &["alice < PUBACK"]).len(), 1, "{lines:#?}");
}

#[test]
fn a_challenge_is_answered_at_once_too() {
    let hello = connect(V5, "{ns}a")
        .with(PropertyBuf::authentication_method(AUTHENTICATION_METHOD))
        .with(PropertyBuf::authentication_data(b"user".as_slice()));
    let lines = passes(V5, vec![open("alice"), at_once("alice"), send("alice", hello), awaiting("alice"), Step::Drain]);
    let exchange = ["alice > CONNECT", "alice < AUTH", "alice > AUTH", "alice < CONNACK"];
    assert_eq!(only(&lines, &exchange), exchange, "{lines:#?}");
}

#[test]
fn a_history_expects_nothing() {
    let steps = vec![
        open("alice"),
        Step::Quiet(mqttspec_scenarios::model::Quiet {
            connection: "alice".to_owned(),
            packet_types: Vec::new(),
            cite: "MQTT-3.12.4-1".into(),
            permitted: Vec::new(),
        }),
    ];
    let (outcome, ..) = play(V5, steps, FaultSet::EMPTY);
    assert_eq!(outcome.verdict, Verdict::Error, "{:?}", outcome.reason);
}

#[test]
fn a_transcript_tells_a_monitor_the_same_again() {
    let mut steps = two_of_each();
    steps.push(Step::Drain);
    let scenario = Scenario { steps, ..history(V5) };
    let config = BrokerConfig { faults: FaultSet::only(Fault::ReusePacketIdentifier), ..BrokerConfig::default() };
    let (outcome, transcript) = memory::run(&Arc::new(scenario), options(), config);
    let mut monitor = Monitor::new(V5);
    transcript.tell(&mut monitor);
    monitor.settle();
    let again: Vec<_> = monitor.take_findings().into_iter().map(|found| (found.statement, found.events)).collect();
    let found: Vec<_> = outcome.findings.into_iter().map(|finding| (finding.statement, finding.events)).collect();
    assert!(!found.is_empty());
    assert_eq!(found, again);
}
/// A server that answers everything at once, but publishes the will of a client that is gone only after a while, or never.
fn play_with_a_slow_server(judged_by: JudgedBy, delay_ms: Option<u64>) -> (Outcome, Vec<String>, u64) {
    let mut last_will = mqttspec_scenarios::model::will("{ns}/w", "gone");
    last_will.qos = QoS::AtLeastOnce;
    let steps = vec![
        open("bob"),
        send("bob", connect(V3, "{ns}bob")),
        awaiting("bob"),
        send("bob", subscribe(2, "{ns}/w", QoS::AtLeastOnce)),
        awaiting("bob"),
        open("alice"),
        send("alice", connect(V3, "{ns}alice").will(last_will)),
        awaiting("alice"),
        drop_it("alice"),
    ];
    let scenario = Scenario { judged_by, steps, ..history(V3) };
    let mut engine = Engine::new(Arc::new(scenario), options(), Time::ZERO);
    let (mut now, mut mail, mut late) = (Time::ZERO, VecDeque::new(), None);
    loop {
        now += Duration::from_micros(100);
        if let Some(action) = engine.poll_action() {
            match action {
                Action::Open { connection } => mail.push_back(Observation::Opened { connection }),
                Action::Send { connection, bytes } => {
                    let answer: &[u8] = match bytes[0] >> 4 {
                        1 => &[0x20, 2, 0, 0],
                        8 => &[0x90, 3, 0, 2, 1],
                        12 => &[0xD0, 0],
                        _ => continue,
                    };
                    mail.push_back(Observation::Bytes { connection, bytes: answer.to_vec() });
                }
                Action::Close { connection: 1, .. } => {
                    let topic = options().namespace.expand("{ns}/w");
                    let len = u8::try_from(topic.len()).unwrap();
                    let bytes = [&[0x32, len + 8, 0, len], topic.as_bytes(), b"\0\x09gone"].concat();
                    late = delay_ms
                        .map(|ms| (now + Duration::from_millis(ms), Observation::Bytes { connection: 0, bytes }));
                }
                Action::Close { .. } => {}
            }
        } else if let Some(outcome) = engine.outcome() {
            let lines = engine.transcript().render().into_iter().map(|event| event.summary).collect();
            return (outcome.clone(), lines, now.as_micros() / 1000);
        } else if let Some(observation) = mail.pop_front() {
            engine.handle(observation, now);
        } else {
            let due = engine.next_timeout().unwrap();
            match late.take() {
                Some((at, observation)) if at <= due => {
                    now = now.max(at);
                    engine.handle(observation, now);
                }
                kept => {
                    late = kept;
                    now = now.max(due);
                    engine.handle_timeout(now);
                }
            }
        }
    }
}

#[test]
fn what_is_owed_is_waited_for_in_full_before_it_is_missed() {
    for judged_by in [JudgedBy::Monitor, JudgedBy::Steps] {
        let (outcome, lines, ms) = play_with_a_slow_server(judged_by, Some(3_000));
        assert!(lines.iter().any(|line| line.contains("\"gone\", qos 1, id 9")), "{ms} ms {outcome:?} {lines:#?}");
        assert!((3_000..5_000).contains(&ms), "{ms} ms");
        assert_eq!(outcome.findings, []);

        let (outcome, lines, ms) = play_with_a_slow_server(judged_by, None);
        assert_eq!(outcome.verdict, Verdict::Fail, "{:?} {lines:#?}", outcome.reason);
        assert!((5_000..7_000).contains(&ms), "{ms} ms");
    }
}

#[test]
fn a_packet_in_pieces_is_shown_as_parts_of_one() {
    let mut steps = arrive(V5, "alice");
    let outgoing = Box::new(publish("{ns}/a", "m").at(QoS::AtLeastOnce, 7).into());
    steps.extend([send("alice", Outgoing::InPieces { outgoing, size: 9 }), awaiting("alice")]);
    let outgoing = Box::new(publish("{ns}/a", "m").into());
    steps.push(send("alice", Outgoing::InPieces { outgoing, size: 100 }));
    let lines = passes(V5, steps);
    assert_eq!(
        only(&lines, &["alice > part 1 of 2 of PUBLISH", "alice > part 2 of 2 of PUBLISH"]).len(),
        2,
        "{lines:#?}"
    );
    assert_eq!(only(&lines, &["alice > PUBLISH"]).len(), 1, "one piece is a packet: {lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("malformed")), "{lines:#?}");
}
