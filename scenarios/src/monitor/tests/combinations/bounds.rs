//! Sessions of 3.1.1, refusals, authentication, broken rules, and how much is followed.

use super::*;

#[test]
fn in_3_1_1_clean_session_says_how_long_a_session_lasts() {
    let mut w = Watched::new(V4);
    w.joins(0, "bob");
    let carol = ConnectBuf { clean_start: false, ..connect(V4, "carol") };
    w.sends(1, PacketBuf::Connect(carol), E::Connect, &[S::NotConnected]);
    w.gets(1, accepted(false), E::ConnAck, &[S::Connecting]);
    w.joins(2, "dave");
    w.closes(2, true, &[S::Fresh]);
    w.passes(1, 0, &[S::Fresh], &[S::Fresh]);
    w.closes(1, true, &[S::Fresh]);
    w.passes(2, 0, &[S::Fresh], &[S::Fresh, S::Away]);
}

#[test]
fn a_refused_client_has_no_session() {
    let mut w = Watched::new(V5);
    w.sends(0, alice(false), E::Connect, &[S::NotConnected]);
    let no = PacketBuf::ConnAck(ConnAckBuf { reason_code: ReasonCode(0x87), ..connack() });
    w.gets(0, no, E::Refused, &[S::Connecting]);
    w.closes(0, true, &[S::NotConnected]);
    w.joins(1, "bob");
    w.passes(1, 1, &[S::Fresh], &[S::Fresh]);
}

#[test]
fn authentication_is_a_state_of_its_own() {
    let auth = |code| {
        let properties = vec![PropertyBuf::authentication_method("m")];
        PacketBuf::Auth(AuthBuf { reason_code: ReasonCode(code), properties })
    };
    let mut w = Watched::new(V5);
    let properties = vec![PropertyBuf::authentication_method("m")];
    let connect = ConnectBuf { properties, ..connect(V5, "alice") };
    w.sends(0, PacketBuf::Connect(connect), E::ConnectClean, &[S::NotConnected]);
    w.gets(0, auth(0x18), E::AuthReceived, &[S::Connecting]);
    w.sends(0, auth(0x18), E::Auth, &[S::Authenticating]);
    w.gets(0, accepted(false), E::ConnAck, &[S::Authenticating]);
    w.sends(0, auth(0x19), E::Auth, &[S::Fresh]);
    w.gets(0, auth(0x00), E::AuthReceived, &[S::Fresh]);
    w.sends(0, PacketBuf::PingReq, E::Ping, &[S::Fresh]);
}

#[test]
fn a_rule_is_broken_once() {
    let mut w = Watched::new(V5);
    w.joins(0, "alice");
    w.run.sends_bytes(0, &[0xC1, 0x00]);
    w.counts(&[(E::Broken, &[S::Fresh])]);
    w.run.sends_bytes(0, &[0xC1, 0x00]);
    w.counts(&[]);
    w.sends(0, PacketBuf::PingReq, E::Ping, &[S::AfterError]);
    w.gets(0, disconnect(ReasonCode(0x81)), E::DisconnectReceived, &[S::AfterError]);
    w.closes(0, true, &[S::AfterError]);
    w.joins(1, "alice");
    w.run.gets_bytes(1, &[0xD1, 0x00]);
    w.counts(&[]);
}

#[test]
fn so_many_connections_are_followed_and_no_more() {
    let mut w = Watched::new(V5);
    w.joins(0, "alice");
    for connection in 1..1024 {
        w.run.monitor.opened(connection, 0);
    }
    w.run.connect(1024, "bob");
    w.counts(&[]);
    w.sends(0, PacketBuf::PingReq, E::Ping, &[S::Fresh]);
    w.joins(1023, "carol");
}

#[test]
fn so_many_messages_and_filters_are_followed_and_no_more() {
    let mut w = Watched::new(V5);
    w.joins(0, "alice");
    for id in 1_001..=1_257 {
        w.run.sends(0, PacketBuf::Publish(message("b", "x", Q1, id)));
        w.run.gets(0, PacketBuf::Publish(message("a", "x", Q1, id)));
        w.run.sends(0, wants(&format!("{id}")));
        w.run.gets(0, suback(99, &[2]));
    }
    let all = [S::Fresh, S::Subscribed, S::Publishing1, S::InFlight1];
    for id in 1_001..=1_256 {
        w.before = w.run.monitor.coverage().clone();
        w.sends(0, PacketBuf::PingReq, E::Ping, &all);
        w.run.gets(0, PacketBuf::PubAck(ack(id)));
        w.run.sends(0, PacketBuf::PubAck(ack(id)));
        w.run.sends(0, unwants(&format!("{id}")));
        w.run.gets(0, unsuback(98, &[0]));
    }
    w.before = w.run.monitor.coverage().clone();
    // What is left of each is the last, which is not followed.
    w.sends(0, PacketBuf::PingReq, E::Ping, &[S::Fresh]);
}
