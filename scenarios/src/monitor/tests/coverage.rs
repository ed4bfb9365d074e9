//! Coverage: in which states each event is counted.

use crate::monitor::coverage::{Coverage, SessionEvent as E, SessionState as S};

use super::*;

/// A run that says after each step what was counted for it.
struct Counted {
    run: Run,
    before: Coverage,
}

impl Counted {
    fn new() -> Self {
        Self { run: Run::new(V5), before: Coverage::new() }
    }

    /// What happens since the last time is this event, in exactly these states.
    #[track_caller]
    fn is(&mut self, event: E, states: &[S]) {
        let now = self.run.monitor.coverage().clone();
        let mut new = Vec::new();
        for state in S::ALL {
            for happened in E::ALL {
                let count = now.count(*state, *happened) - self.before.count(*state, *happened);
                assert!(count <= 1, "{state:?} {happened:?}");
                new.extend((count == 1).then_some((*happened, *state)));
            }
        }
        let expected: Vec<_> = states.iter().map(|state| (event, *state)).collect();
        assert_eq!(new, expected);
        self.before = now;
    }

    #[track_caller]
    fn sends(&mut self, connection: usize, packet: PacketBuf, event: E, states: &[S]) {
        self.run.sends(connection, packet);
        self.is(event, states);
    }

    #[track_caller]
    fn gets(&mut self, connection: usize, packet: PacketBuf, event: E, states: &[S]) {
        self.run.gets(connection, packet);
        self.is(event, states);
    }

    /// PINGREQ and PINGRESP.
    #[track_caller]
    fn holds(&mut self, connection: usize, states: &[S]) {
        self.sends(connection, PacketBuf::PingReq, E::Ping, states);
        self.gets(connection, PacketBuf::PingResp, E::Pong, states);
    }

    #[track_caller]
    fn closes(&mut self, connection: usize, by_server: bool, states: &[S]) {
        self.run.closes(connection, by_server);
        self.is(if by_server { E::ClosedByServer } else { E::ClosedByClient }, states);
    }

    #[track_caller]
    fn second(&mut self, second: u64, states: &[S]) {
        self.run.monitor.at(crate::Time::from_secs(second));
        // Noticed with the next event: one that is not counted.
        self.run.monitor.opened(0, self.run.event);
        self.is(E::Second, states);
    }

    /// CONNECT of a client with a session that lasts for a while, and CONNACK.
    fn connected(connect: ConnectBuf) -> Self {
        let mut counted = Self::new();
        counted.run.connect_with(0, connect, connack());
        counted.before = counted.run.monitor.coverage().clone();
        counted
    }
}

fn lasting(client_id: &str) -> ConnectBuf {
    let properties = vec![PropertyBuf::session_expiry_interval(100)];
    ConnectBuf { clean_start: false, properties, ..connect(V5, client_id) }
}

fn wanted(packet_id: u16) -> PacketBuf {
    subscribe(packet_id, "a", SubscriptionOptions { qos: Q2, ..Default::default() }, vec![])
}

fn refusal(packet_id: u16) -> AckBuf {
    AckBuf { reason_code: ReasonCode::QUOTA_EXCEEDED, ..ack(packet_id) }
}

#[test]
fn what_a_client_has_under_way() {
    const IDLE: &[S] = &[S::Fresh, S::Subscribed];
    let mut run = Counted::new();
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")), E::ConnectClean, &[S::NotConnected]);
    run.gets(0, PacketBuf::ConnAck(connack()), E::ConnAck, &[S::Connecting]);
    run.sends(0, wanted(1), E::Subscribe, &[S::Fresh]);
    run.gets(0, suback(1, &[2]), E::SubAck, IDLE);
    run.sends(0, PacketBuf::Publish(publish("b", "x")), E::Publish0, IDLE);

    run.sends(0, PacketBuf::Publish(message("b", "x", Q1, 1)), E::Publish1, IDLE);
    run.gets(0, PacketBuf::PubAck(ack(1)), E::Acknowledged, &[S::Fresh, S::Subscribed, S::Publishing1]);
    run.sends(0, PacketBuf::Publish(message("b", "x", Q2, 2)), E::Publish2, IDLE);
    run.gets(0, PacketBuf::PubRec(ack(2)), E::RecReceived, &[S::Fresh, S::Subscribed, S::Publishing2]);
    run.sends(0, PacketBuf::PubRel(ack(2)), E::PubRel, &[S::Fresh, S::Subscribed, S::Releasing]);
    run.gets(0, PacketBuf::PubComp(ack(2)), E::CompReceived, &[S::Fresh, S::Subscribed, S::Releasing]);
    run.sends(0, PacketBuf::Publish(message("b", "x", Q2, 3)), E::Publish2, IDLE);
    run.gets(0, PacketBuf::PubRec(refusal(3)), E::RecReceived, &[S::Fresh, S::Subscribed, S::Publishing2]);
    run.holds(0, IDLE);

    run.gets(0, PacketBuf::Publish(publish("a", "1")), E::Message0, IDLE);
    for answer in [ack(5), refusal(5)] {
        let event = if answer.reason_code.is_error() { E::Refusal } else { E::PubAck };
        run.gets(0, PacketBuf::Publish(message("a", "2", Q1, 5)), E::Message1, IDLE);
        run.sends(0, PacketBuf::PubAck(answer), event, &[S::Fresh, S::Subscribed, S::InFlight1]);
        run.holds(0, IDLE);
    }
    run.gets(0, PacketBuf::Publish(message("a", "3", Q2, 6)), E::Message2, IDLE);
    run.sends(0, PacketBuf::PubRec(ack(6)), E::PubRec, &[S::Fresh, S::Subscribed, S::InFlight2]);
    run.gets(0, PacketBuf::PubRel(ack(6)), E::RelReceived, &[S::Fresh, S::Subscribed, S::Recorded]);
    run.sends(0, PacketBuf::PubComp(ack(6)), E::PubComp, &[S::Fresh, S::Subscribed, S::Recorded]);
    run.gets(0, PacketBuf::Publish(message("a", "4", Q2, 7)), E::Message2, IDLE);
    run.sends(0, PacketBuf::PubRec(refusal(7)), E::Refusal, &[S::Fresh, S::Subscribed, S::InFlight2]);
    run.holds(0, IDLE);

    run.second(1, IDLE);
    let unwanted = UnsubscribeBuf { packet_id: 9, properties: vec![], filters: vec!["a".to_owned()] };
    run.sends(0, PacketBuf::Unsubscribe(unwanted), E::Unsubscribe, IDLE);
    run.gets(0, unsuback(9, &[0]), E::UnsubAck, &[S::Fresh]);
    run.sends(0, disconnect(ReasonCode::NORMAL_DISCONNECTION), E::Disconnect, &[S::Fresh]);
    run.closes(0, true, &[S::AfterDisconnect]);
    // Its session went with the connection.
    run.second(2, &[]);
}

#[test]
fn what_waits_for_a_client_that_is_away() {
    let mut run = Counted::connected(lasting("alice"));
    run.sends(0, wanted(1), E::Subscribe, &[S::Fresh]);
    run.gets(0, suback(1, &[2]), E::SubAck, &[S::Fresh, S::Subscribed]);
    run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 5)), E::Message1, &[S::Fresh, S::Subscribed]);
    run.closes(0, false, &[S::Fresh, S::Subscribed, S::InFlight1]);
    run.second(1, &[S::Away, S::AwayInFlight]);
    run.run.connect(1, "bob");
    run.before = run.run.monitor.coverage().clone();
    for (second, sent, event) in [
        (2, message("b", "y", Q1, 1), E::Publish1),
        (3, publish("a", "y"), E::Publish0),
        (4, message("a", "y", Q1, 2), E::Publish1),
    ] {
        let states: &[S] = if second == 2 { &[S::Fresh] } else { &[S::Fresh, S::Publishing1] };
        run.sends(1, PacketBuf::Publish(sent), event, states);
        let waits: &[S] = if second == 4 {
            &[S::Fresh, S::Publishing1, S::Away, S::AwayWithQueue, S::AwayInFlight]
        } else {
            &[S::Fresh, S::Publishing1, S::Away, S::AwayInFlight]
        };
        run.second(second, waits);
    }
    let returns: &[S] = &[S::NotConnected, S::Away, S::AwayWithQueue, S::AwayInFlight];
    run.sends(2, PacketBuf::Connect(lasting("alice")), E::Connect, returns);
    let resumed = ConnAckBuf { session_present: true, ..connack() };
    run.gets(2, PacketBuf::ConnAck(resumed), E::ConnAckPresent, &[S::Connecting]);
    let again = PublishBuf { dup: true, ..message("a", "x", Q1, 5) };
    run.gets(2, PacketBuf::Publish(again), E::MessageAgain, &[S::Resumed, S::Subscribed, S::InFlight1]);
    run.closes(2, true, &[S::Resumed, S::Subscribed, S::InFlight1]);
    // What waited went to the connection.
    run.second(5, &[S::Fresh, S::Publishing1, S::Away, S::AwayInFlight]);
    // And the Server may have lost it all.
    let returns: &[S] = &[S::NotConnected, S::Away, S::AwayInFlight];
    run.sends(3, PacketBuf::Connect(lasting("alice")), E::Connect, returns);
    run.gets(3, PacketBuf::ConnAck(connack()), E::ConnAck, &[S::Connecting]);
    run.holds(3, &[S::Fresh]);
    run.closes(3, true, &[S::Fresh]);
    run.second(6, &[S::Fresh, S::Publishing1, S::Away]);
}

#[test]
fn what_else_a_connection_may_be_in() {
    // The quota is used up.
    let mut narrow = lasting("alice");
    narrow.properties.push(PropertyBuf::receive_maximum(1));
    let mut run = Counted::connected(narrow);
    run.run.subscribe(0, 1, "a", Q1);
    run.run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 5)));
    run.before = run.run.monitor.coverage().clone();
    run.holds(0, &[S::Fresh, S::Subscribed, S::InFlight1, S::QuotaUsed]);
    // Taken over: the CONNECT comes to a session in use.
    let used: &[S] = &[S::NotConnected, S::Fresh, S::Subscribed, S::InFlight1, S::QuotaUsed];
    run.sends(1, PacketBuf::Connect(lasting("alice")), E::Connect, used);
    run.closes(0, true, &[S::TakenOver]);

    // Refused.
    let mut run = Counted::new();
    run.sends(0, PacketBuf::Connect(lasting("alice")), E::Connect, &[S::NotConnected]);
    let refused = ConnAckBuf { reason_code: ReasonCode::NOT_AUTHORIZED, ..connack() };
    run.gets(0, PacketBuf::ConnAck(refused), E::Refused, &[S::Connecting]);
    run.closes(0, true, &[S::NotConnected]);
    run.second(1, &[]);

    // Authenticated.
    let method = || vec![PropertyBuf::authentication_method("m")];
    let auth = || PacketBuf::Auth(AuthBuf { reason_code: ReasonCode(0x18), properties: method() });
    let mut run = Counted::new();
    let asked = ConnectBuf { properties: method(), ..connect(V5, "alice") };
    run.sends(0, PacketBuf::Connect(asked), E::ConnectClean, &[S::NotConnected]);
    run.gets(0, auth(), E::AuthReceived, &[S::Connecting]);
    run.sends(0, auth(), E::Auth, &[S::Authenticating]);
    let accepted = ConnAckBuf { properties: method(), ..connack() };
    run.gets(0, PacketBuf::ConnAck(accepted), E::ConnAck, &[S::Authenticating]);
    // Again later, it is connected all the time.
    let anew = PacketBuf::Auth(AuthBuf { reason_code: ReasonCode(0x19), properties: method() });
    run.sends(0, anew, E::Auth, &[S::Fresh]);
    run.gets(0, auth(), E::AuthReceived, &[S::Fresh]);
    run.sends(0, auth(), E::Auth, &[S::Fresh]);

    // With its will.
    let mut run = Counted::connected(connect(V5, "alice"));
    run.sends(0, disconnect(ReasonCode::DISCONNECT_WITH_WILL_MESSAGE), E::DisconnectWithWill, &[S::Fresh]);

    // After an error; and the Server says goodbye.
    let mut run = Counted::connected(connect(V5, "alice"));
    run.run.sends_bytes(0, &[0xC1, 0]);
    run.is(E::Broken, &[S::Fresh]);
    run.gets(0, disconnect(ReasonCode::MALFORMED_PACKET), E::DisconnectReceived, &[S::AfterError]);
    run.closes(0, true, &[S::AfterError]);
    // What comes on a connection that has ended is not counted.
    run.run.sends(0, PacketBuf::PingReq);
    run.is(E::Ping, &[]);

    // Sent again.
    let mut run = Counted::connected(lasting("alice"));
    let again = PublishBuf { dup: true, ..message("a", "x", Q1, 1) };
    run.run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.run.resume(0, 1);
    run.before = run.run.monitor.coverage().clone();
    run.sends(1, PacketBuf::Publish(again), E::PublishAgain, &[S::Resumed, S::Publishing1]);
}

#[test]
fn before_3_1_1_and_in_it_clean_session_decides_whether_a_session_lasts() {
    for (clean_start, states) in [(true, &[][..]), (false, &[S::Away])] {
        let mut run = Counted { run: Run::new(V4), before: Coverage::new() };
        run.run.connect_with(0, ConnectBuf { clean_start, ..connect(V4, "alice") }, connack());
        run.run.closes(0, false);
        run.before = run.run.monitor.coverage().clone();
        run.second(1, states);
    }
}
