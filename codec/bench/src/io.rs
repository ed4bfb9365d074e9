//! What codecs read from and write into.

use std::borrow::Cow;

use bytes::BytesMut;

/// Received bytes, as a codec wants them.
pub trait Input: 'static {
    /// An input that holds `stream`. Not timed.
    fn load(stream: &[u8]) -> Self;

    /// Makes it hold `stream` again, after everything in it has been read. Not timed. Every input copies the bytes
    /// anew, as the kernel does on every read, so that all find them equally warm in the cache.
    fn reload(&mut self, stream: &[u8])
    where
        Self: Sized,
    {
        *self = Self::load(stream);
    }

    /// Appends what came from the network. Timed: moving what is left of the last chunk is part of the work.
    fn feed(&mut self, chunk: &[u8]);

    /// The number of bytes that have not been read.
    fn remaining(&self) -> usize;
}

/// A buffer to write packets into.
pub trait Output: Default + 'static {
    /// Empties it and keeps its capacity.
    fn clear(&mut self);

    /// What has been written. Not timed.
    fn as_bytes(&self) -> Cow<'_, [u8]>;
}

impl Input for BytesMut {
    fn load(stream: &[u8]) -> Self {
        Self::from(stream)
    }

    fn reload(&mut self, stream: &[u8]) {
        self.clear();
        self.extend_from_slice(stream);
    }

    fn feed(&mut self, chunk: &[u8]) {
        self.extend_from_slice(chunk);
    }

    fn remaining(&self) -> usize {
        self.len()
    }
}

impl Output for BytesMut {
    fn clear(&mut self) {
        Self::clear(self);
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self)
    }
}

impl Output for Vec<u8> {
    fn clear(&mut self) {
        Self::clear(self);
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self)
    }
}

/// Received bytes and how far they have been read, for codecs that read slices.
#[derive(Debug, Clone, Default)]
pub struct Cursor {
    buffer: Vec<u8>,
    at: usize,
}

impl Cursor {
    /// The bytes that have not been read.
    #[inline]
    pub fn unread(&self) -> &[u8] {
        self.buffer.get(self.at..).unwrap_or_default()
    }

    /// The next `len` bytes, which count as read from now on; `None`, and nothing is read, when there are not as many.
    #[inline]
    pub fn take(&mut self, len: usize) -> Option<&[u8]> {
        let taken = self.buffer.get(self.at..)?.get(..len)?;
        self.at += len;
        Some(taken)
    }

    /// The whole buffer and the position in it, for codecs that are given an offset to advance.
    #[inline]
    pub fn parts(&mut self) -> (&[u8], &mut usize) {
        (&self.buffer, &mut self.at)
    }
}

impl Input for Cursor {
    fn load(stream: &[u8]) -> Self {
        Self { buffer: stream.to_vec(), at: 0 }
    }

    fn reload(&mut self, stream: &[u8]) {
        self.buffer.clear();
        self.buffer.extend_from_slice(stream);
        self.at = 0;
    }

    fn feed(&mut self, chunk: &[u8]) {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.extend_from_slice(chunk);
    }

    fn remaining(&self) -> usize {
        self.buffer.len() - self.at
    }
}
