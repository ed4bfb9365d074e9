//! One delivery above QoS 0: how far it has come, on which connection (4.3, 4.4).

use mqttspec_codec::QoS;

use super::super::published::Digest;

/// A PUBLISH above QoS 0 that came under one Packet Identifier, the last of that identifier.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    /// Its QoS.
    pub(super) qos: QoS,
    /// Which message.
    pub(super) digest: Digest,
    /// Topic and payload, for people.
    pub(super) what: String,
    /// Its topic.
    pub(super) topic: String,
    /// The one publication it can be.
    pub(super) publication: Option<usize>,
    /// Connection on which it was carried on last.
    pub(super) connection: usize,
    /// Connection of its first PUBLISH.
    pub(super) origin: usize,
    /// Step and event of its first PUBLISH.
    pub(super) first: (u64, usize),
    /// How far it has come.
    pub(super) state: State,
    /// Whether a Shared Subscription may have brought it.
    pub(super) shared: bool,
    /// Bytes of the PUBLISH.
    pub(super) len: usize,
    /// Whether it has a Message Expiry Interval.
    pub(super) expires: bool,
    /// Whether the Server may have dropped it because it was too large for a connection since (MQTT-3.1.2-25).
    pub(super) waived: bool,
    /// An UNSUBSCRIBE that named its filter: the event.
    pub(super) unsubscribed: Option<usize>,
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// PUBLISH came.
    Sent,
    /// We sent PUBREC.
    Recorded(Mark),
    /// PUBREL came.
    Released(Mark),
    /// We sent PUBACK or PUBCOMP, or refused the message.
    Done(Mark, bool),
}

/// Where in the run something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Step.
    pub(super) step: u64,
    /// Event.
    pub(super) event: usize,
    /// Connection.
    pub(super) connection: usize,
}

impl Flight {
    /// The mark and whether it was a refusal, once it is over for us.
    pub(super) const fn done(&self) -> Option<(Mark, bool)> {
        if let State::Done(mark, refused) = self.state { Some((mark, refused)) } else { None }
    }

    /// Whether we owe nothing and wait for nothing.
    pub(super) const fn is_done(&self) -> bool {
        self.done().is_some()
    }

    /// Whether it is PUBREL that is due, for certain: the Server has shown that it had our PUBREC.
    pub(super) const fn was_released(&self) -> bool {
        matches!(self.state, State::Released(_))
    }

    /// Whether the next thing on a resumed connection is PUBREL.
    pub(super) const fn awaits_pubrel(&self) -> bool {
        matches!(self.state, State::Recorded(_) | State::Released(_))
    }
}
