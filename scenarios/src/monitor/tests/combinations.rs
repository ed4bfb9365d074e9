//! Which combinations of state and event there are, and that a dialogue is counted where it belongs.

mod bounds;

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::coverage::{Coverage, SessionEvent as E, SessionState as S};
use super::*;
use crate::Time;

/// A dialogue of which the combinations of each step are known.
struct Watched {
    run: Run,
    before: Coverage,
}

impl Watched {
    fn new(version: ProtocolVersion) -> Self {
        Self { run: Run::new(version), before: Coverage::new() }
    }

    /// What was counted since the last call: each event, and the states in which it came.
    #[track_caller]
    fn counts(&mut self, expected: &[(E, &[S])]) {
        let now = self.run.monitor.coverage().clone();
        let mut found = Vec::new();
        for event in E::ALL {
            let more = |state: &S| now.count(*state, *event) - self.before.count(*state, *event);
            let states: Vec<S> = S::ALL.iter().copied().filter(|state| more(state) > 0).collect();
            if !states.is_empty() {
                found.push((*event, states));
            }
        }
        self.before = now;
        let expected: Vec<_> = expected.iter().map(|(event, states)| (*event, states.to_vec())).collect();
        assert_eq!(found, expected);
    }

    #[track_caller]
    fn sends(&mut self, connection: usize, packet: PacketBuf, event: E, states: &[S]) {
        self.run.sends(connection, packet);
        self.counts(&[(event, states)]);
    }

    #[track_caller]
    fn gets(&mut self, connection: usize, packet: PacketBuf, event: E, states: &[S]) {
        self.run.gets(connection, packet);
        self.counts(&[(event, states)]);
    }

    #[track_caller]
    fn closes(&mut self, connection: usize, by_target: bool, states: &[S]) {
        self.run.closes(connection, by_target);
        self.counts(&[(if by_target { E::ClosedByServer } else { E::ClosedByClient }, states)]);
    }

    /// A new session of a client whose session ends with its connection.
    fn joins(&mut self, connection: usize, client_id: &str) {
        self.run.connect(connection, client_id);
        self.counts(&[(E::ConnectClean, &[S::NotConnected]), (E::ConnAck, &[S::Connecting])]);
    }

    /// It is `second`, and a PINGREQ on `connection` shows who noticed.
    #[track_caller]
    fn passes(&mut self, second: u64, connection: usize, own: &[S], all: &[S]) {
        self.run.monitor.at(Time::ZERO + Duration::from_secs(second));
        self.run.sends(connection, PacketBuf::PingReq);
        self.counts(&[(E::Ping, own), (E::Second, all)]);
    }
}

fn alice(clean_start: bool) -> PacketBuf {
    let properties = vec![PropertyBuf::session_expiry_interval(1_000), PropertyBuf::receive_maximum(2)];
    PacketBuf::Connect(ConnectBuf { clean_start, properties, ..connect(V5, "alice") })
}

fn accepted(session_present: bool) -> PacketBuf {
    PacketBuf::ConnAck(ConnAckBuf { session_present, ..connack() })
}

fn wants(filter: &str) -> PacketBuf {
    subscribe(99, filter, SubscriptionOptions { qos: Q2, ..Default::default() }, vec![])
}

fn unwants(filter: &str) -> PacketBuf {
    let filters = vec![filter.to_owned()];
    PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 98, properties: vec![], filters })
}

#[test]
fn what_can_come_in_each_state() {
    let possible: BTreeSet<(S, E)> = Coverage::new().never_reached().collect();
    let ends = [E::ClosedByClient, E::ClosedByServer];
    let connects = [E::Connect, E::ConnectClean];
    let welcomes = [E::ConnAck, E::ConnAckPresent, E::Refused];
    // What a Client may send before it has CONNACK (3.1.4); what is sent again needs to know of the session.
    let early = [E::Publish0, E::Publish1, E::Publish2, E::Subscribe, E::Unsubscribe, E::Ping, E::Disconnect];
    let all_but =
        |never: &[E]| E::ALL.iter().copied().filter(|e| !welcomes.contains(e) && !never.contains(e)).collect();
    for state in S::ALL {
        let expected: BTreeSet<E> = match state {
            // MQTT-3.1.0-1: CONNECT is first.
            S::NotConnected => [&connects[..], &ends, &[E::Broken]].concat().into_iter().collect(),
            S::Connecting => {
                [&welcomes[..], &early, &ends, &[E::AuthReceived, E::Broken]].concat().into_iter().collect()
            }
            // MQTT-3.1.2-30: nothing but AUTH and DISCONNECT.
            S::Authenticating => {
                let own = [E::Auth, E::Disconnect, E::Broken, E::Second];
                [&welcomes[..], &ends, &own].concat().into_iter().collect()
            }
            // Nothing comes without a connection.
            S::Away | S::AwayWithQueue | S::AwayInFlight => {
                [&connects[..], &[E::Second]].concat().into_iter().collect()
            }
            // MQTT-3.14.4-1: nothing follows DISCONNECT.
            S::AfterDisconnect => ends.into(),
            // MQTT-3.1.4-3: DISCONNECT may come (5.0), then the end.
            S::TakenOver | S::AfterError => [&ends[..], &[E::DisconnectReceived]].concat().into_iter().collect(),
            // MQTT-3.3.4-9: no more above QoS 0.
            S::QuotaUsed => all_but(&[E::Message1, E::Message2]),
            // Own messages are no deliveries that could be refused.
            S::Publishing1 | S::Publishing2 | S::Releasing => all_but(&[E::Refusal]),
            S::Fresh | S::Resumed | S::Subscribed | S::InFlight1 | S::InFlight2 | S::Recorded => all_but(&[]),
        };
        let found: BTreeSet<E> = possible.iter().filter(|(known, _)| known == state).map(|(_, event)| *event).collect();
        assert_eq!(found, expected, "{state:?}");
    }
    assert_eq!(Coverage::possible(), possible.len());
}

#[test]
fn the_table_has_a_dash_for_what_never_came_and_a_blank_for_what_cannot() {
    let mut watched = Watched::new(V5);
    watched.joins(0, "alice");
    watched.run.sends(0, PacketBuf::PingReq);
    let coverage = watched.run.monitor.coverage();
    assert_eq!(format!("{coverage:?}"), format!("Coverage(3 of {})", Coverage::possible()));
    let table = coverage.to_string();
    let row = table.lines().find(|line| line.starts_with("PINGREQ ")).unwrap();
    let width = E::ALL.iter().map(|event| event.name().len()).max().unwrap();
    let cells: Vec<&str> = (0..4).map(|at| row[width + 8 * at..width + 8 * (at + 1)].trim()).collect();
    // Before CONNECT, CONNECT sent, being authenticated, new session.
    assert_eq!(cells, ["", "-", "", "1"], "{table}");
}

#[test]
fn a_session_goes_on_without_its_connection() {
    let mut w = Watched::new(V5);
    w.sends(0, alice(true), E::ConnectClean, &[S::NotConnected]);
    w.gets(0, accepted(false), E::ConnAck, &[S::Connecting]);
    w.joins(1, "bob");
    w.run.subscribe(0, 99, "a", Q2);
    // Alice is there, so the message does not wait.
    w.run.sends(1, PacketBuf::Publish(message("a", "there", Q1, 1)));
    w.run.gets(1, PacketBuf::PubAck(ack(1)));
    w.run.gets(0, PacketBuf::Publish(message("a", "there", Q1, 5)));
    w.before = w.run.monitor.coverage().clone();
    w.closes(0, false, &[S::Fresh, S::Subscribed, S::InFlight1]);
    w.sends(1, PacketBuf::Publish(publish("a", "lost")), E::Publish0, &[S::Fresh]);
    w.passes(1, 1, &[S::Fresh], &[S::Fresh, S::Away, S::AwayInFlight]);
    // Nobody waits for this one.
    w.sends(1, PacketBuf::Publish(message("b", "x", Q1, 2)), E::Publish1, &[S::Fresh]);
    w.gets(1, PacketBuf::PubAck(ack(2)), E::Acknowledged, &[S::Fresh, S::Publishing1]);
    w.passes(2, 1, &[S::Fresh], &[S::Fresh, S::Away, S::AwayInFlight]);
    for (id, topic) in [(3, "a"), (4, "b")] {
        w.sends(1, PacketBuf::Publish(message(topic, "y", Q1, id)), E::Publish1, &[S::Fresh]);
        w.gets(1, PacketBuf::PubAck(ack(id)), E::Acknowledged, &[S::Fresh, S::Publishing1]);
    }
    w.passes(3, 1, &[S::Fresh], &[S::Fresh, S::Away, S::AwayWithQueue, S::AwayInFlight]);
    let away = [S::NotConnected, S::Away, S::AwayWithQueue, S::AwayInFlight];
    w.sends(2, alice(false), E::Connect, &away);
    w.gets(2, accepted(true), E::ConnAckPresent, &[S::Connecting]);
    let resumed = [S::Resumed, S::Subscribed, S::InFlight1];
    let again = PublishBuf { dup: true, ..message("a", "there", Q1, 5) };
    w.gets(2, PacketBuf::Publish(again), E::MessageAgain, &resumed);
    w.sends(2, PacketBuf::PubAck(ack(5)), E::PubAck, &resumed);
    w.sends(2, PacketBuf::Publish(message("c", "z", Q1, 6)), E::Publish1, &[S::Resumed, S::Subscribed]);
    w.closes(2, false, &[S::Resumed, S::Subscribed, S::Publishing1]);
    w.sends(3, alice(false), E::Connect, &[S::NotConnected, S::Away]);
    w.gets(3, accepted(true), E::ConnAckPresent, &[S::Connecting]);
    let again = PublishBuf { dup: true, ..message("c", "z", Q1, 6) };
    let resumed = [S::Resumed, S::Subscribed, S::Publishing1];
    w.sends(3, PacketBuf::Publish(again), E::PublishAgain, &resumed);
    w.sends(3, disconnect(ReasonCode(0x04)), E::DisconnectWithWill, &resumed);
}

#[test]
fn a_session_moves_to_another_connection() {
    let mut w = Watched::new(V5);
    w.sends(0, alice(true), E::ConnectClean, &[S::NotConnected]);
    w.gets(0, accepted(false), E::ConnAck, &[S::Connecting]);
    w.sends(0, wants("a"), E::Subscribe, &[S::Fresh]);
    w.joins(1, "bob");
    w.sends(2, alice(false), E::Connect, &[S::NotConnected, S::Fresh, S::Subscribed]);
    // MQTT-3.1.4-3: DISCONNECT with Session taken over, and the end.
    w.gets(0, disconnect(ReasonCode(0x8E)), E::DisconnectReceived, &[S::TakenOver]);
    w.closes(0, true, &[S::TakenOver]);
    // The Server lost the session meanwhile: another one begins.
    w.gets(2, accepted(false), E::ConnAck, &[S::Connecting]);
    w.sends(2, PacketBuf::PingReq, E::Ping, &[S::Fresh]);
    w.closes(2, false, &[S::Fresh]);
    w.passes(1, 1, &[S::Fresh], &[S::Fresh, S::Away]);
    // Clean Start ends it, and a session that lasts as long as its connection is never away.
    w.sends(3, alice(true), E::ConnectClean, &[S::NotConnected, S::Away]);
    w.gets(3, accepted(false), E::ConnAck, &[S::Connecting]);
    w.closes(1, false, &[S::Fresh]);
    w.passes(2, 3, &[S::Fresh], &[S::Fresh]);
    // A session of before the run.
    let carol = ConnectBuf {
        clean_start: false,
        properties: vec![PropertyBuf::session_expiry_interval(1)],
        ..connect(V5, "carol")
    };
    w.sends(4, PacketBuf::Connect(carol), E::Connect, &[S::NotConnected]);
    w.gets(4, accepted(true), E::ConnAckPresent, &[S::Connecting]);
    w.closes(4, false, &[S::Resumed]);
    w.passes(3, 3, &[S::Fresh], &[S::Fresh, S::Away]);
}
