//! What outlives a network connection: the Session State of the client (4.1).

use std::collections::BTreeSet;

use mqttspec_codec::{PublishBuf, QoS};

/// The session, and what waits to be sent in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    /// Whether a CONNECT of this client may have left a session at the server.
    pub(super) held: bool,
    /// The Packet Identifier given last.
    pub(super) last_id: u16,
    /// QoS 1 and 2 messages that are not finished, in the order of publication.
    pub(super) messages: Vec<Message>,
    /// QoS 2 messages received and not released, by Packet Identifier.
    pub(super) received: BTreeSet<u16>,
    /// Topic Filters subscribed to, used by one fault only.
    pub(super) filters: BTreeSet<String>,
    /// Number of PUBRECs received.
    pub(super) recorded: u64,
}

/// A QoS 1 or 2 message to the server.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// As the application gave it: whole topic name, no alias.
    pub(super) publish: PublishBuf,
    /// Its Packet Identifier.
    pub(super) id: u16,
    /// Whether it was ever sent.
    pub(super) transmitted: bool,
    /// Whether it, or its PUBREL, was sent on the present connection.
    pub(super) on_link: bool,
    /// The place of its PUBREC among all, once that has come.
    pub(super) released: Option<u64>,
    /// Whether it was refused, used by one fault only.
    pub(super) refused: bool,
}

impl Session {
    /// Forgets the state that the standard counts to the session. What was never sent still waits.
    pub(super) fn discard(&mut self) {
        self.messages.retain(|message| !message.transmitted);
        self.received.clear();
        self.filters.clear();
    }

    /// The message in flight with this Packet Identifier and QoS.
    pub(super) fn in_flight(&self, id: u16, qos: QoS) -> Option<usize> {
        let is_it = |message: &Message| message.id == id && message.transmitted && message.publish.qos == qos;
        self.messages.iter().position(is_it)
    }

    /// Messages that count against the send quota of the present connection (4.9).
    pub(super) fn open(&self) -> usize {
        self.messages.iter().filter(|message| message.on_link).count()
    }
}
