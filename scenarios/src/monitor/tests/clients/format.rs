//! Packets of the Client that do not decode: which sentence of the standard each breaks.

use super::*;

/// What a Client is accused of that sends these bytes after its CONNECT.
#[track_caller]
fn accuses_of(version: ProtocolVersion, bytes: &[u8], expected: &[&str]) {
    let mut run = judged(version);
    run.sends_bytes(0, bytes);
    accuses(&mut run, expected);
}

/// The same, as the first packet.
#[track_caller]
fn accuses_of_first(version: ProtocolVersion, bytes: &[u8], expected: &[&str]) {
    let mut run = unconnected(version);
    run.sends_bytes(0, bytes);
    accuses(&mut run, expected);
}

/// A frame: the Remaining Length is that of `body`.
fn frame(first: u8, body: &[&[u8]]) -> Vec<u8> {
    let body = body.concat();
    [&[first, u8::try_from(body.len()).unwrap()][..], &body].concat()
}

/// A CONNECT with these Connect Flags and, after the Client Identifier `alice`, these bytes.
fn connect_frame(version: ProtocolVersion, flags: u8, rest: &[u8]) -> Vec<u8> {
    let level = version.protocol_level();
    let properties: &[u8] = if version == V5 { &[0] } else { &[] };
    frame(0x10, &[b"\x00\x04MQTT", &[level, flags, 0, 10], properties, b"\x00\x05alice", rest])
}

const USER_NAME: u8 = 0x80;
const PASSWORD: u8 = 0x40;
const CLEAN: u8 = 0x02;

/// A User Property whose value is one byte.
fn user_property(value: u8) -> [u8; 8] {
    [7, 0x26, 0, 1, b'k', 0, 1, value]
}

#[test]
fn fields_without_their_flags_are_named() {
    let (user, both) = (b"\x00\x01u", b"\x00\x01u\x00\x01p");
    // MQTT-3.1.2-16: no User Name without its flag; -18: no Password without its flag (3.1.1: -18, -20).
    accuses_of_first(V5, &connect_frame(V5, CLEAN, user), &["MQTT-3.1.2-16"]);
    accuses_of_first(V5, &connect_frame(V5, CLEAN | USER_NAME, both), &["MQTT-3.1.2-18"]);
    accuses_of_first(V4, &connect_frame(V4, CLEAN, user), &["MQTT-3.1.2-18"]);
    accuses_of_first(V4, &connect_frame(V4, CLEAN | USER_NAME, both), &["MQTT-3.1.2-20"]);
    // With the flags there is nothing wrong.
    accuses_of_first(V5, &connect_frame(V5, CLEAN | USER_NAME, user), &[]);
    accuses_of_first(V4, &connect_frame(V4, CLEAN | USER_NAME | PASSWORD, both), &[]);
    // Bytes that are no such field, or come after both.
    accuses_of_first(V5, &connect_frame(V5, CLEAN, b"\x00\x01ux"), &["§3.1.4"]);
    accuses_of_first(V5, &connect_frame(V5, CLEAN, b"\x00"), &["§3.1.4"]);
    accuses_of_first(V5, &connect_frame(V5, CLEAN | PASSWORD, both), &["§3.1.4"]);
    accuses_of_first(V4, &connect_frame(V4, CLEAN | USER_NAME | PASSWORD, b"\0\x01u\0\x01p\0\x01x"), &["§3.1.4"]);
    // Nor is it a CONNECT whose fifth byte of body would be its flags.
    accuses_of(V4, &[0x40, 5, 0, 1, 0, 1, 0], &["§3.4"]);
    accuses_of(V4, &[0x40, 2, 0, 1], &["MQTT-2.3.1-6"]);
}

#[test]
fn strings_of_properties_are_named_by_their_property() {
    let bad: &[u8] = b"\x00\x01\xFF";
    let filter: &[u8] = b"\x00\x01a";
    // MQTT-3.3.2-13: Response Topic; -19: Content Type.
    accuses_of(V5, &frame(0x30, &[filter, &[4, 0x08], bad]), &["MQTT-3.3.2-13"]);
    accuses_of(V5, &frame(0x30, &[filter, &[4, 0x03], bad]), &["MQTT-3.3.2-19"]);
    // MQTT-1.5.7-1: both strings of a User Property, wherever it stands.
    for value in [0xFF, 0x00] {
        let property = &user_property(value)[..];
        accuses_of(V5, &frame(0x82, &[&[0, 7], property, filter, &[0]]), &["MQTT-1.5.7-1"]);
        accuses_of(V5, &frame(0xA2, &[&[0, 7], property, filter]), &["MQTT-1.5.7-1"]);
        accuses_of(V5, &frame(0x30, &[filter, property]), &["MQTT-1.5.7-1"]);
        let connect = frame(0x10, &[b"\x00\x04MQTT\x05\x02\x00\x0A", property, filter]);
        accuses_of_first(V5, &connect, &["MQTT-1.5.7-1"]);
    }
    let property = &user_property(b'v')[..];
    accuses_of(V5, &frame(0x82, &[&[0, 7], property, filter, &[0]]), &[]);
}

#[test]
fn sentences_that_bind_servers_are_not_held_against_clients() {
    // MQTT-3.3.2-2 binds both.
    accuses_of(V5, &[0x30, 4, 0, 1, b'#', 0], &["MQTT-3.3.2-2"]);
    // MQTT-3.14.1-1 of 3.1.1 binds the Server, and MQTT-2.2.2-1 both.
    accuses_of(V4, &[0xE1, 0], &["MQTT-2.2.2-1"]);
    accuses_of(V5, &[0xE1, 0], &["MQTT-3.14.1-1"]);
    // A field past the end has no sentence.
    accuses_of(V4, &[0x82, 5, 0, 7, 0, 9, b'a'], &["§3.8"]);
    accuses_of(V5, &[0x82, 6, 0, 7, 0, 0, 9, b'a'], &["§3.8"]);
    // 3.1 has no numbers.
    accuses_of(V3, &[0x82, 5, 0, 7, 0, 9, b'a'], &["§2"]);
    accuses_of(V3, &[0x82, 6, 0, 0, 0, 1, b'a', 0], &["§2.4"]);
}
