//! Framing: where one packet ends and the next begins (2.1; in 3.1.1: 2.2).

use core::fmt;

use bytes::{Bytes, BytesMut};

use crate::varint::{self, VarintError};

/// Why a stream of bytes cannot be cut into packets any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameError {
    /// The Remaining Length is not a Variable Byte Integer (2.1.4).
    RemainingLength(VarintError),
    /// The fixed header announces a packet longer than the decoder was told to hold.
    TooLong {
        /// Length of the whole packet, in bytes.
        len: usize,
        /// The longest that is accepted, in bytes.
        max: usize,
    },
}

/// The length in bytes of the packet at the start of `bytes`, fixed header included; `None` until enough of the
/// header has come.
///
/// # Errors
/// When the Remaining Length is not a Variable Byte Integer (2.1.4).
pub fn frame_len(bytes: &[u8]) -> Result<Option<usize>, FrameError> {
    let Some(after_type) = bytes.get(1..) else { return Ok(None) };
    let header = varint::decode(after_type).map_err(FrameError::RemainingLength)?;
    Ok(header.map(|(remaining, len)| 1 + len + remaining as usize))
}

/// Cuts a stream of bytes into whole packets, however it was split on the way.
///
/// It looks at nothing but the fixed header, so what it returns may still be malformed. Once it has returned an error
/// it returns the same one for ever and keeps no more bytes: nothing after that point can be told apart.
///
/// ```
/// use mqttspec_codec::FrameDecoder;
/// let mut frames = FrameDecoder::new(1024);
/// frames.push(&[0xC0]);
/// assert_eq!(frames.next_frame(), Ok(None));
/// frames.push(&[0x00, 0xD0, 0x00]);
/// assert_eq!(frames.next_frame(), Ok(Some([0xC0, 0x00].to_vec().into())));
/// assert_eq!(frames.buffered(), [0xD0, 0x00]);
/// ```
#[derive(Clone, Debug)]
pub struct FrameDecoder {
    max_frame_len: usize,
    buffer: BytesMut,
    failed: Option<FrameError>,
}

impl FrameDecoder {
    /// A decoder that refuses packets longer than `max_frame_len` bytes, as soon as their header has come.
    pub fn new(max_frame_len: usize) -> Self {
        Self { max_frame_len, buffer: BytesMut::new(), failed: None }
    }

    /// Takes bytes as they came. Call [`next_frame`](Self::next_frame) until it returns `None` before pushing more:
    /// then no more than `max_frame_len` bytes plus one push are ever held.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole packet, or `None` until more bytes come. It shares the memory it came into, and
    /// [`PacketBytes`](crate::PacketBytes) makes a packet of it without copying.
    ///
    /// # Errors
    /// When the stream cannot be cut any further; see [`FrameError`].
    pub fn next_frame(&mut self) -> Result<Option<Bytes>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.cut().inspect_err(|&error| self.failed = Some(error))
    }

    /// The bytes that have come and belong to no packet yet: the start of an unfinished one, or what could not be cut.
    pub fn buffered(&self) -> &[u8] {
        &self.buffer
    }

    fn cut(&mut self) -> Result<Option<Bytes>, FrameError> {
        let Some(len) = frame_len(self.buffered())? else { return Ok(None) };
        if len > self.max_frame_len {
            return Err(FrameError::TooLong { len, max: self.max_frame_len });
        }
        Ok((len <= self.buffer.len()).then(|| self.buffer.split_to(len).freeze()))
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RemainingLength(error) => write!(f, "remaining length: {error}"),
            Self::TooLong { len, max } => write!(f, "packet of {len} bytes is longer than the {max} accepted"),
        }
    }
}

impl core::error::Error for FrameError {}
