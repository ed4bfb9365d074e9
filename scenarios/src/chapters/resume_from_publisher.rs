//! Session resumption, client to broker (4.4, 4.3): the connection is cut after each packet of the QoS 1 and QoS 2 flows
//! in which the broker is the receiver; the client returns, repeats what it owes, and a witness counts the messages.

use mqttspec_codec::{PacketType, ProtocolVersion, QoS};

use super::qos_support::{
    ANSWERED_BY_QOS, CLEAN_START_DISCARDS, Cut, NEW_AFTER_PUBACK, NEW_AFTER_PUBCOMP, OnExt, QOS2_ONCE, Return,
    resuming, returns,
};
use crate::duty::{DELIVERY_OWED, PUBACK_OWED, PUBCOMP_OWED, PUBREC_OWED};
use crate::model::{Dialogue, PublishExt, Scenario, delivered, publish};

/// The last packet of the flow before the cut, and what the client then repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    /// PUBLISH QoS 1 was sent at the moment of the cut; it is sent again.
    Publish1,
    /// PUBACK has come; its identifier is used for a new message.
    PubAck,
    /// PUBLISH QoS 2 was sent at the moment of the cut; it is sent again.
    Publish2,
    /// PUBREC has come; PUBREL is sent.
    PubRec,
    /// PUBREC has come, but the client does not know; PUBLISH is sent again.
    PubRecLost,
    /// PUBREL was sent at the moment of the cut; it is sent again.
    PubRel,
    /// PUBCOMP has come; its identifier is used for a new message.
    PubComp,
}

impl Point {
    const ALL: [Self; 7] =
        [Self::Publish1, Self::PubAck, Self::Publish2, Self::PubRec, Self::PubRecLost, Self::PubRel, Self::PubComp];

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
            Self::PubRec => "qos-2-cut-after-pubrec",
            Self::PubRecLost => "qos-2-pubrec-lost-in-cut",
            Self::PubRel => "qos-2-cut-after-pubrel",
            Self::PubComp => "qos-2-cut-after-pubcomp",
        }
    }

    const fn story(self) -> &'static str {
        match self {
            Self::Publish1 => "A QoS 1 PUBLISH that is sent again is acknowledged and passed on",
            Self::PubAck => "After PUBACK the same identifier means a new message, even with DUP 1,",
            Self::Publish2 => "A QoS 2 PUBLISH that is sent again is completed and passed on once",
            Self::PubRec => "A QoS 2 message is completed by PUBREL and PUBCOMP, and passed on once,",
            Self::PubRecLost => "A QoS 2 PUBLISH that is sent again after its PUBREC is not passed on twice",
            Self::PubRel => "A PUBREL that is sent again is answered by PUBCOMP, and the message passed on once,",
            Self::PubComp => "After PUBCOMP the same identifier means a new message",
        }
    }

    /// Where the answer is not awaited, a connection that stays open for a take-over would still receive it.
    const fn cuts(self) -> &'static [Cut] {
        match self {
            Self::PubRec | Self::PubRecLost => &Cut::ALL,
            Self::Publish2 | Self::PubRel => &[Cut::Finish, Cut::Reset, Cut::Disconnect],
            Self::Publish1 | Self::PubAck | Self::PubComp => &[Cut::Finish, Cut::Reset],
        }
    }
}

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for version in ProtocolVersion::ALL {
        for point in Point::ALL {
            all.extend(point.cuts().iter().map(|cut| session_kept(version, point, *cut)));
        }
        all.push(session_lost(version, Cut::Finish, Return::Clean));
        all.push(session_lost(version, Cut::TakeOver, Return::Clean));
        if version.has_properties() {
            all.push(session_lost(version, Cut::Finish, Return::Expired));
        }
    }
    all
}

fn name(words: &str, cut: Cut, how: Return) -> String {
    format!("resume/from-publisher-{words}-by-{}-{}", cut.word(), how.words())
}

fn session_kept(version: ProtocolVersion, point: Point, cut: Cut) -> Scenario {
    let qos = point.qos();
    let title = format!("{} when the connection {}", point.story(), cut.story());
    let proves = match point {
        Point::Publish1 => vec![PUBACK_OWED, DELIVERY_OWED],
        Point::PubAck => vec![NEW_AFTER_PUBACK],
        Point::Publish2 => vec![PUBREC_OWED, QOS2_ONCE, DELIVERY_OWED],
        Point::PubRec | Point::PubRel => vec![PUBCOMP_OWED, QOS2_ONCE, DELIVERY_OWED],
        Point::PubRecLost => vec![QOS2_ONCE, PUBREC_OWED, ANSWERED_BY_QOS],
        Point::PubComp => vec![NEW_AFTER_PUBCOMP],
    };
    let mut d = resuming(version, &name(point.words(), cut, Return::Kept), &title, qos).proves_duties(&proves);
    let first = publish("{ns}/a", "first").at(qos, 7);
    let second = publish("{ns}/a", "second").at(qos, 7);
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
    let alice = d.on("alice").connects_with(Return::Kept.first_connect(version, "alice"));
    match point {
        Point::Publish1 | Point::Publish2 => drop(alice.sends(first.clone())),
        Point::PubAck | Point::PubComp => drop(alice.publishes(first.clone())),
        Point::PubRec | Point::PubRecLost => {
            alice.sends(first.clone()).expects_ack(PacketType::PubRec, 7, PUBREC_OWED.cite(version));
        }
        Point::PubRel => {
            alice
                .sends(first.clone())
                .expects_ack(PacketType::PubRec, 7, PUBREC_OWED.cite(version))
                .sends_ack(PacketType::PubRel, 7);
        }
    }
    let back = returns(&mut d, "alice", cut, Return::Kept);
    let alice = d.on(&back);
    match point {
        Point::Publish1 | Point::Publish2 | Point::PubRecLost => drop(alice.publishes(first.clone().dup())),
        Point::PubAck => drop(alice.publishes(second.clone().dup())),
        Point::PubComp => drop(alice.publishes(second.clone())),
        Point::PubRec | Point::PubRel => drop(alice.releases_again(7)),
    }
    let bob = d.on("bob").receives(&first, "first").acknowledges(qos, "first");
    match point {
        Point::Publish1 => {
            // At least once: a second copy is what QoS 1 is.
            bob.tolerates(
                vec![delivered(version, &first).observe("the QoS 1 message came twice")],
                DELIVERY_OWED.cite(version),
            );
        }
        Point::PubAck | Point::PubComp => {
            let new = if point == Point::PubAck { NEW_AFTER_PUBACK } else { NEW_AFTER_PUBCOMP };
            bob.receives_citing(&second, "second", new.cite(version)).acknowledges(qos, "second");
        }
        _ => drop(bob.gets_no_publish(QOS2_ONCE.cite(version))),
    }
    d.build()
}

/// The identifier of a QoS 2 message without PUBREL is forgotten with the session: it then means a new message.
fn session_lost(version: ProtocolVersion, cut: Cut, how: Return) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let title = format!(
        "An unreleased QoS 2 identifier means a new message once the session {}, when the connection {}",
        if how == Return::Expired { "has expired" } else { "is discarded by a clean start" },
        cut.story()
    );
    let mut d = resuming(version, &name("qos-2-cut-after-pubrec", cut, how), &title, qos);
    d = if how == Return::Expired { d.proves(&["MQTT-4.1.0-2"]) } else { d.proves_duties(&[CLEAN_START_DISCARDS]) };
    let second = publish("{ns}/new", "new").qos2(7);
    d.on("bob").connects().subscribes(1, "{ns}/new", qos);
    d.on("alice")
        .connects_with(how.first_connect(version, "alice"))
        .sends(publish("{ns}/old", "old").qos2(7))
        .expects_ack(PacketType::PubRec, 7, PUBREC_OWED.cite(version));
    let back = returns(&mut d, "alice", cut, how);
    d.on(&back).publishes(second.clone());
    received_as_new(&mut d, &second, how.discards(version));
    d.build()
}

fn received_as_new(d: &mut Dialogue, message: &mqttspec_codec::PublishBuf, cite: &str) {
    d.on("bob").receives_citing(message, "new", cite).completes_qos2("new").gets_no_publish(cite);
}
