//! The publications of the run as this watcher sees them: in which order they came, and whether the Server has
//! certainly taken and finished with them.

use std::collections::BTreeMap;

use mqttspec_codec::{PropertyId, PropertyList, QoS};

use super::super::publications::{Publication, Source};
use super::super::published::Digest;
use crate::Time;

/// Bytes by which a forwarded PUBLISH may be longer than the one that was published.
pub(super) const GROWTH: usize = 64;

/// What is known of one publication besides [`Publication`].
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// Step of its (first) PUBLISH.
    pub(super) step: u64,
    /// The session of the publisher.
    pub(super) life: Option<usize>,
    /// Bytes of its PUBLISH at most, as it is forwarded.
    pub(super) size: usize,
    /// Step of our PUBREL.
    pub(super) released: Option<u64>,
    /// PUBLISH packets beyond the first that the Server may lawfully take for new messages.
    pub(super) extra: u32,
    /// Step by which the Server has certainly taken it and passed it on.
    pub(super) taken: Option<u64>,
    /// Whether any session received it.
    pub(super) seen: bool,
    /// Whether its identifier was used by an earlier publication of the same QoS in the session of the publisher.
    pub(super) identifier_reused: bool,
}

/// All of them, in the order of [`super::super::publications::Publications`].
#[derive(Debug, Default)]
pub(super) struct Messages {
    all: Vec<Message>,
    by_digest: BTreeMap<Digest, Vec<usize>>,
    /// Wills that are not yet known to be published.
    pub(super) open_wills: Vec<usize>,
    /// Packet Identifiers of finished publications, by session of the publisher.
    used: BTreeMap<(usize, u16, QoS), ()>,
}

impl Messages {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The one with this index.
    pub(super) fn get(&self, index: usize) -> Option<&Message> {
        self.all.get(index)
    }

    /// The one with this index, to be changed.
    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut Message> {
        self.all.get_mut(index)
    }

    /// Adds the next publication.
    pub(super) fn add(
        &mut self,
        publication: &Publication,
        step: u64,
        life: Option<usize>,
        id: Option<u16>,
        len: usize,
    ) {
        let index = self.all.len();
        let identifier_reused =
            life.zip(id).is_some_and(|(life, id)| self.used.contains_key(&(life, id, publication.qos)));
        let whole = len.max(publication.payload_len + properties_len(publication));
        self.all.push(Message {
            step,
            life,
            size: whole + publication.topic.len() + GROWTH,
            released: None,
            extra: 0,
            taken: None,
            seen: false,
            identifier_reused,
        });
        self.by_digest.entry(publication.digest).or_default().push(index);
        if publication.source == Source::Will {
            self.open_wills.push(index);
        }
    }

    /// The exchange of this identifier is finished: the identifier may be used again.
    pub(super) fn finished(&mut self, life: usize, id: u16, qos: QoS) {
        self.used.insert((life, id, qos), ());
    }

    /// Every publication of this content, oldest first.
    pub(super) fn of(&self, digest: Digest) -> &[usize] {
        self.by_digest.get(&digest).map_or(&[], Vec::as_slice)
    }
}

/// Whether the Message Expiry Interval may have passed at `now` (3.3.2.3.3).
pub(super) fn may_have_expired(publication: &Publication, now: Time) -> bool {
    let interval = publication.properties.integer(PropertyId::MessageExpiryInterval);
    // A second for what the Server rounds, and for clocks.
    interval.is_some_and(|seconds| now.since(publication.at).as_secs() + 1 >= u64::from(seconds))
}

fn properties_len(publication: &Publication) -> usize {
    use mqttspec_codec::ValueBuf;
    let len = |value: &ValueBuf| match value {
        ValueBuf::Utf8String(text) => text.len(),
        ValueBuf::BinaryData(data) => data.len(),
        ValueBuf::Utf8StringPair(name, value) => name.len() + value.len() + 2,
        _ => 4,
    };
    publication.properties.iter().map(|property| 3 + len(&property.value)).sum()
}
