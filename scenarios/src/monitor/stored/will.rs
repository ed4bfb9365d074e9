//! One Will Message, and what became of it (3.1.2.5, 3.1.3.2).

use std::time::Duration;

use mqttspec_codec::{ConnectBuf, PropertyId, PropertyList, ProtocolVersion, QoS, WillBuf};

use super::super::published::Digest;
use super::clock::Moment;
use crate::Time;

/// Servers count whole seconds: a delay may seem to end this much earlier than it does.
const ROUNDING: Duration = Duration::from_secs(1);
/// After this a will without a delay has been published.
const PROMPTLY: Duration = Duration::from_secs(1);
/// After this a will whose delay has passed has been published: servers look for them every second or so.
const PROMPTLY_AFTER_DELAY: Duration = Duration::from_secs(3);

/// What became of a will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its connection lasts, as far as we know.
    Held,
    /// It is to be published, once it is due.
    Freed,
    /// It may be published, or not.
    Free,
    /// It was deleted: DISCONNECT came in time.
    Deleted,
    /// The client came back in time.
    Cancelled,
}

/// The Will Message of one connection.
#[derive(Clone, Debug)]
pub(super) struct Will {
    pub(super) connection: usize,
    pub(super) client: usize,
    pub(super) version: ProtocolVersion,
    /// Its CONNECT.
    pub(super) connect: Moment,
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
    pub(super) digest: Digest,
    pub(super) qos: QoS,
    pub(super) retain: bool,
    /// Will Properties without the delay.
    pub(super) properties: Vec<mqttspec_codec::PropertyBuf>,
    /// Will Delay Interval in seconds.
    pub(super) delay: u32,
    /// Session Expiry Interval, the shortest and the longest that may be in force, in seconds.
    pub(super) expiry: (u32, u32),
    /// The CONNACK accepted the CONNECT.
    pub(super) accepted: bool,
    pub(super) fate: Fate,
    /// The last moment at which the Server is known to have had the connection.
    pub(super) alive: Moment,
    /// Our DISCONNECT.
    pub(super) disconnect: Option<Moment>,
    /// A DISCONNECT of ours whose reserved flags are set.
    pub(super) flagged: Option<usize>,
    /// That DISCONNECT deletes the will once it arrives, and nothing else could have ended the connection first.
    pub(super) deletes: bool,
    /// The CONNECT of the same client that may take the session over, and its connection.
    pub(super) challenger: Option<(usize, Moment)>,
    /// The connection may have ended from here on.
    pub(super) ended: Option<Moment>,
    /// It had ended by here.
    pub(super) ended_by: Option<Moment>,
    /// Its place among the publications.
    pub(super) publication: Option<usize>,
    /// Somebody received something that looks like it while its connection seemed to last: event of the last.
    pub(super) seen: Option<usize>,
    /// Somebody received it.
    pub(super) arrived: Option<usize>,
}

impl Will {
    /// The will of a CONNECT that was just sent.
    pub(super) fn new(connection: usize, client: usize, connect: &ConnectBuf, will: &WillBuf, moment: Moment) -> Self {
        let mut properties = will.properties.clone();
        properties.retain(|property| property.id != PropertyId::WillDelayInterval);
        let asked = connect.properties.integer(PropertyId::SessionExpiryInterval).unwrap_or(0);
        Self {
            connection,
            client,
            version: connect.version,
            connect: moment,
            topic: will.topic.clone(),
            payload: will.payload.clone(),
            digest: Digest::of(&will.topic, &will.payload),
            qos: will.qos,
            retain: will.retain,
            properties,
            delay: will.properties.integer(PropertyId::WillDelayInterval).unwrap_or(0),
            expiry: (asked, asked),
            accepted: false,
            fate: Fate::Held,
            alive: moment,
            disconnect: None,
            flagged: None,
            deletes: false,
            challenger: None,
            ended: None,
            ended_by: None,
            publication: None,
            seen: None,
            arrived: None,
        }
    }

    /// What ended its connection, for people, to follow "whose connection", and the event.
    pub(super) fn end(&self) -> Option<(&'static str, usize)> {
        let ended_by = self.ended_by.map(|moment| moment.event);
        let taken_over = self.challenger.map(|(_, connect)| connect.event);
        let taken_over = taken_over.filter(|connect| ended_by.is_none_or(|ended| ended > *connect));
        let disconnect = self.disconnect.map(|moment| ("ended with the DISCONNECT of", moment.event));
        disconnect
            .or(taken_over.map(|event| ("was taken over by the CONNECT of", event)))
            .or(ended_by.map(|event| ("was closed in", event)))
    }

    /// The earliest moment at which the Server may take it for due, on its own clock.
    pub(super) fn earliest_due(&self) -> Option<Time> {
        let ended = self.ended?;
        let seconds = self.delay.min(self.expiry.0);
        Some(ended.at + Duration::from_secs(seconds.into()))
    }

    /// It may be published from here on.
    pub(super) fn may_come_from(&self) -> Option<Time> {
        let due = self.earliest_due()?;
        let delayed = self.ended.is_some_and(|ended| due > ended.at);
        Some(if delayed { due - ROUNDING } else { due })
    }

    /// Whether it is surely too early for it at `now`.
    pub(super) fn is_early(&self, now: Time) -> bool {
        let Some(due) = self.earliest_due() else { return false };
        let delayed = self.ended.is_some_and(|ended| due > ended.at);
        delayed && now + ROUNDING <= due
    }

    /// It is due by this moment on any clock.
    pub(super) fn latest_due(&self) -> Option<Time> {
        let ended = self.ended_by?;
        let seconds = self.delay.min(self.expiry.1);
        Some(ended.at + Duration::from_secs(seconds.into()))
    }

    /// By this moment it has been published, if it is to be.
    pub(super) fn certain_from(&self) -> Option<Time> {
        let delayed = self.delay.min(self.expiry.1) > 0;
        Some(self.latest_due()? + if delayed { PROMPTLY_AFTER_DELAY } else { PROMPTLY })
    }

    /// Whether a receipt at `now` may be this will, lawfully published.
    pub(super) fn may_have_come(&self, now: Time) -> bool {
        match self.fate {
            Fate::Held | Fate::Free => true,
            // A client that comes back may end its session with that, and so make the will due at once.
            Fate::Freed => self.arrived.is_some() || self.challenger.is_some() || !self.is_early(now),
            Fate::Deleted | Fate::Cancelled => false,
        }
    }
}
