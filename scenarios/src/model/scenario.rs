//! A scenario: plain data that says who connects, what is sent, and what may be observed.

use mqttspec_codec::{ProtocolVersion, ReasonCode};
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
    /// Who decides.
    #[serde(default)]
    pub judged_by: JudgedBy,
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
    /// From now on, how mqttspec answers the packets of the target on this connection. Until a scenario says so, nothing
    /// is answered unless a step does it ([`Answering::Never`]).
    Answering {
        /// On which connection.
        connection: ConnectionName,
        /// How.
        answering: Answering,
    },
    /// Send one acknowledgement that is due on this connection: PUBACK, PUBREC or PUBCOMP for what the target sent, PUBREL
    /// for our own publication (4.3). Nothing happens when none is due, so that a history can be shortened anywhere.
    Acknowledge {
        /// On which connection.
        connection: ConnectionName,
        /// Which of them.
        which: Due,
        /// With this reason code instead of 0x00 (5.0), if the packet can have it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason_code: Option<ReasonCode>,
    },
    /// Send again what the client has sent in this session, on an earlier connection, and what is not acknowledged: PUBLISH
    /// with DUP 1, and PUBREL, in the original order (4.4), as far as the Receive Maximum allows. Nothing happens when
    /// there is nothing, or when Session Present was 0.
    Resend {
        /// On which connection.
        connection: ConnectionName,
    },
    /// Wait until everything that was asked on this connection is answered (CONNECT, SUBSCRIBE, UNSUBSCRIBE, PUBLISH above
    /// QoS 0, PUBREL, PINGREQ), or the connection has ended, or the patience for answers is used up. It judges nothing: the
    /// monitor does.
    Await {
        /// On which connection.
        connection: ConnectionName,
    },
    /// Everything that is due is acknowledged on every open connection, from now on at once, and PINGREQs go round until a
    /// whole round brings nothing new; then the monitor settles what is owed. Where it still misses something, the wait
    /// goes on for the full patience first.
    Drain,
    /// Let this much time pass: only where a sentence of the standard is about time.
    Wait {
        /// Milliseconds; stretched by no scale, since the target's clock is not.
        ms: u64,
    },
}

/// How mqttspec answers what the target sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answering {
    /// Only where a step says so.
    #[default]
    Never,
    /// At once: PUBACK, PUBREC, PUBREL and PUBCOMP as they fall due, after those that are due already; and AUTH, with the
    /// right answer to a challenge of the method `mqttspec-challenge`.
    AtOnce,
}

/// One of the acknowledgements that are due on a connection, in the order in which they fell due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Due {
    /// The one that has been due longest.
    Oldest,
    /// The one that fell due last.
    Newest,
    /// The one with this place, from 0, counted around when there are fewer.
    Nth(u16),
    /// The acknowledgement that was sent last on this connection, once more.
    Again,
}

/// Who decides whether the target passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JudgedBy {
    /// The expectations of the steps, and the monitor.
    #[default]
    Steps,
    /// The monitor alone: packets that no step expects, and connections that end, are its business (a generated history).
    Monitor,
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
