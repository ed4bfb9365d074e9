//! Packets that decode and are against the protocol: the wrong packet, the wrong moment, or more than the Server said
//! it takes.

use mqttspec_codec::{
    AuthBuf, ConnectBuf, DisconnectBuf, PacketBuf, PacketType, PropertyId, PropertyList, ProtocolVersion, PublishBuf,
    QoS, ReasonCode, SubscribeBuf,
};

use super::super::connection::Connection;
use super::super::event::Event;
use super::super::report::Report;
use super::super::rule::rules;
use super::super::state::State;
use super::Refusal;
use super::malformed::{codes, general};
use crate::Time;
use crate::model::Cite;

rules! {
    /// A Will above the Maximum QoS has the CONNECT refused.
    WILL_QOS = "" "" "MQTT-3.2.2-12";
    /// A retained Will is refused where Retain is not available.
    WILL_RETAIN = "" "" "MQTT-3.2.2-13";
    /// A zero-length Client Identifier needs Clean Session 1.
    EMPTY_CLIENT_ID = "" "MQTT-3.1.3-8" "";
    /// An Authentication Method that the Server does not support.
    AUTH_METHOD_UNKNOWN = "" "" "MQTT-4.12.0-1";
}

/// How the names of Authentication Methods begin that mqttspec makes up and no server can support.
const UNKNOWN_METHOD: &str = "mqttspec-unknown";

/// What is owed to `packet`, if it is an error by what the Server has been sent and has told.
pub(super) fn refusal(
    book: &State,
    connection: &Connection,
    event: &Event<'_>,
    packet: &PacketBuf,
    len: usize,
) -> Option<Refusal> {
    let version = connection.version;
    let error = |what: String, cite: Cite, fitting: &[ReasonCode]| Refusal {
        event: event.index,
        what,
        cite,
        codes: codes(version, fitting),
        instead: None,
        answers: None,
        only_accepting: false,
        is_connect: false,
        pings: connection.pings,
        since: Time::ZERO,
        pong: None,
    };
    if connection.connects == 0 {
        return Some(error(format!("{} before any CONNECT", packet.packet_type()), general(version), &[]));
    }
    let maximum = connection.told(PropertyId::MaximumPacketSize);
    if let Some(maximum) = maximum.filter(|maximum| len > *maximum as usize) {
        let what = format!("a {} of {len} bytes though CONNACK allows {maximum}", packet.packet_type());
        return Some(error(what, general(version), &[ReasonCode::PACKET_TOO_LARGE]));
    }
    if is_challenged(connection) && !matches!(packet, PacketBuf::Auth(_) | PacketBuf::Disconnect(_)) {
        let what = format!("{} in the middle of the authentication exchange", packet.packet_type());
        return Some(error(
            what,
            general(version),
            &[ReasonCode::NOT_AUTHORIZED, ReasonCode::BAD_AUTHENTICATION_METHOD],
        ));
    }
    match packet {
        PacketBuf::Connect(_) if connection.connects > 1 => {
            let cite = match version {
                ProtocolVersion::V3_1 => Cite::section("3.1"),
                _ => Cite::from("MQTT-3.1.0-2"),
            };
            Some(error("a second CONNECT".to_owned(), cite, &[]))
        }
        PacketBuf::Connect(connect) => refused_connect(connection, event, connect),
        PacketBuf::Publish(publish) => {
            publish_error(book, connection, publish).map(|(what, fitting)| error(what, general(version), &[fitting]))
        }
        PacketBuf::Subscribe(subscribe) => unsupported(connection, subscribe).map(|(what, fitting)| Refusal {
            instead: Some((PacketType::SubAck, subscribe.packet_id)),
            ..error(what, general(version), &[fitting])
        }),
        PacketBuf::Auth(auth) => auth_error(connection, auth)
            .map(|what| error(what, general(version), &[ReasonCode::BAD_AUTHENTICATION_METHOD])),
        PacketBuf::ConnAck(_) | PacketBuf::SubAck(_) | PacketBuf::UnsubAck(_) | PacketBuf::PingResp => {
            Some(error(format!("{}, which only a Server sends", packet.packet_type()), general(version), &[]))
        }
        _ => None,
    }
}

/// A CONNACK that accepts what, by its own words, the Server had to refuse.
pub(super) fn check_accepted(connection: &Connection, event: &Event<'_>, packet: &PacketBuf, report: &mut Report) {
    let (PacketBuf::ConnAck(connack), Some(connect)) = (packet, connection.terms()) else { return };
    let Some(will) = connect.will.as_ref().filter(|_| connack.reason_code == ReasonCode::SUCCESS) else { return };
    let events = [connection.connect_event.unwrap_or(event.index), event.index];
    let version = connection.version;
    if will.qos > connection.maximum_qos() {
        let message = format!(
            "the CONNECT of event {} with a Will at QoS {} was accepted in event {} with Maximum QoS {}",
            events[0],
            will.qos,
            events[1],
            connection.maximum_qos()
        );
        report.breach(WILL_QOS, version, connection.index, events, message);
    }
    if will.retain && connection.told(PropertyId::RetainAvailable) == Some(0) {
        let message = format!(
            "the CONNECT of event {} with a retained Will was accepted in event {} with Retain Available 0",
            events[0], events[1]
        );
        report.breach(WILL_RETAIN, version, connection.index, events, message);
    }
}

/// CONNECTs that are well formed and must be refused.
fn refused_connect(connection: &Connection, event: &Event<'_>, connect: &ConnectBuf) -> Option<Refusal> {
    let method = connect.properties.text(PropertyId::AuthenticationMethod);
    let (what, cite, codes) = match connection.version {
        // Answered with return code 2 and a close.
        ProtocolVersion::V3_1_1 if connect.client_id.is_empty() && !connect.clean_start => {
            let what = "a CONNECT with a zero-length Client Identifier and Clean Session 0";
            (what.to_owned(), EMPTY_CLIENT_ID, vec![ReasonCode::V3_IDENTIFIER_REJECTED])
        }
        ProtocolVersion::V5_0 if method.is_some_and(|method| method.starts_with(UNKNOWN_METHOD)) => {
            let what = format!(
                "a CONNECT with the Authentication Method {:?}, which nobody knows",
                method.unwrap_or_default()
            );
            let codes = [ReasonCode::BAD_AUTHENTICATION_METHOD, ReasonCode::NOT_AUTHORIZED];
            (what, AUTH_METHOD_UNKNOWN, self::codes(ProtocolVersion::V5_0, &codes))
        }
        _ => return None,
    };
    Some(Refusal {
        event: event.index,
        what,
        cite: Cite::from(cite.cite(connection.version)),
        codes,
        instead: None,
        answers: None,
        only_accepting: false,
        is_connect: true,
        pings: connection.pings,
        since: Time::ZERO,
        pong: None,
    })
}

/// Whether the Server waits for our answer to its challenge: it asked for AUTH and has not accepted yet.
fn is_challenged(connection: &Connection) -> bool {
    connection.challenged && connection.connack.is_none()
}

fn publish_error(book: &State, connection: &Connection, publish: &PublishBuf) -> Option<(String, ReasonCode)> {
    if connection.version != ProtocolVersion::V5_0 || !connection.accepted() {
        return None;
    }
    let alias = publish.properties.integer(PropertyId::TopicAlias);
    let maximum = connection.told(PropertyId::TopicAliasMaximum).unwrap_or(0);
    if let Some(alias) = alias.filter(|alias| *alias > maximum) {
        let what = format!("a PUBLISH with Topic Alias {alias} though CONNACK allows {maximum}");
        return Some((what, ReasonCode::TOPIC_ALIAS_INVALID));
    }
    if publish.topic.is_empty() && connection.own_topic_of(publish).is_none() {
        return Some(("a PUBLISH whose Topic Alias was never set".to_owned(), ReasonCode::TOPIC_ALIAS_INVALID));
    }
    if publish.properties.find(PropertyId::SubscriptionIdentifier).is_some() {
        return Some(("a PUBLISH with a Subscription Identifier".to_owned(), ReasonCode::PROTOCOL_ERROR));
    }
    if publish.qos > connection.maximum_qos() {
        let what = format!("a PUBLISH at QoS {} though CONNACK allows {}", publish.qos, connection.maximum_qos());
        return Some((what, ReasonCode::QOS_NOT_SUPPORTED));
    }
    if publish.retain && connection.told(PropertyId::RetainAvailable) == Some(0) {
        let what = "a retained PUBLISH though CONNACK says that Retain is not available".to_owned();
        return Some((what, ReasonCode::RETAIN_NOT_SUPPORTED));
    }
    let receive_maximum = connection.told(PropertyId::ReceiveMaximum).unwrap_or(65_535);
    let held = book.held_open(connection);
    let is_new = publish.qos == QoS::ExactlyOnce && !publish.dup;
    (is_new && held >= receive_maximum as usize).then(|| {
        let count = held + 1;
        let what = format!("a PUBLISH that makes {count} messages in flight though CONNACK allows {receive_maximum}");
        (what, ReasonCode::RECEIVE_MAXIMUM_EXCEEDED)
    })
}

/// A PUBREC that shows more messages held open at once than the Server said it takes: what there is, and what is allowed.
pub(super) fn exceeded(book: &State, connection: &Connection, packet: &PacketBuf) -> Option<(usize, u32)> {
    let PacketBuf::PubRec(_) = packet else { return None };
    let allowed = connection.told(PropertyId::ReceiveMaximum)?;
    let held = book.held_open(connection);
    (connection.tainted.is_none() && held > allowed as usize).then_some((held, allowed))
}

/// What a SUBSCRIBE asks for that CONNACK denies.
fn unsupported(connection: &Connection, subscribe: &SubscribeBuf) -> Option<(String, ReasonCode)> {
    let denied = |id| connection.told(id) == Some(0);
    let any = |found: fn(&str) -> bool| subscribe.filters.iter().any(|s| found(&s.filter));
    // A SUBACK answers filter by filter: with several of them one may be refused and the others granted.
    if connection.version != ProtocolVersion::V5_0 || subscribe.filters.len() != 1 {
        return None;
    }
    let (what, code) = if denied(PropertyId::SharedSubscriptionAvailable) && any(|filter| filter.starts_with("$share/"))
    {
        ("a Shared Subscription", ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED)
    } else if denied(PropertyId::WildcardSubscriptionAvailable) && any(|filter| filter.contains(['+', '#'])) {
        ("a wildcard subscription", ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED)
    } else if denied(PropertyId::SubscriptionIdentifierAvailable)
        && subscribe.properties.find(PropertyId::SubscriptionIdentifier).is_some()
    {
        ("a Subscription Identifier", ReasonCode::SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED)
    } else {
        return None;
    };
    Some((format!("a SUBSCRIBE with {what}, which CONNACK says is not available"), code))
}

fn auth_error(connection: &Connection, auth: &AuthBuf) -> Option<String> {
    let connect = connection.terms()?;
    match connect.properties.text(PropertyId::AuthenticationMethod) {
        None => Some("AUTH though its CONNECT named no Authentication Method".to_owned()),
        Some(method) if auth.properties.text(PropertyId::AuthenticationMethod) != Some(method) => {
            Some("AUTH with another Authentication Method than its CONNECT".to_owned())
        }
        Some(_) => None,
    }
}

/// Whether this is a Session Expiry Interval above 0 in DISCONNECT after 0, or none, in CONNECT (3.14.2.2.2).
pub(super) fn revives_session(connection: &Connection, disconnect: &DisconnectBuf) -> bool {
    connection.terms().is_some()
        && connection.asked(PropertyId::SessionExpiryInterval).unwrap_or(0) == 0
        && disconnect.properties.integer(PropertyId::SessionExpiryInterval).is_some_and(|seconds| seconds > 0)
}

#[cfg(test)]
mod catalogue {
    use super::*;
    use crate::statements::Catalogue;

    #[test]
    fn every_statement_is_in_the_catalogue() {
        for (name, rule) in ALL {
            for version in ProtocolVersion::ALL {
                let cite = rule.cite(version);
                assert!(cite.is_empty() || Catalogue::of(version).get(cite).is_some(), "{name}: {cite} of {version}");
            }
        }
    }
}
