//! Broken packets: any of the codec's mutations of any packet that a client sends.

use mqttspec_codec::{
    DisconnectBuf, Mutation, PacketBuf, PacketType, PropertyAt, PropertyBuf, PropertyId, PropertyPlace,
    ProtocolVersion, QoS, ReasonCode, StringField, TopicField, UnsubscribeBuf, diagnose,
};

use super::play::{Play, Who};
use super::unlawful::ack;
use crate::broker::AUTHENTICATION_METHOD;
use crate::model::{ConnectExt, Outgoing, PublishExt, WillExt, auth, connect, publish, subscribe, will};

/// Tries after which a packet is broken in the plainest way.
const TRIES: usize = 20;
/// Packets that are tried with each mutation.
const PACKETS: usize = 12;

/// Sends a packet broken by one mutation.
pub(super) fn sends_a_broken_packet(play: &mut Play<'_>, client: Who, topic: &'static str) {
    let version = play.actors[client].version;
    let (packet, mutation) = if play.dice.one_in(4) { named(play, version) } else { broken(play, version) };
    if packet.packet_type() == PacketType::Connect {
        play.open(client);
    } else if packet.packet_type() == PacketType::Auth {
        play.open(client);
        let mut connect = play.plain_connect(client);
        connect.properties.push(PropertyBuf::authentication_method(AUTHENTICATION_METHOD));
        play.send(client, connect);
        play.wait_for_answers(client);
        play.send(client, Outgoing::AnswerChallenge { to: play.challenge_of(client), wrong: false });
        play.wait_for_answers(client);
    } else if packet.packet_type() == PacketType::Disconnect {
        // It does not end the connection as a sound one does: the will is published.
        let mut connect = play.plain_connect(client);
        let at = play.profile.abilities.maximum_qos.min(QoS::AtLeastOnce);
        connect.will = Some(will(topic, "broken goodbye").at(at));
        play.connect(client, connect);
    } else {
        play.ensure(client);
    }
    let mutated = Outgoing::Mutated { packet, mutation };
    play.send(client, mutated);
}

/// A packet and a mutation of it that is certainly wrong. Each family of mutations is as likely as the others.
fn broken(play: &mut Play<'_>, version: ProtocolVersion) -> (PacketBuf, Mutation) {
    for _ in 0..TRIES {
        let family = play.dice.below(families().len());
        let (from, to) = families()[family];
        let mutation = Mutation::ALL[play.dice.between(from, to - 1)];
        // Most mutations are for a few types of packets only.
        for _ in 0..PACKETS {
            let packet = any_packet(play, version);
            if mutation.apply(&packet, version).is_some_and(|bytes| is_certainly_wrong(version, &bytes)) {
                return (packet, mutation);
            }
        }
    }
    (PacketBuf::PingReq, Mutation::UnexpectedBody)
}

/// One of the errors that each have a sentence of their own, in the packet it is about.
fn named(play: &mut Play<'_>, version: ProtocolVersion) -> (PacketBuf, Mutation) {
    let flag = play.dice.pick(&[Mutation::FlagBit0, Mutation::FlagBit1, Mutation::FlagBit2, Mutation::FlagBit3]);
    for _ in 0..TRIES {
        let (kind, mutation) = if play.dice.coin() {
            let kind = play.dice.pick(&[
                PacketType::Subscribe,
                PacketType::Unsubscribe,
                PacketType::PubRel,
                PacketType::Disconnect,
                PacketType::Auth,
                PacketType::PingReq,
            ]);
            (kind, flag)
        } else {
            play.dice.pick(NAMED)
        };
        let packet = packet_of(play, version, kind);
        if mutation.apply(&packet, version).is_some_and(|bytes| is_certainly_wrong(version, &bytes)) {
            return (packet, mutation);
        }
    }
    broken(play, version)
}

/// Errors of which the codec knows so many of the same family that they would be rare.
const NAMED: &[(PacketType, Mutation)] = &[
    (PacketType::Publish, Mutation::NullCharacter(StringField::TopicName)),
    (PacketType::Publish, Mutation::IllFormedUtf8(StringField::TopicName)),
    (PacketType::Publish, Mutation::NullCharacter(StringField::Property(header(PropertyId::ContentType)))),
    (PacketType::Publish, Mutation::PropertyOutOfRange(header(PropertyId::TopicAlias))),
    (PacketType::Publish, Mutation::MultiLevelWildcard(TopicField::TopicName)),
    (PacketType::Publish, Mutation::MultiLevelWildcard(TopicField::ResponseTopic(PropertyPlace::Header))),
    (PacketType::Subscribe, Mutation::NullCharacter(StringField::TopicFilter)),
    (PacketType::Subscribe, Mutation::NoLocalOnShared),
    (PacketType::Publish, Mutation::PublishQoS3),
    (PacketType::Connect, Mutation::WillQoSWithoutWill),
    (PacketType::Connect, Mutation::WillRetainWithoutWill),
    (PacketType::Connect, Mutation::ConnectReservedFlag),
];

const fn header(id: PropertyId) -> PropertyAt {
    PropertyAt { place: PropertyPlace::Header, id }
}

/// Whether a server that acts on these bytes does wrong, or at least deviates.
fn is_certainly_wrong(version: ProtocolVersion, bytes: &[u8]) -> bool {
    let diagnosis = diagnose(bytes, version);
    // A packet that is not complete yet is no error, and one that ends early begins another.
    let whole = !matches!(mqttspec_codec::frame_len(bytes), Ok(len) if len != Some(bytes.len()));
    !diagnosis.is_valid() && !diagnosis.is_debatable(version, bytes) && whole
}

/// Where each family of [`Mutation::ALL`] begins and ends.
fn families() -> &'static [(usize, usize)] {
    static FAMILIES: std::sync::LazyLock<Vec<(usize, usize)>> = std::sync::LazyLock::new(|| {
        let mut families = Vec::new();
        let mut from = 0;
        for at in 1..=Mutation::ALL.len() {
            let ends = Mutation::ALL.get(at).is_none_or(|next| next.family() != Mutation::ALL[from].family());
            if ends {
                families.push((from, at));
                from = at;
            }
        }
        families
    });
    &FAMILIES
}

/// A sound packet that a client could send next.
fn any_packet(play: &mut Play<'_>, version: ProtocolVersion) -> PacketBuf {
    use PacketType as P;
    let kind = play.dice.weighted(&[
        (3, P::Connect),
        (4, P::Publish),
        (2, P::Subscribe),
        (1, P::Unsubscribe),
        (1, P::PingReq),
        (1, P::Disconnect),
        (1, P::PubRel),
        (1, P::PubAck),
        (1, P::PubRec),
        (1, P::PubComp),
        (1, P::Auth),
    ]);
    packet_of(play, version, kind)
}

/// A sound packet of this type, as full as may be; PINGREQ where there is none.
fn packet_of(play: &mut Play<'_>, version: ProtocolVersion, kind: PacketType) -> PacketBuf {
    let topic = play.pool.topic(&mut play.dice);
    let is_5 = version.has_properties();
    let user = if is_5 && play.dice.coin() { vec![PropertyBuf::user_property("k", "v")] } else { Vec::new() };
    // Identifiers that nothing else in the history has.
    let packet_id = 9_000 + play.dice.below(100) as u16;
    match kind {
        PacketType::Connect => any_connect(play, version),
        PacketType::Publish => any_publish(play, topic, packet_id, is_5),
        PacketType::Subscribe => {
            let mut packet = subscribe(packet_id, topic, QoS::AtLeastOnce);
            if is_5 && play.profile.abilities.subscription_identifiers && play.dice.coin() {
                packet.properties.push(PropertyBuf::subscription_identifier(5));
            }
            PacketBuf::Subscribe(packet)
        }
        PacketType::Unsubscribe => {
            PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, properties: user, filters: vec![topic.to_owned()] })
        }
        PacketType::Disconnect => {
            let reason_code = ReasonCode::NORMAL_DISCONNECTION;
            PacketBuf::Disconnect(DisconnectBuf { reason_code, properties: user })
        }
        PacketType::PubRel => PacketBuf::PubRel(ack(packet_id)),
        PacketType::PubAck => PacketBuf::PubAck(ack(packet_id)),
        PacketType::PubRec => PacketBuf::PubRec(ack(packet_id)),
        PacketType::PubComp => PacketBuf::PubComp(ack(packet_id)),
        PacketType::Auth if is_5 && play.profile.abilities.challenge => {
            PacketBuf::Auth(auth(ReasonCode::RE_AUTHENTICATE, AUTHENTICATION_METHOD, None))
        }
        _ => PacketBuf::PingReq,
    }
}

fn any_publish(play: &mut Play<'_>, topic: &'static str, packet_id: u16, is_5: bool) -> PacketBuf {
    let high = play.dice.coin() && play.profile.abilities.maximum_qos > QoS::AtMostOnce;
    let mut packet = publish(topic, "broken").at(if high { QoS::AtLeastOnce } else { QoS::AtMostOnce }, packet_id);
    if is_5 && play.dice.coin() {
        packet.properties = vec![
            PropertyBuf::content_type("text/plain"),
            PropertyBuf::payload_format_indicator(1),
            PropertyBuf::message_expiry_interval(60),
            PropertyBuf::response_topic("{ns}/answers"),
            PropertyBuf::correlation_data([1, 2, 3]),
            PropertyBuf::user_property("k", "v"),
        ];
        if play.profile.abilities.topic_alias_maximum > 0 {
            packet.properties.push(PropertyBuf::topic_alias(1));
        }
    }
    PacketBuf::Publish(packet)
}

fn any_connect(play: &mut Play<'_>, version: ProtocolVersion) -> PacketBuf {
    let mut packet = connect(version, "{ns}broken");
    if play.dice.coin() {
        packet = packet.will(will("{ns}/will", "gone").at(QoS::AtMostOnce));
    }
    if play.profile.abilities.any_user && play.dice.coin() {
        packet = packet.credentials("{ns}user", "secret");
    }
    if version.has_properties() && play.dice.coin() {
        packet.properties = vec![
            PropertyBuf::session_expiry_interval(10),
            PropertyBuf::receive_maximum(10),
            PropertyBuf::maximum_packet_size(100_000),
            PropertyBuf::topic_alias_maximum(10),
            PropertyBuf::request_response_information(0),
            PropertyBuf::request_problem_information(1),
            PropertyBuf::user_property("k", "v"),
        ];
    }
    PacketBuf::Connect(packet)
}
