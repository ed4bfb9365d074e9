//! Every message that we published in this run, by Topic Name and payload: what a delivery is compared with.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use mqttspec_codec::QoS;

/// Messages remembered at most; beyond, nothing is compared any more.
const MAX_MESSAGES: usize = 4096;

/// A Topic Name and a payload, told apart by a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Digest(u64);

impl Digest {
    /// The digest of a message.
    pub(super) fn of(topic: &str, payload: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        topic.hash(&mut hasher);
        payload.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// All publications of one Topic Name and payload taken together.
#[derive(Clone, Debug)]
pub(super) struct Publication {
    /// The highest QoS.
    pub(super) qos: QoS,
    /// Whether any had RETAIN set.
    pub(super) any_retain: bool,
    /// Whether all had RETAIN set.
    pub(super) all_retain: bool,
    /// Whether any had DUP set.
    pub(super) any_dup: bool,
    /// Whether all were wills.
    pub(super) wills_only: bool,
    /// Whether any was a will.
    pub(super) any_will: bool,
    /// The first event that may have brought it about.
    pub(super) first: usize,
    /// The publishing client, while there is only one.
    pub(super) only_client: Option<usize>,
}

/// One publication.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sending {
    pub(super) qos: QoS,
    pub(super) retain: bool,
    pub(super) dup: bool,
    pub(super) will: bool,
    pub(super) client: Option<usize>,
    pub(super) event: usize,
}

/// What we published.
#[derive(Debug, Default)]
pub(super) struct Published {
    messages: BTreeMap<Digest, Publication>,
    incomplete: bool,
}

impl Published {
    /// Something that may have been a PUBLISH or a will cannot be read, or there is too much: from now on nobody can
    /// say how a message was published.
    pub(super) fn lose_track(&mut self) {
        self.incomplete = true;
    }

    /// Whether something unreadable was sent that the target might have forwarded.
    pub(super) const fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// Remembers a publication.
    pub(super) fn record(&mut self, digest: Digest, sending: Sending) {
        if self.messages.len() >= MAX_MESSAGES && !self.messages.contains_key(&digest) {
            self.incomplete = true;
            return;
        }
        self.messages
            .entry(digest)
            .and_modify(|known| {
                known.qos = known.qos.max(sending.qos);
                known.any_retain |= sending.retain;
                known.all_retain &= sending.retain;
                known.any_dup |= sending.dup;
                known.wills_only &= sending.will;
                known.any_will |= sending.will;
                if known.only_client != sending.client {
                    known.only_client = None;
                }
            })
            .or_insert(Publication {
                qos: sending.qos,
                any_retain: sending.retain,
                all_retain: sending.retain,
                any_dup: sending.dup,
                wills_only: sending.will,
                any_will: sending.will,
                first: sending.event,
                only_client: sending.client,
            });
    }

    /// How the message was published, if it was by us and that is all known.
    pub(super) fn get(&self, digest: Digest) -> Option<&Publication> {
        if self.incomplete { None } else { self.messages.get(&digest) }
    }
}
