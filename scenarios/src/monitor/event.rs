//! One thing that happened on a connection, as the watchers are told of it.

use mqttspec_codec::PacketBuf;

use crate::Time;

/// One thing that happened. Its `index` is the place in the transcript; several packets written at once share one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event<'a> {
    /// Place in the transcript.
    pub(super) index: usize,
    /// When it was seen.
    pub(super) at: Time,
    /// On which connection.
    pub(super) connection: usize,
    /// What.
    pub(super) what: What<'a>,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub(super) enum What<'a> {
    /// The network connection was opened.
    Opened,
    /// The Client sent a whole, well-formed packet of this many bytes.
    Sent(&'a PacketBuf, usize),
    /// The Client sent a frame, or something that cannot be one, that does not decode.
    SentUnreadable(&'a [u8]),
    /// The Server sent a whole, well-formed packet of this many bytes.
    Received(&'a PacketBuf, usize),
    /// The Server sent something that does not decode.
    ReceivedUnreadable,
    /// The network connection ended.
    Closed {
        /// By the Server's doing, not by the Client's.
        by_server: bool,
    },
}
