//! Turns proxied traffic into a scenario that plays the clients' part again.
//!
//! * Client Identifiers, topics and payloads are kept as they were: they are the evidence, and what a server permits may
//!   depend on them. User Names and Passwords are left out; `mqttspec replay --user … --password …` puts its own in.
//! * Acknowledgements of the clients are not sent literally, since a server chooses its Packet Identifiers anew each time. A
//!   client that acknowledged in order and without an error code answers at once when played; of any other each
//!   acknowledgement becomes a step of its own, after a fence.
//! * Where an answer came before the next step, the scenario waits for it there.
//! * Pauses are not kept. What does not decode is kept byte by byte.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::{AckBuf, FrameDecoder, PacketBuf, PacketType, ProtocolVersion, QoS, ReasonCode};
use mqttspec_scenarios::Side;
use mqttspec_scenarios::model::{
    Answering, Cite, CloseHow, Due, JudgedBy, Outgoing, PLACEHOLDER, Role, Scenario, Step,
};

use super::framing::{Beginning, beginning};
use super::proxy::{Heard, Said};

/// Steps recorded.
const MAX_STEPS: usize = 19_000;
/// Bytes of packets recorded.
const MAX_BYTES: usize = 12 << 20;
/// The largest packet recorded.
const MAX_PACKET: usize = 1 << 20;
/// How long an acknowledgement may have been due at the end without having been withheld, in microseconds.
const PROMPT_US: u64 = 1_000_000;
/// Characters of a connection's name: with the namespace of 8, a Client Identifier of 23.
const NAME_LEN: usize = 15;
/// The statement that a fence rests on: PINGRESP answers PINGREQ.
const FENCE: &str = "MQTT-3.12.4-1";

/// Records.
#[derive(Debug, Default)]
pub struct Recorder {
    connections: BTreeMap<usize, Recorded>,
    /// Names of connections that are open.
    in_use: BTreeSet<String>,
    steps: Vec<Item>,
    bytes: usize,
    version: Option<ProtocolVersion>,
    notes: BTreeSet<String>,
}

/// A step, or an acknowledgement that becomes one only when its client did not answer at once.
#[derive(Debug)]
struct Item {
    connection: usize,
    step: Step,
    is_acknowledgement: bool,
}

#[derive(Debug)]
struct Recorded {
    name: String,
    version: ProtocolVersion,
    client: FrameDecoder,
    server: FrameDecoder,
    /// The first bytes, until it is clear whether they are MQTT.
    beginning: Option<Vec<u8>>,
    ignored: bool,
    /// Acknowledgements that the client owes, in the order in which they fell due.
    due: Vec<(PacketType, u16, u64)>,
    /// Answers that the server owes.
    asked: usize,
    at_once: bool,
    /// Whether the server has said something since the last fence.
    news: bool,
    over: bool,
}

impl Recorder {
    /// A recorder that has heard nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one thing in.
    pub fn hear(&mut self, heard: &Heard) {
        let id = heard.connection;
        match &heard.said {
            Said::Opened(_) => drop(self.connections.insert(id, Recorded::new())),
            Said::Bytes(side, bytes) => self.bytes(id, *side, heard.at_us, bytes),
            Said::Finished(Side::Client) => self.closed(id, CloseHow::Finish, heard.at_us),
            Said::Reset(Side::Client) => self.closed(id, CloseHow::Reset, heard.at_us),
            Said::Finished(Side::Server) | Said::Reset(Side::Server) | Said::Ended => self.over(id, heard.at_us),
            Said::Lost => {
                self.note("there was more traffic than could be recorded: something is missing");
                self.over(id, heard.at_us);
            }
            Said::Refused(_) => {}
        }
    }

    /// What could not be recorded as it was, one line each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.notes.iter().cloned().collect()
    }

    /// The scenario, unless no MQTT was heard. `at_us` is the time of the end.
    #[must_use]
    pub fn finish(mut self, id: &str, title: &str, at_us: u64) -> Option<Scenario> {
        let open: Vec<usize> = self.connections.keys().copied().collect();
        open.into_iter().for_each(|id| self.judge_due(id, at_us));
        let version = self.version?;
        let at_once = |id: usize| self.connections.get(&id).is_some_and(|recorded| recorded.at_once);
        let mut steps = Vec::new();
        for item in self.steps {
            match &item.step {
                Step::Open { connection } if at_once(item.connection) => {
                    let connection = connection.clone();
                    steps.push(item.step);
                    steps.push(Step::Answering { connection, answering: Answering::AtOnce });
                }
                _ if item.is_acknowledgement && at_once(item.connection) => {}
                _ => steps.push(item.step),
            }
        }
        steps.push(Step::Drain);
        Some(Scenario {
            id: id.to_owned(),
            title: title.to_owned(),
            version,
            role: Role::Broker,
            chapter: "Recordings".to_owned(),
            statements: Vec::new(),
            needs: Vec::new(),
            judged_by: JudgedBy::Monitor,
            steps,
        })
    }

    fn bytes(&mut self, id: usize, side: Side, at_us: u64, bytes: &[u8]) {
        let Some(recorded) = self.connections.get_mut(&id).filter(|recorded| !recorded.ignored) else { return };
        let mut first = Vec::new();
        if let (Side::Client, Some(start)) = (side, &mut recorded.beginning) {
            start.extend_from_slice(bytes);
            match beginning(start) {
                Beginning::Mqtt => first = recorded.beginning.take().unwrap_or_default(),
                Beginning::TooShort => return,
                Beginning::Foreign(_) => {
                    recorded.ignored = true;
                    return self.note("connections that are not MQTT were left out");
                }
            }
        }
        let bytes = if first.is_empty() { bytes } else { &first };
        let decoder = if side == Side::Client { &mut recorded.client } else { &mut recorded.server };
        decoder.push(bytes);
        loop {
            let Some(recorded) = self.connections.get_mut(&id) else { return };
            let decoder = if side == Side::Client { &mut recorded.client } else { &mut recorded.server };
            match decoder.next_frame() {
                Ok(Some(frame)) if side == Side::Client => self.sent(id, &frame),
                Ok(Some(frame)) => self.received(id, at_us, &frame),
                Ok(None) => return,
                Err(_) => {
                    let rest = decoder.buffered().to_vec();
                    recorded.ignored = true;
                    if side == Side::Client && rest.len() <= MAX_PACKET {
                        self.send(id, Outgoing::Bytes(rest));
                    }
                    return self
                        .note("a connection was recorded only up to bytes that are no packet, or a very large one");
                }
            }
        }
    }

    /// The client sent a packet.
    fn sent(&mut self, id: usize, frame: &[u8]) {
        let Some(recorded) = self.connections.get_mut(&id) else { return };
        let packet_type = frame.first().and_then(|first| PacketType::from_value(first >> 4));
        if packet_type == Some(PacketType::Connect) && recorded.name.is_empty() {
            return self.sent_connect(id, frame);
        }
        let Ok(packet) = PacketBuf::decode(frame, recorded.version) else {
            return self.send(id, Outgoing::Bytes(frame.to_vec()));
        };
        match &packet {
            PacketBuf::PubAck(ack) | PacketBuf::PubRec(ack) | PacketBuf::PubRel(ack) | PacketBuf::PubComp(ack) => {
                let ack = ack.clone();
                return self.acknowledged(id, packet.packet_type(), &ack, frame);
            }
            PacketBuf::Publish(publish) => recorded.asked += usize::from(publish.qos != QoS::AtMostOnce),
            PacketBuf::Subscribe(_) | PacketBuf::Unsubscribe(_) | PacketBuf::PingReq => recorded.asked += 1,
            _ => {}
        }
        let outgoing = literal_or_packet(packet, recorded.version, frame);
        self.send(id, outgoing);
    }

    fn sent_connect(&mut self, id: usize, frame: &[u8]) {
        let connect = ProtocolVersion::ALL.into_iter().find_map(|version| match PacketBuf::decode(frame, version) {
            Ok(PacketBuf::Connect(connect)) if connect.version == version => Some(connect),
            _ => None,
        });
        let wanted = connect.as_ref().map_or("", |connect| connect.client_id.as_str());
        let name = self.free_name(wanted, id);
        let Some(recorded) = self.connections.get_mut(&id) else { return };
        recorded.name.clone_from(&name);
        recorded.asked += 1;
        self.in_use.insert(name.clone());
        self.push(id, Step::Open { connection: name }, false);
        let Some(mut connect) = connect else { return self.send(id, Outgoing::Bytes(frame.to_vec())) };
        let version = connect.version;
        self.version.get_or_insert(version);
        if let Some(recorded) = self.connections.get_mut(&id) {
            recorded.version = version;
        }
        if connect.user_name.take().is_some() | connect.password.take().is_some() {
            self.note("User Names and Passwords are left out: give --user and --password to replay");
            return self.send(id, Outgoing::Packet(PacketBuf::Connect(connect)));
        }
        self.send(id, literal_or_packet(PacketBuf::Connect(connect), version, frame));
    }

    /// The client sent an acknowledgement.
    fn acknowledged(&mut self, id: usize, packet_type: PacketType, ack: &AckBuf, frame: &[u8]) {
        let Some(recorded) = self.connections.get_mut(&id) else { return };
        let place = recorded.due.iter().position(|(due, id, _)| (*due, *id) == (packet_type, ack.packet_id));
        let Some(place) = place else {
            // Due on an earlier connection, perhaps: nobody can say which one it is when it is played.
            recorded.asked += usize::from(packet_type == PacketType::PubRel);
            let outgoing = Outgoing::Bytes(frame.to_vec());
            return self.send(id, outgoing);
        };
        recorded.due.remove(place);
        let plain = ack.reason_code == ReasonCode::SUCCESS;
        recorded.at_once &= place == 0 && plain;
        let which = match u16::try_from(place) {
            Ok(0) | Err(_) => Due::Oldest,
            Ok(place) => Due::Nth(place),
        };
        let connection = recorded.name.clone();
        if std::mem::take(&mut recorded.news) {
            let step = Step::Fence { connection: connection.clone(), cite: Cite(FENCE.to_owned()) };
            self.push(id, step, true);
        }
        let reason_code = (!plain).then_some(ack.reason_code);
        self.push(id, Step::Acknowledge { connection, which, reason_code }, true);
    }

    /// The server sent a packet.
    fn received(&mut self, id: usize, at_us: u64, frame: &[u8]) {
        let Some(recorded) = self.connections.get_mut(&id) else { return };
        let Ok(packet) = PacketBuf::decode(frame, recorded.version) else { return };
        recorded.news = true;
        let mut due = |packet_type, packet_id| recorded.due.push((packet_type, packet_id, at_us));
        let answers = match &packet {
            PacketBuf::Publish(publish) => {
                match (publish.qos, publish.packet_id) {
                    (QoS::AtLeastOnce, Some(id)) => due(PacketType::PubAck, id),
                    (QoS::ExactlyOnce, Some(id)) => due(PacketType::PubRec, id),
                    _ => {}
                }
                0
            }
            PacketBuf::PubRel(ack) => {
                due(PacketType::PubComp, ack.packet_id);
                0
            }
            PacketBuf::PubRec(ack) if ack.reason_code.0 < ReasonCode::UNSPECIFIED_ERROR.0 => {
                due(PacketType::PubRel, ack.packet_id);
                0
            }
            PacketBuf::ConnAck(_)
            | PacketBuf::SubAck(_)
            | PacketBuf::UnsubAck(_)
            | PacketBuf::PubAck(_)
            | PacketBuf::PubRec(_)
            | PacketBuf::PubComp(_)
            | PacketBuf::PingResp => 1,
            _ => 0,
        };
        let was = recorded.asked;
        recorded.asked = was.saturating_sub(answers);
        if was > 0 && recorded.asked == 0 {
            let connection = recorded.name.clone();
            self.push(id, Step::Await { connection }, false);
        }
    }

    fn closed(&mut self, id: usize, how: CloseHow, at_us: u64) {
        let open = self.connections.get(&id).filter(|recorded| !recorded.over && !recorded.name.is_empty());
        if let Some(recorded) = open {
            let connection = recorded.name.clone();
            self.push(id, Step::Close { connection, how }, false);
        }
        self.over(id, at_us);
    }

    fn over(&mut self, id: usize, at_us: u64) {
        self.judge_due(id, at_us);
        if let Some(recorded) = self.connections.get_mut(&id).filter(|recorded| !recorded.over) {
            recorded.over = true;
            recorded.ignored = true;
            self.in_use.remove(&recorded.name);
        }
    }

    /// An acknowledgement that was due for long, at the end of its connection, was withheld.
    fn judge_due(&mut self, id: usize, at_us: u64) {
        if let Some(recorded) = self.connections.get_mut(&id).filter(|recorded| !recorded.over) {
            recorded.at_once &= recorded.due.iter().all(|(_, _, since)| at_us.saturating_sub(*since) < PROMPT_US);
        }
    }

    fn send(&mut self, id: usize, outgoing: Outgoing) {
        let Some(recorded) = self.connections.get(&id).filter(|recorded| !recorded.name.is_empty()) else { return };
        let connection = recorded.name.clone();
        self.push(id, Step::Send { connection, outgoing }, false);
    }

    fn push(&mut self, connection: usize, step: Step, is_acknowledgement: bool) {
        if let Step::Send { outgoing: Outgoing::Packet(PacketBuf::Publish(publish)), .. } = &step {
            self.bytes += publish.payload.len();
        }
        if let Step::Send { outgoing: Outgoing::Bytes(bytes), .. } = &step {
            self.bytes += bytes.len();
        }
        if self.steps.len() >= MAX_STEPS || self.bytes > MAX_BYTES {
            return self.note("the recording was full: only its beginning was kept");
        }
        self.steps.push(Item { connection, step, is_acknowledgement });
    }

    fn note(&mut self, note: &str) {
        self.notes.insert(note.to_owned());
    }

    /// A name for a connection: the Client Identifier, as far as it can be one.
    fn free_name(&self, client_id: &str, id: usize) -> String {
        let plain: String = client_id.chars().filter(char::is_ascii_alphanumeric).take(NAME_LEN - 4).collect();
        let plain = if plain.is_empty() { "client".to_owned() } else { plain };
        let candidates = std::iter::once(plain.clone()).chain((2..100).map(|number| format!("{plain}-{number}")));
        let free = candidates.into_iter().find(|name| !self.in_use.contains(name));
        free.unwrap_or_else(|| format!("c{id}"))
    }
}

impl Recorded {
    fn new() -> Self {
        Self {
            name: String::new(),
            version: ProtocolVersion::V5_0,
            client: FrameDecoder::new(MAX_PACKET),
            server: FrameDecoder::new(16 * MAX_PACKET),
            beginning: Some(Vec::new()),
            ignored: false,
            due: Vec::new(),
            asked: 0,
            at_once: true,
            news: false,
            over: false,
        }
    }
}

/// The packet, when it is encoded into the same bytes again and holds no text that stands for something else.
fn literal_or_packet(packet: PacketBuf, version: ProtocolVersion, frame: &[u8]) -> Outgoing {
    let placeholder = frame.windows(PLACEHOLDER.len()).any(|window| window == PLACEHOLDER.as_bytes());
    let same = packet.encode(version).is_ok_and(|bytes| bytes == frame);
    if same && !placeholder { Outgoing::Packet(packet) } else { Outgoing::Bytes(frame.to_vec()) }
}
