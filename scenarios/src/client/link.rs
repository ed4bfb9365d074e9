//! One network connection and what belongs to it alone: nothing here outlives it.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::{ConnectBuf, FrameDecoder, PacketBuf, PropertyId, PropertyList, QoS};

use crate::Time;

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// CONNECT was sent.
    Connecting,
    /// CONNACK with success has come.
    Connected,
    /// Only with a fault: it should be closed. What comes is not heard any more.
    Deaf,
}

/// One network connection.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) stage: Stage,
    pub(super) frames: FrameDecoder,
    /// The CONNECT sent.
    pub(super) connect: ConnectBuf,
    pub(super) opened: Time,
    pub(super) last_sent: Time,
    /// When a PINGREQ was sent that is not answered.
    pub(super) pinged: Option<Time>,
    /// Keep Alive in force, in seconds (3.1.2.10).
    pub(super) keep_alive: u16,
    /// Session Expiry Interval in force, in seconds; in 3.x Clean Session decides (3.1.2.11.2).
    pub(super) session_expiry_interval: u32,
    /// What CONNACK says about the server (3.2.2.3).
    pub(super) limits: Limits,
    /// Topic aliases set by the server, resolved.
    pub(super) aliases_in: BTreeMap<u16, String>,
    /// Topic aliases set by the client.
    pub(super) aliases_out: BTreeMap<String, u16>,
    /// Requests without answer, by Packet Identifier: how many filters they name.
    pub(super) requests: BTreeMap<u16, usize>,
    /// QoS 1 and 2 messages received here and not finished: they count against our Receive Maximum.
    pub(super) open: BTreeSet<u16>,
    /// Whether an AUTH of ours waits for the server.
    pub(super) authenticating: bool,
    /// Acknowledgements held back.
    pub(super) held: Vec<PacketBuf>,
    /// When they are sent.
    pub(super) held_until: Option<Time>,
}

/// Limits of the server, from CONNACK.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) receive_maximum: u16,
    pub(super) maximum_packet_size: usize,
    pub(super) topic_alias_maximum: u16,
    pub(super) maximum_qos: QoS,
    pub(super) retain: bool,
    pub(super) wildcards: bool,
    pub(super) subscription_identifiers: bool,
    pub(super) shared_subscriptions: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            receive_maximum: u16::MAX,
            maximum_packet_size: usize::MAX,
            topic_alias_maximum: 0,
            maximum_qos: QoS::ExactlyOnce,
            retain: true,
            wildcards: true,
            subscription_identifiers: true,
            shared_subscriptions: true,
        }
    }
}

impl Link {
    pub(super) fn new(connect: ConnectBuf, maximum_frame_len: usize, now: Time) -> Self {
        Self {
            stage: Stage::Connecting,
            frames: FrameDecoder::new(maximum_frame_len),
            opened: now,
            last_sent: now,
            pinged: None,
            keep_alive: connect.keep_alive,
            session_expiry_interval: connect.properties.integer(PropertyId::SessionExpiryInterval).unwrap_or(0),
            connect,
            limits: Limits::default(),
            aliases_in: BTreeMap::new(),
            aliases_out: BTreeMap::new(),
            requests: BTreeMap::new(),
            open: BTreeSet::new(),
            authenticating: false,
            held: Vec::new(),
            held_until: None,
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.stage == Stage::Connected
    }

    /// Authentication Method of CONNECT (4.12).
    pub(super) fn authentication_method(&self) -> Option<&str> {
        self.connect.properties.text(PropertyId::AuthenticationMethod)
    }

    /// An integer property of CONNECT.
    pub(super) fn asked(&self, id: PropertyId) -> Option<u32> {
        self.connect.properties.integer(id)
    }
}
