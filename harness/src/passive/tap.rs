//! One tapped connection: the bytes of both sides, cut into packets and told to a monitor.

use mqttspec_codec::{FrameDecoder, FrameError, PacketBuf, PacketType};
use mqttspec_scenarios::{Monitor, Side, Time};

use super::framing::{Beginning, beginning, begins_with_packets, decodes};
use super::log::{Log, Place};

/// The largest packet that is checked, in bytes; a connection with a larger one is not checked any further.
const MAX_PACKET: usize = 16 << 20;
/// Bytes kept of what a server says before its client has said what it speaks.
const MAX_EARLY: usize = 4096;
/// Bytes by which it must be clear whether a client speaks MQTT.
const MAX_BEGINNING: usize = 64;
/// Packets that decode before what follows them on a joined connection is believed to be packets.
const TRUSTED_AFTER: u32 = 2;

/// One tapped connection.
#[derive(Debug)]
pub(super) struct Tap {
    id: usize,
    /// Both ends: `127.0.0.1:50000 → 127.0.0.1:1883`.
    pub(super) name: String,
    pub(super) opened_at_us: u64,
    pub(super) last_at_us: u64,
    pub(super) phase: Phase,
    pub(super) log: Log,
    /// The Client Identifier, when its CONNECT was seen.
    pub(super) client_id: Option<String>,
    /// What was missed, or could not be done: each thing once.
    pub(super) notes: Vec<String>,
    /// Packets seen, of both sides.
    pub(super) packets: u64,
    /// When the last packet other than PINGREQ and PINGRESP came.
    pub(super) busy_at_us: u64,
    /// When the PINGREQ was sent that was answered last.
    pub(super) fenced_at_us: Option<u64>,
    pinged_at_us: Option<u64>,
    joined: bool,
    ended_by: Option<Side>,
    client: Stream,
    server: Stream,
}

/// What is known of a connection.
#[derive(Debug)]
pub(super) enum Phase {
    /// The client has not said enough; what the server said so far is kept.
    Unknown { client: Vec<u8>, place: Place, server: Vec<(Place, Vec<u8>)> },
    /// It is MQTT.
    Mqtt,
    /// It is not; the text says what it is.
    Foreign(String),
    /// It is MQTT and no longer checked; the text says why.
    GivenUp(String),
}

/// One direction.
#[derive(Debug)]
struct Stream {
    decoder: FrameDecoder,
    /// Packets since it was last joined; `None` while the beginning of one is looked for.
    joined_after: Option<u32>,
    /// It can be cut no further.
    broken: bool,
}

impl Stream {
    fn new() -> Self {
        Self { decoder: FrameDecoder::new(MAX_PACKET), joined_after: Some(TRUSTED_AFTER), broken: false }
    }

    fn searching() -> Self {
        Self { joined_after: None, ..Self::new() }
    }
}

impl Tap {
    /// A connection seen from its beginning.
    pub(super) fn opened(id: usize, name: String, place: Place) -> Self {
        let phase = Phase::Unknown { client: Vec::new(), place, server: Vec::new() };
        Self::new(id, name, place, phase)
    }

    /// A connection that is seen from here on.
    pub(super) fn joined(id: usize, name: String, place: Place, monitor: &mut Monitor) -> Self {
        let mut tap = Self::new(id, name, place, Phase::Mqtt);
        tap.note("the capture begins in the middle of this connection");
        tap.join(monitor, place, Side::Client);
        tap.server = Stream::searching();
        tap
    }

    fn new(id: usize, name: String, place: Place, phase: Phase) -> Self {
        Self {
            id,
            name,
            opened_at_us: place.at_us,
            last_at_us: place.at_us,
            phase,
            log: Log::default(),
            client_id: None,
            notes: Vec::new(),
            packets: 0,
            busy_at_us: place.at_us,
            fenced_at_us: None,
            pinged_at_us: None,
            joined: false,
            ended_by: None,
            client: Stream::new(),
            server: Stream::new(),
        }
    }

    /// Its number.
    pub(super) const fn id(&self) -> usize {
        self.id
    }

    /// Whether its beginning, or something in it, was not seen.
    pub(super) const fn is_joined(&self) -> bool {
        self.joined
    }

    /// Whether it is MQTT, checked, and not over.
    pub(super) const fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Mqtt) && self.ended_by.is_none()
    }

    /// `side` sent these bytes.
    pub(super) fn bytes(&mut self, monitor: &mut Monitor, side: Side, place: Place, bytes: &[u8]) {
        self.last_at_us = self.last_at_us.max(place.at_us);
        monitor.at(Time::from_micros(place.at_us));
        match (&mut self.phase, side) {
            (Phase::Unknown { client, .. }, Side::Client) => {
                client.extend_from_slice(bytes);
                match beginning(client) {
                    Beginning::TooShort if client.len() < MAX_BEGINNING => {}
                    Beginning::TooShort => self.phase = Phase::Foreign("no CONNECT comes".to_owned()),
                    Beginning::Foreign(what) => self.phase = Phase::Foreign(what),
                    Beginning::Mqtt => self.begin(monitor, place),
                }
            }
            (Phase::Unknown { server, .. }, Side::Server) => {
                let kept: usize = server.iter().map(|(_, bytes)| bytes.len()).sum();
                if kept + bytes.len() > MAX_EARLY {
                    self.phase = Phase::Foreign("the server speaks first".to_owned());
                } else {
                    server.push((place, bytes.to_vec()));
                }
            }
            // What reaches a server that has closed is nobody's business any more.
            (Phase::Mqtt, Side::Client) if self.ended_by == Some(Side::Server) => {}
            (Phase::Mqtt, _) => self.cut(monitor, side, place, bytes),
            (Phase::Foreign(_) | Phase::GivenUp(_), _) => {}
        }
    }

    /// Something that `side` sent was not seen.
    pub(super) fn missed(&mut self, monitor: &mut Monitor, side: Side, place: Place) {
        match &self.phase {
            Phase::Mqtt => {
                self.note("segments are missing from the capture: what they held is not judged");
                self.join(monitor, place, side);
            }
            Phase::Unknown { .. } => {
                self.phase = Phase::Foreign("its first bytes are missing from the capture".to_owned());
            }
            Phase::Foreign(_) | Phase::GivenUp(_) => {}
        }
    }

    /// `by` ended the connection.
    pub(super) fn closed(&mut self, monitor: &mut Monitor, by: Side, place: Place) {
        self.last_at_us = self.last_at_us.max(place.at_us);
        if self.ended_by.is_some() || !matches!(self.phase, Phase::Mqtt) {
            return;
        }
        self.ended_by = Some(by);
        monitor.at(Time::from_micros(place.at_us));
        let rest = self.server.decoder.buffered().to_vec();
        if by == Side::Server && !rest.is_empty() && !self.joined && !self.server.broken {
            monitor.unframeable(self.id, place.number, &rest);
        }
        monitor.closed(self.id, place.number, by == Side::Server);
    }

    /// Checks no further, for this reason.
    pub(super) fn give_up(&mut self, why: String) {
        if matches!(self.phase, Phase::Mqtt | Phase::Unknown { .. }) {
            self.phase = Phase::GivenUp(why);
        }
    }

    /// Remembers a thing worth saying, once.
    pub(super) fn note(&mut self, note: &str) {
        if !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.to_owned());
        }
    }

    /// The client has sent the beginning of a CONNECT: everything so far is told.
    fn begin(&mut self, monitor: &mut Monitor, place: Place) {
        let Phase::Unknown { client, place: opened, server } = std::mem::replace(&mut self.phase, Phase::Mqtt) else {
            return;
        };
        monitor.opened(self.id, opened.number);
        for (place, bytes) in server {
            self.cut(monitor, Side::Server, place, &bytes);
        }
        self.cut(monitor, Side::Client, place, &client);
    }

    /// Nothing is known any more of what is under way; packets of `side` are looked for anew.
    fn join(&mut self, monitor: &mut Monitor, place: Place, side: Side) {
        self.joined = true;
        monitor.joined(self.id, place.number);
        *self.stream(side) = Stream::searching();
    }

    fn stream(&mut self, side: Side) -> &mut Stream {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// Cuts bytes into packets and tells them.
    fn cut(&mut self, monitor: &mut Monitor, side: Side, place: Place, bytes: &[u8]) {
        let version = monitor.version(self.id);
        let stream = self.stream(side);
        if stream.broken {
            return;
        }
        if stream.joined_after.is_none() {
            if !begins_with_packets(side, bytes, version) {
                return;
            }
            stream.joined_after = Some(0);
        }
        stream.decoder.push(bytes);
        loop {
            match self.stream(side).decoder.next_frame() {
                Ok(Some(frame)) => {
                    if !self.packet(monitor, side, place, &frame) {
                        return;
                    }
                }
                Ok(None) => return,
                Err(FrameError::TooLong { len, .. }) => {
                    return self.give_up(format!(
                        "a packet of {len} bytes is longer than the {} MiB that are checked",
                        MAX_PACKET >> 20
                    ));
                }
                Err(FrameError::RemainingLength(_)) => return self.unframeable(monitor, side, place),
            }
        }
    }

    /// Tells one packet. Returns whether the stream goes on.
    fn packet(&mut self, monitor: &mut Monitor, side: Side, place: Place, frame: &[u8]) -> bool {
        let trusted = self.stream(side).joined_after.is_some_and(|packets| packets >= TRUSTED_AFTER);
        if !trusted {
            if !decodes(frame, monitor.version(self.id)) {
                // More likely no packet began there.
                *self.stream(side) = Stream::searching();
                return false;
            }
            let stream = self.stream(side);
            stream.joined_after = stream.joined_after.map(|packets| packets + 1);
        }
        self.packets += 1;
        self.log.add(place, side, frame);
        self.follow_pings(side, place, frame);
        match side {
            Side::Client => {
                monitor.sent(self.id, place.number, frame);
                if self.client_id.is_none()
                    && let Some(version) = monitor.version(self.id)
                    && let Ok(PacketBuf::Connect(connect)) = PacketBuf::decode(frame, version)
                {
                    self.client_id = Some(connect.client_id);
                }
            }
            Side::Server => drop(monitor.received(self.id, place.number, frame)),
        }
        true
    }

    /// The bytes of `side` cannot be cut any further.
    fn unframeable(&mut self, monitor: &mut Monitor, side: Side, place: Place) {
        if self.joined {
            *self.stream(side) = Stream::searching();
            return;
        }
        let stream = self.stream(side);
        stream.broken = true;
        let rest = stream.decoder.buffered().to_vec();
        self.log.add(place, side, &rest);
        match side {
            Side::Client => monitor.sent(self.id, place.number, &rest),
            Side::Server => monitor.unframeable(self.id, place.number, &rest),
        }
    }

    fn follow_pings(&mut self, side: Side, place: Place, frame: &[u8]) {
        match (side, frame.first().and_then(|byte| PacketType::from_value(byte >> 4))) {
            (Side::Client, Some(PacketType::PingReq)) => self.pinged_at_us = Some(place.at_us),
            (Side::Server, Some(PacketType::PingResp)) => {
                if let Some(pinged) = self.pinged_at_us.take() {
                    self.fenced_at_us = Some(pinged);
                }
            }
            _ => self.busy_at_us = place.at_us,
        }
    }
}
