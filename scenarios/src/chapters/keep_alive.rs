//! 3.1.2.10 Keep Alive: who is silent for too long is dropped, who is not stays.

use mqttspec_codec::{ConnectBuf, PacketType, PropertyId, ProtocolVersion, QoS, ReasonCode};

use super::idioms::{ALL, Idioms, V5, each};
use crate::duty::{self, Duty};
use crate::model::{
    Alternative, ConnectExt, Dialogue, Ending, Field, On, Pattern, Scenario, connect, publish, refused_connection,
};

const CHAPTER: &str = "3.1 CONNECT";
const DROPPED: Duty = Duty::new("MQTT31-3.1-7", "MQTT-3.1.2-24", "MQTT-3.1.2-22");
const CLIENTS_OWN: Duty = Duty::new("", "", "MQTT-3.2.2-22");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = each(ALL, silent_client_is_dropped);
    all.extend(each(ALL, silence_after_activity));
    all.extend(each(ALL, dropped_session_is_kept));
    all.extend(each(V5, pings_keep_it_alive));
    all.extend(each(V5, messages_keep_it_alive));
    all.extend(each(V5, zero_turns_it_off));
    all
}

/// Connect with a Keep Alive that the target does not replace by its own.
fn connects_keeping(on: On<'_>, packet: ConnectBuf) -> On<'_> {
    let v = packet.version;
    let accepted = Pattern::any(PacketType::ConnAck).reason(&[ReasonCode::SUCCESS]);
    let replaced = Alternative::Stop {
        pattern: accepted.clone().check(Field::PropertyPresent(PropertyId::ServerKeepAlive)),
        not_applicable: true,
        why: "the target uses a Keep Alive of its own".to_owned(),
    };
    let accepted = accepted.check(Field::PropertyAbsent(PropertyId::ServerKeepAlive));
    on.opens()
        .sends(packet)
        .expects_one_of(vec![accepted.into(), replaced, refused_connection(v)], duty::CONNACK_OWED.cite(v))
}

/// What ends a connection for its Keep Alive.
fn timeout(v: ProtocolVersion) -> Ending {
    if v.has_properties() { Ending::disconnect(&[ReasonCode::KEEP_ALIVE_TIMEOUT]) } else { Ending::bare() }
}

fn silent_client_is_dropped(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "keep-alive/silent-client-is-dropped",
        "A client that is silent after CONNECT is dropped after one and a half times its Keep Alive",
    )
    .proves_duties(&[DROPPED, CLIENTS_OWN]);
    d.on("bob").connects().fences();
    connects_keeping(d.on("alice"), connect(v, "{ns}alice").keep_alive(1)).ends_in_time(timeout(v), DROPPED.cite(v));
    d.on("bob").fences();
    d.build()
}

fn silence_after_activity(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "keep-alive/silence-after-activity",
        "A client that falls silent after some traffic is dropped, though messages still go to it",
    )
    .proves_duties(&[DROPPED]);
    let message = publish("{ns}/busy", "to a silent client");
    d.on("bob").connects();
    connects_keeping(d.on("alice"), connect(v, "{ns}alice").keep_alive(1)).subscribes(1, "{ns}/busy", QoS::AtMostOnce);
    d.on("alice").fences();
    d.on("bob").publishes(message.clone());
    d.on("alice").receives(&message, "m").ends_in_time(timeout(v), DROPPED.cite(v));
    d.build()
}

fn dropped_session_is_kept(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "keep-alive/session-is-kept",
        "A client that was dropped for its Keep Alive finds its session again, as after a network failure",
    )
    .proves_duties(&[DROPPED, duty::SESSION_PRESENT_1]);
    let packet = connect(v, "{ns}alice").persistent();
    connects_keeping(d.on("alice"), packet.clone().keep_alive(1)).ends_in_time(timeout(v), DROPPED.cite(v));
    d.on("alice").resumes_with(packet).fences();
    d.build()
}

fn pings_keep_it_alive(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "keep-alive/pings-keep-it-alive",
        "A client that sends PINGREQ within its Keep Alive stays connected",
    )
    .proves(&["MQTT-3.2.2-22"]);
    connects_keeping(d.on("alice"), connect(v, "{ns}alice").keep_alive(3)).fences();
    for _ in 0..2 {
        d.wait(2_500);
        d.on("alice").fences_citing("MQTT-3.2.2-22");
    }
    d.build()
}

fn messages_keep_it_alive(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "keep-alive/messages-keep-it-alive",
        "A client that sends QoS 0 messages within its Keep Alive and no PINGREQ stays connected",
    )
    .proves(&["MQTT-3.2.2-22"]);
    connects_keeping(d.on("alice"), connect(v, "{ns}alice").keep_alive(2));
    for _ in 0..4 {
        d.wait(1_500);
        d.on("alice").sends(publish("{ns}/alive", "here"));
    }
    d.on("alice").fences_citing("MQTT-3.2.2-22");
    d.build()
}

fn zero_turns_it_off(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(v, CHAPTER, "keep-alive/zero-turns-it-off", "A client with Keep Alive 0 may be silent")
        .proves(&["MQTT-3.2.2-22"]);
    connects_keeping(d.on("alice"), connect(v, "{ns}alice").keep_alive(0));
    d.wait(4_000);
    d.on("alice").fences_citing("MQTT-3.2.2-22");
    d.build()
}
