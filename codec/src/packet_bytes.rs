//! A packet that owns the frame it came in.

use core::fmt;

use bytes::Bytes;

use crate::packet::{
    Ack, Auth, ConnAck, Connect, Disconnect, ListSource, Packet, Properties, PropertySource, Publish, ReasonCodes,
    Rest, SubAck, Subscribe, Subscriptions, TopicFilters, UnsubAck, Unsubscribe, Utf8Str,
};
use crate::{DecodeError, PacketType, ProtocolVersion, decode};

/// A valid packet in one reference-counted buffer, and where in it each field is.
///
/// Cloning it copies no bytes, and it can be kept, queued and sent to other threads. [`packet`](Self::packet) borrows
/// it as the [`Packet`] that [`decode`] returned, in constant time. A field that has to outlive it becomes a `Bytes`
/// of its own with [`share`](Self::share).
///
/// ```
/// use mqttspec_codec::{FrameDecoder, Packet, PacketBytes, ProtocolVersion};
/// let mut frames = FrameDecoder::new(1024);
/// frames.push(&[0x30, 5, 0, 1, b't', b'h', b'i']);
/// let frame = frames.next_frame().unwrap().unwrap();
/// let packet = PacketBytes::decode(frame, ProtocolVersion::V3_1_1).unwrap();
/// let Packet::Publish(publish) = packet.packet() else { panic!() };
/// let payload = packet.share(publish.payload);
/// drop(packet);
/// assert_eq!(payload, "hi");
/// ```
#[derive(Clone)]
pub struct PacketBytes {
    frame: Bytes,
    /// The packet with all that it borrows left out.
    shape: Packet<'static>,
    /// Where the borrowed fields are, in the order in which [`PacketBytes::packet`] takes them.
    spans: [Span; 3],
}

/// A part of the frame.
#[derive(Clone, Copy, Default)]
struct Span {
    start: u32,
    len: u32,
}

impl PacketBytes {
    /// Decodes `frame`, which holds exactly one packet, as [`decode`] does.
    ///
    /// # Errors
    /// The first violation found.
    pub fn decode(frame: Bytes, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let (shape, slices) = split(decode(&frame, version)?);
        let spans = slices.map(|slice| Span::of(slice, &frame));
        Ok(Self { frame, shape, spans })
    }

    /// The packet, borrowed. Nothing is checked or copied again.
    pub fn packet(&self) -> Packet<'_> {
        let [a, b, c] = self.spans.map(|span| span.within(&self.frame));
        match self.shape {
            Packet::Connect(p) => Packet::Connect(Connect {
                properties: Properties::from_checked(a),
                client_id: Utf8Str::from_checked(b),
                rest: Rest::Wire(c),
                ..p
            }),
            Packet::ConnAck(p) => Packet::ConnAck(ConnAck { properties: Properties::from_checked(a), ..p }),
            Packet::Publish(p) => Packet::Publish(Publish {
                properties: Properties::from_checked(a),
                topic: Utf8Str::from_checked(b),
                payload: c,
                ..p
            }),
            Packet::PubAck(p) => Packet::PubAck(Ack { properties: Properties::from_checked(a), ..p }),
            Packet::PubRec(p) => Packet::PubRec(Ack { properties: Properties::from_checked(a), ..p }),
            Packet::PubRel(p) => Packet::PubRel(Ack { properties: Properties::from_checked(a), ..p }),
            Packet::PubComp(p) => Packet::PubComp(Ack { properties: Properties::from_checked(a), ..p }),
            Packet::Subscribe(p) => Packet::Subscribe(Subscribe {
                properties: Properties::from_checked(a),
                filters: Subscriptions::from_checked(b),
                ..p
            }),
            Packet::SubAck(p) => Packet::SubAck(SubAck {
                properties: Properties::from_checked(a),
                reason_codes: ReasonCodes::from_checked(b),
                ..p
            }),
            Packet::Unsubscribe(p) => Packet::Unsubscribe(Unsubscribe {
                properties: Properties::from_checked(a),
                filters: TopicFilters::from_checked(b),
                ..p
            }),
            Packet::UnsubAck(p) => Packet::UnsubAck(UnsubAck {
                properties: Properties::from_checked(a),
                reason_codes: ReasonCodes::from_checked(b),
                ..p
            }),
            Packet::PingReq => Packet::PingReq,
            Packet::PingResp => Packet::PingResp,
            Packet::Disconnect(p) => Packet::Disconnect(Disconnect { properties: Properties::from_checked(a), ..p }),
            Packet::Auth(p) => Packet::Auth(Auth { properties: Properties::from_checked(a), ..p }),
        }
    }

    /// The type of the packet.
    pub const fn packet_type(&self) -> PacketType {
        self.shape.packet_type()
    }

    /// The bytes of the whole packet, as they came.
    pub const fn frame(&self) -> &Bytes {
        &self.frame
    }

    /// `part`, which [`packet`](Self::packet) has lent, as a `Bytes` of its own that shares the buffer.
    ///
    /// # Panics
    /// When `part` does not lie within this packet.
    pub fn share(&self, part: &[u8]) -> Bytes {
        self.frame.slice_ref(part)
    }
}

/// A packet without what it borrows, and what it borrows.
fn split(packet: Packet<'_>) -> (Packet<'static>, [&[u8]; 3]) {
    let properties = Properties::EMPTY;
    let none: &[u8] = &[];
    match packet {
        Packet::Connect(Connect { clean_start, keep_alive, properties: list, client_id, version, flags, rest }) => {
            let rest = if let Rest::Wire(bytes) = rest { bytes } else { none };
            let slices = [checked(list), client_id.as_bytes(), rest];
            let client_id = Utf8Str::EMPTY;
            let rest = Rest::Wire(&[]);
            (Packet::Connect(Connect { clean_start, keep_alive, properties, client_id, version, flags, rest }), slices)
        }
        Packet::ConnAck(p) => {
            let ConnAck { session_present, reason_code, .. } = p;
            (Packet::ConnAck(ConnAck { session_present, reason_code, properties }), [checked(p.properties), none, none])
        }
        Packet::Publish(Publish { dup, qos, retain, topic, packet_id, properties: list, payload }) => {
            let slices = [checked(list), topic.as_bytes(), payload];
            let topic = Utf8Str::EMPTY;
            let payload = &[];
            (Packet::Publish(Publish { dup, qos, retain, topic, packet_id, properties, payload }), slices)
        }
        Packet::PubAck(p) => (Packet::PubAck(shape_of(p)), [checked(p.properties), none, none]),
        Packet::PubRec(p) => (Packet::PubRec(shape_of(p)), [checked(p.properties), none, none]),
        Packet::PubRel(p) => (Packet::PubRel(shape_of(p)), [checked(p.properties), none, none]),
        Packet::PubComp(p) => (Packet::PubComp(shape_of(p)), [checked(p.properties), none, none]),
        Packet::Subscribe(Subscribe { packet_id, properties: list, filters }) => {
            let slices = [checked(list), wire(filters.source()), none];
            (Packet::Subscribe(Subscribe { packet_id, properties, filters: Subscriptions::EMPTY }), slices)
        }
        Packet::SubAck(SubAck { packet_id, properties: list, reason_codes }) => {
            let slices = [checked(list), wire(reason_codes.source()), none];
            (Packet::SubAck(SubAck { packet_id, properties, reason_codes: ReasonCodes::EMPTY }), slices)
        }
        Packet::Unsubscribe(Unsubscribe { packet_id, properties: list, filters }) => {
            let slices = [checked(list), wire(filters.source()), none];
            (Packet::Unsubscribe(Unsubscribe { packet_id, properties, filters: TopicFilters::EMPTY }), slices)
        }
        Packet::UnsubAck(UnsubAck { packet_id, properties: list, reason_codes }) => {
            let slices = [checked(list), wire(reason_codes.source()), none];
            (Packet::UnsubAck(UnsubAck { packet_id, properties, reason_codes: ReasonCodes::EMPTY }), slices)
        }
        Packet::PingReq => (Packet::PingReq, [none; 3]),
        Packet::PingResp => (Packet::PingResp, [none; 3]),
        Packet::Disconnect(Disconnect { reason_code, properties: list }) => {
            (Packet::Disconnect(Disconnect { reason_code, properties }), [checked(list), none, none])
        }
        Packet::Auth(Auth { reason_code, properties: list }) => {
            (Packet::Auth(Auth { reason_code, properties }), [checked(list), none, none])
        }
    }
}

const fn shape_of(Ack { packet_id, reason_code, .. }: Ack<'_>) -> Ack<'static> {
    Ack { packet_id, reason_code, properties: Properties::EMPTY }
}

/// The bytes of a list that the decoder made, which is never an owned one.
const fn checked(list: Properties<'_>) -> &[u8] {
    match list.source() {
        PropertySource::Wire(bytes) => bytes,
        PropertySource::Owned(_) => &[],
    }
}

/// As [`checked`], for the lists in payloads.
const fn wire<'a, T>(source: ListSource<'a, T>) -> &'a [u8] {
    match source {
        ListSource::Wire(bytes) => bytes,
        ListSource::Owned(_) => &[],
    }
}

impl Span {
    /// Where `part` is in `frame`. No packet is longer than 268,435,460 bytes, so 32 bits are enough.
    fn of(part: &[u8], frame: &[u8]) -> Self {
        // What is empty need not lie within the frame.
        if part.is_empty() {
            return Self::default();
        }
        Self { start: (part.as_ptr().addr() - frame.as_ptr().addr()) as u32, len: part.len() as u32 }
    }

    fn within(self, frame: &[u8]) -> &[u8] {
        let start = self.start as usize;
        &frame[start..start + self.len as usize]
    }
}

impl PartialEq for PacketBytes {
    fn eq(&self, other: &Self) -> bool {
        self.packet() == other.packet()
    }
}

impl Eq for PacketBytes {}

impl fmt::Debug for PacketBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.packet().fmt(f)
    }
}
