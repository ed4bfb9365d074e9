//! 3.1.2.4 and 4.1: which sessions are kept, for how long, and what Session Present says of them.

use mqttspec_codec::{ConnectBuf, DisconnectBuf, PacketType, PropertyBuf, ProtocolVersion, QoS, ReasonCode};

use super::idioms::{ALL, BEFORE_V5, BROKEN, Idioms, NUMBERED, V5, WILL_OWED, each};
use crate::duty::{self, Duty};
use crate::model::{
    Cite, ConnectExt, Dialogue, Field, Need, On, Pattern, PublishExt, Scenario, connect, delivered, publish, subscribe,
    will,
};

const CHAPTER: &str = "4.1 Session State";
const CLEAN_DISCARDS: Duty = Duty::new("MQTT31-3.1-6", "MQTT-3.1.2-6", "MQTT-3.1.2-4");
const CLEAN_DONE: Duty = Duty::new("", "MQTT-3.1.4-3", "MQTT-3.1.4-4");
const RESUMED: Duty = Duty::new("MQTT31-3.1-6", "MQTT-3.1.2-4", "MQTT-3.1.2-5");
const CREATED: Duty = Duty::new("MQTT31-3.1-6", "MQTT-3.1.2-4", "MQTT-3.1.2-6");
const STORED: Duty = Duty::new("MQTT31-3.1-6", "MQTT-3.1.2-5", "MQTT-3.1.2-23");
const KEPT_WHILE_IT_LASTS: Duty = Duty::new("", "MQTT-4.1.0-1", "MQTT-3.1.2-23");
const ENDED: Duty = Duty::new("MQTT31-3.1-6", "MQTT-3.1.2-6", "MQTT-4.1.0-2");
const LIVES_WITH_CONNECTION: Duty = Duty::new("", "MQTT-4.1.0-2", "MQTT-4.1.0-1");
const RETAINED_OUTLIVES: Duty = Duty::new("MQTT31-3.3-4", "MQTT-3.1.2-7", "");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = each(ALL, kept_session_is_resumed);
    all.extend(each(ALL, kept_session_is_resumed_after_disconnect));
    all.extend(each(ALL, kept_again_and_again));
    all.extend(each(ALL, without_a_session_one_is_made));
    all.extend(each(NUMBERED, empty_session_is_present));
    all.extend(each(ALL, clean_start_discards));
    all.extend(each(ALL, clean_session_ends_with_its_connection));
    all.extend(each(NUMBERED, session_lives_with_its_connection));
    all.extend(each(BEFORE_V5, retained_outlives_the_session));
    all.extend(each(V5, session_expires));
    all.extend(each(V5, session_that_never_expires));
    all.extend(each(V5, disconnect_lengthens_expiry));
    all.extend(each(V5, disconnect_ends_session));
    all.extend(each(V5, expiry_after_none_is_refused));
    all.extend(each(V5, clean_start_with_expiry_is_kept));
    all
}

fn new(v: ProtocolVersion, name: &str, title: &str, duties: &[Duty]) -> Dialogue {
    Dialogue::new(v, CHAPTER, &format!("session/{name}"), title).proves_duties(duties)
}

/// Open, send, and expect CONNACK with success, Session Present judged under `cite`.
fn comes_back<'d>(on: On<'d>, packet: ConnectBuf, present: bool, cite: &Cite) -> On<'d> {
    let v = packet.version;
    let mut pattern = Pattern::any(PacketType::ConnAck).reason(&[ReasonCode::SUCCESS]);
    if v != ProtocolVersion::V3_1 {
        pattern = pattern.check_citing(Field::SessionPresent(present), cite.clone());
    }
    on.opens().sends(packet).expects(pattern, duty::CONNACK_OWED.cite(v))
}

fn kept_session_is_resumed(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "kept-session-is-resumed",
        "After a loss the session is resumed: subscriptions, and messages of QoS 1 and 2 that came meanwhile",
        &[RESUMED, STORED, duty::SESSION_PRESENT_1],
    )
    .needs(Need::Qos(2));
    let packet = connect(v, "{ns}alice").persistent();
    let (one, two) = (publish("{ns}/one", "away").qos1(7), publish("{ns}/two", "away").qos2(8));
    d.on("alice")
        .connects_with(packet.clone())
        .subscribes(1, "{ns}/one", QoS::AtLeastOnce)
        .subscribes(2, "{ns}/two", QoS::ExactlyOnce)
        .drops();
    d.on("bob").connects().publishes(one.clone()).publishes(two.clone());
    d.on("alice")
        .resumes_with(packet)
        .receives_citing(&one, "m", STORED.cite(v))
        .answers_puback("m")
        .receives_citing(&two, "n", STORED.cite(v))
        .completes_qos2("n");
    let now = publish("{ns}/one", "back").qos1(9);
    d.on("bob").publishes(now.clone());
    d.on("alice").receives_citing(&now, "m", RESUMED.cite(v)).answers_puback("m");
    d.build()
}

fn kept_session_is_resumed_after_disconnect(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "kept-session-is-resumed-after-disconnect",
        "After DISCONNECT the session is resumed just as after a loss",
        &[RESUMED, STORED, duty::SESSION_PRESENT_1],
    );
    let packet = connect(v, "{ns}alice").persistent();
    let message = publish("{ns}/one", "away").qos1(7);
    d.on("alice").connects_with(packet.clone()).subscribes(1, "{ns}/one", QoS::AtLeastOnce).disconnects();
    d.on("bob").connects().publishes(message.clone());
    d.on("alice").resumes_with(packet).receives_citing(&message, "m", STORED.cite(v)).answers_puback("m");
    d.build()
}

fn kept_again_and_again(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "kept-again-and-again",
        "A session survives one connection after another, and an acknowledged message does not come back",
        &[RESUMED, STORED, KEPT_WHILE_IT_LASTS, duty::SESSION_PRESENT_1],
    );
    let kept = super::idioms::cite_or(KEPT_WHILE_IT_LASTS, STORED, v);
    let packet = connect(v, "{ns}alice").persistent();
    d.on("bob").connects();
    d.on("alice").connects_with(packet.clone()).subscribes(1, "{ns}/again", QoS::AtLeastOnce).drops();
    for (id, text) in [(1, "first"), (2, "second"), (3, "third")] {
        let message = publish("{ns}/again", text).qos1(id);
        d.on("bob").publishes(message.clone());
        d.on("alice").resumes_with(packet.clone());
        d.on("alice").receives_citing(&message, "m", kept.clone()).answers_puback("m").fences().drops();
    }
    d.on("alice").resumes_with(packet).gets_no_publish(RESUMED.cite(v));
    d.build()
}

fn without_a_session_one_is_made(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "without-a-session-one-is-made",
        "Who asks for a session that does not exist gets a new one, and is told so",
        &[CREATED, duty::SESSION_PRESENT_0],
    );
    let message = publish("{ns}/new", "to a new session").qos1(7);
    d.on("alice").connects_with(connect(v, "{ns}alice").persistent()).subscribes(1, "{ns}/new", QoS::AtLeastOnce);
    d.on("alice").publishes(message.clone()).receives_citing(&message, "m", CREATED.cite(v)).answers_puback("m");
    d.build()
}

fn empty_session_is_present(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "empty-session-is-present",
        "A kept session is present although there is nothing in it",
        &[duty::SESSION_PRESENT_1],
    );
    let packet = connect(v, "{ns}alice").persistent();
    d.on("alice").connects_with(packet.clone()).fences().disconnects();
    d.on("alice").resumes_with(packet).fences();
    d.build()
}

fn clean_start_discards(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "clean-start-discards",
        "A clean start throws away subscriptions and waiting messages, for good",
        &[CLEAN_DISCARDS, CLEAN_DONE, duty::SESSION_PRESENT_0_CLEAN],
    );
    let kept = connect(v, "{ns}alice").persistent();
    let message = |text| publish("{ns}/old", text);
    d.on("bob").connects();
    d.on("alice").connects_with(kept.clone()).subscribes(1, "{ns}/old", QoS::AtLeastOnce).drops();
    d.on("bob").publishes(message("kept").qos1(1));
    // The positive control: the session holds what it should.
    d.on("alice").resumes_with(kept.clone()).receives(&message("kept").qos1(0), "m").answers_puback("m").fences();
    d.on("alice").drops();
    d.on("bob").publishes(message("discarded").qos1(2));
    d.on("alice").connects_with(kept.clean(true));
    d.on("bob").publishes(message("not subscribed").qos1(3));
    d.on("alice").gets_no_publish(CLEAN_DISCARDS.cite(v));
    d.build()
}

fn clean_session_ends_with_its_connection(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "clean-session-ends-with-its-connection",
        "A session that was not to be kept ends with its connection",
        &[ENDED, duty::SESSION_PRESENT_0],
    );
    let message = |text| publish("{ns}/gone", text);
    d.on("bob").connects();
    d.on("alice").connects().subscribes(1, "{ns}/gone", QoS::AtLeastOnce).subscribes(2, "{ns}/more", QoS::AtLeastOnce);
    d.on("bob").publishes(message("there").qos1(1));
    d.on("alice").receives(&message("there").qos1(0), "m").answers_puback("m").fences().disconnects();
    // A target may notice the end of a connection a moment after it has taken in the next one.
    d.wait(300);
    d.on("bob").publishes(message("gone").qos1(2));
    let cite = ENDED.cite(v);
    comes_back(d.on("alice"), connect(v, "{ns}alice").clean(false), false, &cite);
    d.on("bob").publishes(message("back").qos1(3));
    d.on("alice").gets_no_publish(cite).disconnects();
    // Nothing is left behind in 3.x, where Clean Session 0 keeps a session.
    d.on("alice").connects();
    d.build()
}

fn session_lives_with_its_connection(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "lives-with-its-connection",
        "A session lasts as long as its connection, and its time runs only after that",
        &[LIVES_WITH_CONNECTION],
    );
    let mut packet = connect(v, "{ns}alice");
    if v.has_properties() {
        packet = packet.with(PropertyBuf::session_expiry_interval(1));
    }
    let cite = LIVES_WITH_CONNECTION.cite(v);
    let message = publish("{ns}/live", "still subscribed").qos1(7);
    d.on("bob").connects();
    d.on("alice").connects_with(packet).subscribes(1, "{ns}/live", QoS::AtLeastOnce);
    d.wait(3_000);
    d.on("bob").publishes(message.clone());
    d.on("alice").receives_citing(&message, "m", cite).answers_puback("m").fences();
    d.build()
}

fn retained_outlives_the_session(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "retained-outlives-the-session",
        "A retained message is still there when the session that published it has ended",
        &[RETAINED_OUTLIVES],
    )
    .needs(Need::Retain);
    let message = publish("{ns}/stays", "retained").retained();
    d.on("alice").connects().publishes(message.clone().qos1(7)).disconnects();
    d.wait(300);
    d.on("bob").connects().sends(subscribe(1, "{ns}/stays", QoS::AtMostOnce));
    d.on("bob").expects(Pattern::any(PacketType::SubAck), duty::SUBACK_OWED.cite(v));
    let expected = delivered(v, &message);
    d.on("bob").expects(expected, RETAINED_OUTLIVES.cite(v));
    d.on("bob").publishes(publish("{ns}/stays", "").retained());
    let removed = Pattern::any(PacketType::Publish).check(Field::Payload(Vec::new()));
    d.on("bob").expects(removed, duty::DELIVERY_OWED.cite(v));
    d.build()
}

fn session_expires(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "expires",
        "A session is gone when its Session Expiry Interval has passed, and there before that",
        &[Duty::new("", "", "MQTT-4.1.0-2"), duty::SESSION_PRESENT_0],
    )
    .needs(Need::Qos(1));
    let packet = |seconds| connect(v, "{ns}alice").clean(false).with(PropertyBuf::session_expiry_interval(seconds));
    let message = publish("{ns}/expired", "late").qos1(7);
    let cite = Cite::from("MQTT-4.1.0-2");
    d.on("bob").connects();
    d.on("alice").connects_with(packet(300)).subscribes(1, "{ns}/expired", QoS::AtLeastOnce).drops();
    d.on("alice").resumes_with(packet(1)).drops();
    d.wait(4_000);
    comes_back(d.on("alice"), packet(0), false, &cite);
    d.on("bob").publishes(message);
    d.on("alice").gets_no_publish(cite);
    d.build()
}

fn session_that_never_expires(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "never-expires",
        "A session with the largest Session Expiry Interval is kept",
        &[Duty::new("", "", "MQTT-3.1.2-23")],
    );
    let packet = connect(v, "{ns}alice").clean(false).with(PropertyBuf::session_expiry_interval(u32::MAX));
    d.on("alice").connects_with(packet.clone()).fences().drops();
    d.wait(1_500);
    comes_back(d.on("alice"), packet, true, &Cite::from("MQTT-3.1.2-23")).fences();
    d.build()
}

/// A normal DISCONNECT that changes the Session Expiry Interval.
fn disconnect_with_expiry(seconds: u32) -> DisconnectBuf {
    DisconnectBuf {
        reason_code: ReasonCode::NORMAL_DISCONNECTION,
        properties: vec![PropertyBuf::session_expiry_interval(seconds)],
    }
}

fn disconnect_lengthens_expiry(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "disconnect-lengthens-expiry",
        "A longer Session Expiry Interval in DISCONNECT keeps the session longer",
        &[Duty::new("", "", "MQTT-3.1.2-23"), duty::SESSION_PRESENT_1],
    );
    let packet = connect(v, "{ns}alice").clean(false).with(PropertyBuf::session_expiry_interval(1));
    d.on("alice").connects_with(packet.clone()).fences().sends(disconnect_with_expiry(60)).drops();
    d.wait(4_000);
    comes_back(d.on("alice"), packet, true, &Cite::from("MQTT-3.1.2-23")).fences();
    d.build()
}

fn disconnect_ends_session(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "disconnect-ends-session",
        "Session Expiry Interval 0 in DISCONNECT ends the session with the connection",
        &[Duty::new("", "", "MQTT-4.1.0-2"), duty::SESSION_PRESENT_0],
    );
    let packet = connect(v, "{ns}alice").persistent();
    d.on("alice").connects_with(packet.clone()).fences().disconnects();
    d.on("alice").resumes_with(packet.clone()).sends(disconnect_with_expiry(0)).drops();
    d.wait(300);
    comes_back(d.on("alice"), packet, false, &Cite::from("MQTT-4.1.0-2")).fences();
    d.build()
}

fn expiry_after_none_is_refused(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "expiry-after-none-is-refused",
        "A DISCONNECT that asks for a session after CONNECT wanted none is no valid DISCONNECT: the will is published",
        &[Duty::new("", "", "MQTT-4.13.1-1"), WILL_OWED],
    );
    let last = will("{ns}/will", "not cancelled");
    d.on("bob").connects().subscribes(1, "{ns}/will", QoS::AtMostOnce);
    d.on("alice").connects_with(connect(v, "{ns}alice").will(last)).fences().sends(disconnect_with_expiry(60));
    d.on("alice").expects_close(BROKEN, "MQTT-4.13.1-1");
    d.on("bob").receives_will(&publish("{ns}/will", "not cancelled"), "m", "MQTT-4.13.1-1");
    d.build()
}

fn clean_start_with_expiry_is_kept(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "clean-start-with-expiry-is-kept",
        "A session begun with Clean Start 1 and a Session Expiry Interval is kept",
        &[Duty::new("", "", "MQTT-3.1.2-23"), RESUMED, duty::SESSION_PRESENT_1],
    );
    let packet = connect(v, "{ns}alice").persistent();
    let message = publish("{ns}/kept", "kept").qos1(7);
    d.on("bob").connects();
    d.on("alice").connects_with(packet.clone().clean(true)).subscribes(1, "{ns}/kept", QoS::AtLeastOnce).drops();
    d.on("bob").publishes(message.clone());
    comes_back(d.on("alice"), packet, true, &Cite::from("MQTT-3.1.2-23")).receives(&message, "m").answers_puback("m");
    d.build()
}
