//! mqttbytes: 3.1.1 and 5.0, each with its own functions; splits frames off a `BytesMut`, strings are copied.

use bytes::BytesMut;
use mqttbytes::{Error, v4, v5};
use mqttspec_bench::{Codec, Refused};
use mqttspec_codec::{DisconnectBuf, PacketBuf, PacketType, ProtocolVersion};

use super::convert::wire;
use super::family::{login, packets_v4, packets_v5};

/// mqttbytes, 3.1.1.
#[derive(Debug)]
pub struct V4;

/// mqttbytes, 5.0.
#[derive(Debug)]
pub struct V5;

impl Codec for V4 {
    const NAME: &'static str = "mqttbytes 0.6.0 (v4)";
    const LAX: &'static [&'static str] =
        &["CONNECT is written right only at the start of the buffer: its flags are written at a fixed place"];

    type Packet<'a> = v4::Packet;
    type Input = BytesMut;
    type Output = BytesMut;
    type Typed<'p> = v4::Packet;

    fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
        version == ProtocolVersion::V3_1_1 && packet != PacketType::Auth
    }

    #[inline]
    fn next(_version: ProtocolVersion, input: &mut BytesMut) -> Result<Option<v4::Packet>, Refused> {
        match v4::read(input, usize::MAX) {
            Ok(packet) => Ok(Some(packet)),
            Err(Error::InsufficientBytes(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    #[inline]
    fn lend_next(
        _version: ProtocolVersion,
        input: &mut BytesMut,
        seen: impl FnOnce(&v4::Packet),
    ) -> Result<bool, Refused> {
        match &v4::read(input, usize::MAX) {
            Ok(packet) => {
                seen(packet);
                Ok(true)
            }
            Err(Error::InsufficientBytes(_)) => Ok(false),
            Err(error) => Err(Refused::from(error)),
        }
    }

    fn to_packet(_version: ProtocolVersion, packet: v4::Packet) -> Result<PacketBuf, Refused> {
        from_v4::to_packet(packet)
    }

    fn typed(version: ProtocolVersion, packet: &PacketBuf) -> Option<v4::Packet> {
        if version != ProtocolVersion::V3_1_1 {
            return None;
        }
        v4::read(&mut wire(version, packet)?, usize::MAX).ok()
    }

    #[inline]
    fn encode(_version: ProtocolVersion, packet: &v4::Packet, out: &mut BytesMut) -> Result<(), Refused> {
        match packet {
            v4::Packet::Connect(p) => p.write(out),
            v4::Packet::ConnAck(p) => p.write(out),
            v4::Packet::Publish(p) => p.write(out),
            v4::Packet::PubAck(p) => p.write(out),
            v4::Packet::PubRec(p) => p.write(out),
            v4::Packet::PubRel(p) => p.write(out),
            v4::Packet::PubComp(p) => p.write(out),
            v4::Packet::Subscribe(p) => p.write(out),
            v4::Packet::SubAck(p) => p.write(out),
            v4::Packet::Unsubscribe(p) => p.write(out),
            v4::Packet::UnsubAck(p) => p.write(out),
            v4::Packet::PingReq => v4::PingReq.write(out),
            v4::Packet::PingResp => v4::PingResp.write(out),
            v4::Packet::Disconnect => v4::Disconnect.write(out),
        }?;
        Ok(())
    }
}

impl Codec for V5 {
    const NAME: &'static str = "mqttbytes 0.6.0 (v5)";
    const LAX: &'static [&'static str] = &[
        "no AUTH; DISCONNECT without a reason code is refused",
        "UNSUBSCRIBE is left out: its decoder prints a line (a forgotten `dbg!`)",
        "a Property Length that is cut short looks like a packet that has not come completely",
        "CONNECT is written right only at the start of the buffer: its flags are written at a fixed place",
    ];

    type Packet<'a> = v5::Packet;
    type Input = BytesMut;
    type Output = BytesMut;
    type Typed<'p> = v5::Packet;

    fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
        version == ProtocolVersion::V5_0 && !matches!(packet, PacketType::Auth | PacketType::Unsubscribe)
    }

    #[inline]
    fn next(_version: ProtocolVersion, input: &mut BytesMut) -> Result<Option<v5::Packet>, Refused> {
        match v5::read(input, usize::MAX) {
            Ok(packet) => Ok(Some(packet)),
            Err(Error::InsufficientBytes(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    #[inline]
    fn lend_next(
        _version: ProtocolVersion,
        input: &mut BytesMut,
        seen: impl FnOnce(&v5::Packet),
    ) -> Result<bool, Refused> {
        match &v5::read(input, usize::MAX) {
            Ok(packet) => {
                seen(packet);
                Ok(true)
            }
            Err(Error::InsufficientBytes(_)) => Ok(false),
            Err(error) => Err(Refused::from(error)),
        }
    }

    fn to_packet(_version: ProtocolVersion, packet: v5::Packet) -> Result<PacketBuf, Refused> {
        match packet {
            v5::Packet::Connect(p) => from_v5::connect(from_v5::Connect {
                clean_start: p.clean_session,
                keep_alive: p.keep_alive,
                properties: p.properties,
                client_id: p.client_id,
                will: p.last_will,
                login: p.login.map(|p| login(&p.username, &p.password)).unwrap_or_default(),
            }),
            v5::Packet::PingReq => Ok(PacketBuf::PingReq),
            v5::Packet::PingResp => Ok(PacketBuf::PingResp),
            packet => from_v5::to_packet(packet),
        }
    }

    fn typed(version: ProtocolVersion, packet: &PacketBuf) -> Option<v5::Packet> {
        if version != ProtocolVersion::V5_0 {
            return None;
        }
        if *packet == PacketBuf::Disconnect(DisconnectBuf::default()) {
            return Some(v5::Packet::Disconnect(v5::Disconnect::new()));
        }
        match packet {
            // Not by its decoder, which prints.
            PacketBuf::Unsubscribe(p) => {
                let mut unsubscribe = v5::Unsubscribe { pkid: p.packet_id, ..v5::Unsubscribe::new("") };
                unsubscribe.filters.clone_from(&p.filters);
                p.properties.is_empty().then_some(v5::Packet::Unsubscribe(unsubscribe))
            }
            packet => v5::read(&mut wire(version, packet)?, usize::MAX).ok(),
        }
    }

    #[inline]
    fn encode(_version: ProtocolVersion, packet: &v5::Packet, out: &mut BytesMut) -> Result<(), Refused> {
        match packet {
            v5::Packet::Connect(p) => p.write(out),
            v5::Packet::ConnAck(p) => p.write(out),
            v5::Packet::Publish(p) => p.write(out),
            v5::Packet::PubAck(p) => p.write(out),
            v5::Packet::PubRec(p) => p.write(out),
            v5::Packet::PubRel(p) => p.write(out),
            v5::Packet::PubComp(p) => p.write(out),
            v5::Packet::Subscribe(p) => p.write(out),
            v5::Packet::SubAck(p) => p.write(out),
            v5::Packet::Unsubscribe(p) => p.write(out),
            v5::Packet::UnsubAck(p) => p.write(out),
            v5::Packet::PingReq => v5::PingReq.write(out),
            v5::Packet::PingResp => v5::PingResp.write(out),
            v5::Packet::Disconnect(p) => p.write(out),
        }?;
        Ok(())
    }
}

packets_v4!(from_v4: mqttbytes::v4, login |connect: &peer::Connect| {
    connect.login.as_ref().map(|p| super::login(&p.username, &p.password)).unwrap_or_default()
});

packets_v5!(from_v5: mqttbytes::v5, will properties WillProperties, codes of suback {
    Code::QoS0 => 0x00,
    Code::QoS1 => 0x01,
    Code::QoS2 => 0x02,
    Code::Unspecified => 0x80,
    Code::ImplementationSpecific => 0x83,
    Code::NotAuthorized => 0x87,
    Code::TopicFilterInvalid => 0x8F,
    Code::PkidInUse => 0x91,
    Code::QuotaExceeded => 0x97,
    Code::SharedSubscriptionsNotSupported => 0x9E,
    Code::SubscriptionIdNotSupported => 0xA1,
    Code::WildcardSubscriptionsNotSupported => 0xA2,
});
