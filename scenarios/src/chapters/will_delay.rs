//! 3.1.3.2.2 Will Delay Interval (5.0): a will waits for its client to come back, but not beyond the session.

use mqttspec_codec::{ConnectBuf, PropertyBuf, ProtocolVersion, QoS, ReasonCode};

use super::idioms::{GENEROUS_MS, Idioms, V5, a_later_loss_is_noticed, each, prepare_a_later_loss};
use crate::model::{Cite, ConnectExt, Dialogue, Scenario, WillExt, connect, disconnect, publish, will};

const CHAPTER: &str = "3.1 CONNECT";
const OWED: &str = "MQTT-3.1.2-8";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = each(V5, waits);
    all.extend(each(V5, not_when_the_client_is_back));
    all.extend(each(V5, ends_with_a_session_that_is_not_kept));
    all.extend(each(V5, ends_with_an_expired_session));
    all.extend(each(V5, ends_with_a_clean_start));
    all.extend(each(V5, survives_a_take_over));
    all.extend(each(V5, take_over_with_a_clean_start));
    all.extend(each(V5, cancelled_by_a_late_disconnect));
    all
}

/// `alice` with a will that waits `delay` seconds and a session that is kept for `expiry` seconds.
fn patient(v: ProtocolVersion, delay: u32, expiry: u32) -> ConnectBuf {
    let last = will("{ns}/will", "alice is lost").with(PropertyBuf::will_delay_interval(delay));
    connect(v, "{ns}alice").will(last).with(PropertyBuf::session_expiry_interval(expiry))
}

fn prepare(v: ProtocolVersion, name: &str, title: &str, proves: &[&str], packet: ConnectBuf) -> Dialogue {
    let mut d = Dialogue::new(v, CHAPTER, &format!("will-delay/{name}"), title).proves(proves);
    d.on("bob").connects().subscribes(1, "{ns}/will", QoS::AtMostOnce);
    d.on("alice").connects_with(packet).fences();
    d
}

fn waits(v: ProtocolVersion) -> Scenario {
    let title = "A will is published when its Will Delay Interval has passed, not before";
    let mut d = prepare(v, "waits", title, &[OWED], patient(v, 3, 300));
    d.on("alice").drops();
    // Clocks that count whole seconds may be early by one.
    d.on("bob").receives_will_between(&publish("{ns}/will", "alice is lost"), "m", 1_900, GENEROUS_MS, OWED);
    d.build()
}

fn not_when_the_client_is_back(v: ProtocolVersion) -> Scenario {
    let title = "A will is not published when its client is back before the Will Delay Interval has passed";
    let mut d = prepare(v, "not-when-the-client-is-back", title, &["MQTT-3.1.3-9"], patient(v, 2, 300));
    prepare_a_later_loss(&mut d);
    d.on("alice").drops();
    d.on("alice").resumes_with(connect(v, "{ns}alice").persistent()).fences();
    d.wait(4_000);
    a_later_loss_is_noticed(&mut d);
    d.on("bob").gets_no_publish("MQTT-3.1.3-9");
    d.build()
}

fn ends_with_a_session_that_is_not_kept(v: ProtocolVersion) -> Scenario {
    let title = "A will does not wait when its session ends with the connection";
    let mut d = prepare(v, "ends-with-a-session-that-is-not-kept", title, &[OWED], patient(v, 120, 0));
    d.on("alice").drops();
    d.on("bob").receives_will(&publish("{ns}/will", "alice is lost"), "m", OWED);
    d.build()
}

fn ends_with_an_expired_session(v: ProtocolVersion) -> Scenario {
    let title = "A will does not wait beyond the expiry of its session";
    let mut d = prepare(v, "ends-with-an-expired-session", title, &[OWED], patient(v, 120, 1));
    d.on("alice").drops();
    d.on("bob").receives_will(&publish("{ns}/will", "alice is lost"), "m", OWED);
    d.build()
}

fn ends_with_a_clean_start(v: ProtocolVersion) -> Scenario {
    // 3.1.2-8 excuses the server when the ClientID is back, 3.1.3-9 only when the session is: so this is no must.
    let cite = Cite::section("3.1.3.2.2");
    let title = "A will does not wait beyond a clean start, which ends its session";
    let mut d = prepare(v, "ends-with-a-clean-start", title, &["MQTT-3.2.2-2"], patient(v, 120, 300));
    d.on("alice").drops();
    d.on("alice").connects();
    d.on("bob").receives_will(&publish("{ns}/will", "alice is lost"), "m", cite);
    d.on("alice").fences();
    d.build()
}

fn survives_a_take_over(v: ProtocolVersion) -> Scenario {
    let title = "A will that waits is not published when its client comes back by taking its own place";
    let mut d = prepare(v, "not-after-a-take-over", title, &["MQTT-3.1.3-9", "MQTT-3.1.4-3"], patient(v, 2, 300));
    prepare_a_later_loss(&mut d);
    d.on("new").resumes_with(connect(v, "{ns}alice").persistent());
    d.on("alice").expects_close(&[ReasonCode::SESSION_TAKEN_OVER], "MQTT-3.1.4-3");
    d.wait(4_000);
    a_later_loss_is_noticed(&mut d);
    d.on("bob").gets_no_publish("MQTT-3.1.3-9");
    d.on("new").fences();
    d.build()
}

fn take_over_with_a_clean_start(v: ProtocolVersion) -> Scenario {
    let title = "A will that waits is published when a clean start takes the place of its client";
    let cite = Cite::section("3.1.3.2.2");
    let mut d =
        prepare(v, "take-over-with-a-clean-start", title, &["MQTT-3.1.4-3", "MQTT-3.2.2-2"], patient(v, 120, 300));
    d.on("new").connects_with(connect(v, "{ns}alice"));
    d.on("alice").expects_close(&[ReasonCode::SESSION_TAKEN_OVER], "MQTT-3.1.4-3");
    d.on("bob").receives_will(&publish("{ns}/will", "alice is lost"), "m", cite);
    d.on("new").fences();
    d.build()
}

fn cancelled_by_a_late_disconnect(v: ProtocolVersion) -> Scenario {
    let title = "A will that waits is forgotten when its client is back and then leaves with DISCONNECT";
    let proves = &["MQTT-3.1.2-10", "MQTT-3.14.4-3"];
    let mut d = prepare(v, "cancelled-by-a-late-disconnect", title, proves, patient(v, 2, 300));
    prepare_a_later_loss(&mut d);
    d.on("alice").drops();
    d.on("alice").opens().sends(patient(v, 2, 300).clean(false)).expects_connack(true);
    d.on("alice").sends(disconnect(ReasonCode::NORMAL_DISCONNECTION)).drops();
    d.wait(4_000);
    a_later_loss_is_noticed(&mut d);
    d.on("bob").gets_no_publish("MQTT-3.14.4-3");
    d.build()
}
