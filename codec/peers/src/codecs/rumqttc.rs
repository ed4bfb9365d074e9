//! rumqttc, its modules `mqttbytes`: 3.1.1 and 5.0, each with its own functions; splits frames off a `BytesMut`.

use bytes::BytesMut;
use mqttspec_bench::{Codec, Refused};
use mqttspec_codec::{DisconnectBuf, PacketBuf, PacketType, ProtocolVersion};
use rumqttc::mqttbytes::{Error as ErrorV4, v4};
use rumqttc::v5::mqttbytes::{Error as ErrorV5, v5};

use super::convert::wire;
use super::family::{login, packets_v4, packets_v5};

/// rumqttc, 3.1.1.
#[derive(Debug)]
pub struct V4;

/// rumqttc, 5.0.
#[derive(Debug)]
pub struct V5;

impl Codec for V4 {
    const NAME: &'static str = "rumqttc 0.25.1 (v4)";
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
        match v4::Packet::read(input, usize::MAX) {
            Ok(packet) => Ok(Some(packet)),
            Err(ErrorV4::InsufficientBytes(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    #[inline]
    fn lend_next(
        _version: ProtocolVersion,
        input: &mut BytesMut,
        seen: impl FnOnce(&v4::Packet),
    ) -> Result<bool, Refused> {
        match &v4::Packet::read(input, usize::MAX) {
            Ok(packet) => {
                seen(packet);
                Ok(true)
            }
            Err(ErrorV4::InsufficientBytes(_)) => Ok(false),
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
        v4::Packet::read(&mut wire(version, packet)?, usize::MAX).ok()
    }

    /// Not through `Packet::write`, which computes the length once more to compare it with a maximum.
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
    const NAME: &'static str = "rumqttc 0.25.1 (v5)";
    const LAX: &'static [&'static str] = &[
        "AUTH is not decoded and is written with wrong lengths; DISCONNECT without a reason code is refused",
        "topic names stay bytes: no check of UTF-8",
        "a Property Length that is cut short looks like a packet that has not come completely",
        "CONNECT is written right only at the start of the buffer: its flags are written at a fixed place",
    ];

    type Packet<'a> = v5::Packet;
    type Input = BytesMut;
    type Output = BytesMut;
    type Typed<'p> = v5::Packet;

    fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
        version == ProtocolVersion::V5_0 && packet != PacketType::Auth
    }

    #[inline]
    fn next(_version: ProtocolVersion, input: &mut BytesMut) -> Result<Option<v5::Packet>, Refused> {
        match v5::Packet::read(input, None) {
            Ok(packet) => Ok(Some(packet)),
            Err(ErrorV5::InsufficientBytes(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    #[inline]
    fn lend_next(
        _version: ProtocolVersion,
        input: &mut BytesMut,
        seen: impl FnOnce(&v5::Packet),
    ) -> Result<bool, Refused> {
        match &v5::Packet::read(input, None) {
            Ok(packet) => {
                seen(packet);
                Ok(true)
            }
            Err(ErrorV5::InsufficientBytes(_)) => Ok(false),
            Err(error) => Err(Refused::from(error)),
        }
    }

    fn to_packet(_version: ProtocolVersion, packet: v5::Packet) -> Result<PacketBuf, Refused> {
        match packet {
            v5::Packet::Connect(p, will, auth) => from_v5::connect(from_v5::Connect {
                clean_start: p.clean_start,
                keep_alive: p.keep_alive,
                properties: p.properties,
                client_id: p.client_id,
                will,
                login: auth.map(|p| login(&p.username, &p.password)).unwrap_or_default(),
            }),
            v5::Packet::PingReq(_) => Ok(PacketBuf::PingReq),
            v5::Packet::PingResp(_) => Ok(PacketBuf::PingResp),
            packet => from_v5::to_packet(packet),
        }
    }

    fn typed(version: ProtocolVersion, packet: &PacketBuf) -> Option<v5::Packet> {
        if version != ProtocolVersion::V5_0 {
            return None;
        }
        if *packet == PacketBuf::Disconnect(DisconnectBuf::default()) {
            return Some(v5::Packet::Disconnect(v5::Disconnect::new(v5::DisconnectReasonCode::NormalDisconnection)));
        }
        v5::Packet::read(&mut wire(version, packet)?, None).ok()
    }

    #[inline]
    fn encode(_version: ProtocolVersion, packet: &v5::Packet, out: &mut BytesMut) -> Result<(), Refused> {
        packet.write(out, None)?;
        Ok(())
    }
}

packets_v4!(from_v4: rumqttc::mqttbytes::v4, login |connect: &peer::Connect| {
    connect.login.as_ref().map(|p| super::login(&p.username, &p.password)).unwrap_or_default()
});

packets_v5!(from_v5: rumqttc::v5::mqttbytes::v5, will properties LastWillProperties, codes of suback {
    Code::Success(qos) => qos as u8,
    Code::Failure | Code::Unspecified => 0x80,
    Code::ImplementationSpecific => 0x83,
    Code::NotAuthorized => 0x87,
    Code::TopicFilterInvalid => 0x8F,
    Code::PkidInUse => 0x91,
    Code::QuotaExceeded => 0x97,
    Code::SharedSubscriptionsNotSupported => 0x9E,
    Code::SubscriptionIdNotSupported => 0xA1,
    Code::WildcardSubscriptionsNotSupported => 0xA2,
});
