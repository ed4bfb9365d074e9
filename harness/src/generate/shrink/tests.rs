use mqttspec_codec::{PacketBuf, PropertyBuf, ProtocolVersion, QoS, ReasonCode};
use mqttspec_scenarios::model::{
    Answering, CloseHow, Due, JudgedBy, Outgoing, PublishExt, Role, Scenario, Step, connect, publish, subscribe,
};

use super::{Shrinker, events};

pub(in crate::generate) fn scenario(steps: Vec<Step>) -> Scenario {
    Scenario {
        id: "generated/v5/1-0".to_owned(),
        title: "t".to_owned(),
        version: ProtocolVersion::V5_0,
        role: Role::Broker,
        chapter: String::new(),
        statements: Vec::new(),
        needs: Vec::new(),
        judged_by: JudgedBy::Monitor,
        steps,
    }
}

pub(in crate::generate) fn open(name: &str) -> Step {
    Step::Open { connection: name.to_owned() }
}

pub(in crate::generate) fn send(name: &str, packet: impl Into<PacketBuf>) -> Step {
    Step::Send { connection: name.to_owned(), outgoing: Outgoing::Packet(packet.into()) }
}

pub(in crate::generate) fn connects(name: &str) -> Step {
    send(name, PacketBuf::Connect(connect(ProtocolVersion::V5_0, &format!("{{ns}}{name}"))))
}

fn publishes(name: &str, topic: &str, payload: &str) -> Step {
    let mut packet = publish(topic, payload).qos1(7).retained();
    packet.properties.push(PropertyBuf::content_type("text"));
    send(name, PacketBuf::Publish(packet))
}

fn subscribes(name: &str, filter: &str) -> Step {
    send(name, PacketBuf::Subscribe(subscribe(1, filter, QoS::ExactlyOnce)))
}

pub(in crate::generate) fn await_(name: &str) -> Step {
    Step::Await { connection: name.to_owned() }
}

/// Three clients that do a good deal, twenty-six steps in all.
fn busy() -> Scenario {
    let mut steps = Vec::new();
    for name in ["alice", "bob", "carol"] {
        steps.extend([open(name), connects(name), await_(name)]);
        steps.push(Step::Answering { connection: name.to_owned(), answering: Answering::AtOnce });
        steps.extend([subscribes(name, "{ns}/long/topic/+"), await_(name)]);
    }
    steps.push(publishes("alice", "{ns}/long/topic/one", &"a long payload".repeat(20)));
    steps.push(publishes("bob", "{ns}/long/topic/two", "m2"));
    steps.push(Step::Acknowledge {
        connection: "bob".to_owned(),
        which: Due::Nth(3),
        reason_code: Some(ReasonCode::UNSPECIFIED_ERROR),
    });
    steps.push(Step::Close { connection: "bob".to_owned(), how: CloseHow::Reset });
    steps.extend([open("bob"), connects("bob"), Step::Resend { connection: "bob".to_owned() }]);
    steps.push(Step::Drain);
    scenario(steps)
}

/// Shrinks by an oracle that needs no playing; returns the result and the re-runs.
fn shrink(start: Scenario, budget: usize, width: usize, oracle: impl Fn(&Scenario) -> bool) -> (Scenario, usize) {
    let mut shrinker = Shrinker::new(start, budget);
    loop {
        let wave = shrinker.next_wave(width);
        if wave.is_empty() {
            return (shrinker.best(), shrinker.runs());
        }
        assert!(wave.len() <= width);
        let still: Vec<bool> = wave.iter().map(&oracle).collect();
        shrinker.answer(&still);
    }
}

fn publishes_of(scenario: &Scenario) -> Vec<&mqttspec_codec::PublishBuf> {
    let packets = scenario.steps.iter().filter_map(|step| match step {
        Step::Send { outgoing: Outgoing::Packet(PacketBuf::Publish(publish)), .. } => Some(publish),
        _ => None,
    });
    packets.collect()
}

#[test]
fn what_does_not_matter_goes_and_the_drain_stays() {
    for width in [1, 4, 16] {
        let (small, runs) = shrink(busy(), 400, width, |s| {
            publishes_of(s).iter().any(|p| p.payload.starts_with(b"m2") && p.qos > QoS::AtMostOnce)
        });
        assert_eq!(small.steps.len(), 4, "{width}: {:#?}", small.steps);
        assert_eq!((events(&small), small.steps.last()), (2, Some(&Step::Drain)));
        let packet = publishes_of(&small)[0];
        assert!(!packet.retain && packet.properties.is_empty(), "{packet:?}");
        assert!(packet.topic.len() <= 8, "{packet:?}");
        assert!(runs < 200, "{width}: {runs}");
    }
}

#[test]
fn the_same_answers_lead_to_the_same_result() {
    let oracle = |s: &Scenario| s.steps.contains(&Step::Resend { connection: "bob".to_owned() }) && events(s) >= 5;
    let once = shrink(busy(), 400, 8, oracle);
    assert_eq!(once, shrink(busy(), 400, 8, oracle));
    assert!(events(&once.0) >= 5 && once.0.steps.len() < busy().steps.len());
}

#[test]
fn every_candidate_can_be_played() {
    let mut played = 0;
    // Whether a candidate "still shows it" follows no plan.
    for whim in [3, 5, 7, 11, 13, 17] {
        let (_, runs) = shrink(busy(), 2_000, 16, |s| {
            assert_can_be_played(s);
            format!("{s:?}").len() % whim == 0
        });
        played += runs;
    }
    assert!(played > 100, "{played}");
}

fn assert_can_be_played(scenario: &Scenario) {
    assert_eq!(scenario.steps.last(), Some(&Step::Drain));
    let mut open: Vec<(&str, bool)> = Vec::new();
    for step in &scenario.steps {
        match step {
            Step::Open { connection } => {
                open.retain(|(name, _)| name != connection);
                open.push((connection, false));
            }
            Step::Send { connection, outgoing: Outgoing::Packet(packet) } => {
                let (_, connected) = open.iter_mut().find(|(name, _)| name == connection).expect("opened");
                assert_eq!(*connected, !matches!(packet, PacketBuf::Connect(_)), "{:?}", scenario.steps);
                *connected = true;
            }
            _ => {}
        }
    }
}

#[test]
fn the_budget_is_kept() {
    for budget in [0, 1, 7, 50] {
        let (small, runs) = shrink(busy(), budget, 16, |s| publishes_of(s).len() == 2);
        // One more at most: a wave whose members were all good is tried together.
        assert!(runs <= budget + 1, "{budget}: {runs}");
        assert_eq!(publishes_of(&small).len(), 2);
    }
}

#[test]
fn what_goes_only_in_pairs_goes() {
    // Two publications cancel each other out: with one of them alone the deviation is not seen.
    let (small, _) = shrink(busy(), 2_000, 8, |s| {
        s.steps.contains(&Step::Resend { connection: "bob".to_owned() }) && publishes_of(s).len() != 1
    });
    assert_eq!(publishes_of(&small).len(), 0, "{:#?}", small.steps);
    assert_eq!(small.steps.len(), 4);
}

#[test]
fn one_connection_takes_over_what_another_did() {
    let (small, _) = shrink(busy(), 2_000, 8, |s| {
        let subscribed = s
            .steps
            .iter()
            .position(|step| matches!(step, Step::Send { outgoing: Outgoing::Packet(PacketBuf::Subscribe(_)), .. }));
        let published = s.steps.iter().position(|step| {
            matches!(step, Step::Send { outgoing: Outgoing::Packet(PacketBuf::Publish(p)), .. } if p.payload == b"m2")
        });
        subscribed.zip(published).is_some_and(|(a, b)| a < b)
    });
    // One connection, its CONNECT, SUBSCRIBE and PUBLISH.
    assert_eq!(small.steps.len(), 5, "{:#?}", small.steps);
    assert_eq!(events(&small), 3);
}

#[test]
fn a_scenario_that_makes_no_sense_from_the_start_is_shrunk_all_the_same() {
    let start = scenario(vec![publishes("ghost", "a", "m1"), publishes("ghost", "a", "m2"), Step::Drain]);
    let (small, _) = shrink(start, 100, 4, |s| publishes_of(s).iter().any(|p| p.payload == b"m2"));
    assert_eq!(small.steps.len(), 2);
}

#[test]
fn waits_and_settling_on_the_way_go_first() {
    let mut steps = busy().steps;
    steps.insert(6, Step::Wait { ms: 5_000 });
    steps.insert(12, Step::Drain);
    steps.insert(12, Step::Wait { ms: 3_000 });
    let mut shrinker = Shrinker::new(scenario(steps), 400);
    let first = shrinker.next_wave(4);
    assert_eq!(first[0].clock_ms(), 0);
    assert_eq!(first[0].steps, busy().steps);
}

#[test]
fn waits_are_halved_but_not_to_nothing() {
    let mut steps = vec![open("a"), connects("a"), Step::Wait { ms: 10_000 }, Step::Drain];
    steps.insert(2, publishes("a", "t", "m"));
    let (small, _) = shrink(scenario(steps), 400, 4, |s| s.clock_ms() > 0);
    assert_eq!(small.clock_ms(), 2_500);
}
