//! All TCP connections of a capture, and what the checker is told of them.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;

use mqttspec_scenarios::Side;

use super::USUAL_PORTS;
use super::flow::{End, Flow, Happening};
use super::link::Segment;
use super::reader::Packet;
use crate::passive::framing::{Beginning, beginning};
use crate::passive::{Checker, Outcome, Place};

/// Connections followed at one time; when there are more, those that say nothing of interest are forgotten.
const MAX_FLOWS: usize = 16_384;
/// Ports on which something other than plain MQTT is worth a word.
const TELLING_PORTS: [u16; 4] = [1883, 8883, 8083, 8084];

/// Packets that were not looked at, and why.
#[derive(Debug, Default)]
pub(super) struct Skipped {
    pub(super) fragments: u64,
    pub(super) unreadable: u64,
    crowded: u64,
    links: BTreeSet<i32>,
    linked: u64,
}

impl Skipped {
    /// A packet of a link layer that is not known.
    pub(super) fn link(&mut self, link: i32) {
        self.linked += 1;
        if self.links.len() < 8 {
            self.links.insert(link);
        }
    }

    fn notes(&self) -> Vec<String> {
        let links: Vec<String> = self.links.iter().map(i32::to_string).collect();
        let many = |count: u64| if count == 1 { "1 packet was".to_owned() } else { format!("{count} packets were") };
        let mut notes = Vec::new();
        for (count, why) in [
            (self.fragments, "fragments of IP packets, which are not put together".to_owned()),
            (self.unreadable, "cut off or malformed before the end of the TCP header".to_owned()),
            (self.linked, format!("of a link layer that is not decoded (LINKTYPE {})", links.join(", "))),
            (self.crowded, format!("of further connections: more than {MAX_FLOWS} at one time")),
        ] {
            if count > 0 {
                notes.push(format!("{} not looked at: {why}", many(count)));
            }
        }
        notes
    }
}

/// All connections.
#[derive(Debug)]
pub(super) struct Table {
    ports: Vec<u16>,
    checker: Checker,
    flows: HashMap<(SocketAddr, SocketAddr), Entry>,
    connections: u64,
    last: Place,
    pub(super) skipped: Skipped,
}

#[derive(Debug)]
struct Entry {
    flow: Flow,
    id: usize,
    /// Both ends; the first is 0.
    ends: [SocketAddr; 2],
    /// Which end is the client, once the checker knows of the connection.
    client: Option<End>,
    /// Whether its first packets were seen.
    begun: bool,
    /// It is of no interest (any more).
    ignored: bool,
    /// The client will send no more.
    client_finished: bool,
}

impl Table {
    pub(super) fn new(ports: &[u16], checker: Checker) -> Self {
        Self {
            ports: ports.to_vec(),
            checker,
            flows: HashMap::new(),
            connections: 0,
            last: Place::new(0, 0),
            skipped: Skipped::default(),
        }
    }

    /// A TCP segment came.
    pub(super) fn segment(&mut self, packet: &Packet<'_>, segment: &Segment<'_>) {
        let wanted = |address: SocketAddr| self.ports.contains(&address.port());
        if !self.ports.is_empty() && !wanted(segment.from) && !wanted(segment.to) {
            return;
        }
        let number = usize::try_from(packet.number).unwrap_or(usize::MAX);
        let place = Place::new(number, packet.at_us);
        self.last = place;
        let key = if segment.from <= segment.to { (segment.from, segment.to) } else { (segment.to, segment.from) };
        if segment.syn && self.flows.get(&key).is_some_and(|entry| entry.is_another(segment)) {
            self.end(key, place);
        }
        if !self.flows.contains_key(&key) {
            if !self.make_room() {
                self.skipped.crowded += 1;
                return;
            }
            self.connections += 1;
            let id = usize::try_from(self.connections).unwrap_or(usize::MAX);
            self.flows.insert(key, Entry::new(id, segment));
        }
        let Some(entry) = self.flows.get_mut(&key) else { return };
        if entry.ignored && !segment.rst && !segment.fin {
            return;
        }
        if entry.begun && entry.client.is_none() {
            entry.client = Some(0);
            let expected = is_telling(&self.ports, &entry.ends);
            self.checker.opened(entry.id, entry.name(0), expected, place);
        }
        let end = usize::from(segment.from != entry.ends[0]);
        let happenings = entry.flow.segment(end, segment, place);
        for happening in happenings {
            entry.tell(&mut self.checker, &self.ports, happening);
        }
        if entry.flow.is_over() {
            self.end(key, place);
        }
    }

    /// The capture is over.
    pub(super) fn finish(mut self) -> (Outcome, u64, Vec<String>) {
        let mut entries: Vec<Entry> = self.flows.drain().map(|(_, entry)| entry).collect();
        entries.sort_by_key(|entry| entry.id);
        for entry in &mut entries {
            for happening in entry.flow.flush(self.last) {
                entry.tell(&mut self.checker, &self.ports, happening);
            }
        }
        (self.checker.finish(), self.connections, self.skipped.notes())
    }

    fn end(&mut self, key: (SocketAddr, SocketAddr), place: Place) {
        let Some(mut entry) = self.flows.remove(&key) else { return };
        for happening in entry.flow.flush(place) {
            entry.tell(&mut self.checker, &self.ports, happening);
        }
        self.checker.ended(entry.id);
    }

    fn make_room(&mut self) -> bool {
        if self.flows.len() >= MAX_FLOWS {
            self.flows.retain(|_, entry| !entry.ignored);
        }
        self.flows.len() < MAX_FLOWS
    }
}

impl Entry {
    fn new(id: usize, segment: &Segment<'_>) -> Self {
        // Who says SYN first has opened it; who answers with SYN and ACK has not.
        let answered = segment.syn && segment.acknowledges.is_some();
        let ends = if answered { [segment.to, segment.from] } else { [segment.from, segment.to] };
        Self { flow: Flow::new(), id, ends, client: None, begun: segment.syn, ignored: false, client_finished: false }
    }

    /// Whether a SYN begins another connection between the same ends.
    fn is_another(&self, segment: &Segment<'_>) -> bool {
        let end = usize::from(segment.from != self.ends[0]);
        let next = self.flow.next(end);
        segment.acknowledges.is_none() && next.is_some_and(|next| next != segment.sequence.wrapping_add(1))
    }

    fn name(&self, client: End) -> String {
        format!("{} → {}", self.ends[client], self.ends[1 - client])
    }

    fn side(&self, end: End) -> Side {
        if self.client == Some(end) { Side::Client } else { Side::Server }
    }

    fn tell(&mut self, checker: &mut Checker, ports: &[u16], happening: Happening) {
        if self.ignored {
            return;
        }
        let goes_on = match happening {
            Happening::Bytes(end, place, bytes) => {
                if self.client.is_none() && !self.meet(checker, ports, end, place, &bytes) {
                    return;
                }
                checker.bytes(self.id, self.side(end), place, &bytes)
            }
            Happening::Gap(end, place) => self.client.is_none() || checker.missed(self.id, self.side(end), place),
            Happening::Finished(end, place) | Happening::Reset(end, place) => {
                let side = self.side(end);
                // A server may still be talking when its client has finished: the end is when it has, too.
                let ends_now = side == Side::Server || matches!(happening, Happening::Reset(..)) || self.flow.is_over();
                if self.client.is_some() && ends_now {
                    let by = if self.client_finished && side == Side::Server { Side::Client } else { side };
                    checker.closed(self.id, by, place);
                }
                self.client_finished |= side == Side::Client;
                true
            }
        };
        self.ignored = !goes_on;
    }

    /// The first bytes of a connection whose beginning was not seen. Returns whether it is of interest.
    fn meet(&mut self, checker: &mut Checker, ports: &[u16], end: End, place: Place, bytes: &[u8]) -> bool {
        if beginning(bytes) == Beginning::Mqtt {
            self.client = Some(end);
            checker.opened(self.id, self.name(end), true, place);
            return true;
        }
        let known: &[u16] = if ports.is_empty() { &USUAL_PORTS } else { ports };
        let server = [0, 1].into_iter().find(|end| known.contains(&self.ends[*end].port()));
        match server {
            Some(server) => {
                self.client = Some(1 - server);
                checker.joined(self.id, self.name(1 - server), place);
                true
            }
            None => {
                self.ignored = true;
                false
            }
        }
    }
}

fn is_telling(ports: &[u16], ends: &[SocketAddr; 2]) -> bool {
    let known: &[u16] = if ports.is_empty() { &TELLING_PORTS } else { ports };
    ends.iter().any(|end| known.contains(&end.port()))
}
