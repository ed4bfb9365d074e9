//! Subscription Options as the byte on the wire (3.8.3.1).

use crate::packet_buf::{RetainHandling, SubscriptionOptions};
use crate::{DecodeError, ProtocolVersion, QoS};

const NO_LOCAL: u8 = 0b0000_0100;
const RETAIN_AS_PUBLISHED: u8 = 0b0000_1000;
const RETAIN_HANDLING_SHIFT: u8 = 4;

impl RetainHandling {
    /// The option with this value; `None` for 3, which must not be sent, and above.
    pub const fn from_value(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::SendAtSubscribe),
            1 => Some(Self::SendIfNew),
            2 => Some(Self::DoNotSend),
            _ => None,
        }
    }

    /// The two-bit value, 0 to 2.
    pub const fn value(self) -> u8 {
        self as u8
    }
}

impl SubscriptionOptions {
    /// Options with this QoS and everything else off: all that 3.1 and 3.1.1 can say.
    pub fn with_qos(qos: QoS) -> Self {
        Self { qos, ..Self::default() }
    }

    /// The byte for these options; in 3.1 and 3.1.1 it holds the Requested QoS alone.
    #[inline]
    pub const fn to_byte(self, version: ProtocolVersion) -> u8 {
        let qos = self.qos.value();
        if !version.has_properties() {
            return qos;
        }
        qos | (self.no_local as u8 * NO_LOCAL)
            | (self.retain_as_published as u8 * RETAIN_AS_PUBLISHED)
            | (self.retain_handling.value() << RETAIN_HANDLING_SHIFT)
    }

    /// The options that `byte` stands for.
    ///
    /// # Errors
    /// When reserved bits are set, the QoS is 3 or the Retain Handling is 3.
    pub fn from_byte(byte: u8, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let reserved = if version.has_properties() { 0b1100_0000 } else { 0b1111_1100 };
        if byte & reserved != 0 {
            return Err(DecodeError::ReservedSubscriptionOptions(byte));
        }
        Ok(Self {
            qos: QoS::from_value(byte & 0b11).ok_or(DecodeError::InvalidSubscriptionQoS)?,
            no_local: byte & NO_LOCAL != 0,
            retain_as_published: byte & RETAIN_AS_PUBLISHED != 0,
            retain_handling: RetainHandling::from_value(byte >> RETAIN_HANDLING_SHIFT)
                .ok_or(DecodeError::InvalidRetainHandling)?,
        })
    }
}
