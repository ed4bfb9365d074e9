//! Decoding with faults: packets that should be refused are repaired and taken, or ignored.

use mqttspec_codec::topic::TopicError;
use mqttspec_codec::{
    ConnectBuf, DecodeError, PacketBuf, PacketType, PropertyId, ProtocolVersion, PublishBuf, QoS, RetainHandling,
    SubscribeBuf, SubscriptionBuf, SubscriptionOptions, UnsubscribeBuf, ValueBuf, varint,
};

use super::{Fault, FaultSet};

/// What became of a packet.
#[derive(Debug, PartialEq)]
pub(super) enum Tolerated {
    /// It is acted upon.
    Packet(PacketBuf),
    /// It is taken for nothing.
    Ignored,
}

/// Decodes strictly, and leniently where a fault of `faults` wants it.
pub(super) fn decode(frame: &[u8], version: ProtocolVersion, faults: FaultSet) -> Result<Tolerated, DecodeError> {
    let error = match PacketBuf::decode(frame, version) {
        Ok(packet) => return Ok(Tolerated::Packet(packet)),
        Err(error) => error,
    };
    let on = |fault: Fault| faults.contains(fault) && fault.statement(version).is_some();
    if faults.is_empty() {
        return Err(error);
    }
    let packet_type = PacketType::from_value(frame[0] >> 4);
    if let Some(fault) = packet_type.and_then(|packet_type| forgiven_by(packet_type, error, frame))
        && on(fault)
    {
        return Ok(repair(frame, version, error).map_or(Tolerated::Ignored, Tolerated::Packet));
    }
    if on(Fault::OpenAfterMalformedPacket) { Ok(Tolerated::Ignored) } else { Err(error) }
}

/// The fault under which the broker tolerates this error.
fn forgiven_by(packet_type: PacketType, error: DecodeError, frame: &[u8]) -> Option<Fault> {
    use DecodeError as E;
    use PacketType as P;
    Some(match (packet_type, error) {
        (P::PingReq | P::PubAck | P::PubRec | P::PubComp, E::InvalidFixedHeaderFlags(_)) => {
            Fault::AcceptWrongFixedHeaderFlags
        }
        (P::PubRel, E::InvalidFixedHeaderFlags(_)) => Fault::PubRelWrongFlags,
        (P::Subscribe, E::InvalidFixedHeaderFlags(_)) => Fault::AcceptSubscribeFlags,
        (P::Unsubscribe, E::InvalidFixedHeaderFlags(_)) => Fault::AcceptUnsubscribeFlags,
        (P::Disconnect, E::InvalidFixedHeaderFlags(_)) => Fault::AcceptDisconnectFlags,
        (P::Auth, E::InvalidFixedHeaderFlags(_)) => Fault::AcceptAuthFlags,
        (P::Publish | P::Subscribe | P::Unsubscribe, E::ZeroPacketId) => Fault::AcceptPacketIdentifierZero,
        (P::Publish, E::InvalidQoS) => Fault::AcceptQos3,
        (P::Publish, E::IllFormedUtf8) => Fault::AcceptIllFormedUtf8,
        (P::Publish, E::NulCharacter) if topic_is_sound(frame) => Fault::AcceptNullInContentType,
        (P::Publish, E::NulCharacter | E::TopicName(TopicError::NulCharacter)) => Fault::AcceptNullCharacter,
        (P::Publish, E::TopicName(TopicError::WildcardInName)) => match split_publish(frame) {
            Some(parts) if parts.topic.iter().any(|byte| b"+#".contains(byte)) => Fault::AcceptWildcardInTopicName,
            _ => Fault::AcceptWildcardResponseTopic,
        },
        (P::Publish, E::TopicName(TopicError::Empty) | E::EmptyTopicWithoutAlias) => Fault::AcceptEmptyTopicName,
        (P::Publish, E::PropertyOutOfRange(PropertyId::TopicAlias)) => Fault::AcceptTopicAliasZero,
        (P::Subscribe, E::NoTopicFilters) => Fault::AcceptSubscribeWithoutFilters,
        (P::Unsubscribe, E::NoTopicFilters) => Fault::AcceptUnsubscribeWithoutFilters,
        (P::Subscribe, E::ReservedSubscriptionOptions(_)) => Fault::AcceptReservedSubscriptionOptions,
        (P::Subscribe, E::NoLocalOnSharedSubscription) => Fault::AcceptNoLocalOnShared,
        (P::Subscribe | P::Unsubscribe, E::NulCharacter | E::TopicFilter(TopicError::NulCharacter)) => {
            Fault::AcceptNullInFilter
        }
        (P::Subscribe | P::Unsubscribe, E::TopicFilter(TopicError::Empty)) => Fault::AcceptEmptyTopicFilter,
        (P::Subscribe | P::Unsubscribe, E::TopicFilter(TopicError::MisplacedMultiLevelWildcard)) => {
            Fault::AcceptMisplacedHash
        }
        (P::Subscribe | P::Unsubscribe, E::TopicFilter(TopicError::MisplacedSingleLevelWildcard)) => {
            Fault::AcceptMisplacedPlus
        }
        (P::Subscribe | P::Unsubscribe, E::TopicFilter(TopicError::EmptyShareName)) => Fault::AcceptEmptyShareName,
        (
            P::Subscribe | P::Unsubscribe,
            E::TopicFilter(TopicError::WildcardInShareName | TopicError::MissingSharedFilter),
        ) => Fault::AcceptWildcardShareName,
        _ => return None,
    })
}

fn repair(frame: &[u8], version: ProtocolVersion, error: DecodeError) -> Option<PacketBuf> {
    let packet_type = PacketType::from_value(frame[0] >> 4)?;
    if let DecodeError::InvalidFixedHeaderFlags(_) = error {
        let mut frame = frame.to_vec();
        frame[0] = frame[0] & 0xF0 | packet_type.fixed_flags()?;
        return PacketBuf::decode(&frame, version).ok();
    }
    match packet_type {
        PacketType::Publish if error == DecodeError::NulCharacter && topic_is_sound(frame) => {
            publish_with_null(frame, version).map(PacketBuf::Publish)
        }
        PacketType::Publish => publish(frame, version).map(PacketBuf::Publish),
        PacketType::Subscribe => subscribe(frame, version).map(PacketBuf::Subscribe),
        PacketType::Unsubscribe => unsubscribe(frame, version).map(PacketBuf::Unsubscribe),
        _ => None,
    }
}

/// The body of a frame, after its fixed header.
fn body_of(frame: &[u8]) -> Option<&[u8]> {
    let (_, length_len) = varint::decode(frame.get(1..)?).ok()??;
    frame.get(1 + length_len..)
}

fn frame_with(first_byte: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![first_byte];
    // Bodies are no longer than the frame they come from, which had a Remaining Length.
    let _ = varint::encode(u32::try_from(body.len()).unwrap_or(varint::MAX), &mut frame);
    frame.extend_from_slice(body);
    frame
}

/// Takes a field with a two-byte length off the front.
fn take_field<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = usize::from(take_integer(bytes)?);
    let (field, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(field)
}

fn take_integer(bytes: &mut &[u8]) -> Option<u16> {
    let (integer, rest) = bytes.split_at_checked(2)?;
    *bytes = rest;
    Some(u16::from_be_bytes([integer[0], integer[1]]))
}

struct PublishParts<'a> {
    topic: &'a [u8],
    packet_id: Option<u16>,
    /// Properties and payload.
    rest: &'a [u8],
}

fn split_publish(frame: &[u8]) -> Option<PublishParts<'_>> {
    let mut body = body_of(frame)?;
    let topic = take_field(&mut body)?;
    let packet_id = if frame[0] & 0b0110 == 0 { None } else { Some(take_integer(&mut body)?) };
    Some(PublishParts { topic, packet_id, rest: body })
}

fn topic_is_sound(frame: &[u8]) -> bool {
    split_publish(frame).is_some_and(|parts| !parts.topic.contains(&0))
}

/// A PUBLISH whose first property is a Content Type with U+0000.
fn publish_with_null(frame: &[u8], version: ProtocolVersion) -> Option<PublishBuf> {
    const STAND_IN: u8 = 1;
    let rest = split_publish(frame)?.rest;
    let (_, length_len) = varint::decode(rest).ok()??;
    let mut property = rest.get(length_len..)?;
    if *property.split_off_first()? != PropertyId::ContentType.value() {
        return None;
    }
    let text_len = take_field(&mut property)?.len();
    let text = frame.len() - property.len() - text_len..frame.len() - property.len();
    let mut sound = frame.to_vec();
    for byte in sound.get_mut(text)?.iter_mut().filter(|byte| **byte == 0) {
        *byte = STAND_IN;
    }
    let PacketBuf::Publish(mut publish) = PacketBuf::decode(&sound, version).ok()? else { return None };
    if let Some(ValueBuf::Utf8String(text)) = publish.properties.first_mut().map(|property| &mut property.value) {
        *text = text.replace(char::from(STAND_IN), "\0");
    }
    Some(publish)
}

/// Any topic name, any packet identifier; the rest must be sound.
fn publish(frame: &[u8], version: ProtocolVersion) -> Option<PublishBuf> {
    let parts = split_publish(frame)?;
    let mut body = vec![0, 1, b'x'];
    if parts.packet_id.is_some() {
        body.extend_from_slice(&[0, 1]);
    }
    body.extend_from_slice(parts.rest);
    let PacketBuf::Publish(mut publish) = PacketBuf::decode(&frame_with(frame[0], &body), version).ok()? else {
        return None;
    };
    publish.topic = String::from_utf8_lossy(parts.topic).into_owned();
    publish.packet_id = parts.packet_id;
    Some(publish)
}

/// Packet identifier, properties, and the filters as they are.
fn split_subscription(frame: &[u8], version: ProtocolVersion) -> Option<(u16, &[u8], &[u8])> {
    let mut body = body_of(frame)?;
    let packet_id = take_integer(&mut body)?;
    if version != ProtocolVersion::V5_0 {
        return Some((packet_id, &[], body));
    }
    let (len, length_len) = varint::decode(body).ok()??;
    let (properties, filters) = body.split_at_checked(length_len + len as usize)?;
    Some((packet_id, properties, filters))
}

/// Any filters, any options, any packet identifier; the properties must be sound.
fn subscribe(frame: &[u8], version: ProtocolVersion) -> Option<SubscribeBuf> {
    let (packet_id, properties, mut rest) = split_subscription(frame, version)?;
    let sound = [&[0, 1], properties, &[0, 1, b'x', 0]].concat();
    let PacketBuf::Subscribe(mut subscribe) = PacketBuf::decode(&frame_with(0x82, &sound), version).ok()? else {
        return None;
    };
    subscribe.packet_id = packet_id;
    subscribe.filters.clear();
    while !rest.is_empty() {
        let filter = String::from_utf8_lossy(take_field(&mut rest)?).into_owned();
        let (&options, after) = rest.split_first()?;
        rest = after;
        subscribe.filters.push(SubscriptionBuf { filter, options: lenient_options(options, version) });
    }
    Some(subscribe)
}

fn lenient_options(byte: u8, version: ProtocolVersion) -> SubscriptionOptions {
    let qos = QoS::from_value(byte & 0b11).unwrap_or(QoS::ExactlyOnce);
    if version != ProtocolVersion::V5_0 {
        return SubscriptionOptions { qos, ..SubscriptionOptions::default() };
    }
    SubscriptionOptions {
        qos,
        no_local: byte & 0b100 != 0,
        retain_as_published: byte & 0b1000 != 0,
        retain_handling: match byte >> 4 & 0b11 {
            0 => RetainHandling::SendAtSubscribe,
            1 => RetainHandling::SendIfNew,
            _ => RetainHandling::DoNotSend,
        },
    }
}

fn unsubscribe(frame: &[u8], version: ProtocolVersion) -> Option<UnsubscribeBuf> {
    let (packet_id, properties, mut rest) = split_subscription(frame, version)?;
    let sound = [&[0, 1], properties, &[0, 1, b'x']].concat();
    let PacketBuf::Unsubscribe(mut unsubscribe) = PacketBuf::decode(&frame_with(0xA2, &sound), version).ok()? else {
        return None;
    };
    unsubscribe.packet_id = packet_id;
    unsubscribe.filters.clear();
    while !rest.is_empty() {
        unsubscribe.filters.push(String::from_utf8_lossy(take_field(&mut rest)?).into_owned());
    }
    Some(unsubscribe)
}

/// Connect Flags (3.1.2.3).
const RESERVED: u8 = 0b0000_0001;
const WILL_QOS: u8 = 0b0001_1000;
const WILL_RETAIN: u8 = 0b0010_0000;
const PASSWORD: u8 = 0b0100_0000;
const WILL: u8 = 0b0000_0100;

/// Repairs a CONNECT, if a fault tolerates what is wrong with it.
pub(super) fn connect(frame: &[u8], error: DecodeError, faults: FaultSet) -> Option<ConnectBuf> {
    let mut rest = body_of(frame)?;
    let name = take_field(&mut rest)?;
    let (&level, mut rest) = rest.split_first()?;
    let (&flags, after_flags) = rest.split_first()?;
    rest = after_flags;
    let version = ProtocolVersion::from_name_and_level(name, level);
    let on =
        |fault: Fault| faults.contains(fault) && fault.statement(version.unwrap_or(ProtocolVersion::V3_1_1)).is_some();
    let rebuild = |name: &[u8], level: u8, flags: u8, rest: &[u8]| {
        let body = [&(name.len() as u16).to_be_bytes()[..], name, &[level, flags], rest].concat();
        match PacketBuf::decode(&frame_with(frame[0], &body), ProtocolVersion::V5_0) {
            Ok(PacketBuf::Connect(connect)) => Some(connect),
            _ => None,
        }
    };
    match error {
        DecodeError::UnsupportedProtocolName if on(Fault::AcceptProtocolName) => {
            [level, 4, 5].iter().find_map(|&level| rebuild(b"MQTT", level, flags, rest))
        }
        DecodeError::UnsupportedProtocolLevel(level) if on(Fault::AcceptProtocolLevel) => {
            let order = if level > 5 { [5, 4] } else { [4, 5] };
            order.iter().find_map(|&level| rebuild(b"MQTT", level, flags, rest))
        }
        DecodeError::ReservedConnectFlag if on(Fault::AcceptReservedConnectFlag) => {
            rebuild(name, level, flags & !RESERVED, rest)
        }
        DecodeError::WillFlagsWithoutWill => {
            let wrong_qos = flags & WILL_QOS != 0;
            let fault = if wrong_qos { Fault::AcceptWillQosWithoutWill } else { Fault::AcceptWillRetainWithoutWill };
            if on(fault) { rebuild(name, level, flags & !(WILL_QOS | WILL_RETAIN), rest) } else { None }
        }
        DecodeError::InvalidQoS if on(Fault::AcceptWillQos3) => {
            rebuild(name, level, flags & !WILL_QOS | 0b0001_0000, rest)
        }
        DecodeError::PasswordWithoutUserName if on(Fault::AcceptPasswordWithoutUserName) => {
            let (_, mut fields) = rest.split_at_checked(2)?;
            for _ in 0..if flags & WILL == 0 { 1 } else { 3 } {
                take_field(&mut fields)?;
            }
            rebuild(name, level, flags & !PASSWORD, &rest[..rest.len() - fields.len()])
        }
        _ => None,
    }
}

/// Whether a CONNECT with an unknown Protocol Level has the layout of 3.1.1.
pub(super) fn reads_as_3_1_1(frame: &[u8]) -> bool {
    let mut frame = frame.to_vec();
    let level = varint::decode(frame.get(1..).unwrap_or_default()).ok().flatten().map(|(_, len)| 1 + len + 6);
    match level.and_then(|at| frame.get_mut(at)) {
        Some(level) => *level = ProtocolVersion::V3_1_1.protocol_level(),
        None => return false,
    }
    PacketBuf::decode(&frame, ProtocolVersion::V3_1_1).is_ok()
}

/// Takes all whole frames off the front of `bytes`, each with its Remaining Length written in as few bytes as possible.
pub(super) fn take_frames_with_minimal_length(bytes: &mut Vec<u8>) -> Vec<u8> {
    let mut frames = Vec::new();
    let mut consumed = 0;
    while let Some((len, length_len)) = any_length(&bytes[consumed..]) {
        let start = consumed + 1 + length_len;
        let Some(body) = bytes.get(start..start + len) else { break };
        frames.extend_from_slice(&frame_with(bytes[consumed], body));
        consumed = start + len;
    }
    bytes.drain(..consumed);
    frames
}

/// The Remaining Length after the first byte, and how many bytes it takes; up to four, minimal or not.
fn any_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.get(1..)?.iter().take(4).enumerate() {
        value |= usize::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}
