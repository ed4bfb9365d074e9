//! mqtt-bytes-v5: 5.0, as the client `mqtt-client` uses it; splits frames off a `BytesMut`, strings are copied.

use bytes::BytesMut;
use mqtt_bytes_v5::{Disconnect, DisconnectReasonCode, Error, Packet};
use mqttspec_bench::{Codec, Refused};
use mqttspec_codec::{DisconnectBuf, PacketBuf, PacketType, ProtocolVersion};

use super::convert::wire;
use super::family::{login, packets_v5};

/// mqtt-bytes-v5.
#[derive(Debug)]
pub struct MqttBytesV5;

impl Codec for MqttBytesV5 {
    const NAME: &'static str = "mqtt-bytes-v5 0.1.3";
    const LAX: &'static [&'static str] = &[
        "no AUTH",
        "a Property Length that is cut short looks like a packet that has not come completely",
        "CONNECT is written right only at the start of the buffer: its flags are written at a fixed place",
    ];

    type Packet<'a> = Packet;
    type Input = BytesMut;
    type Output = BytesMut;
    type Typed<'p> = Packet;

    fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
        version == ProtocolVersion::V5_0 && packet != PacketType::Auth
    }

    #[inline]
    fn next(_version: ProtocolVersion, input: &mut BytesMut) -> Result<Option<Packet>, Refused> {
        match Packet::read(input, None) {
            Ok(packet) => Ok(Some(packet)),
            Err(Error::InsufficientBytes(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    #[inline]
    fn lend_next(_version: ProtocolVersion, input: &mut BytesMut, seen: impl FnOnce(&Packet)) -> Result<bool, Refused> {
        match &Packet::read(input, None) {
            Ok(packet) => {
                seen(packet);
                Ok(true)
            }
            Err(Error::InsufficientBytes(_)) => Ok(false),
            Err(error) => Err(Refused::from(error)),
        }
    }

    fn to_packet(_version: ProtocolVersion, packet: Packet) -> Result<PacketBuf, Refused> {
        match packet {
            Packet::Connect(p, will, auth) => from_v5::connect(from_v5::Connect {
                clean_start: p.clean_start,
                keep_alive: p.keep_alive,
                properties: p.properties,
                client_id: p.client_id,
                will,
                login: auth.map(|p| login(&p.username, &p.password)).unwrap_or_default(),
            }),
            Packet::PingReq(_) => Ok(PacketBuf::PingReq),
            Packet::PingResp(_) => Ok(PacketBuf::PingResp),
            packet => from_v5::to_packet(packet),
        }
    }

    fn typed(version: ProtocolVersion, packet: &PacketBuf) -> Option<Packet> {
        if version != ProtocolVersion::V5_0 {
            return None;
        }
        if *packet == PacketBuf::Disconnect(DisconnectBuf::default()) {
            return Some(Packet::Disconnect(Disconnect::new(DisconnectReasonCode::NormalDisconnection)));
        }
        Packet::read(&mut wire(version, packet)?, None).ok()
    }

    #[inline]
    fn encode(_version: ProtocolVersion, packet: &Packet, out: &mut BytesMut) -> Result<(), Refused> {
        packet.write(out)?;
        Ok(())
    }
}

packets_v5!(from_v5: mqtt_bytes_v5, will properties LastWillProperties, codes of suback {
    Code::Success(qos) => qos as u8,
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
