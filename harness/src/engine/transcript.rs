//! Everything that happened in a run, byte by byte.

use mqttspec_codec::{ProtocolVersion, render};
use mqttspec_reports::{Direction, WireEvent};
use mqttspec_scenarios::Time;
use mqttspec_scenarios::monitor::Monitor;

/// Bytes that a transcript keeps in all; what comes later is counted, not kept. A target may send without end.
const MAX_BYTES: usize = 8 << 20;
/// Events that a transcript keeps.
const MAX_EVENTS: usize = 20_000;

/// The events of a run, in order.
#[derive(Clone, Debug)]
pub struct Transcript {
    started: Time,
    events: Vec<RawEvent>,
    bytes: usize,
    omitted: u64,
}

/// One event, rendered only when somebody wants to read it.
#[derive(Clone, Debug)]
struct RawEvent {
    at: Time,
    /// Its number, which no other connection of the run has, and its name.
    index: usize,
    connection: String,
    direction: Direction,
    version: ProtocolVersion,
    /// Said instead of a rendering of the bytes.
    note: Option<String>,
    bytes: Vec<u8>,
}

impl Transcript {
    pub(super) fn new(started: Time) -> Self {
        Self { started, events: Vec::new(), bytes: 0, omitted: 0 }
    }

    /// Add an event and return its index. Past the limits the index of the last kept event is returned.
    pub(super) fn add(
        &mut self,
        at: Time,
        (index, connection): (usize, &str),
        direction: Direction,
        version: ProtocolVersion,
        note: Option<String>,
        bytes: &[u8],
    ) -> usize {
        if self.events.len() >= MAX_EVENTS || self.bytes + bytes.len() > MAX_BYTES {
            self.omitted += 1;
            return self.events.len().saturating_sub(1);
        }
        self.bytes += bytes.len();
        self.events.push(RawEvent {
            at,
            index,
            connection: connection.to_owned(),
            direction,
            version,
            note,
            bytes: bytes.to_vec(),
        });
        self.events.len() - 1
    }

    /// The events as reports show them.
    pub fn render(&self) -> Vec<WireEvent> {
        self.events.iter().map(|event| event.render(self.started)).collect()
    }

    /// How many events are kept.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// How many events came after the limit.
    pub fn omitted(&self) -> u64 {
        self.omitted
    }

    /// Tells `monitor`, which has seen nothing yet, everything again. It settles nothing.
    pub fn tell(&self, monitor: &mut Monitor) {
        for (number, event) in self.events.iter().enumerate() {
            monitor.at(event.at);
            match event.direction {
                Direction::Opened => monitor.opened(event.index, number),
                Direction::Sent => monitor.sent(event.index, number, &event.bytes),
                Direction::Received if event.note.is_some() => monitor.unframeable(event.index, number, &event.bytes),
                Direction::Received => drop(monitor.received(event.index, number, &event.bytes)),
                Direction::Closed => monitor.closed(event.index, number, false),
                Direction::ClosedByTarget | Direction::Reset => {
                    if event.direction == Direction::ClosedByTarget && !event.bytes.is_empty() {
                        monitor.unframeable(event.index, number, &event.bytes);
                    }
                    monitor.closed(event.index, number, true);
                }
                Direction::TimedOut | Direction::Note => {}
            }
        }
    }

    /// One line for the event with this index: direction, connection, packet.
    pub fn describe(&self, index: usize) -> String {
        match self.events.get(index) {
            Some(event) => event.describe(),
            None => format!("event {index}"),
        }
    }
}

impl RawEvent {
    fn summary(&self) -> String {
        match &self.note {
            Some(note) => note.clone(),
            None => render::one_line_bytes(&self.bytes, self.version),
        }
    }

    fn describe(&self) -> String {
        format!("{} on {}", self.summary(), self.connection)
    }

    fn render(&self, started: Time) -> WireEvent {
        let at_us = self.at.since(started).as_micros() as u64;
        WireEvent::new(at_us, self.connection.as_str(), self.direction, self.summary(), &self.bytes)
    }
}
