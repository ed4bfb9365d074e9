//! The one trait that a codec under measurement implements.

use std::fmt::{Debug, Display};

use mqttspec_codec::{PacketBuf, PacketType, ProtocolVersion};

use crate::{Input, Output};

/// One codec under measurement: implement this in one file and add it to the list of entrants.
///
/// The functions that are timed are [`lend_next`](Self::lend_next), [`encode`](Self::encode) and
/// [`encode_parts`](Self::encode_parts); mark them `#[inline]`. A codec that keeps state between packets keeps it in
/// its [`Input`] or [`Output`], which may be types of the adapter's own.
pub trait Codec: 'static {
    /// Crate name and version, as the table shows them: `mqttrs 0.4.1`.
    const NAME: &'static str;
    /// What it does not check, leaves unparsed or does not hand out; shown below the table.
    const LAX: &'static [&'static str] = &[];
    /// Whether [`encode`](Self::encode) hands a large payload on by reference instead of copying it. Such packets are then
    /// measured among those who do so, and not among those who copy.
    const BY_REFERENCE: bool = false;

    /// Whether it takes part in encoding alone, because its decoder takes part under another name.
    const ENCODES_ONLY: bool = false;

    /// A packet as this codec decodes it; borrows from the input where the codec does.
    type Packet<'a>;
    /// What it reads from: [`bytes::BytesMut`], or [`Cursor`](crate::Cursor) for a codec that reads slices.
    type Input: Input;
    /// What it writes into: [`bytes::BytesMut`], `Vec<u8>`, or its own.
    type Output: Output;
    /// Its own packet, ready to be encoded; may borrow from the mqttspec packet it was made from.
    type Typed<'p>;

    /// Whether it has a decoder for this type of packet in this version.
    fn decodes(version: ProtocolVersion, packet: PacketType) -> bool;

    /// Takes the next packet off the stream; `None` when it has not come completely. Finding where the packet ends is
    /// part of the work.
    ///
    /// # Errors
    /// When the codec refuses the bytes. Any error that can be displayed goes through `?`.
    fn next(version: ProtocolVersion, input: &mut Self::Input) -> Result<Option<Self::Packet<'_>>, Refused>;

    /// As [`next`](Self::next), but lends the packet to `seen` instead of returning it, and returns whether there was
    /// one: this is what is timed. A codec that returns packets in a type of its own overrides it, and is not charged
    /// for moving them into this trait's.
    ///
    /// # Errors
    /// Those of [`next`](Self::next).
    #[inline]
    fn lend_next(
        version: ProtocolVersion,
        input: &mut Self::Input,
        seen: impl FnOnce(&Self::Packet<'_>),
    ) -> Result<bool, Refused> {
        match Self::next(version, input)? {
            Some(packet) => {
                seen(&packet);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// The decoded packet in mqttspec's words, to check that the codec decoded the right thing. Not timed. The order of
    /// properties with different identifiers does not matter.
    ///
    /// # Errors
    /// When there are no such words.
    fn to_packet(version: ProtocolVersion, packet: Self::Packet<'_>) -> Result<PacketBuf, Refused>;

    /// Takes out of a packet what this codec does not hand out or cannot be told, so that the check does not ask for
    /// it. Applied to both sides of the comparison; say in [`LAX`](Self::LAX) what is missing. Not timed.
    fn forget(_version: ProtocolVersion, _packet: &mut PacketBuf) {}

    /// The value to encode, made from mqttspec's; `None` when the codec cannot encode this packet. Not timed.
    fn typed(version: ProtocolVersion, packet: &PacketBuf) -> Option<Self::Typed<'_>>;

    /// Makes ready for encoding the packet this many times, for an encoder that takes its packet for good. Not timed.
    fn stock(_packet: &mut Self::Typed<'_>, _times: usize) {}

    /// Appends the packet's bytes.
    ///
    /// # Errors
    /// When the codec refuses the packet.
    fn encode(version: ProtocolVersion, packet: &Self::Typed<'_>, out: &mut Self::Output) -> Result<(), Refused>;

    /// Appends everything but the payload of a PUBLISH, and returns the payload where it lies, for vectored writes;
    /// `None` when the codec has no such function.
    ///
    /// # Errors
    /// When the codec refuses the packet.
    fn encode_parts<'t>(
        _version: ProtocolVersion,
        _packet: &'t Self::Typed<'_>,
        _header: &mut Self::Output,
    ) -> Option<Result<&'t [u8], Refused>> {
        None
    }
}

/// Why a codec did not do what it was asked, in its own words.
///
/// Every error that can be displayed becomes one with `?`; [`debug`](Self::debug) takes those that cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub Box<str>);

impl Refused {
    /// An error that can only be debug-printed.
    #[cold]
    #[inline(never)]
    pub fn debug(error: impl Debug) -> Self {
        Self(format!("{error:?}").into_boxed_str())
    }
}

impl<E: Display> From<E> for Refused {
    #[cold]
    #[inline(never)]
    fn from(error: E) -> Self {
        Self(error.to_string().into_boxed_str())
    }
}
