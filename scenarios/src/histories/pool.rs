//! Topics, filters and Client Identifiers: few, so that they meet, and with near misses of every kind.

use super::dice::Dice;

/// The topic on which most of a history happens.
pub(super) const TOPIC: &str = "{ns}/a";

/// Topic Names (4.7): those of a row differ from each other in one way only.
const FAMILIES: &[&[&str]] = &[
    &["{ns}/a", "{ns}/a/b", "{ns}/ab", "{ns}/a/b/c", "{ns}"],
    &["{ns}/a", "{ns}/A", "{ns}/a/B", "{ns}/a/b"],
    &["{ns}/a", "{ns}//a", "{ns}/a/", "/{ns}/a"],
    &["{ns}/a", "{ns}/ a", "{ns}/a ", "{ns}/ab"],
    &["{ns}/\u{e9}", "{ns}/e\u{301}", "{ns}/a"],
    &["{ns}/\u{1f600}", "{ns}/a/\u{10ffff}", "{ns}/a"],
    &["\u{feff}/{ns}/a", "/{ns}/a", "{ns}/\u{feff}a", "{ns}/a"],
    &["$x/{ns}/a", "$mqttspec/{ns}", "{ns}/a", "{ns}/$x"],
];

/// Topic Filters that match some of them, and that a careless server lets match others.
const FILTERS: &[&[&str]] = &[
    &["{ns}/a", "{ns}/a/#", "{ns}/+", "{ns}/#", "{ns}/a/+", "{ns}/+/b", "{ns}", "{ns}/+/+/c"],
    &["{ns}/a", "{ns}/A", "{ns}/+", "{ns}/a/b", "{ns}/a/+"],
    &["{ns}/a", "{ns}/+/a", "{ns}//a", "+/{ns}/a", "{ns}/a/+", "{ns}/a/#", "{ns}/+/a", "+/{ns}/a"],
    &["{ns}/a", "{ns}/ a", "{ns}/a ", "{ns}/+"],
    &["{ns}/\u{e9}", "{ns}/e\u{301}", "{ns}/+"],
    &["{ns}/\u{1f600}", "{ns}/+", "{ns}/#", "{ns}/a/\u{10ffff}"],
    &["\u{feff}/{ns}/a", "+/{ns}/a", "/{ns}/a", "{ns}/\u{feff}a", "{ns}/a"],
    &["$x/{ns}/a", "#", "+/{ns}/a", "+/{ns}/#", "$x/#", "$mqttspec/{ns}", "+/{ns}", "$x/{ns}/+"],
];

/// The names of one history.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    family: usize,
    topics: Vec<&'static str>,
}

impl Pool {
    /// A pool of few topics.
    pub(super) fn new(dice: &mut Dice) -> Self {
        let family = if dice.percent(35) { 0 } else { dice.below(FAMILIES.len()) };
        let mut topics = vec![TOPIC];
        for _ in 0..dice.between(1, 4) {
            let topic = dice.pick(FAMILIES[family]);
            if !topics.contains(&topic) {
                topics.push(topic);
            }
        }
        Self { family, topics }
    }

    /// One of the topics, most often the first.
    pub(super) fn topic(&self, dice: &mut Dice) -> &'static str {
        if dice.one_in(3) { TOPIC } else { dice.pick(&self.topics) }
    }

    /// Every topic.
    pub(super) fn topics(&self) -> &[&'static str] {
        &self.topics
    }

    /// A topic of the whole family, in the pool or not.
    pub(super) fn any_topic(&self, dice: &mut Dice) -> &'static str {
        dice.pick(FAMILIES[self.family])
    }

    /// A filter that may match some of them.
    pub(super) fn filter(&self, dice: &mut Dice, wildcards: bool) -> &'static str {
        loop {
            let filter = if dice.one_in(3) { self.topic(dice) } else { dice.pick(FILTERS[self.family]) };
            if wildcards || !filter.contains(['+', '#']) {
                return filter;
            }
        }
    }
}

/// Client Identifiers that every server must accept (3.1.3.1): up to 23 letters and digits. Two differ only in case, and
/// one has the full length once the namespace of 8 characters is filled in.
pub(super) const CLIENT_IDS: [&str; 6] = ["{ns}ann", "{ns}bea", "{ns}cyd", "{ns}ANN", "{ns}dora56789012345", "{ns}eve"];

/// The names of the connections of each client.
pub(super) const CLIENT_NAMES: [&str; 6] = ["ann", "bea", "cyd", "ANN", "dora", "eve"];

#[cfg(test)]
mod tests {
    use mqttspec_codec::topic;

    use super::*;
    use crate::model::Namespace;

    #[test]
    fn names_are_valid_and_belong_to_the_history() {
        let namespace = Namespace::new(1, 1);
        for name in FAMILIES.iter().copied().flatten() {
            let name = namespace.expand(name);
            assert!(topic::check_topic_name(&name).is_ok() && namespace.owns_topic(&name), "{name}");
        }
        for filter in FILTERS.iter().copied().flatten() {
            assert!(
                topic::check_topic_filter(&namespace.expand(filter), mqttspec_codec::ProtocolVersion::V5_0).is_ok(),
                "{filter}"
            );
        }
        for id in CLIENT_IDS {
            let id = namespace.expand(id);
            assert!(id.len() <= 23 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        }
        assert!(CLIENT_IDS.iter().any(|id| namespace.expand(id).len() == 23));
    }

    #[test]
    fn every_family_has_topics_that_its_filters_match() {
        for (topics, filters) in FAMILIES.iter().zip(FILTERS) {
            for topic in *topics {
                assert!(filters.iter().any(|filter| topic::matches(filter, topic)), "{topic}");
            }
        }
    }
}
