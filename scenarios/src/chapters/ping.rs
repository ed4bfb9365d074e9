//! 3.12 PINGREQ and 3.13 PINGRESP.

use mqttspec_codec::{PacketBuf, PacketType, ProtocolVersion, QoS};

use super::idioms::{ALL, Idioms, each};
use crate::duty;
use crate::model::{Dialogue, Outgoing, PublishExt, Scenario, publish};

const PINGREQ: &str = "3.12 PINGREQ";
const PINGRESP: &str = "3.13 PINGRESP";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = each(ALL, answered);
    all.extend(each(ALL, each_is_answered));
    all.extend(each(ALL, answered_while_a_message_waits));
    all
}

fn new(v: ProtocolVersion, chapter: &str, name: &str, title: &str) -> Dialogue {
    Dialogue::new(v, chapter, &format!("ping/{name}"), title).proves_duties(&[duty::PINGRESP_OWED])
}

fn answered(v: ProtocolVersion) -> Scenario {
    let mut d = new(v, PINGREQ, "answered", "PINGREQ is answered with PINGRESP");
    d.on("alice").connects().sends(PacketBuf::PingReq).expects_pingresp();
    d.build()
}

fn each_is_answered(v: ProtocolVersion) -> Scenario {
    let mut d = new(v, PINGRESP, "each-is-answered", "Three PINGREQ in one write are answered with three PINGRESP");
    let pings = (0..3).map(|_| PacketBuf::PingReq.into()).collect();
    d.on("alice").connects().sends(Outgoing::Together(pings)).expects_pingresp().expects_pingresp().expects_pingresp();
    d.on("alice").gets_no(&[PacketType::PingResp], duty::PINGRESP_OWED.cite(v));
    d.build()
}

fn answered_while_a_message_waits(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        PINGREQ,
        "answered-while-a-message-waits",
        "PINGREQ is answered while a message to the client waits for its acknowledgement",
    );
    let message = publish("{ns}/ping", "unacknowledged").qos1(7);
    d.on("alice").connects().subscribes(1, "{ns}/ping", QoS::AtLeastOnce).publishes(message.clone());
    d.on("alice").receives(&message, "m").sends(PacketBuf::PingReq).expects_pingresp().answers_puback("m");
    d.build()
}
