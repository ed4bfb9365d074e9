//! Connections that end, AUTH and DISCONNECT, and Keep Alive.

use super::*;

fn auth(code: u8, method: &str) -> PacketBuf {
    let properties = vec![PropertyBuf::authentication_method(method)];
    PacketBuf::Auth(AuthBuf { reason_code: ReasonCode(code), properties })
}

/// A run whose CONNECT names the Authentication Method `m`, and is not answered.
fn authenticating() -> Run {
    let properties = vec![PropertyBuf::authentication_method("m")];
    let mut run = unconnected(V5);
    run.sends(0, PacketBuf::Connect(ConnectBuf { properties, ..connect(V5, "alice") }));
    run
}

#[test]
fn it_counts_who_closed_and_when() {
    // MQTT-4.13.2-1: after DISCONNECT with a code of 0x80 or more the Client closes.
    for (seconds, by_server, expected) in
        [(4, true, &[][..]), (5, true, &["MQTT-4.13.2-1"]), (4, false, &[]), (6, false, &[])]
    {
        let mut run = judged(V5);
        run.gets(0, disconnect(ReasonCode(0x8B)));
        after(&mut run, seconds);
        run.closes(0, by_server);
        accuses(&mut run, expected);
    }
    let mut run = judged(V5);
    run.gets(0, disconnect(ReasonCode::SUCCESS));
    after(&mut run, 9);
    accuses(&mut run, &[]);
    // A packet that the end of the connection cut off is no error.
    let mut run = judged(V5);
    run.monitor.unframeable(0, 9, &[0x30, 9, 0]);
    after(&mut run, 9);
    accuses(&mut run, &[]);
}

#[test]
fn an_auth_that_does_not_belong_is_an_error() {
    for (method, expected) in [("m", &[][..]), ("n", &["§4.13.1"])] {
        let mut run = authenticating();
        run.gets(0, auth(0x18, method));
        after(&mut run, 9);
        accuses(&mut run, expected);
    }
    let mut run = judged(V5);
    run.gets_bytes(0, &[0xF0, 0]);
    after(&mut run, 9);
    accuses(&mut run, &["§4.13.1"]);
}

#[test]
fn a_publish_that_is_larger_than_the_client_takes_is_an_error() {
    for (payload, expected) in [(13, &[][..]), (14, &["§4.13.1"])] {
        let properties = vec![PropertyBuf::maximum_packet_size(19)];
        let mut run = judged_with(V5, ConnectBuf { properties, ..connect(V5, "alice") }, connack());
        let large = publish("a", &"x".repeat(payload));
        assert_eq!(PacketBuf::Publish(large.clone()).encode(V5).unwrap().len(), payload + 6);
        run.gets(0, PacketBuf::Publish(large));
        after(&mut run, 9);
        accuses(&mut run, expected);
    }
}

#[test]
fn the_method_is_kept() {
    // MQTT-4.12.0-5 while the Client is authenticated, -4.12.1-1 when it is again.
    let accepted = || {
        let mut run = authenticating();
        run.gets(
            0,
            PacketBuf::ConnAck(ConnAckBuf { properties: vec![PropertyBuf::authentication_method("m")], ..connack() }),
        );
        run
    };
    let mut run = accepted();
    run.sends(0, auth(0x19, "n"));
    accuses(&mut run, &["MQTT-4.12.1-1"]);
    let mut run = accepted();
    run.sends(0, auth(0x18, "n"));
    accuses(&mut run, &["MQTT-4.12.0-5"]);
    let mut run = accepted();
    run.sends(0, auth(0x19, "m"));
    accuses(&mut run, &[]);
    let mut run = authenticating();
    run.sends(0, auth(0x19, "n"));
    accuses(&mut run, &["MQTT-4.12.0-5", "MQTT-4.12.0-3"]);
    // MQTT-3.1.2-30 allows AUTH and DISCONNECT.
    let mut run = authenticating();
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    accuses(&mut run, &[]);
}

#[test]
fn a_disconnect_says_what_a_client_may_say() {
    let ending = |code, expiry: Option<u32>| {
        let properties = expiry.map(PropertyBuf::session_expiry_interval).into_iter().collect();
        PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode(code), properties })
    };
    // Table 3-10: 0x04 is of Clients, 0x81 of both, 0x8B of Servers.
    for (code, expiry, expected) in [
        (0x04, None, &[][..]),
        (0x81, None, &[]),
        (0x8B, None, &["MQTT-3.14.2-1"]),
        (0x00, Some(0), &[]),
        (0x00, Some(1), &["§3.14.2.2.2"]),
    ] {
        let mut run = judged_with(V5, connect(V5, "alice"), connack());
        run.sends(0, ending(code, expiry));
        accuses(&mut run, expected);
    }
}

#[test]
fn keep_alive_ends_with_disconnect_and_begins_with_connack() {
    let connect = |version| ConnectBuf { keep_alive: 10, ..connect(version, "alice") };
    // MQTT-3.1.2-20; here DISCONNECT came too late, or the silence after it does not count.
    let mut run = judged_with(V5, connect(V5), connack());
    after(&mut run, 16);
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    accuses(&mut run, &["MQTT-3.1.2-20"]);
    let mut run = judged_with(V5, connect(V5), connack());
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    after(&mut run, 16);
    run.closes(0, true);
    accuses(&mut run, &["MQTT-3.14.4-2"]);
    let mut run = unconnected(V5);
    run.sends(0, PacketBuf::Connect(connect(V5)));
    after(&mut run, 16);
    run.sends(0, PacketBuf::PingReq);
    accuses(&mut run, &[]);
}

/// A judged Client with a Topic Alias Maximum of 5, to which the Server sends these aliases.
fn aliased(aliases: &[u16]) -> Run {
    let properties = vec![PropertyBuf::topic_alias_maximum(5)];
    let mut run = judged_with(V5, ConnectBuf { properties, ..connect(V5, "alice") }, connack());
    run.subscribe(0, 1, "a", Q0);
    for alias in aliases {
        let properties = vec![PropertyBuf::topic_alias(*alias)];
        run.gets(0, PacketBuf::Publish(PublishBuf { properties, ..publish("a", "x") }));
    }
    run
}

#[test]
fn an_alias_within_the_maximum_is_taken() {
    let refused = disconnect(ReasonCode::TOPIC_ALIAS_INVALID);
    for (aliases, expected) in [(&[2, 5][..], &["MQTT-3.3.2-10"][..]), (&[2, 6], &[]), (&[], &[])] {
        let mut run = aliased(aliases);
        run.sends(0, refused.clone());
        run.closes(0, false);
        accuses(&mut run, expected);
    }
    // It ends for another reason.
    let mut run = aliased(&[2, 5]);
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    run.closes(0, false);
    accuses(&mut run, &[]);
    // What could not be read may have had the alias that it refuses.
    let mut run = aliased(&[2]);
    run.gets_bytes(0, &[0x36, 0]);
    run.sends(0, refused);
    run.closes(0, false);
    accuses(&mut run, &[]);
    // The highest that is allowed is no reason to close.
    let mut run = aliased(&[5]);
    after(&mut run, 9);
    accuses(&mut run, &[]);
}
