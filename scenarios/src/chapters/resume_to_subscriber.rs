//! Session resumption, broker to client (4.4): the connection is cut after each packet of the QoS 1 and QoS 2 flows in
//! which the broker is the sender; the client returns to its session, or to none; what is sent again is judged.

use mqttspec_codec::{PacketType, ProtocolVersion, QoS};

use super::qos_support::{
    CLEAN_START_DISCARDS, Cut, IDENTIFIER_KEPT, NO_PUBLISH_AFTER_PUBREL, OnExt, PUBREL_OWED_STILL, QOS1_OWED,
    QOS2_OWED, RESEND, RESEND_DUP, Return, redelivered, resuming, returns,
};
use crate::duty;
use crate::model::{Alternative, Dialogue, Field, Pattern, PublishExt, Scenario, publish};

/// The last packet of the flow before the cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    /// PUBLISH QoS 1 has come; nothing was answered.
    Publish1,
    /// PUBACK has been taken in.
    PubAck,
    /// PUBLISH QoS 2 has come; nothing was answered.
    Publish2,
    /// PUBREC was sent at the moment of the cut, and may or may not have been taken in.
    PubRec,
    /// PUBREL has come; nothing was answered.
    PubRel,
    /// PUBCOMP has been taken in.
    PubComp,
}

impl Point {
    const fn qos(self) -> QoS {
        match self {
            Self::Publish1 | Self::PubAck => QoS::AtLeastOnce,
            _ => QoS::ExactlyOnce,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Publish1 => "qos-1-cut-after-publish",
            Self::PubAck => "qos-1-cut-after-puback",
            Self::Publish2 => "qos-2-cut-after-publish",
            Self::PubRec => "qos-2-cut-at-pubrec",
            Self::PubRel => "qos-2-cut-after-pubrel",
            Self::PubComp => "qos-2-cut-after-pubcomp",
        }
    }

    /// What a conforming broker does when the client returns to its session.
    const fn story(self) -> &'static str {
        match self {
            Self::Publish1 => "A QoS 1 message without PUBACK is sent again, with DUP 1 and its identifier,",
            Self::PubAck => "A QoS 1 message is not sent again after its PUBACK,",
            Self::Publish2 => "A QoS 2 message without PUBREC is sent again, with DUP 1 and its identifier,",
            Self::PubRec => "A QoS 2 message whose PUBREC may be lost goes on with PUBREL or with PUBLISH, DUP 1,",
            Self::PubRel => "A QoS 2 message without PUBCOMP goes on with PUBREL, not PUBLISH,",
            Self::PubComp => "Nothing of a QoS 2 message is sent again after its PUBCOMP,",
        }
    }

    /// Which cuts are of interest, when the session is kept.
    const fn cuts(self) -> &'static [Cut] {
        match self {
            Self::Publish1 | Self::Publish2 | Self::PubRel => &Cut::ALL,
            Self::PubAck | Self::PubRec | Self::PubComp => &[Cut::Finish, Cut::Reset],
        }
    }
}

const POINTS: [Point; 6] =
    [Point::Publish1, Point::PubAck, Point::Publish2, Point::PubRec, Point::PubRel, Point::PubComp];

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for version in ProtocolVersion::ALL {
        for point in POINTS {
            all.extend(point.cuts().iter().map(|cut| session_kept(version, point, *cut)));
        }
        for point in [Point::Publish1, Point::Publish2, Point::PubRel] {
            for cut in [Cut::Finish, Cut::TakeOver] {
                all.push(session_lost(version, point, cut, Return::Clean));
            }
            if version.has_properties() {
                all.push(session_lost(version, point, Cut::Disconnect, Return::Expired));
            }
        }
    }
    all
}

fn name(point: Point, cut: Cut, how: Return) -> String {
    format!("resume/to-subscriber-{}-by-{}-{}", point.words(), cut.word(), how.words())
}

/// Up to the cut: alice has published, bob is left in the middle of the flow.
fn flow_until(d: &mut Dialogue, point: Point, how: Return) {
    let version = d.version();
    let message = publish("{ns}/a", "in flight").at(point.qos(), 7);
    d.on("alice").connects();
    d.on("bob").connects_with(how.first_connect(version, "bob")).subscribes(1, "{ns}/a", point.qos());
    d.on("alice").publishes(message.clone());
    let bob = d.on("bob").receives(&message, "m");
    match point {
        Point::Publish1 | Point::Publish2 => {}
        Point::PubAck => drop(bob.answers_puback("m").fences()),
        Point::PubRec => drop(bob.answers(PacketType::PubRec, "m")),
        Point::PubRel => {
            bob.answers(PacketType::PubRec, "m").expects_pubrel("m", duty::PUBREL_OWED.cite(version));
        }
        Point::PubComp => drop(bob.completes_qos2("m").fences()),
    }
}

fn session_kept(version: ProtocolVersion, point: Point, cut: Cut) -> Scenario {
    let qos = point.qos();
    let title = format!("{} when the connection {}", point.story(), cut.story());
    // A DISCONNECT acknowledges nothing: what is missing after it is cited under the sentence that keeps it owed.
    let owed = match point {
        Point::Publish1 if cut == Cut::Disconnect => QOS1_OWED,
        Point::Publish2 if cut == Cut::Disconnect => QOS2_OWED,
        Point::PubRel if cut == Cut::Disconnect => PUBREL_OWED_STILL,
        _ => RESEND,
    };
    let proves = match point {
        Point::Publish1 | Point::Publish2 => vec![owed, RESEND_DUP, IDENTIFIER_KEPT],
        Point::PubAck | Point::PubComp | Point::PubRec => vec![owed],
        Point::PubRel => vec![owed, NO_PUBLISH_AFTER_PUBREL],
    };
    let mut d = resuming(version, &name(point, cut, Return::Kept), &title, qos).proves_duties(&proves);
    flow_until(&mut d, point, Return::Kept);
    let back = returns(&mut d, "bob", cut, Return::Kept);
    let message = publish("{ns}/a", "in flight").at(qos, 7);
    let again = [PacketType::Publish, PacketType::PubRel];
    let resend = RESEND.cite(version);
    let bob = d.on(&back);
    match point {
        Point::Publish1 | Point::Publish2 => {
            bob.expects(redelivered(version, &message, "m"), owed.cite(version))
                .acknowledges(qos, "m")
                .gets_no(&again, resend);
        }
        Point::PubAck | Point::PubComp => drop(bob.gets_no(&again, resend)),
        Point::PubRec => {
            let pubrel = Pattern::any(PacketType::PubRel).check(Field::SamePacketId("m".to_owned()));
            let one_of: Vec<Alternative> = vec![
                pubrel.observe("the PUBREC before the cut was taken in").into(),
                redelivered(version, &message, "m").observe("the PUBREC before the cut was lost").into(),
            ];
            // Either way the flow could now be completed; it is left as it stands.
            bob.expects_one_of(one_of, resend);
            return d.build();
        }
        Point::PubRel => {
            bob.gets_no_publish(NO_PUBLISH_AFTER_PUBREL.cite(version))
                .expects_pubrel("m", owed.cite(version))
                .answers(PacketType::PubComp, "m")
                .gets_no_publish(NO_PUBLISH_AFTER_PUBREL.cite(version))
                .gets_no(&[PacketType::PubRel], resend);
        }
    }
    next_message_arrives(&mut d, &back, qos);
    d.build()
}

fn session_lost(version: ProtocolVersion, point: Point, cut: Cut, how: Return) -> Scenario {
    let qos = point.qos();
    let title = format!(
        "Nothing of a {} is sent to a client whose session {} when the connection {}",
        if point == Point::PubRel { "QoS 2 message without PUBCOMP" } else { "message without acknowledgement" },
        if how == Return::Expired { "has expired" } else { "it discarded by a clean start" },
        cut.story()
    );
    let mut d = resuming(version, &name(point, cut, how), &title, qos);
    d = if how == Return::Expired {
        d.proves(&["MQTT-4.1.0-2"])
    } else {
        d.proves_duties(&[CLEAN_START_DISCARDS, duty::SESSION_PRESENT_0_CLEAN])
    };
    flow_until(&mut d, point, how);
    let back = returns(&mut d, "bob", cut, how);
    d.on(&back).gets_no(&[PacketType::Publish, PacketType::PubRel], how.discards(version));
    // The subscription went with the session.
    d.on("alice").publishes(publish("{ns}/a", "to nobody").at(qos, 8));
    d.on(&back).gets_no_publish(how.discards(version)).subscribes(2, "{ns}/a", qos);
    next_message_arrives(&mut d, &back, qos);
    d.build()
}

/// The positive control: what is published now does arrive.
fn next_message_arrives(d: &mut Dialogue, back: &str, qos: QoS) {
    let next = publish("{ns}/a", "next").at(qos, 9);
    d.on("alice").publishes(next.clone());
    d.on(back).receives(&next, "next").acknowledges(qos, "next");
}
