//! Smaller scenarios by simpler packets: fewer properties and filters, a lower QoS, shorter payloads and topics.

use std::collections::BTreeSet;

use mqttspec_codec::{
    ConnectBuf, DisconnectBuf, PacketBuf, PropertyBuf, PublishBuf, QoS, ReasonCode, SubscribeBuf, SubscriptionOptions,
};
use mqttspec_scenarios::model::{CloseHow, Due, Outgoing, PLACEHOLDER, Scenario, Step};

use super::edit::Edit;

/// Payloads above this many bytes are cut to half of it; what tells messages apart stands at their beginning.
const PAYLOAD: usize = 16;
/// Waits are not made shorter than this, in milliseconds: close to the moment at which something expires, a scenario shows
/// now the one thing and now the other.
const WAIT: u64 = 2_000;
/// Topics and filters longer than this are shortened.
const TOPIC: usize = PLACEHOLDER.len() + 4;

/// Each step in each of its simpler forms, the simplest first.
pub(super) fn simpler_steps(scenario: &Scenario) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (at, step) in scenario.steps.iter().enumerate() {
        edits.extend(simpler(step).into_iter().map(|steps| Edit::replace(at, steps)));
    }
    edits
}

/// Each topic and filter shorter wherever it occurs, and each filter with wildcards as a topic that is published to.
pub(super) fn simpler_topics(scenario: &Scenario) -> Vec<Edit> {
    let mut published = BTreeSet::new();
    let mut all = BTreeSet::new();
    let mut look = scenario.clone();
    for step in &mut look.steps {
        each_topic(step, &mut |topic, is_name| {
            if is_name && !topic.is_empty() {
                published.insert(topic.clone());
            }
            all.insert(topic.clone());
        });
    }
    let mut edits = Vec::new();
    for old in all.iter().filter(|topic| topic.contains(['+', '#'])) {
        edits.extend(published.iter().map(|new| renamed(scenario, old, new)));
    }
    let mut fresh = (0_u32..).map(|n| format!("{PLACEHOLDER}/{n}")).filter(|name| !all.contains(name));
    for old in all.iter().filter(|topic| topic.len() > TOPIC && !topic.contains(['+', '#'])) {
        edits.extend(fresh.next().map(|new| renamed(scenario, old, &new)));
    }
    edits.retain(|edit| !edit.is_empty());
    edits
}

fn renamed(scenario: &Scenario, old: &str, new: &str) -> Edit {
    let mut edit = Edit::default();
    for (at, step) in scenario.steps.iter().enumerate() {
        let mut step = step.clone();
        let mut touched = false;
        each_topic(&mut step, &mut |topic, _| {
            if topic == old {
                new.clone_into(topic);
                touched = true;
            }
        });
        if touched {
            edit = edit.and_replace(at, vec![step]);
        }
    }
    edit
}

/// Every Topic Name and Topic Filter of a step; `true` goes with a name.
fn each_topic(step: &mut Step, visit: &mut impl FnMut(&mut String, bool)) {
    fn of(outgoing: &mut Outgoing, visit: &mut impl FnMut(&mut String, bool)) {
        match outgoing {
            Outgoing::Packet(PacketBuf::Connect(connect)) => {
                connect.will.iter_mut().for_each(|will| visit(&mut will.topic, true));
            }
            Outgoing::Packet(PacketBuf::Publish(publish)) => visit(&mut publish.topic, true),
            Outgoing::Packet(PacketBuf::Subscribe(subscribe)) => {
                subscribe.filters.iter_mut().for_each(|s| visit(&mut s.filter, false));
            }
            Outgoing::Packet(PacketBuf::Unsubscribe(unsubscribe)) => {
                unsubscribe.filters.iter_mut().for_each(|filter| visit(filter, false));
            }
            Outgoing::Together(all) => all.iter_mut().for_each(|outgoing| of(outgoing, visit)),
            Outgoing::InPieces { outgoing, .. } => of(outgoing, visit),
            _ => {}
        }
    }
    if let Step::Send { outgoing, .. } = step {
        of(outgoing, visit);
    }
}

/// The simpler forms of a step.
fn simpler(step: &Step) -> Vec<Vec<Step>> {
    match step {
        Step::Send { connection, outgoing } => {
            let send = |outgoing| Step::Send { connection: connection.clone(), outgoing };
            match outgoing {
                Outgoing::Together(all) => {
                    let mut forms = vec![all.iter().cloned().map(send).collect()];
                    forms.extend((0..all.len()).filter(|_| all.len() > 1).map(|gone| {
                        let left = all.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, o)| o.clone());
                        vec![send(Outgoing::Together(left.collect()))]
                    }));
                    forms
                }
                Outgoing::InPieces { outgoing, .. } => vec![vec![send((**outgoing).clone())]],
                Outgoing::Packet(packet) => {
                    simpler_packets(packet).into_iter().map(|packet| vec![send(Outgoing::Packet(packet))]).collect()
                }
                _ => Vec::new(),
            }
        }
        Step::Close { connection, how: CloseHow::Reset } => {
            vec![vec![Step::Close { connection: connection.clone(), how: CloseHow::Finish }]]
        }
        Step::Acknowledge { connection, which, reason_code } => {
            let form =
                |which, reason_code| vec![Step::Acknowledge { connection: connection.clone(), which, reason_code }];
            let mut forms = Vec::new();
            if reason_code.is_some() {
                forms.push(form(*which, None));
            }
            if matches!(which, Due::Newest | Due::Nth(_)) {
                forms.push(form(Due::Oldest, *reason_code));
            }
            forms
        }
        Step::Wait { ms } if *ms / 2 >= WAIT => vec![vec![Step::Wait { ms: *ms / 2 }]],
        _ => Vec::new(),
    }
}

fn simpler_packets(packet: &PacketBuf) -> Vec<PacketBuf> {
    match packet {
        PacketBuf::Connect(connect) => simpler_connects(connect).into_iter().map(PacketBuf::Connect).collect(),
        PacketBuf::Publish(publish) => simpler_publishes(publish).into_iter().map(PacketBuf::Publish).collect(),
        PacketBuf::Subscribe(subscribe) => {
            simpler_subscribes(subscribe).into_iter().map(PacketBuf::Subscribe).collect()
        }
        PacketBuf::Unsubscribe(unsubscribe) if unsubscribe.filters.len() > 1 => without_each(&unsubscribe.filters)
            .map(|filters| {
                let mut form = unsubscribe.clone();
                form.filters = filters;
                PacketBuf::Unsubscribe(form)
            })
            .collect(),
        PacketBuf::Disconnect(disconnect) if *disconnect != DisconnectBuf::default() => {
            let mut forms = vec![DisconnectBuf::default()];
            forms.extend(
                fewer(&disconnect.properties)
                    .into_iter()
                    .map(|properties| DisconnectBuf { properties, ..disconnect.clone() }),
            );
            if disconnect.reason_code != ReasonCode::NORMAL_DISCONNECTION {
                let reason_code = ReasonCode::NORMAL_DISCONNECTION;
                forms.push(DisconnectBuf { reason_code, ..disconnect.clone() });
            }
            forms.into_iter().map(PacketBuf::Disconnect).collect()
        }
        _ => Vec::new(),
    }
}

fn simpler_connects(connect: &ConnectBuf) -> Vec<ConnectBuf> {
    let mut forms = Vec::new();
    let mut form = |change: &dyn Fn(&mut ConnectBuf)| {
        let mut form = connect.clone();
        change(&mut form);
        if form != *connect {
            forms.push(form);
        }
    };
    form(&|c| {
        c.will = None;
        c.properties.clear();
        c.keep_alive = 0;
    });
    form(&|c| c.will = None);
    form(&|c| c.keep_alive = 0);
    form(&|c| c.user_name = None);
    form(&|c| c.password = None);
    form(&|c| c.clean_start = true);
    for properties in fewer(&connect.properties) {
        form(&|c| c.properties.clone_from(&properties));
    }
    if let Some(will) = &connect.will {
        form(&|c| c.will.iter_mut().for_each(|will| will.qos = QoS::AtMostOnce));
        form(&|c| c.will.iter_mut().for_each(|will| will.retain = false));
        form(&|c| c.will.iter_mut().for_each(|will| cut(&mut will.payload)));
        for properties in fewer(&will.properties) {
            form(&|c| c.will.iter_mut().for_each(|will| will.properties.clone_from(&properties)));
        }
    }
    forms
}

fn simpler_publishes(publish: &PublishBuf) -> Vec<PublishBuf> {
    let mut forms = Vec::new();
    let mut form = |change: &dyn Fn(&mut PublishBuf)| {
        let mut form = publish.clone();
        change(&mut form);
        if form != *publish {
            forms.push(form);
        }
    };
    // Without its name, or with an alias for it, the properties are what the packet is about.
    if !publish.topic.is_empty() {
        form(&|p| {
            p.retain = false;
            p.properties.clear();
            cut(&mut p.payload);
        });
    }
    form(&|p| {
        p.qos = QoS::AtMostOnce;
        p.packet_id = None;
        p.dup = false;
    });
    if publish.qos == QoS::ExactlyOnce {
        form(&|p| p.qos = QoS::AtLeastOnce);
    }
    form(&|p| p.retain = false);
    form(&|p| cut(&mut p.payload));
    for properties in fewer(&publish.properties) {
        form(&|p| p.properties.clone_from(&properties));
    }
    forms
}

fn simpler_subscribes(subscribe: &SubscribeBuf) -> Vec<SubscribeBuf> {
    let mut forms = Vec::new();
    if subscribe.filters.len() > 1 {
        forms.extend(without_each(&subscribe.filters).map(|filters| SubscribeBuf { filters, ..subscribe.clone() }));
    }
    forms.extend(
        fewer(&subscribe.properties).into_iter().map(|properties| SubscribeBuf { properties, ..subscribe.clone() }),
    );
    for at in 0..subscribe.filters.len() {
        let old = subscribe.filters[at].options;
        let plain = SubscriptionOptions::with_qos(old.qos);
        let lower = [QoS::AtMostOnce, QoS::AtLeastOnce].into_iter().filter(|qos| *qos < old.qos);
        let candidates = [
            plain,
            SubscriptionOptions { no_local: false, ..old },
            SubscriptionOptions { retain_as_published: false, ..old },
            SubscriptionOptions { retain_handling: plain.retain_handling, ..old },
        ];
        for options in candidates.into_iter().chain(lower.map(|qos| SubscriptionOptions { qos, ..old })) {
            let mut form = subscribe.clone();
            form.filters[at].options = options;
            if form != *subscribe && !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms
}

/// No properties, then all but each.
fn fewer(properties: &[PropertyBuf]) -> Vec<Vec<PropertyBuf>> {
    match properties.len() {
        0 => Vec::new(),
        1 => vec![Vec::new()],
        _ => std::iter::once(Vec::new()).chain(without_each(properties)).collect(),
    }
}

fn without_each<T: Clone>(all: &[T]) -> impl Iterator<Item = Vec<T>> {
    (0..all.len()).map(|gone| {
        let mut left = all.to_vec();
        left.remove(gone);
        left
    })
}

fn cut(payload: &mut Vec<u8>) {
    if payload.len() > PAYLOAD {
        payload.truncate(PAYLOAD / 2);
    }
}
