//! Encoding: writes what a packet says, legal or not, as long as there is a place for it.
//!
//! Every packet is measured first, which finds whatever does not fit, and then written front to back into any
//! [`BufMut`]. Fields of a known size are written together: one write of four bytes costs less than two of two.

mod list;
mod publish;
mod put;
mod session;
mod size;
mod subscribe;

use alloc::vec::Vec;

use bytes::BufMut;

use crate::packet::Packet;
use crate::{EncodeError, PacketBuf, PacketType, ProtocolVersion, varint};

impl<'a> Packet<'a> {
    /// Appends the packet, fixed header included, as `version` writes it. A CONNECT is written in its own version.
    ///
    /// Properties, reason codes and options that `version` does not have are left out. In 5.0 a reason code of 0 and
    /// an empty list of properties are left out wherever the standard allows it (3.4.2.1, 3.14.2.1, 3.15.2.1).
    ///
    /// What is written is what the fields say, also when `version` has no such packet: an AUTH of 3.1.1 is `F0 00`, and an
    /// UNSUBACK that was decoded under 3.1.1 has no codes for 5.0.
    ///
    /// # Errors
    /// When a field does not fit its data type, or the packet does not fit into `out`; nothing has been appended then.
    #[inline]
    pub fn encode<B: BufMut>(&self, version: ProtocolVersion, out: &mut B) -> Result<(), EncodeError> {
        self.write::<B, true>(version, out)
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
        self.write::<B, false>(version, header)?;
        Ok(if let Self::Publish(p) = self { p.payload } else { &[] })
    }

    /// The number of bytes that [`encode`](Self::encode) appends.
    ///
    /// # Errors
    /// When a field does not fit its data type.
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        let remaining_length = size::remaining_length(self, version)?;
        Ok(1 + varint::len_of_valid(remaining_length) + remaining_length as usize)
    }

    #[inline(always)]
    fn write<B: BufMut, const PAYLOAD: bool>(&self, version: ProtocolVersion, out: &mut B) -> Result<(), EncodeError> {
        match self {
            Self::Publish(p) => publish::publish::<B, PAYLOAD>(p, version, out),
            Self::PubAck(p) => publish::ack(0x40, p, version, out),
            Self::PubRec(p) => publish::ack(0x50, p, version, out),
            Self::PubRel(p) => publish::ack(0x62, p, version, out),
            Self::PubComp(p) => publish::ack(0x70, p, version, out),
            Self::PingReq => put::whole([0xC0, 0], out),
            Self::PingResp => put::whole([0xD0, 0], out),
            Self::Subscribe(p) => subscribe::subscribe(p, version, out),
            Self::SubAck(p) => subscribe::sub_ack(p, version, out),
            Self::Unsubscribe(p) => subscribe::unsubscribe(p, version, out),
            Self::UnsubAck(p) => subscribe::unsub_ack(p, version, out),
            Self::Connect(p) => session::connect(p, out),
            Self::ConnAck(p) => session::conn_ack(p, version, out),
            Self::Disconnect(p) => {
                session::reason(0xE0, PacketType::Disconnect, p.reason_code, p.properties, version, out)
            }
            Self::Auth(p) => session::reason(0xF0, PacketType::Auth, p.reason_code, p.properties, version, out),
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
