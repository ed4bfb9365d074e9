//! What may be observed, and which statement is broken when something else is.

use mqttspec_codec::{PacketType, PropertyBuf, PropertyId, QoS, ReasonCode};
use serde::{Deserialize, Serialize};

use super::outgoing::Var;
use super::scenario::ConnectionName;

/// The statement that a failed expectation breaks: an id of the catalogue, e.g. `MQTT-3.3.4-1`. A sentence that
/// obliges but has no number is cited by its section alone, e.g. `4.8.2`; one that only recommends by its section after
/// `§`, e.g. `§4.13.1`, and a breach of it is a deviation that does not fail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cite(pub String);

impl Cite {
    /// A section that only recommends: a breach is a deviation of level `should`.
    pub fn section(section: &str) -> Self {
        Self(format!("§{section}"))
    }

    /// The section and whether it obliges, when no numbered statement is cited.
    pub fn as_section(&self) -> Option<(&str, bool)> {
        match self.0.strip_prefix('§') {
            Some(section) => Some((section, false)),
            None => self.0.starts_with(|first: char| first.is_ascii_digit()).then_some((self.0.as_str(), true)),
        }
    }
}

impl From<&str> for Cite {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

/// Wait on a connection until one of the alternatives is observed.
///
/// Only packets of the types named by the alternatives are looked at, in the order of their arrival; packets of other
/// types stay in the inbox for later steps, and whatever is left at the end of the scenario is a finding. So PUBLISH may
/// overtake SUBACK, but two PUBLISH must come in the order of their steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expect {
    /// On which connection.
    pub connection: ConnectionName,
    /// The accepted alternatives, best first.
    pub one_of: Vec<Alternative>,
    /// The statement broken when none is observed.
    pub cite: Cite,
    /// When it may be observed, if the sentence is about time.
    pub window: Option<Window>,
    /// Whether a PINGREQ may be sent to find out that the target is alive but silent. Not while Keep Alive is judged.
    pub probe: bool,
}

/// Bounds on the time of an observation, in milliseconds since the scenario's last [`super::Step::Close`], or since the
/// last packet it sent on any connection when there was no close.
///
/// `not_before` is measured from just before the mark to just after the arrival, so an early arrival is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Earlier is a finding.
    pub not_before_ms: u64,
    /// Waiting ends here, and a finding is made. Stretched by the timeout scale.
    pub not_after_ms: u64,
}

/// One thing that may be observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alternative {
    /// A packet; the scenario goes on.
    Packet(Pattern),
    /// All of these packets, in any order; the scenario goes on.
    AnyOrder(Vec<Pattern>),
    /// The target ends the connection.
    End(Ending),
    /// A packet that shows that the situation does not arise here; the scenario ends without a judgement.
    Stop {
        /// The packet.
        pattern: Pattern,
        /// Whether the target lawfully lacks a capability (not applicable) or just chose otherwise (inconclusive).
        not_applicable: bool,
        /// Why, in one line.
        why: String,
    },
    /// Nothing comes, which shows that the situation does not arise here, e.g. that the target has fewer messages in
    /// flight than it might (4.9).
    StopAtSilence {
        /// As in [`Alternative::Stop`].
        not_applicable: bool,
        /// Why, in one line.
        why: String,
    },
    /// The target ends the connection, which shows that the situation does not arise here.
    StopAtEnd {
        /// As in [`Alternative::Stop`].
        not_applicable: bool,
        /// Why, in one line.
        why: String,
    },
}

/// How the target may end a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Accepted last packets (CONNACK with an error, DISCONNECT). The close must still follow.
    pub farewell: Vec<Pattern>,
    /// Whether closing without any of them is accepted.
    pub bare: bool,
}

/// A packet type and what its fields must be. A field without a check may hold anything that the codec accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// The type.
    pub packet_type: PacketType,
    /// The checks, in the order in which their findings are shown.
    pub checks: Vec<Check>,
    /// Remember the packet under this name.
    pub bind: Option<Var>,
    /// Record that this permitted choice was seen, e.g. `one copy for overlapping subscriptions`.
    pub observe: Option<String>,
}

/// One check of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What the field must be.
    pub field: Field,
    /// The statement broken when it is not; the expectation's own when absent.
    pub cite: Option<Cite>,
}

/// What a field of a packet must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The reason or return code is one of these.
    ReasonIn(Vec<ReasonCode>),
    /// SUBACK, UNSUBACK: one set of accepted codes for each filter, and as many codes as sets.
    ReasonsIn(Vec<Vec<ReasonCode>>),
    /// CONNACK: Session Present.
    SessionPresent(bool),
    /// PUBLISH: DUP.
    Dup(bool),
    /// PUBLISH: QoS is one of these.
    QosIn(Vec<QoS>),
    /// PUBLISH: RETAIN.
    Retain(bool),
    /// PUBLISH: Topic Name, after a Topic Alias has been resolved.
    Topic(String),
    /// PUBLISH: Application Message.
    Payload(Vec<u8>),
    /// The Packet Identifier is this.
    PacketId(u16),
    /// The Packet Identifier is that of a remembered packet.
    SamePacketId(Var),
    /// The Packet Identifier is not that of a remembered packet.
    OtherPacketId(Var),
    /// This property is present with this value.
    Property(PropertyBuf),
    /// This property is present.
    PropertyPresent(PropertyId),
    /// This property is absent.
    PropertyAbsent(PropertyId),
    /// This integer property is present and lies between these bounds, both included.
    PropertyBetween(PropertyId, u32, u32),
    /// This integer property is absent or lies between these bounds.
    PropertyAbsentOrBetween(PropertyId, u32, u32),
    /// The User Properties are exactly these, in this order.
    UserProperties(Vec<(String, String)>),
    /// PUBLISH: the Subscription Identifiers are exactly these, in any order.
    SubscriptionIdentifiers(Vec<u32>),
    /// The string value of this property is not empty.
    PropertyNotEmpty(PropertyId),
}

/// Show that nothing matching has arrived: every other open connection is fenced, then this one, then a short grace.
///
/// Packets in the inbox that an earlier step did not take count as arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// On which connection. It must be open: an ended one is a finding as well.
    pub connection: ConnectionName,
    /// The packet types that must not have arrived. None: only what is permitted is taken out of the inbox.
    pub packet_types: Vec<PacketType>,
    /// Packets that may have arrived all the same, each at most once: choices that the standard leaves open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permitted: Vec<Pattern>,
    /// The statement broken when one has.
    pub cite: Cite,
}

/// Wait until one of several connections, whichever the target chooses, receives a packet (4.8.2).
///
/// From then on `chosen` names that connection and `others` name the rest of `among`, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elect {
    /// The connections, at least two.
    pub among: Vec<ConnectionName>,
    /// What one of them receives.
    pub pattern: Pattern,
    /// The new name of the connection that received it.
    pub chosen: ConnectionName,
    /// The new names of those that did not: one fewer than `among`.
    pub others: Vec<ConnectionName>,
    /// The statement broken when none receives it.
    pub cite: Cite,
}
