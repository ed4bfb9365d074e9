//! A minimal scenario that shows its finding every time: what one client does waits for what another has asked. Making a
//! scenario minimal takes out waits that matter only now and then, when one of two connections happens to be the faster.

use std::collections::BTreeSet;

use mqttspec_codec::{PacketBuf, QoS};
use mqttspec_scenarios::model::{Outgoing, Scenario, Step};

use super::shrink::connection_of;

/// With a wait for the answers on one connection before anything happens on another. On one connection the order is kept
/// anyway, and to send on without waiting may be the point. Waits are no [events](super::events).
pub(super) fn awaited(scenario: &Scenario) -> Scenario {
    let mut steps = Vec::with_capacity(scenario.steps.len());
    let mut asking: Option<&String> = None;
    for step in &scenario.steps {
        let connection = connection_of(step);
        if let (Some(asked), Some(other)) = (asking, connection)
            && asked != other
        {
            steps.push(Step::Await { connection: asked.clone() });
            asking = None;
        }
        match step {
            Step::Send { outgoing, .. } if asks(outgoing) => asking = connection,
            Step::Await { .. } | Step::Close { .. } | Step::Open { .. } => asking = None,
            _ => {}
        }
        steps.push(step.clone());
    }
    Scenario { steps, ..scenario.clone() }
}

/// With a PINGREQ, and a wait for its answer, on every connection before one is opened or ended: what was on its way to a
/// client has arrived by then (3.12.4-1, and the order of packets on a connection, 4.2).
pub(super) fn fenced(scenario: &Scenario) -> Scenario {
    let mut steps = Vec::with_capacity(scenario.steps.len());
    let mut connected: BTreeSet<&String> = BTreeSet::new();
    for step in &scenario.steps {
        let sends = |what: fn(&PacketBuf) -> bool| matches!(step, Step::Send { outgoing: Outgoing::Packet(packet), .. } if what(packet));
        let ends = matches!(step, Step::Close { .. }) || sends(|packet| matches!(packet, PacketBuf::Disconnect(_)));
        if ends || matches!(step, Step::Open { .. }) {
            for connection in &connected {
                let outgoing = Outgoing::Packet(PacketBuf::PingReq);
                steps.push(Step::Send { connection: (*connection).clone(), outgoing });
                steps.push(Step::Await { connection: (*connection).clone() });
            }
        }
        if let Some(connection) = connection_of(step) {
            if sends(|packet| matches!(packet, PacketBuf::Connect(_))) {
                connected.insert(connection);
            } else if ends || matches!(step, Step::Open { .. }) {
                connected.remove(connection);
            }
        }
        steps.push(step.clone());
    }
    Scenario { steps, ..scenario.clone() }
}

/// Whether the Server answers this.
fn asks(outgoing: &Outgoing) -> bool {
    match outgoing {
        Outgoing::Packet(packet) => match packet {
            PacketBuf::Publish(publish) => publish.qos != QoS::AtMostOnce,
            PacketBuf::Connect(_)
            | PacketBuf::PubRel(_)
            | PacketBuf::Subscribe(_)
            | PacketBuf::Unsubscribe(_)
            | PacketBuf::PingReq => true,
            _ => false,
        },
        Outgoing::Together(all) => all.iter().any(asks),
        Outgoing::InPieces { outgoing, .. } => asks(outgoing),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_scenarios::model::{CloseHow, PublishExt as _, publish, subscribe};

    use super::super::events;
    use super::super::shrink::tests::{await_, connects, open, scenario, send};
    use super::*;

    #[test]
    fn before_another_client_acts_the_first_has_its_answers() {
        let subscribes = || send("bea", PacketBuf::Subscribe(subscribe(1, "a", QoS::AtLeastOnce)));
        let publishes = |qos: QoS| send("cyd", PacketBuf::Publish(publish("a", "m").at(qos, 1)));
        let hasty = scenario(vec![
            open("bea"),
            connects("bea"),
            subscribes(),
            open("cyd"),
            connects("cyd"),
            publishes(QoS::AtLeastOnce),
            await_("cyd"),
            open("bea"),
            connects("bea"),
            Step::Drain,
        ]);
        let patient = awaited(&hasty);
        let mut expected = hasty.steps.clone();
        expected.insert(3, await_("bea"));
        assert_eq!(patient.steps, expected);
        assert_eq!((awaited(&patient), events(&patient)), (patient.clone(), events(&hasty)));
        // Nothing is to come for a PUBLISH of QoS 0, and nothing on a connection that has been closed.
        let close = Step::Close { connection: "cyd".to_owned(), how: CloseHow::Reset };
        for last in [vec![await_("cyd"), publishes(QoS::AtMostOnce)], vec![publishes(QoS::AtLeastOnce), close]] {
            let mut steps = vec![open("cyd"), connects("cyd")];
            steps.extend(last);
            steps.push(open("bea"));
            assert_eq!(awaited(&scenario(steps.clone())).steps, steps);
        }
    }

    #[test]
    fn before_a_connection_begins_or_ends_the_others_have_what_was_on_its_way() {
        let steps = vec![open("bea"), connects("bea"), open("cyd"), connects("cyd"), open("bea"), Step::Drain];
        let ping = |name: &str| [send(name, PacketBuf::PingReq), await_(name)];
        let mut expected = steps[..2].to_vec();
        expected.extend(ping("bea"));
        expected.extend_from_slice(&steps[2..4]);
        expected.extend(ping("bea").into_iter().chain(ping("cyd")));
        expected.extend_from_slice(&steps[4..]);
        assert_eq!(fenced(&scenario(steps)).steps, expected);
    }
}
