//! The world itself: clients, broker, wires, monitor, and the clock that drives them.

use std::collections::BTreeMap;
use std::time::Duration;

use mqttspec_codec::{PacketBuf, PacketType, ProtocolVersion, ReasonCode};

use super::wire::Wire;
use crate::broker::random::Random;
use crate::broker::{self, Broker, BrokerConfig, ConnectionId};
use crate::client::{Client, ClientConfig, Command, Output};
use crate::{Monitor, Time};

/// Things that happen in one history at most.
const MAXIMUM_TURNS: usize = 60_000;

/// Clients, broker, wires and monitor.
#[derive(Debug)]
pub(super) struct World {
    pub(super) version: ProtocolVersion,
    pub(super) random: Random,
    pub(super) now: Time,
    pub(super) clients: Vec<Client>,
    pub(super) broker: Broker,
    pub(super) wires: Vec<Wire>,
    pub(super) by_id: BTreeMap<ConnectionId, usize>,
    pub(super) monitor: Monitor,
    pub(super) event: usize,
    /// Whether the server is provoking.
    pub(super) provoked: bool,
    /// Packets of the server that the provocations have written.
    pub(super) written: u16,
    /// Messages published.
    pub(super) messages: u32,
    /// What happened, one line each, when somebody wants to read it.
    pub(super) transcript: Option<Vec<String>>,
    turns: usize,
}

impl World {
    pub(super) fn new(version: ProtocolVersion, seed: u64, broker: BrokerConfig, clients: Vec<ClientConfig>) -> Self {
        Self {
            version,
            random: Random::new(seed),
            now: Time::from_secs(1),
            clients: clients.into_iter().map(Client::new).collect(),
            broker: Broker::new(broker),
            wires: Vec::new(),
            by_id: BTreeMap::new(),
            monitor: Monitor::new(version).judging_clients(),
            event: 0,
            provoked: false,
            written: 0,
            messages: 0,
            transcript: None,
            turns: 0,
        }
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.random.below(n) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.random.below(from.len())]
    }

    /// Asks a client; what it refuses is not done.
    pub(super) fn ask(&mut self, seat: usize, command: Command) {
        let _refused = self.clients[seat].command(command, self.now);
        self.carry_out(seat);
    }

    /// The wire whose client's end is open at this seat.
    pub(super) fn wire_of(&self, seat: usize) -> Option<usize> {
        self.wires.iter().rposition(|wire| wire.seat == seat && wire.client_open)
    }

    /// Lets everything happen that happens within `duration`.
    pub(super) fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(at) = self.next_turn().filter(|at| *at <= end) {
            self.turns += 1;
            if self.turns > MAXIMUM_TURNS {
                break;
            }
            self.now = self.now.max(at);
            self.turn();
        }
        self.now = end;
        self.monitor.at(end);
    }

    fn next_turn(&self) -> Option<Time> {
        let clients = self.clients.iter().filter_map(Client::next_timeout);
        let wires = self.wires.iter().filter_map(Wire::next);
        clients.chain(wires).chain(self.broker.next_timeout()).min()
    }

    fn turn(&mut self) {
        let now = self.now;
        for wire in 0..self.wires.len() {
            while let Some(item) = self.wires[wire].to_server.pop(now) {
                self.arrive_at_server(wire, item);
            }
            while let Some(item) = self.wires[wire].to_client.pop(now) {
                self.arrive_at_client(wire, item);
            }
            if self.wires[wire].withhold_until.is_some_and(|at| at <= now) {
                self.wires[wire].withhold_until = None;
                for frame in std::mem::take(&mut self.wires[wire].withheld) {
                    self.leave(wire, &frame);
                }
            }
            if self.wires[wire].close_at.is_some_and(|at| at <= now) {
                self.wires[wire].close_at = None;
                self.close_at_server(wire);
            }
        }
        self.broker.handle_timeout(now);
        self.collect();
        for seat in 0..self.clients.len() {
            self.clients[seat].handle_timeout(now);
            self.carry_out(seat);
        }
    }

    fn delay(&mut self) -> Duration {
        Duration::from_micros(500 + self.random.below(30_000) as u64)
    }

    /// Does what a client wants done.
    fn carry_out(&mut self, seat: usize) {
        while let Some(output) = self.clients[seat].poll_output() {
            let delay = self.delay();
            match output {
                Output::Open => {
                    let id = self.broker.open(self.now);
                    let wire = self.wires.len();
                    self.wires.push(Wire::new(seat, id));
                    self.by_id.insert(id, wire);
                    self.event += 1;
                    self.monitor.at(self.now);
                    self.monitor.opened(wire, self.event);
                    self.collect();
                }
                Output::Send(bytes) => {
                    if let Some(wire) = self.wire_of(seat) {
                        self.wires[wire].to_server.push(self.now, delay, Some(bytes));
                    }
                }
                Output::Close => {
                    if let Some(wire) = self.wire_of(seat) {
                        self.wires[wire].client_open = false;
                        self.wires[wire].to_client.clear();
                        self.wires[wire].to_server.push(self.now, delay, None);
                    }
                }
                Output::Message(_) => {}
            }
        }
    }

    /// The network fails: both ends lose the connection, and what is under way with it.
    pub(super) fn cut(&mut self, wire: usize) {
        self.wires[wire].to_client.clear();
        self.wires[wire].to_server.clear();
        self.wires[wire].to_server.push(self.now, Duration::ZERO, None);
        self.wires[wire].to_client.push(self.now, Duration::ZERO, None);
    }

    fn arrive_at_client(&mut self, wire: usize, item: Option<Vec<u8>>) {
        if !self.wires[wire].client_open {
            return;
        }
        let seat = self.wires[wire].seat;
        if let Some(bytes) = item {
            self.clients[seat].receive(&bytes, self.now);
        } else {
            self.wires[wire].client_open = false;
            self.clients[seat].closed(self.now);
        }
        self.carry_out(seat);
    }

    fn arrive_at_server(&mut self, wire: usize, item: Option<Vec<u8>>) {
        if !self.wires[wire].server_open {
            return;
        }
        self.event += 1;
        self.monitor.at(self.now);
        let Some(bytes) = item else {
            self.note(wire, "closed by the client", &[]);
            self.monitor.closed(wire, self.event, false);
            let wire = &mut self.wires[wire];
            wire.server_open = false;
            wire.close_at = None;
            wire.withhold_until = None;
            if std::mem::replace(&mut wire.broker_open, false) {
                self.broker.closed(wire.id, self.now);
                self.collect();
            }
            return;
        };
        self.note(wire, "client", &bytes);
        self.monitor.sent(wire, self.event, &bytes);
        self.look_at(wire, &bytes);
        if self.wires[wire].broker_open {
            self.broker.receive(self.wires[wire].id, &bytes, self.now);
            self.collect();
        }
    }

    /// What the world itself learns from the packets of a client.
    fn look_at(&mut self, wire: usize, bytes: &[u8]) {
        let wire = &mut self.wires[wire];
        wire.from_client.push(bytes);
        while let Ok(Some(frame)) = wire.from_client.next_frame() {
            match frame.first().and_then(|byte| PacketType::from_value(byte >> 4)) {
                Some(PacketType::Connect) => {
                    if let Ok(PacketBuf::Connect(connect)) = PacketBuf::decode(&frame, self.version) {
                        wire.connect.get_or_insert(connect);
                    }
                }
                Some(PacketType::Disconnect) => wire.disconnected = true,
                _ => {}
            }
        }
    }

    /// Does what the broker wants done.
    fn collect(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                broker::Output::Send { connection, bytes } => {
                    let wire = self.by_id[&connection];
                    if !self.wires[wire].broker_open {
                        continue;
                    }
                    self.wires[wire].from_broker.push(&bytes);
                    while let Ok(Some(frame)) = self.wires[wire].from_broker.next_frame() {
                        self.pass_on(wire, &frame);
                    }
                }
                broker::Output::Close { connection } => {
                    let wire = self.by_id[&connection];
                    if std::mem::replace(&mut self.wires[wire].broker_open, false) {
                        self.end_of_broker(wire);
                    }
                }
            }
        }
    }

    /// A packet of the broker, which a provocation may change or hold back.
    fn pass_on(&mut self, wire: usize, frame: &[u8]) {
        if !self.wires[wire].broker_open {
            return;
        }
        if !self.provoked {
            return self.leave(wire, frame);
        }
        match self.altered(wire, frame) {
            Some(frame) => self.leave(wire, &frame),
            None => self.wires[wire].withheld.push(frame.to_vec()),
        }
    }

    /// The broker has closed: at once, or, after a DISCONNECT, now and then later (3.14.4).
    fn end_of_broker(&mut self, wire: usize) {
        if self.provoked && self.wires[wire].disconnected {
            self.wires[wire].close_at = Some(self.now + Duration::from_secs(8));
        } else {
            self.close_at_server(wire);
        }
    }

    /// The server writes a packet.
    pub(super) fn leave(&mut self, wire: usize, frame: &[u8]) {
        if !self.wires[wire].server_open {
            return;
        }
        self.event += 1;
        self.monitor.at(self.now);
        self.note(wire, "server", frame);
        let packet = if mqttspec_codec::frame_len(frame).is_ok() {
            self.monitor.received(wire, self.event, frame)
        } else {
            self.monitor.unframeable(wire, self.event, frame);
            None
        };
        if let Some(PacketBuf::ConnAck(connack)) = packet {
            self.wires[wire].accepted = connack.reason_code == ReasonCode::SUCCESS;
        }
        let delay = self.delay();
        self.wires[wire].to_client.push(self.now, delay, Some(frame.to_vec()));
    }

    fn close_at_server(&mut self, wire: usize) {
        if !self.wires[wire].server_open {
            return;
        }
        self.event += 1;
        self.monitor.at(self.now);
        self.note(wire, "closed by the server", &[]);
        self.monitor.closed(wire, self.event, true);
        let delay = self.delay();
        let wire = &mut self.wires[wire];
        wire.server_open = false;
        wire.withhold_until = None;
        wire.to_server.clear();
        wire.to_client.push(self.now, delay, None);
    }

    fn note(&mut self, wire: usize, what: &str, bytes: &[u8]) {
        let Some(transcript) = &mut self.transcript else { return };
        let seat = self.wires[wire].seat;
        let packet = match PacketBuf::decode(bytes, self.version) {
            Ok(packet) => format!("{packet:?}"),
            Err(_) => format!("{bytes:02X?}"),
        };
        transcript.push(format!("{} event {} wire {wire} seat {seat} {what}: {packet:.300}", self.now, self.event));
    }
}
