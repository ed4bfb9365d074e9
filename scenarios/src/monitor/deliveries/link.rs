//! One network connection, as far as deliveries are concerned.

use std::collections::BTreeMap;

use mqttspec_codec::QoS;

use super::fence::Fence;
use super::subscription::Asked;
use crate::Time;

/// A connection.
#[derive(Debug, Default)]
pub(super) struct Link {
    /// The client, an index into the book.
    pub(super) client: Option<usize>,
    /// The session on it, since the CONNACK.
    pub(super) life: Option<usize>,
    /// Step of the CONNECT, its event and its Clean Start.
    pub(super) connect: (u64, usize, bool),
    /// Session Expiry Interval that the CONNECT asks for, in seconds.
    pub(super) expiry: u32,
    /// Maximum Packet Size that the CONNECT sets, in bytes.
    pub(super) maximum_size: Option<usize>,
    /// Receive Maximum that the CONNECT sets.
    pub(super) receive_maximum: Option<u32>,
    /// When the CONNACK came.
    pub(super) connected_at: Time,
    /// Whether it was accepted and neither side has ended it.
    pub(super) alive: bool,
    /// Step at which it ended.
    pub(super) ended: Option<u64>,
    /// What the Server has certainly read.
    pub(super) fence: Fence,
    /// SUBSCRIBEs without SUBACK: the place of each subscription in the session, and what it asks.
    pub(super) subscribes: BTreeMap<u16, (u64, Vec<(usize, Asked)>)>,
    /// UNSUBSCRIBEs without UNSUBACK.
    pub(super) unsubscribes: BTreeMap<u16, (u64, Vec<usize>)>,
    /// Deliveries above QoS 0 that we refused with an error.
    pub(super) refused: u32,
    /// Step of the last new delivery.
    pub(super) served: Option<u64>,
    /// Whether anything above QoS 0 came.
    pub(super) carried: bool,
    /// Step and event of the first publication that was certainly too large for it.
    pub(super) oversize: Option<(u64, usize)>,
    /// The last new delivery of each stream: the step of its publication, the event, and which
    /// publication it is.
    pub(super) streams: BTreeMap<Stream, (u64, usize, usize)>,
    /// The last repeated delivery of each stream: step, event and connection of its first PUBLISH.
    pub(super) repeats: BTreeMap<Stream, (u64, usize, usize)>,
}

/// Messages that keep their order: one publishing connection, topic, QoS of publication and of delivery (4.6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stream {
    pub(super) publisher: usize,
    pub(super) topic: String,
    pub(super) published: QoS,
    pub(super) delivered: QoS,
}
