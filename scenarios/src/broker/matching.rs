//! Which subscriptions a topic matches (4.7).

use std::borrow::Cow;

use mqttspec_codec::ProtocolVersion;
use mqttspec_codec::topic::{self, SharedFilter};

use super::Fault;
use super::api::Broker;

impl Broker {
    /// Whether `filter`, without its `$share/…/`, matches `topic` for a subscriber of `version`.
    pub(super) fn filter_matches(&self, filter: &str, topic: &str, version: ProtocolVersion) -> bool {
        if self.config.faults.is_empty() {
            return topic::matches(filter, topic);
        }
        let faulty = |fault| self.faulty(fault, version);
        let (mut filter, mut topic) = (Cow::Borrowed(filter), Cow::Borrowed(topic));
        if faulty(Fault::FoldTopicCase) {
            filter = filter.to_lowercase().into();
            topic = topic.to_lowercase().into();
        }
        if faulty(Fault::CollapseEmptyLevels) {
            filter = without_empty_levels(&filter).into();
            topic = without_empty_levels(&topic).into();
        }
        if faulty(Fault::TrimTopicSpaces) {
            filter = without_outer_spaces(&filter).into();
            topic = without_outer_spaces(&topic).into();
        }
        if faulty(Fault::NormalizeTopics) {
            filter = filter.replace("e\u{301}", "\u{e9}").into();
            topic = topic.replace("e\u{301}", "\u{e9}").into();
        }
        if faulty(Fault::WildcardMatchesDollar) && filter.starts_with(['+', '#']) && topic.starts_with('$') {
            // Any other first character takes the rule about $ out of the way.
            topic = format!("x{topic}").into();
        }
        if faulty(Fault::HashMissesParent) && filter.strip_suffix("/#") == Some(&topic) {
            return false;
        }
        if faulty(Fault::HashMatchesNamePrefix)
            && let Some(start) = filter.strip_suffix("/#")
            && topic.starts_with(start)
        {
            return true;
        }
        if faulty(Fault::PlusMissesEmptyLevel)
            && filter.split('/').zip(topic.split('/')).any(|(wanted, level)| wanted == "+" && level.is_empty())
        {
            return false;
        }
        if faulty(Fault::FilterMatchesPrefix)
            && !filter.contains(['+', '#'])
            && topic.strip_prefix(&*filter).is_some_and(|rest| rest.starts_with('/'))
        {
            return true;
        }
        if faulty(Fault::PlusMatchesLevels)
            && let Some(start) = filter.strip_suffix('+')
            && topic::matches(&format!("{start}#"), &topic)
            && topic.split('/').count() > filter.split('/').count()
        {
            return true;
        }
        topic::matches(&filter, &topic)
    }
}

/// The parts of a Shared Subscription's filter; ill-formed ones, which only faults let in, are not shared.
pub(super) fn shared_parts(filter: &str, version: ProtocolVersion) -> Option<SharedFilter<'_>> {
    if version == ProtocolVersion::V5_0 { topic::parse_shared(filter) } else { None }
}

fn without_outer_spaces(topic: &str) -> String {
    topic.split('/').map(|level| level.trim_matches(' ')).collect::<Vec<_>>().join("/")
}

fn without_empty_levels(topic: &str) -> String {
    topic.split('/').filter(|level| !level.is_empty()).collect::<Vec<_>>().join("/")
}
