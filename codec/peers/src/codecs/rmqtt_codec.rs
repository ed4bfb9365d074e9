//! rmqtt-codec: the codec of the RMQTT broker. Cuts `Bytes` out of a `BytesMut`, for every string and payload.

use std::borrow::Cow;

use bytes::BytesMut;
use mqttspec_bench::{Codec, Input, Output, Refused};
use mqttspec_codec::{PacketBuf, PacketType, ProtocolVersion, PublishBuf};
use rmqtt_codec::types::Publish;
use rmqtt_codec::{v3, v5};
use tokio_util::codec::{Decoder as _, Encoder as _};

use super::convert::wire;
use super::ntex_family;
use super::stock::Stock;

/// rmqtt-codec, 3.1.1.
#[derive(Debug)]
pub struct V3;

/// rmqtt-codec, 5.0.
#[derive(Debug)]
pub struct V5;

/// A buffer with a codec, which keeps state between packets.
#[derive(Debug, Default)]
pub struct Buffer<C> {
    bytes: BytesMut,
    codec: C,
}

/// What it reserves behind every packet must fit, lest it copies the whole stream into a larger buffer.
const SPARE: usize = 64;

impl<C: Default + 'static> Input for Buffer<C> {
    fn load(stream: &[u8]) -> Self {
        let mut bytes = BytesMut::with_capacity(stream.len() + SPARE);
        bytes.extend_from_slice(stream);
        Self { bytes, codec: C::default() }
    }

    fn reload(&mut self, stream: &[u8]) {
        self.bytes.clear();
        self.bytes.reserve(stream.len() + SPARE);
        self.bytes.extend_from_slice(stream);
    }

    fn feed(&mut self, chunk: &[u8]) {
        self.bytes.extend_from_slice(chunk);
    }

    fn remaining(&self) -> usize {
        self.bytes.len()
    }
}

impl<C: Default + 'static> Output for Buffer<C> {
    fn clear(&mut self) {
        self.bytes.clear();
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }
}

/// A codec of one of its modules.
macro_rules! version {
    ($entrant:ident: $version:ident, $codec:ident, $to_packet:ident) => {
        impl Codec for $entrant {
            const NAME: &'static str = concat!("rmqtt-codec 0.3.1 (", stringify!($codec), ")");
            const LAX: &'static [&'static str] = &ntex_family::LAX;

            type Packet<'a> = $codec::Packet;
            type Input = Buffer<$codec::Codec>;
            type Output = Buffer<$codec::Codec>;
            type Typed<'p> = Stock<$codec::Packet>;

            fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
                version == ProtocolVersion::$version && packet.exists_in(version)
            }

            #[inline]
            fn next(_version: ProtocolVersion, input: &mut Self::Input) -> Result<Option<$codec::Packet>, Refused> {
                Ok(input.codec.decode(&mut input.bytes)?.map(|(packet, _)| packet))
            }

            #[inline]
            fn lend_next(
                _version: ProtocolVersion,
                input: &mut Self::Input,
                seen: impl FnOnce(&$codec::Packet),
            ) -> Result<bool, Refused> {
                match &input.codec.decode(&mut input.bytes) {
                    Ok(packet) => Ok(packet.as_ref().map(|(packet, _)| seen(packet)).is_some()),
                    Err(error) => Err(Refused::from(error)),
                }
            }

            fn to_packet(_version: ProtocolVersion, packet: $codec::Packet) -> Result<PacketBuf, Refused> {
                match packet {
                    $codec::Packet::Publish(p) => Ok(publish(&p)),
                    packet => $to_packet(packet),
                }
            }

            fn forget(_version: ProtocolVersion, packet: &mut PacketBuf) {
                ntex_family::forget(packet);
            }

            fn typed(version: ProtocolVersion, packet: &PacketBuf) -> Option<Stock<$codec::Packet>> {
                if version != ProtocolVersion::$version {
                    return None;
                }
                Self::next(version, &mut Self::Input::load(&wire(version, packet)?)).ok()?.map(Stock::new)
            }

            fn stock(packet: &mut Stock<$codec::Packet>, times: usize) {
                packet.fill(times);
            }

            #[inline]
            fn encode(
                _version: ProtocolVersion,
                packet: &Stock<$codec::Packet>,
                out: &mut Self::Output,
            ) -> Result<(), Refused> {
                Ok(out.codec.encode(packet.take(), &mut out.bytes)?)
            }
        }
    };
}

version!(V3: V3_1_1, v3, v3_packet);
version!(V5: V5_0, v5, v5_packet);

fn publish(p: &Publish) -> PacketBuf {
    PacketBuf::Publish(PublishBuf {
        dup: p.dup,
        qos: qos(p.qos),
        retain: p.retain,
        topic: p.topic.to_string(),
        packet_id: p.packet_id.map(|id| id.get()),
        properties: p.properties.as_ref().map(publish_properties).unwrap_or_default(),
        payload: p.payload.to_vec(),
    })
}

impl Field for bytestring::ByteString {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        (**self).value(kind)
    }
}

ntex_family::conversions!(v3, v5);
