//! Encoding: writes what a packet says, legal or not, as long as there is a place for it.
//!
//! The first pass finds the exact size and everything that does not fit; the second one cannot fail any more, and
//! writes front to back into any [`BufMut`].

mod measure;
mod write;

use alloc::vec::Vec;

use bytes::BufMut;

use crate::packet::Packet;
use crate::{EncodeError, PacketBuf, ProtocolVersion, varint};

impl<'a> Packet<'a> {
    /// Appends the packet, fixed header included, as `version` writes it. A CONNECT is written in its own version.
    ///
    /// Properties, reason codes and options that `version` does not have are left out. In 5.0 a reason code of 0 and
    /// an empty list of properties are left out wherever the standard allows it (3.4.2.1, 3.14.2.1, 3.15.2.1).
    ///
    /// # Errors
    /// When a field does not fit its data type, or the packet does not fit into `out`; nothing has been appended then.
    #[inline]
    pub fn encode<B: BufMut>(&self, version: ProtocolVersion, out: &mut B) -> Result<(), EncodeError> {
        let layout = measure::packet(self, version)?;
        check_room(out, layout.packet_len())?;
        write::packet(self, version, &layout, out);
        out.put_slice(self.payload());
        Ok(())
    }

    /// Appends all of the packet but the Application Message of a PUBLISH, and returns that message: the two slices of
    /// a vectored write, which spares a copy of a large payload. Empty for every other packet.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode).
    ///
    /// ```
    /// use std::io::{IoSlice, Write};
    /// use mqttspec_codec::{Packet, ProtocolVersion, decode};
    /// let packet = decode(&[0x30, 5, 0, 1, b't', b'h', b'i'], ProtocolVersion::V3_1_1)?;
    /// let mut header = Vec::new();
    /// let payload = packet.encode_parts(ProtocolVersion::V5_0, &mut header)?;
    /// let mut socket = Vec::new();
    /// socket.write_vectored(&[IoSlice::new(&header), IoSlice::new(payload)])?;
    /// assert_eq!(socket, [0x30, 6, 0, 1, b't', 0, b'h', b'i']);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn encode_parts<B: BufMut>(&self, version: ProtocolVersion, header: &mut B) -> Result<&'a [u8], EncodeError> {
        let layout = measure::packet(self, version)?;
        let payload = self.payload();
        check_room(header, layout.packet_len() - payload.len())?;
        write::packet(self, version, &layout, header);
        Ok(payload)
    }

    /// The number of bytes that [`encode`](Self::encode) appends.
    ///
    /// # Errors
    /// When a field does not fit its data type.
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        measure::packet(self, version).map(|layout| layout.packet_len())
    }

    #[inline]
    const fn payload(&self) -> &'a [u8] {
        match self {
            Self::Publish(publish) => publish.payload,
            _ => &[],
        }
    }
}

impl PacketBuf {
    /// The packet as bytes, fixed header included; see [`Packet::encode`].
    ///
    /// # Errors
    /// When a field does not fit its data type.
    pub fn encode(&self, version: ProtocolVersion) -> Result<Vec<u8>, EncodeError> {
        let packet = self.as_packet();
        let mut out = Vec::with_capacity(packet.encoded_len(version)?);
        packet.encode(version, &mut out)?;
        Ok(out)
    }

    /// The number of bytes that [`encode`](Self::encode) returns.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode).
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        self.as_packet().encoded_len(version)
    }
}

/// The lengths that are written into a packet, in bytes.
struct Layout {
    remaining_length: u32,
    property_length: u32,
    /// Of the Will Properties.
    will_property_length: u32,
}

impl Layout {
    #[inline]
    fn packet_len(&self) -> usize {
        1 + varint::len_of_valid(self.remaining_length) + self.remaining_length as usize
    }
}

#[inline]
fn check_room<B: BufMut>(out: &B, needed: usize) -> Result<(), EncodeError> {
    let room = out.remaining_mut();
    if room < needed { Err(EncodeError::NoRoom { needed, room }) } else { Ok(()) }
}
