//! 3.1.4: a second connection under the same Client Identifier takes the place of the first.

use mqttspec_codec::{ProtocolVersion, QoS, ReasonCode};

use super::idioms::{ALL, each};
use crate::duty::{self, Duty};
use crate::model::{ConnectExt, Dialogue, Need, PublishExt, Scenario, connect, publish};

const CHAPTER: &str = "3.1 CONNECT";
const TAKEN_OVER: Duty = Duty::new("MQTT31-3.1-4", "MQTT-3.1.4-2", "MQTT-3.1.4-3");
const CLEAN_DISCARDS: Duty = Duty::new("MQTT31-3.1-6", "MQTT-3.1.2-6", "MQTT-3.1.2-4");
const RESUMED: Duty = Duty::new("MQTT31-3.1-6", "MQTT-3.1.2-4", "MQTT-3.1.2-5");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = each(ALL, first_connection_ends);
    all.extend(each(ALL, session_moves));
    all.extend(each(ALL, clean_take_over));
    all.extend(each(ALL, one_after_another));
    all
}

const CODES: &[ReasonCode] = &[ReasonCode::SESSION_TAKEN_OVER];

fn first_connection_ends(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "take-over/first-connection-ends",
        "A second connection under the same Client Identifier ends the first and is served",
    )
    .proves_duties(&[TAKEN_OVER, duty::CONNACK_OWED]);
    d.on("old").connects_with(connect(v, "{ns}alice")).fences();
    d.on("new").connects_with(connect(v, "{ns}alice"));
    d.on("old").expects_close(CODES, TAKEN_OVER.cite(v));
    d.on("new").fences();
    d.build()
}

fn session_moves(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "take-over/session-moves",
        "The session moves to the new connection, with its subscriptions",
    )
    .proves_duties(&[TAKEN_OVER, RESUMED, duty::SESSION_PRESENT_1]);
    let packet = connect(v, "{ns}alice").persistent();
    let message = |text| publish("{ns}/moves", text);
    d.on("bob").connects();
    d.on("old").connects_with(packet.clone()).subscribes(1, "{ns}/moves", QoS::AtLeastOnce);
    d.on("bob").publishes(message("to the old").qos1(1));
    d.on("old").receives(&message("to the old").qos1(0), "m").answers_puback("m").fences();
    d.on("new").resumes_with(packet);
    d.on("old").expects_close(CODES, TAKEN_OVER.cite(v));
    d.on("bob").publishes(message("to the new").qos1(2));
    d.on("new").receives_citing(&message("to the new").qos1(0), "n", RESUMED.cite(v)).answers_puback("n");
    d.build()
}

fn clean_take_over(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "take-over/clean",
        "A clean start takes the place of the first connection and leaves its session behind",
    )
    .proves_duties(&[TAKEN_OVER, CLEAN_DISCARDS, duty::SESSION_PRESENT_0_CLEAN]);
    let packet = connect(v, "{ns}alice").persistent();
    let message = |text| publish("{ns}/left", text);
    d.on("bob").connects();
    d.on("old").connects_with(packet.clone()).subscribes(1, "{ns}/left", QoS::AtLeastOnce);
    d.on("bob").publishes(message("to the old").qos1(1));
    d.on("old").receives(&message("to the old").qos1(0), "m").answers_puback("m").fences();
    d.on("new").connects_with(packet.clean(true));
    d.on("old").expects_close(CODES, TAKEN_OVER.cite(v));
    d.on("bob").publishes(message("to nobody").qos1(2));
    d.on("new").gets_no_publish(CLEAN_DISCARDS.cite(v));
    d.build()
}

fn one_after_another(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "take-over/one-after-another",
        "Each of several connections takes the place of the one before, and unacknowledged messages go to the last",
    )
    .proves_duties(&[TAKEN_OVER, RESUMED])
    .needs(Need::Qos(1));
    let packet = connect(v, "{ns}alice").persistent();
    let message = publish("{ns}/chain", "not acknowledged").qos1(7);
    d.on("bob").connects();
    d.on("first").connects_with(packet.clone()).subscribes(1, "{ns}/chain", QoS::AtLeastOnce);
    d.on("bob").publishes(message.clone());
    d.on("first").receives(&message, "m");
    let again = message.dup();
    d.on("second").resumes_with(packet.clone());
    d.on("first").expects_close(CODES, TAKEN_OVER.cite(v));
    d.on("second").receives(&again, "m").fences();
    d.on("third").resumes_with(packet);
    d.on("second").expects_close(CODES, TAKEN_OVER.cite(v));
    d.on("third").receives(&again, "m").answers_puback("m").fences();
    d.build()
}
