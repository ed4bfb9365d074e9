//! Whether a PUBLISH is what the client's subscriptions entitle it to (3.3.2.1, 3.3.4, 4.7).

use mqttspec_codec::{PropertyId, ProtocolVersion, PublishBuf, topic};

use super::super::rule;
use super::super::session::{Filter, Session};
use super::Seen;

/// Checks a PUBLISH. Returns whether any subscription matches.
pub(super) fn check(seen: &mut Seen<'_>, session: &Session, publish: &PublishBuf, topic: &str) -> bool {
    let matching: Vec<&Filter> = session.matching(topic).collect();
    if matching.is_empty() {
        check_unmatched(seen, session, topic);
        return false;
    }
    check_qos(seen, &matching, publish, topic);
    if seen.connection.version == ProtocolVersion::V5_0 {
        check_identifiers(seen, &matching, publish, topic);
    }
    true
}

fn check_unmatched(seen: &mut Seen<'_>, session: &Session, topic_name: &str) {
    let asked: Vec<_> = session.filters.iter().flat_map(|filter| &filter.records).map(|record| record.asked).collect();
    let without_dollar = topic_name.replacen('$', "_", 1);
    let is_dollar = topic_name.starts_with('$');
    let wildcard = |pattern: &str| pattern.starts_with(['+', '#']) && topic::matches(pattern, &without_dollar);
    if is_dollar && session.matching_by(wildcard).next().is_some() {
        let message = format!("topic {topic_name:?} to a client whose filters reach it only by a leading wildcard");
        return seen.breach_after(asked, rule::DOLLAR_TOPIC, message);
    }
    if asked.is_empty() || is_dollar || seen.state.partial {
        // 4.5: a server may make subscriptions of its own accord.
        let message = format!("topic {topic_name:?} to a client that has not subscribed to it");
        return seen.breach(rule::UNSOLICITED, message);
    }
    let folded = |pattern: &str| topic::matches(&pattern.to_lowercase(), &topic_name.to_lowercase());
    let collapsed = |pattern: &str| topic::matches(&without_empty_levels(pattern), &without_empty_levels(topic_name));
    // A filter of anybody else that matches as it stands explains it better.
    let foreign = || seen.state.sessions.iter().any(|other| other.matching(topic_name).next().is_some());
    let inexact = session.matching_by(|pattern| folded(pattern) || collapsed(pattern)).next().is_some();
    let rule = if inexact && !foreign() { rule::TOPIC_EXACT } else { rule::TOPIC_MATCHES };
    seen.breach_after(asked, rule, format!("topic {topic_name:?}, which no subscription of this session matches"));
}

fn without_empty_levels(text: &str) -> String {
    text.split('/').filter(|level| !level.is_empty()).collect::<Vec<_>>().join("/")
}

/// The QoS is at most the highest that any matching subscription was ever granted in this session: a message may have
/// waited since an earlier one.
fn check_qos(seen: &mut Seen<'_>, matching: &[&Filter], publish: &PublishBuf, topic: &str) {
    let records = || matching.iter().flat_map(|filter| filter.live_records());
    let Some(granted) = records().map(|record| record.granted()).max() else { return };
    if publish.qos <= granted {
        return;
    }
    let answers: Vec<_> = records().filter_map(|record| record.answer).map(|(event, _)| event).collect();
    let all_shared = matching.iter().all(|filter| filter.shared);
    let rule = if all_shared { rule::SHARED_GRANTED_QOS } else { rule::GRANTED_QOS };
    let message = format!("QoS {} on topic {topic:?}, for which no more than QoS {granted} was granted", publish.qos);
    seen.breach_after(answers, rule, message);
}

fn check_identifiers(seen: &mut Seen<'_>, matching: &[&Filter], publish: &PublishBuf, topic: &str) {
    let records = || matching.iter().flat_map(|filter| filter.live_records());
    let present = publish.properties.iter().filter(|property| property.id == PropertyId::SubscriptionIdentifier);
    let present: Vec<u32> = present.filter_map(|property| property.value.as_integer()).collect();
    let asked: Vec<_> = records().map(|record| record.asked).collect();
    for identifier in &present {
        if !records().any(|record| record.identifier == Some(*identifier)) {
            let message =
                format!("Subscription Identifier {identifier} on topic {topic:?}: no matching subscription has it");
            seen.breach_after(asked.clone(), rule::SUBSCRIPTION_ID_OWN, message);
        }
    }
    let offered = seen.connection.told(PropertyId::SubscriptionIdentifierAvailable) != Some(0);
    // Only when every subscription it can have come by has an identifier, and was acknowledged.
    let all_identified = records().all(|record| record.identifier.is_some() && record.answer.is_some());
    if present.is_empty() && offered && all_identified {
        let message =
            format!("no Subscription Identifier on topic {topic:?}, though every matching subscription has one");
        seen.breach_after(asked, rule::SUBSCRIPTION_ID_SENT, message);
    }
}
