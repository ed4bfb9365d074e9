//! Our own codec, and the example of an adapter: this one file is all that a codec needs to take part.

use mqttspec_codec::{Packet, PacketBuf, PacketType, ProtocolVersion, decode_next};

use crate::{Codec, Cursor, Refused};

/// `mqttspec-codec`.
#[derive(Debug)]
pub struct Mqttspec;

impl Codec for Mqttspec {
    const NAME: &'static str = concat!("mqttspec-codec ", env!("CARGO_PKG_VERSION"));

    type Packet<'a> = Packet<'a>;
    type Input = Cursor;
    type Output = Vec<u8>;
    type Typed<'p> = Packet<'p>;

    fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
        packet.exists_in(version)
    }

    #[inline]
    fn next(version: ProtocolVersion, input: &mut Cursor) -> Result<Option<Packet<'_>>, Refused> {
        let (bytes, at) = input.parts();
        let mut rest = bytes.get(*at..).unwrap_or_default();
        let packet = decode_next(&mut rest, version)?;
        *at = bytes.len() - rest.len();
        Ok(packet)
    }

    #[inline]
    fn lend_next(
        version: ProtocolVersion,
        input: &mut Cursor,
        seen: impl FnOnce(&Packet<'_>),
    ) -> Result<bool, Refused> {
        let (bytes, at) = input.parts();
        let mut rest = bytes.get(*at..).unwrap_or_default();
        match &decode_next(&mut rest, version) {
            Ok(Some(packet)) => {
                *at = bytes.len() - rest.len();
                seen(packet);
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(error) => Err(Refused::from(error)),
        }
    }

    fn to_packet(_version: ProtocolVersion, packet: Packet<'_>) -> Result<PacketBuf, Refused> {
        Ok(packet.to_buf())
    }

    fn typed(_version: ProtocolVersion, packet: &PacketBuf) -> Option<Packet<'_>> {
        Some(packet.as_packet())
    }

    #[inline]
    fn encode(version: ProtocolVersion, packet: &Packet<'_>, out: &mut Vec<u8>) -> Result<(), Refused> {
        Ok(packet.encode(version, out)?)
    }

    #[inline]
    fn encode_parts<'t>(
        version: ProtocolVersion,
        packet: &'t Packet<'_>,
        header: &mut Vec<u8>,
    ) -> Option<Result<&'t [u8], Refused>> {
        Some(packet.encode_parts(version, header).map_err(Refused::from))
    }
}
