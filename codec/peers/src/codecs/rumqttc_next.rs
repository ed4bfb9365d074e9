//! rumqttc-v4-next and rumqttc-v5-next, their modules `mqttbytes`; split frames off a `BytesMut`.

use bytes::BytesMut;
use mqttspec_bench::{Codec, Refused};
use mqttspec_codec::{AuthBuf, PacketBuf, PacketType, PropertyBuf, ProtocolVersion, ReasonCode};
use rumqttc_v4_next::mqttbytes::{Error as ErrorV4, v4};
use rumqttc_v5_next::mqttbytes::{Error as ErrorV5, v5};

use super::convert::wire;
use super::family::{packets_v4, packets_v5};

/// rumqttc-v4-next.
#[derive(Debug)]
pub struct V4;

/// rumqttc-v5-next.
#[derive(Debug)]
pub struct V5;

impl Codec for V4 {
    const NAME: &'static str = "rumqttc-v4-next 0.34.0";
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
    const NAME: &'static str = "rumqttc-v5-next 0.34.0";
    const LAX: &'static [&'static str] = &[
        "a Property Length that is cut short looks like a packet that has not come completely",
        "CONNECT is written right only at the start of the buffer: its flags are written at a fixed place",
    ];

    type Packet<'a> = v5::Packet;
    type Input = BytesMut;
    type Output = BytesMut;
    type Typed<'p> = v5::Packet;

    fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
        version == ProtocolVersion::V5_0 && packet.exists_in(version)
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
        use v5::ConnectAuth;
        match packet {
            v5::Packet::Connect(p, will, auth) => from_v5::connect(from_v5::Connect {
                clean_start: p.clean_start,
                keep_alive: p.keep_alive,
                properties: p.properties,
                client_id: p.client_id,
                will,
                login: match auth {
                    ConnectAuth::None => (None, None),
                    ConnectAuth::Username { username } => (Some(username), None),
                    ConnectAuth::Password { password } => (None, Some(password.to_vec())),
                    ConnectAuth::UsernamePassword { username, password } => (Some(username), Some(password.to_vec())),
                },
            }),
            v5::Packet::Auth(p) => Ok(PacketBuf::Auth(AuthBuf {
                reason_code: ReasonCode(match p.code {
                    v5::AuthReasonCode::Success => 0x00,
                    v5::AuthReasonCode::Continue => 0x18,
                    v5::AuthReasonCode::ReAuthenticate => 0x19,
                }),
                properties: p.properties.map(auth_properties).unwrap_or_default(),
            })),
            v5::Packet::PingReq => Ok(PacketBuf::PingReq),
            v5::Packet::PingResp => Ok(PacketBuf::PingResp),
            packet => from_v5::to_packet(packet),
        }
    }

    fn typed(version: ProtocolVersion, packet: &PacketBuf) -> Option<v5::Packet> {
        if version != ProtocolVersion::V5_0 {
            return None;
        }
        v5::Packet::read(&mut wire(version, packet)?, None).ok()
    }

    #[inline]
    fn encode(_version: ProtocolVersion, packet: &v5::Packet, out: &mut BytesMut) -> Result<(), Refused> {
        packet.write(out, None)?;
        Ok(())
    }
}

fn auth_properties(p: v5::AuthProperties) -> Vec<PropertyBuf> {
    let mut list = Vec::new();
    list.extend(p.method.map(PropertyBuf::authentication_method));
    list.extend(p.data.map(PropertyBuf::authentication_data));
    list.extend(p.reason.map(PropertyBuf::reason_string));
    list.extend(p.user_properties.into_iter().map(|(name, value)| PropertyBuf::user_property(name, value)));
    list
}

packets_v4!(from_v4: rumqttc_v4_next::mqttbytes::v4, login |connect: &peer::Connect| {
    use peer::ConnectAuth;
    match connect.auth.clone() {
        ConnectAuth::None => (None, None),
        ConnectAuth::Username { username } => (Some(username), None),
        ConnectAuth::UsernamePassword { username, password } => (Some(username), Some(password.to_vec())),
    }
});

packets_v5!(from_v5: rumqttc_v5_next::mqttbytes::v5, will properties LastWillProperties, codes of suback {
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
