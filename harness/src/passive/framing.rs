//! Whether bytes are MQTT, and where packets begin again after some were missed.

use mqttspec_codec::{PacketBuf, PacketType, ProtocolVersion, frame_len};
use mqttspec_scenarios::Side;

/// The first bytes of a protocol that is not MQTT, and what it is.
const FOREIGN: [(&[u8], &str); 10] = [
    (b"\x16\x03", "a TLS handshake"),
    (b"GET ", "an HTTP request; MQTT over WebSocket is not decoded"),
    (b"POST ", "an HTTP request"),
    (b"HEAD ", "an HTTP request"),
    (b"PRI * ", "HTTP/2"),
    (b"PROXY ", "the PROXY protocol, which is not decoded"),
    (b"\r\n\r\n\0\r\nQUIT\n", "the PROXY protocol, which is not decoded"),
    (b"SSH-", "SSH"),
    (b"AMQP", "AMQP"),
    (b"CONNECT {", "NATS"),
];
/// Bytes of a CONNECT up to and with its Protocol Name, at most.
const LONGEST_BEGINNING: usize = 1 + 4 + 2 + 6;

/// What the first bytes of a client say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Beginning {
    /// A CONNECT (3.1).
    Mqtt,
    /// Not MQTT, or nothing that a decoder of it can read; the text says what.
    Foreign(String),
    /// More bytes are needed.
    TooShort,
}

/// Looks at the first bytes that a client sent.
pub(super) fn beginning(bytes: &[u8]) -> Beginning {
    let Some(&first) = bytes.first() else { return Beginning::TooShort };
    if first >> 4 != PacketType::Connect.value() {
        return Beginning::Foreign(describe(bytes));
    }
    let Ok(len) = frame_len(bytes) else { return Beginning::Foreign(describe(bytes)) };
    let header = bytes.iter().skip(1).take(4).position(|byte| byte & 0x80 == 0).map(|last| last + 2);
    let (Some(_), Some(header)) = (len, header) else { return Beginning::TooShort };
    let name = &bytes[header..];
    let names: [&[u8]; 2] = [b"\0\x04MQTT", b"\0\x06MQIsdp"];
    if names.iter().any(|known| name.starts_with(known)) {
        Beginning::Mqtt
    } else if bytes.len() < LONGEST_BEGINNING && names.iter().any(|known| known.starts_with(name)) {
        Beginning::TooShort
    } else {
        Beginning::Foreign(describe(bytes))
    }
}

fn describe(bytes: &[u8]) -> String {
    match FOREIGN.iter().find(|(start, _)| bytes.starts_with(start)) {
        Some((_, what)) => (*what).to_owned(),
        None => {
            let shown: Vec<String> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            format!("the first bytes are no CONNECT: {}", shown.join(" "))
        }
    }
}

/// Whether packets of `side` begin at the start of `bytes`, a piece as one TCP segment brought it: all that is whole in
/// it decodes in some version, at least one packet is whole, and the rest begins like one.
pub(super) fn begins_with_packets(side: Side, mut bytes: &[u8], version: Option<ProtocolVersion>) -> bool {
    let mut whole = 0;
    while !bytes.is_empty() {
        if !may_be_sent_by(side, bytes[0]) {
            return false;
        }
        match frame_len(bytes) {
            Ok(Some(len)) if len <= bytes.len() => {
                if !decodes(&bytes[..len], version) {
                    return false;
                }
                whole += 1;
                bytes = &bytes[len..];
            }
            Ok(_) => return whole > 0,
            Err(_) => return false,
        }
    }
    whole > 0
}

/// Whether `frame` decodes, in `version` or, where that is not known, in any.
pub(super) fn decodes(frame: &[u8], version: Option<ProtocolVersion>) -> bool {
    match version {
        Some(version) => PacketBuf::decode(frame, version).is_ok(),
        None => ProtocolVersion::ALL.into_iter().any(|version| PacketBuf::decode(frame, version).is_ok()),
    }
}

/// Whether a packet that `side` may send can begin with this byte (2.1.2, 2.1.3).
fn may_be_sent_by(side: Side, first: u8) -> bool {
    let Some(packet_type) = PacketType::from_value(first >> 4) else { return false };
    let of_server =
        matches!(packet_type, PacketType::ConnAck | PacketType::SubAck | PacketType::UnsubAck | PacketType::PingResp);
    let of_client = matches!(
        packet_type,
        PacketType::Connect | PacketType::Subscribe | PacketType::Unsubscribe | PacketType::PingReq
    );
    let by_side = match side {
        Side::Client => !of_server,
        Side::Server => !of_client,
    };
    let flags = first & 0x0F;
    let dup_of_3_1 = packet_type == PacketType::PubRel && flags == 0x0A;
    by_side && (dup_of_3_1 || packet_type.fixed_flags().is_none_or(|fixed| fixed == flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connect_is_known_by_its_first_bytes() {
        let connect = b"\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0";
        for len in 0..connect.len() {
            let expected = if len < 8 { Beginning::TooShort } else { Beginning::Mqtt };
            assert_eq!(beginning(&connect[..len]), expected, "{len}");
        }
        assert_eq!(beginning(b"\x10\x93\x01\0\x06MQIsdp\x03"), Beginning::Mqtt);
    }

    #[test]
    fn what_is_not_mqtt_is_named() {
        for (bytes, part) in [
            (b"\x16\x03\x01\x02\0".as_slice(), "TLS"),
            (b"GET /mqtt HTTP/1.1\r\n", "WebSocket"),
            (b"\x10\x0c\0\x04HTTP", "no CONNECT: 10 0c 00 04 48"),
            (b"\xc0\0", "no CONNECT: c0 00"),
            (b"\x10\xff\xff\xff\xff\xff", "no CONNECT"),
        ] {
            match beginning(bytes) {
                Beginning::Foreign(what) => assert!(what.contains(part), "{what}"),
                other => panic!("{bytes:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn packets_are_found_again_only_where_they_begin() {
        let stream = b"\x30\x05\0\x01ahi\xc0\0\x40\x02\0\x07";
        assert!(begins_with_packets(Side::Client, stream, None));
        assert!(begins_with_packets(Side::Client, &stream[..10], None), "the last packet is not whole");
        assert!(!begins_with_packets(Side::Server, stream, None), "no server sends PINGREQ");
        for at in 1..7 {
            assert!(!begins_with_packets(Side::Client, &stream[at..], None), "{at}");
        }
        assert!(begins_with_packets(Side::Client, &stream[7..], None));
        assert!(!begins_with_packets(Side::Client, b"\x30", None), "nothing whole");
    }
}
