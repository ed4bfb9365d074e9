//! ntex-mqtt: reads from and writes to the buffers of ntex, and appends large payloads by reference.

use std::borrow::Cow;

use mqttspec_bench::{Codec, Input, Output, Refused};
use mqttspec_codec::{PacketBuf, PacketType, ProtocolVersion, PublishBuf};
use ntex_bytes::{BytePages, ByteString, Bytes, BytesMut};
use ntex_codec::{Decoder as _, Encoder as _};
use ntex_mqtt::v3::codec as v3;
use ntex_mqtt::v5::codec as v5;

use super::convert::wire;
use super::ntex_family;
use super::stock::Stock;

/// ntex-mqtt, 3.1.1.
#[derive(Debug)]
pub struct V3;

/// ntex-mqtt, 5.0.
#[derive(Debug)]
pub struct V5;

/// A buffer with a codec, which keeps state between packets.
#[derive(Debug)]
pub struct Received<C, P> {
    bytes: BytesMut,
    codec: C,
    /// Has been decoded, but not all of its payload has come.
    unfinished: Option<P>,
}

/// Pages with a codec.
#[derive(Debug, Default)]
pub struct Pages<C> {
    pages: BytePages,
    codec: C,
}

/// What it reserves behind every packet must fit, lest it copies the whole stream into a larger buffer.
const SPARE: usize = 64;

/// A codec of one of its modules, with what it reads from and writes into.
macro_rules! version {
    ($entrant:ident: $version:ident, $codec:ident, $to_packet:ident, $publish_properties:expr) => {
        impl Input for Received<$codec::Codec, $codec::Publish> {
            fn load(stream: &[u8]) -> Self {
                let mut bytes = BytesMut::with_capacity(stream.len() + SPARE);
                bytes.extend_from_slice(stream);
                let codec = $codec::Codec::new();
                // A payload is handed out when all of it has come.
                codec.set_min_chunk_size(u32::MAX);
                Self { bytes, codec, unfinished: None }
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

        impl Output for Pages<$codec::Codec> {
            fn clear(&mut self) {
                self.pages.clear();
            }

            fn as_bytes(&self) -> Cow<'_, [u8]> {
                Cow::Owned(self.pages.clone().freeze().to_vec())
            }
        }

        impl Codec for $entrant {
            const NAME: &'static str = concat!("ntex-mqtt 9.0.0 (", stringify!($codec), ")");
            const LAX: &'static [&'static str] = LAX;
            const BY_REFERENCE: bool = true;

            type Packet<'a> = $codec::Decoded;
            type Input = Received<$codec::Codec, $codec::Publish>;
            type Output = Pages<$codec::Codec>;
            type Typed<'p> = Stock<$codec::Encoded>;

            fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
                version == ProtocolVersion::$version && packet.exists_in(version)
            }

            #[inline]
            fn next(_version: ProtocolVersion, input: &mut Self::Input) -> Result<Option<$codec::Decoded>, Refused> {
                loop {
                    match input.codec.decode(&mut input.bytes)? {
                        Some($codec::Decoded::Publish(publish, payload, _))
                            if payload.len() < publish.payload_size as usize =>
                        {
                            input.unfinished = Some(publish);
                        }
                        Some($codec::Decoded::PayloadChunk(payload, _)) => {
                            let publish = input.unfinished.take();
                            return Ok(publish.map(|publish| $codec::Decoded::Publish(publish, payload, 0)));
                        }
                        packet => return Ok(packet),
                    }
                }
            }

            #[inline]
            fn lend_next(
                _version: ProtocolVersion,
                input: &mut Self::Input,
                seen: impl FnOnce(&$codec::Decoded),
            ) -> Result<bool, Refused> {
                loop {
                    match &input.codec.decode(&mut input.bytes) {
                        Ok(Some($codec::Decoded::Publish(publish, payload, _)))
                            if payload.len() < publish.payload_size as usize =>
                        {
                            input.unfinished = Some(publish.clone());
                        }
                        Ok(Some($codec::Decoded::PayloadChunk(payload, _))) => {
                            let publish = input.unfinished.take();
                            let whole = publish.map(|p| $codec::Decoded::Publish(p, payload.clone(), 0));
                            return Ok(whole.map(|packet| seen(&packet)).is_some());
                        }
                        Ok(Some(packet)) => {
                            seen(packet);
                            return Ok(true);
                        }
                        Ok(None) => return Ok(false),
                        Err(error) => return Err(Refused::from(error)),
                    }
                }
            }

            fn to_packet(_version: ProtocolVersion, packet: $codec::Decoded) -> Result<PacketBuf, Refused> {
                match packet {
                    $codec::Decoded::Packet(packet, _) => $to_packet(packet),
                    $codec::Decoded::Publish(p, payload, _) => Ok(PacketBuf::Publish(PublishBuf {
                        dup: p.dup,
                        qos: qos(p.qos),
                        retain: p.retain,
                        topic: p.topic.to_string(),
                        packet_id: p.packet_id.map(|id| id.get()),
                        properties: $publish_properties(&p),
                        payload: payload.to_vec(),
                    })),
                    $codec::Decoded::PayloadChunk(..) => Err(Refused::from("a payload without a PUBLISH")),
                }
            }

            fn forget(_version: ProtocolVersion, packet: &mut PacketBuf) {
                ntex_family::forget(packet);
            }

            fn typed(version: ProtocolVersion, packet: &PacketBuf) -> Option<Stock<$codec::Encoded>> {
                if version != ProtocolVersion::$version {
                    return None;
                }
                let packet = Self::next(version, &mut Self::Input::load(&wire(version, packet)?)).ok()??;
                Some(Stock::new(match packet {
                    $codec::Decoded::Packet(packet, _) => $codec::Encoded::Packet(packet),
                    $codec::Decoded::Publish(publish, payload, _) => $codec::Encoded::Publish(publish, Some(payload)),
                    $codec::Decoded::PayloadChunk(..) => return None,
                }))
            }

            fn stock(packet: &mut Stock<$codec::Encoded>, times: usize) {
                packet.fill(times);
            }

            #[inline]
            fn encode(
                _version: ProtocolVersion,
                packet: &Stock<$codec::Encoded>,
                out: &mut Self::Output,
            ) -> Result<(), Refused> {
                Ok(out.codec.encodev(packet.take(), &mut out.pages)?)
            }
        }
    };
}

const LAX: &[&str] = &{
    let [a, b, c] = ntex_family::LAX;
    [a, b, c, "a large payload is always encoded by reference", "not the newest version, which needs Rust 1.97"]
};

version!(V3: V3_1_1, v3, v3_packet, |_: &v3::Publish| vec![]);
version!(V5: V5_0, v5, v5_packet, |p: &v5::Publish| publish_properties(&p.properties));

impl Field for ByteString {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        (**self).value(kind)
    }
}

impl Field for Bytes {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        (**self).value(kind)
    }
}

ntex_family::conversions!(v3, v5);
