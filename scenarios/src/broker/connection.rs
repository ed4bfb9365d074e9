//! One network connection and what belongs to it alone: nothing here outlives it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mqttspec_codec::{ConnectBuf, FrameDecoder, PacketBuf, ProtocolVersion};

use crate::Time;

/// How far a connection has come.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// Nothing accepted yet (3.1).
    New,
    /// The CONNECT waits for the end of enhanced authentication (4.12).
    Authenticating(Box<ConnectBuf>),
    /// CONNACK with success was sent.
    Connected,
    /// Only with a fault: it should be closed, and nothing it says is heard any more.
    Deaf,
}

/// One network connection.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) stage: Stage,
    pub(super) frames: FrameDecoder,
    /// Bytes not yet cut into packets, used by one fault only.
    pub(super) unframed: Vec<u8>,
    pub(super) opened: Time,
    pub(super) last_received: Time,
    /// Set by CONNECT; until then only CONNECT is understood.
    pub(super) version: ProtocolVersion,
    /// Key of its session.
    pub(super) client_id: String,
    /// The client gave no client identifier and was assigned one (3.1.3.1).
    pub(super) assigned_client_id: bool,
    /// Keep Alive in force, in seconds (3.1.2.10).
    pub(super) keep_alive: u16,
    /// Receive Maximum of the client (3.1.2.11.3).
    pub(super) receive_maximum: u16,
    /// Maximum Packet Size of the client, in bytes (3.1.2.11.4).
    pub(super) maximum_packet_size: u32,
    /// Topic Alias Maximum of the client (3.1.2.11.5).
    pub(super) topic_alias_maximum: u16,
    /// Request Problem Information (3.1.2.11.7).
    pub(super) problem_information: bool,
    /// Session Expiry Interval of CONNECT, in seconds (3.1.2.11.2).
    pub(super) session_expiry_interval: u32,
    /// Topic aliases set by the client (3.3.2.3.4).
    pub(super) aliases_in: BTreeMap<u16, String>,
    /// Topic aliases set by the broker.
    pub(super) aliases_out: BTreeMap<String, u16>,
    /// QoS 2 identifiers received on this connection and not released: they count against our Receive Maximum.
    pub(super) unreleased: BTreeSet<u16>,
    /// Authentication Method of CONNECT (4.12).
    pub(super) authentication_method: Option<String>,
    /// The nonce of the challenge that is open.
    pub(super) nonce: Option<Vec<u8>>,
    /// Whether a PINGREQ has come in the read that is being taken in.
    pub(super) pinged: bool,
    /// A PUBREL held back by one fault.
    pub(super) held_pubrel: Option<u16>,
    /// Send quota lost by one fault.
    pub(super) lost_quota: usize,
    /// Packets put off by one fault.
    pub(super) put_off: Vec<PacketBuf>,
    /// Set by one fault: nothing more is delivered.
    pub(super) blocked: bool,
}

impl Connection {
    pub(super) fn new(now: Time, maximum_frame_len: usize) -> Self {
        Self {
            stage: Stage::New,
            frames: FrameDecoder::new(maximum_frame_len),
            unframed: Vec::new(),
            opened: now,
            last_received: now,
            version: ProtocolVersion::V5_0,
            client_id: String::new(),
            assigned_client_id: false,
            keep_alive: 0,
            receive_maximum: u16::MAX,
            maximum_packet_size: u32::MAX,
            topic_alias_maximum: 0,
            problem_information: true,
            session_expiry_interval: 0,
            aliases_in: BTreeMap::new(),
            aliases_out: BTreeMap::new(),
            unreleased: BTreeSet::new(),
            authentication_method: None,
            nonce: None,
            pinged: false,
            held_pubrel: None,
            lost_quota: 0,
            put_off: Vec::new(),
            blocked: false,
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self.stage, Stage::Connected)
    }

    /// When the connection is closed for its keep alive unless a packet comes before (MQTT-3.1.2-22).
    pub(super) fn keep_alive_deadline(&self) -> Option<Time> {
        (self.is_connected() && self.keep_alive > 0)
            .then(|| self.last_received + Duration::from_millis(u64::from(self.keep_alive) * 1_500))
    }
}
