//! What was said on a connection lately, so that a finding can show the packets it rests on.

use std::collections::VecDeque;

use mqttspec_codec::{PacketType, ProtocolVersion, render};
use mqttspec_reports::{Direction, WireEvent};
use mqttspec_scenarios::Side;

/// Packets kept of one connection.
const MAX_ENTRIES: usize = 512;
/// Bytes kept of one packet.
const MAX_BYTES: usize = 512;
/// Packets shown of one place: a TCP segment can hold many.
const SHOWN: usize = 8;

/// Where something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number by which it is found again: of a packet in a capture, counted from 1 as Wireshark does; of a piece of
    /// forwarded traffic in a proxy.
    pub number: usize,
    /// The number that people are shown: another one only where packets of a capture are not in order.
    pub shown: usize,
    /// Microseconds since the first packet of the capture, or since the proxy began.
    pub at_us: u64,
}

impl Place {
    /// The place with this number and time.
    #[must_use]
    pub const fn new(number: usize, at_us: u64) -> Self {
        Self { number, shown: number, at_us }
    }
}

/// What the numbers of places count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Packets of a capture.
    Packet,
    /// Events of a proxy: pieces of bytes as they were forwarded.
    Event,
}

impl Unit {
    /// The word for one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Packet => "packet",
            Self::Event => "event",
        }
    }

    /// An argument of the monitor, which speaks of events, in this unit.
    pub(super) fn reword(self, message: &str) -> String {
        if self == Self::Event {
            return message.to_owned();
        }
        let mut out = String::with_capacity(message.len());
        let mut rest = message;
        while let Some(at) = rest.find("event") {
            let (before, after) = rest.split_at(at);
            let tail = &after["event".len()..];
            let plural = tail.strip_prefix('s').unwrap_or(tail);
            let is_reference = plural.strip_prefix(' ').is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()));
            let ends_word = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
            out.push_str(before);
            out.push_str(if is_reference && ends_word { self.name() } else { "event" });
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

/// The latest packets of one connection.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
}

#[derive(Debug)]
struct Entry {
    place: Place,
    side: Side,
    bytes: Vec<u8>,
    total: usize,
}

impl Log {
    /// Keeps one packet.
    pub(super) fn add(&mut self, place: Place, side: Side, frame: &[u8]) {
        if self.entries.len() >= MAX_ENTRIES {
            self.entries.pop_front();
        }
        let bytes = frame[..frame.len().min(MAX_BYTES)].to_vec();
        self.entries.push_back(Entry { place, side, bytes, total: frame.len() });
    }

    /// The packets of one place, as reports show them.
    pub(super) fn at(&self, number: usize, unit: Unit, name: &str, version: ProtocolVersion) -> Vec<WireEvent> {
        let from = self.entries.partition_point(|entry| entry.place.number < number);
        let here = self.entries.iter().skip(from).take_while(|entry| entry.place.number == number);
        here.take(SHOWN).map(|entry| entry.render(unit, name, version)).collect()
    }
}

impl Entry {
    fn render(&self, unit: Unit, name: &str, version: ProtocolVersion) -> WireEvent {
        let (direction, by) = match self.side {
            Side::Client => (Direction::Sent, "from the Client"),
            Side::Server => (Direction::Received, "from the Server"),
        };
        let packet = if self.total > self.bytes.len() {
            let packet_type = self.bytes.first().and_then(|byte| PacketType::from_value(byte >> 4));
            format!("{} of {} bytes", packet_type.map_or("packet", PacketType::name), self.total)
        } else {
            render::one_line_bytes(&self.bytes, version)
        };
        let summary = format!("{} {} {by}: {packet}", unit.name(), self.place.shown);
        let mut event = WireEvent::new(self.place.at_us, name, direction, summary, &self.bytes);
        event.bytes_total = self.total;
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_speak_of_packets() {
        let message = "`b` is owed \"an event\" (event 5) by events 7 and event 9; no prevent 3, no event";
        assert_eq!(
            Unit::Packet.reword(message),
            "`b` is owed \"an event\" (packet 5) by packets 7 and packet 9; no prevent 3, no event"
        );
        assert_eq!(Unit::Event.reword(message), message);
    }

    #[test]
    fn old_and_long_packets_take_bounded_room() {
        let mut log = Log::default();
        for number in 1..=2000 {
            log.add(Place::new(number, 5), Side::Server, &[0x30; 4096]);
        }
        assert_eq!(log.entries.len(), MAX_ENTRIES);
        assert!(log.at(1, Unit::Packet, "c", ProtocolVersion::V5_0).is_empty());
        let shown = log.at(2000, Unit::Packet, "c", ProtocolVersion::V5_0);
        assert_eq!(shown[0].summary, "packet 2000 from the Server: PUBLISH of 4096 bytes");
        assert_eq!((shown[0].bytes_total, shown[0].bytes_hex.len()), (4096, 2 * MAX_BYTES));
    }
}
