//! Every message that was published in the run, one by one: what subscribers are owed.
//!
//! [`super::published`] takes publications of the same content together and says what no delivery may be; this list
//! keeps them apart and says what is to be delivered.

use mqttspec_codec::{PropertyBuf, QoS};

use super::published::Digest;
use crate::Time;

/// Publications remembered at most; beyond, nothing is owed any more.
pub(super) const MAX_PUBLICATIONS: usize = 4096;
/// Bytes of a payload that arguments show.
const PREVIEW: usize = 24;

/// Where a publication comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A PUBLISH of a client.
    Publish,
    /// A Will Message.
    Will,
}

/// The Will Message that a publication is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Testament {
    /// Event of the CONNECT that held it.
    pub(super) connect: usize,
    /// What ended its connection, to follow "whose connection", and the event.
    pub(super) ended: Option<(&'static str, usize)>,
    /// A DISCONNECT with reserved flags that was sent on it.
    pub(super) flagged: Option<usize>,
}

/// One message, published once, whether its PUBLISH was sent once or several times.
#[derive(Clone, Debug)]
pub(super) struct Publication {
    /// Topic Name, its alias resolved.
    pub(super) topic: String,
    /// Topic and payload.
    pub(super) digest: Digest,
    /// The first bytes of the payload, for people.
    pub(super) preview: String,
    /// Length of the payload in bytes.
    pub(super) payload_len: usize,
    /// QoS of publication.
    pub(super) qos: QoS,
    /// RETAIN.
    pub(super) retain: bool,
    /// Properties, as sent.
    pub(super) properties: Vec<PropertyBuf>,
    /// The publishing client.
    pub(super) client: Option<usize>,
    /// The connection of the (first) PUBLISH, for a will the one whose CONNECT held it.
    pub(super) connection: usize,
    /// Where it comes from.
    pub(super) source: Source,
    /// The will that it is.
    pub(super) testament: Option<Testament>,
    /// Event before which it cannot have taken effect: the first PUBLISH, or what set the will free.
    pub(super) event: usize,
    /// When that was.
    pub(super) at: Time,
    /// Events of the PUBLISH sent again.
    pub(super) repeats: Vec<usize>,
    /// Event by which the Server has certainly taken it: PUBACK, PUBREC or PUBCOMP without an error.
    pub(super) accepted: Option<usize>,
    /// Event of the PUBACK or PUBREC that refused it.
    pub(super) refused: Option<usize>,
    /// Something about it was not lawful or not clear: it may be delivered, and is owed to nobody.
    pub(super) doubtful: bool,
}

impl Publication {
    /// What brought it about, for people.
    pub(super) fn origin(&self) -> String {
        match self.testament {
            None => format!("PUBLISH of event {}", self.event),
            Some(Testament { connect, ended: None, .. }) => format!("Will Message of the CONNECT of event {connect}"),
            Some(Testament { connect, ended: Some((how, event)), .. }) => {
                format!("Will Message of the CONNECT of event {connect}, whose connection {how} event {event}")
            }
        }
    }

    /// The events that brought it about, the first one first.
    pub(super) fn origins(&self) -> impl Iterator<Item = usize> + use<> {
        let first = self.testament.map_or(self.event, |testament| testament.connect);
        let ended = self.testament.and_then(|testament| testament.ended);
        [first].into_iter().chain(ended.map(|(_, event)| event))
    }

    /// The event by which the Server certainly had it, where one of ours or its own shows that: of a will, time does.
    pub(super) fn taken_in(&self) -> Option<usize> {
        self.accepted.filter(|_| self.testament.is_none())
    }
}

/// All publications, in the order in which they could take effect.
#[derive(Debug, Default)]
pub(super) struct Publications {
    all: Vec<Publication>,
    lost_track: bool,
}

impl Publications {
    /// Adds one and returns its index; `None` when there are too many, or none is known for sure any more.
    pub(super) fn add(&mut self, publication: Publication) -> Option<usize> {
        if self.all.len() >= MAX_PUBLICATIONS {
            self.lost_track = true;
            return None;
        }
        self.all.push(publication);
        Some(self.all.len() - 1)
    }

    /// The one with this index.
    pub(super) fn get(&self, index: usize) -> Option<&Publication> {
        self.all.get(index)
    }

    /// The one with this index, to be changed.
    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut Publication> {
        self.all.get_mut(index)
    }

    /// Every one, with its index.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &Publication)> {
        self.all.iter().enumerate()
    }

    /// There may be publications that are not in the list.
    pub(super) fn lose_track(&mut self) {
        self.lost_track = true;
    }

    /// Whether there may be publications that are not in the list.
    pub(super) const fn is_incomplete(&self) -> bool {
        self.lost_track
    }
}

/// The first bytes of a payload, for people.
pub(super) fn preview(payload: &[u8]) -> String {
    let text = String::from_utf8_lossy(&payload[..payload.len().min(PREVIEW)]);
    let text: String = text.chars().map(|c| if c.is_control() { '.' } else { c }).collect();
    if payload.len() > PREVIEW { format!("{text}…") } else { text }
}
