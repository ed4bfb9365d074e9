//! Encoding: writes what a packet says, legal or not, as long as there is a place for it.

mod sink;

use alloc::vec::Vec;

use sink::{Length, Sink};

use crate::packet::{Connect, Packet, Properties, Publish};
use crate::{EncodeError, PacketBuf, PacketType, ProtocolVersion, QoS, ReasonCode, varint};

impl Packet<'_> {
    /// Appends the packet, fixed header included, as `version` writes it. A CONNECT is written in its own version.
    ///
    /// Properties, reason codes and options that `version` does not have are left out. In 5.0 a reason code of 0 and
    /// an empty list of properties are left out wherever the standard allows it (3.4.2.1, 3.14.2.1, 3.15.2.1).
    ///
    /// # Errors
    /// When a field does not fit its data type; nothing has been appended then.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let remaining_length = self.remaining_length(version)?;
        out.reserve(5 + remaining_length as usize);
        out.byte(self.packet_type().value() << 4 | self.flags());
        out.variable_byte_integer(remaining_length)?;
        self.write_body(version, out)
    }

    /// The number of bytes that [`encode`](Self::encode) appends.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode).
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        let remaining_length = self.remaining_length(version)?;
        let header = varint::len(remaining_length).ok_or(EncodeError::PacketTooLong)?;
        Ok(1 + header + remaining_length as usize)
    }

    fn remaining_length(&self, version: ProtocolVersion) -> Result<u32, EncodeError> {
        let mut length = Length::default();
        self.write_body(version, &mut length)?;
        length.total()
    }

    fn flags(&self) -> u8 {
        match self {
            Self::Publish(p) => u8::from(p.dup) << 3 | p.qos.value() << 1 | u8::from(p.retain),
            _ => self.packet_type().fixed_flags().unwrap_or(0),
        }
    }

    fn write_body<S: Sink>(&self, version: ProtocolVersion, out: &mut S) -> Result<(), EncodeError> {
        match self {
            Self::Connect(p) => write_connect(p, out),
            Self::ConnAck(p) => {
                out.byte(u8::from(p.session_present));
                out.byte(p.reason_code.0);
                write_properties(p.properties, version, out)
            }
            Self::Publish(p) => write_publish(p, version, out),
            Self::PubAck(p) | Self::PubRec(p) | Self::PubRel(p) | Self::PubComp(p) => {
                out.two_byte_integer(p.packet_id);
                write_reason(self.packet_type(), p.reason_code, p.properties, version, out)
            }
            Self::Subscribe(p) => {
                out.two_byte_integer(p.packet_id);
                write_properties(p.properties, version, out)?;
                p.filters.iter().try_for_each(|subscription| {
                    out.string(subscription.filter)?;
                    out.byte(subscription.options.to_byte(version));
                    Ok(())
                })
            }
            Self::SubAck(p) => {
                out.two_byte_integer(p.packet_id);
                write_properties(p.properties, version, out)?;
                p.reason_codes.iter().for_each(|code| out.byte(code.0));
                Ok(())
            }
            Self::Unsubscribe(p) => {
                out.two_byte_integer(p.packet_id);
                write_properties(p.properties, version, out)?;
                p.filters.iter().try_for_each(|filter| out.string(filter))
            }
            Self::UnsubAck(p) => {
                out.two_byte_integer(p.packet_id);
                write_properties(p.properties, version, out)?;
                if version.has_properties() {
                    p.reason_codes.iter().for_each(|code| out.byte(code.0));
                }
                Ok(())
            }
            Self::PingReq | Self::PingResp => Ok(()),
            Self::Disconnect(p) => write_reason(self.packet_type(), p.reason_code, p.properties, version, out),
            Self::Auth(p) => write_reason(self.packet_type(), p.reason_code, p.properties, version, out),
        }
    }
}

impl PacketBuf {
    /// The packet as bytes, fixed header included; see [`Packet::encode`].
    ///
    /// # Errors
    /// When a field does not fit its data type.
    pub fn encode(&self, version: ProtocolVersion) -> Result<Vec<u8>, EncodeError> {
        let mut out = Vec::new();
        self.as_packet().encode(version, &mut out)?;
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

fn write_properties<S: Sink>(
    properties: Properties<'_>,
    version: ProtocolVersion,
    out: &mut S,
) -> Result<(), EncodeError> {
    if version.has_properties() { out.properties(properties) } else { Ok(()) }
}

/// A Reason Code and the properties after it, in the shortest form that 5.0 allows; nothing in 3.1 and 3.1.1.
fn write_reason<S: Sink>(
    packet_type: PacketType,
    reason_code: ReasonCode,
    properties: Properties<'_>,
    version: ProtocolVersion,
    out: &mut S,
) -> Result<(), EncodeError> {
    if !version.has_properties() || (reason_code == ReasonCode::SUCCESS && properties.is_empty()) {
        return Ok(());
    }
    out.byte(reason_code.0);
    // AUTH alone may not leave out its Property Length (3.15.2.2.1).
    if properties.is_empty() && packet_type != PacketType::Auth { Ok(()) } else { out.properties(properties) }
}

fn write_connect<S: Sink>(p: &Connect<'_>, out: &mut S) -> Result<(), EncodeError> {
    out.string(p.version.protocol_name())?;
    out.byte(p.version.protocol_level());
    let will_flags = p.will.map_or(0, |will| 0b100 | will.qos.value() << 3 | u8::from(will.retain) << 5);
    out.byte(
        u8::from(p.clean_start) << 1
            | will_flags
            | u8::from(p.password.is_some()) << 6
            | u8::from(p.user_name.is_some()) << 7,
    );
    out.two_byte_integer(p.keep_alive);
    write_properties(p.properties, p.version, out)?;
    out.string(p.client_id)?;
    if let Some(will) = p.will {
        write_properties(will.properties, p.version, out)?;
        out.string(will.topic)?;
        out.binary_data(will.payload)?;
    }
    if let Some(user_name) = p.user_name {
        out.string(user_name)?;
    }
    if let Some(password) = p.password {
        out.binary_data(password)?;
    }
    Ok(())
}

fn write_publish<S: Sink>(p: &Publish<'_>, version: ProtocolVersion, out: &mut S) -> Result<(), EncodeError> {
    out.string(p.topic)?;
    match (p.qos, p.packet_id) {
        (QoS::AtMostOnce, None) => {}
        (QoS::AtMostOnce, Some(_)) => return Err(EncodeError::UnexpectedPacketId),
        (_, Some(packet_id)) => out.two_byte_integer(packet_id),
        (_, None) => return Err(EncodeError::MissingPacketId),
    }
    write_properties(p.properties, version, out)?;
    out.bytes(p.payload);
    Ok(())
}
