//! One network connection of a run.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mqttspec_codec::{FrameDecoder, PacketBuf, PacketType, ProtocolVersion};
use mqttspec_scenarios::Time;

use super::MAX_FRAME_LEN;
use super::answering::Answers;
use super::awaiting::Asked;

/// The state of one network connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) name: String,
    pub(super) version: ProtocolVersion,
    pub(super) open: bool,
    /// Whether mqttspec ended it.
    pub(super) closed_by_us: bool,
    /// How and when the target ended it.
    pub(super) end: Option<End>,
    /// Whether a step has taken the end into account.
    pub(super) end_consumed: bool,
    pub(super) frames: FrameDecoder,
    /// How many packets have come.
    pub(super) packets: usize,
    pub(super) inbox: VecDeque<Received>,
    /// Whether CONNACK with success has come, so that PINGREQ may be sent.
    pub(super) connected: bool,
    /// Whether its CONNECT had Clean Start (Clean Session) 0.
    pub(super) asked_for_session: bool,
    /// Whether it took up a session of a former connection, on which the target may have tried to send.
    pub(super) resumed: bool,
    /// When CONNACK with success came.
    pub(super) connected_at: Time,
    /// PINGREQs that are out, in order, by who waits for the answer.
    pub(super) pings: VecDeque<Ping>,
    /// Packet Identifiers of QoS 2 messages that are not this scenario's and were answered with PUBREC.
    pub(super) foreign_qos2: BTreeSet<u16>,
    /// Whether an absence has taken packets out of the inbox: what later steps miss may be a consequence.
    pub(super) disturbed: bool,
    /// The last packet sent, as a transcript index.
    pub(super) last_sent: Option<usize>,
    /// Acknowledgements that are due.
    pub(super) answers: Answers,
    /// What is to be answered.
    pub(super) asked: Asked,
    /// Whether DISCONNECT was sent: nothing may follow it (3.14.4).
    pub(super) said_goodbye: bool,
    /// Whether a PINGREQ of a round was never answered.
    pub(super) mute: bool,
    /// What the client's half of the session is kept under: the Client Identifier, or a name that no client has.
    pub(super) session: String,
    /// Topic Aliases that we have set.
    pub(super) own_aliases: BTreeMap<u32, String>,
    /// How many publications above QoS 0 may be under way (5.0, 3.2.2.3.3).
    pub(super) receive_maximum: usize,
}

/// The target's end of a connection.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) event: usize,
    pub(super) at: Time,
    /// `closed the connection` or `reset the connection`.
    pub(super) how: &'static str,
}

/// Who waits for a PINGRESP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ping {
    /// The scenario: PINGRESP goes into the inbox.
    Scenario,
    /// A fence of the engine.
    Fence,
    /// A probe of the engine.
    Probe,
    /// A round of the engine.
    Round,
    /// Nobody any more.
    Late,
}

/// A packet in the inbox.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) event: usize,
    pub(super) at: Time,
    pub(super) packet: PacketBuf,
    /// PUBLISH: the Topic Name after a Topic Alias has been resolved.
    pub(super) topic: String,
}

impl Connection {
    pub(super) fn new(index: usize, name: String, version: ProtocolVersion) -> Self {
        Self {
            name,
            version,
            open: false,
            closed_by_us: false,
            end: None,
            end_consumed: false,
            frames: FrameDecoder::new(MAX_FRAME_LEN),
            packets: 0,
            inbox: VecDeque::new(),
            connected: false,
            asked_for_session: false,
            resumed: false,
            connected_at: Time::ZERO,
            pings: VecDeque::new(),
            foreign_qos2: BTreeSet::new(),
            disturbed: false,
            last_sent: None,
            answers: Answers::default(),
            asked: Asked::default(),
            said_goodbye: false,
            mute: false,
            session: format!("\0{index}"),
            own_aliases: BTreeMap::new(),
            receive_maximum: usize::from(u16::MAX),
        }
    }

    /// Whether PINGREQ can be sent and an answer hoped for.
    pub(super) fn can_ping(&self) -> bool {
        self.may_send() && self.connected
    }

    /// Whether there is a connection to send on, and we have not taken our leave.
    pub(super) fn may_send(&self) -> bool {
        self.is_live() && !self.said_goodbye
    }

    /// Whether neither side has ended it.
    pub(super) fn is_live(&self) -> bool {
        self.open && self.end.is_none()
    }

    /// Position in the inbox of the first packet of one of these types.
    pub(super) fn first_of(&self, types: &[PacketType]) -> Option<usize> {
        self.inbox.iter().position(|received| types.contains(&received.packet.packet_type()))
    }
}
