//! A scenario: plain data that says who connects, what is sent, and what may be observed.

use mqttspec_codec::ProtocolVersion;
use serde::{Deserialize, Serialize};

use super::expect::{Cite, Elect, Expect, Quiet};
use super::outgoing::Outgoing;

/// A connection of a scenario, by the name it has in the dialogue, e.g. `alice`.
pub type ConnectionName = String;

/// Who is under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The target is a Server; mqttspec plays the Clients.
    Broker,
    /// The target is a Client; mqttspec plays the Server.
    Client,
}

/// A dialogue between named connections and the target, and the statements that it proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// `v5/publish/qos1-is-acknowledged`: version, chapter, name. Unique; part of the public interface.
    pub id: String,
    /// One line that says what a conforming target does.
    pub title: String,
    /// The protocol version spoken on every connection unless a CONNECT says otherwise.
    pub version: ProtocolVersion,
    /// Who is under test.
    pub role: Role,
    /// Chapter of the standard, number and title: `3.3 PUBLISH`.
    pub chapter: String,
    /// Statements that a pass shows to be kept, the main one first.
    pub statements: Vec<String>,
    /// What the target must be able to do for the scenario to apply.
    pub needs: Vec<Need>,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// A capability that a target may lawfully lack.
///
/// In 5.0 the target says in CONNACK what it lacks, and where earlier versions permit the refusal that holds for them
/// too. What cannot be read there is found out by the scenario itself, whose expectation then ends it as not applicable
/// or inconclusive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// Retain Available is not 0 (5.0, 3.2.2.3.5).
    Retain,
    /// Maximum QoS is absent or at least this (5.0, 3.2.2.3.4).
    Qos(u8),
    /// Wildcard Subscription Available is not 0 (5.0, 3.2.2.3.11).
    WildcardSubscription,
    /// Subscription Identifier Available is not 0 (5.0, 3.2.2.3.12).
    SubscriptionIdentifier,
    /// Shared Subscription Available is not 0 (5.0, 3.2.2.3.13).
    SharedSubscription,
    /// The target's Topic Alias Maximum is at least this (5.0, 3.2.2.3.8).
    TopicAliasMaximum(u16),
    /// The target's Receive Maximum is at least this (5.0, 3.2.2.3.3). Absent means 65,535.
    ReceiveMaximumAtLeast(u16),
    /// The target's Receive Maximum is at most this, so that it can be exceeded with few packets.
    ReceiveMaximumAtMost(u16),
    /// The target states a Maximum Packet Size of at most this many bytes, so that it can be exceeded cheaply.
    MaximumPacketSizeAtMost(u32),
    /// The target states no Maximum Packet Size below this many bytes.
    MaximumPacketSizeAtLeast(u32),
    /// The target offers this Authentication Method.
    AuthenticationMethod(String),
    /// The target keeps a session for as long as asked, up to this many seconds (it states no shorter Session Expiry
    /// Interval in CONNACK, 3.2.2.3.2).
    SessionExpiry(u32),
    /// The target does lack something that it states in CONNACK, and the scenario shows how it refuses it.
    Lacks(Box<Need>),
}

/// One step of the dialogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Open the network connection; nothing is sent.
    Open {
        /// Which connection. A name may be opened again once it has ended.
        connection: ConnectionName,
    },
    /// Send.
    Send {
        /// On which connection.
        connection: ConnectionName,
        /// What.
        outgoing: Outgoing,
    },
    /// Wait until one of the alternatives is observed.
    Expect(Expect),
    /// Show by fences and a grace that nothing of a kind has arrived.
    Quiet(Quiet),
    /// Wait until one of several connections receives a packet, and give it a name.
    Elect(Elect),
    /// PINGREQ and its PINGRESP, as proof that everything sent before has been taken in and the connection lives.
    Fence {
        /// On which connection.
        connection: ConnectionName,
        /// The statement broken when no PINGRESP comes.
        cite: Cite,
    },
    /// End the network connection without DISCONNECT.
    Close {
        /// Which connection.
        connection: ConnectionName,
        /// How.
        how: CloseHow,
    },
    /// Let this much time pass: only where a sentence of the standard is about time.
    Wait {
        /// Milliseconds; stretched by no scale, since the target's clock is not.
        ms: u64,
    },
}

/// How mqttspec ends a network connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloseHow {
    /// Orderly: TCP FIN.
    Finish,
    /// Abortive: TCP RST.
    Reset,
}

impl Scenario {
    /// Real milliseconds that the scenario spends waiting, whatever the target does.
    pub fn clock_ms(&self) -> u64 {
        self.steps.iter().map(|step| if let Step::Wait { ms } = step { *ms } else { 0 }).sum()
    }

    /// The chapter's number: `3.3` of `3.3 PUBLISH`.
    pub fn chapter_number(&self) -> &str {
        self.chapter.split(' ').next().unwrap_or(&self.chapter)
    }
}
