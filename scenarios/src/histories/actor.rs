//! One client of a history, as far as the generator knows it.

use mqttspec_codec::ProtocolVersion;

use crate::model::Answering;

/// One client.
#[derive(Clone, Debug)]
pub(super) struct Actor {
    /// The stem of its connections' names.
    pub(super) name: &'static str,
    /// Its Client Identifier.
    pub(super) client_id: String,
    /// The version that it speaks.
    pub(super) version: ProtocolVersion,
    /// The connection that it uses, while it has one.
    pub(super) connection: Option<String>,
    /// Connections that it has opened.
    pub(super) opened: u32,
    /// Whether it has waited for its CONNACK.
    pub(super) greeted: bool,
    /// How it answers.
    pub(super) answering: Answering,
    /// Seconds for which the target keeps its session.
    pub(super) expiry: u32,
    /// Whether its CONNECT named a method of authentication.
    pub(super) authenticates: bool,
    /// Keep Alive in seconds.
    pub(super) keep_alive: u16,
    /// Milliseconds since it sent something.
    pub(super) silent_ms: u64,
    /// The Packet Identifier that it used last.
    pub(super) packet_id: u16,
    /// Publications above QoS 0 since everything was known to be complete.
    pub(super) unfinished: u16,
    /// Whether something of an earlier connection may be unfinished.
    pub(super) dangling: bool,
    /// Topic Aliases that it has defined on this connection.
    pub(super) aliases: Vec<(u16, &'static str)>,
    /// The filters that it has subscribed to in this session.
    pub(super) filters: Vec<String>,
    /// Motifs that it takes part in.
    pub(super) parts: usize,
}

impl Actor {
    /// A client that has never been connected.
    pub(super) fn new(name: &'static str, client_id: &str, version: ProtocolVersion) -> Self {
        Self {
            name,
            client_id: client_id.to_owned(),
            version,
            connection: None,
            opened: 0,
            greeted: false,
            answering: Answering::Never,
            expiry: 0,
            authenticates: false,
            keep_alive: 0,
            silent_ms: 0,
            packet_id: 0,
            unfinished: 0,
            dangling: false,
            aliases: Vec::new(),
            filters: Vec::new(),
            parts: 0,
        }
    }

    /// The name of its next connection: `ann`, `ann2`, `ann3` …
    pub(super) fn open(&mut self) -> String {
        self.opened += 1;
        if self.opened == 1 { self.name.to_owned() } else { format!("{}{}", self.name, self.opened) }
    }

    /// Its connection has ended.
    pub(super) fn ended(&mut self) {
        self.connection = None;
        self.dangling |= self.unfinished > 0;
        self.unfinished = 0;
        self.aliases.clear();
        if self.expiry == 0 {
            self.forget();
        }
    }

    /// Its session is gone.
    pub(super) fn forget(&mut self) {
        self.filters.clear();
        self.dangling = false;
        self.unfinished = 0;
    }

    /// A Packet Identifier that is not in use.
    pub(super) fn next_packet_id(&mut self) -> u16 {
        self.packet_id = self.packet_id.checked_add(1).unwrap_or(1);
        self.packet_id
    }

    /// Everything that it asked is answered and acknowledged.
    pub(super) fn finished(&mut self) {
        if self.answering == Answering::AtOnce {
            self.unfinished = 0;
        }
    }
}
