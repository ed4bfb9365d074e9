//! What makes two findings the same: the broken sentence, and an argument of the same shape.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use mqttspec_reports::{Finding, Health, Level, ScenarioResult};

/// How alike two arguments must be to be about the same thing, in percent of the words they have in common.
const ALIKE: usize = 60;

/// A kind of finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A sentence was broken.
    Broken {
        /// The version of the standard: the same number may be another sentence in another.
        version: String,
        /// Statement or section.
        cited: String,
        level: Level,
        /// The words of the argument, without names, numbers and quotations.
        words: BTreeSet<String>,
    },
    /// The target did not survive.
    Crash(&'static str),
}

impl Kind {
    /// The kind of a finding in a scenario of `version`.
    pub(super) fn of(version: &str, finding: &Finding) -> Self {
        // Clients of several versions may meet in one history.
        let version = if finding.version.is_empty() { version } else { &finding.version }.to_owned();
        Self::Broken { version, cited: finding.cited(), level: finding.level, words: words(&finding.message) }
    }

    pub(super) fn crash(health: &Health) -> Self {
        Self::Crash(health.as_str())
    }

    pub(super) const fn is_crash(&self) -> bool {
        matches!(self, Self::Crash(_))
    }

    /// Whether only advice was not followed.
    pub(super) const fn is_deviation(&self) -> bool {
        matches!(self, Self::Broken { level: Level::Should, .. })
    }

    /// The gravest has the lowest.
    pub(super) const fn rank(&self) -> u8 {
        match self {
            Self::Crash(_) => 0,
            Self::Broken { level: Level::Must, .. } => 1,
            Self::Broken { .. } => 2,
        }
    }

    /// What was broken, for a person.
    pub(super) fn what(&self) -> String {
        match self {
            Self::Broken { version, cited, .. } => format!("MQTT {version}, {cited}"),
            Self::Crash(state) => format!("target {state}"),
        }
    }

    /// Whether `finding`, in a scenario of `version`, is of this kind.
    pub(super) fn covers(&self, version: &str, finding: &Finding) -> bool {
        !finding.knock_on && self.is_like(&Self::of(version, finding))
    }

    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Crash(_), Self::Crash(_)) => true,
            (
                Self::Broken { version, cited, level, words },
                Self::Broken { version: version_, cited: cited_, level: level_, words: words_ },
            ) => {
                let common = words.intersection(words_).count();
                let all = words.union(words_).count();
                (version, cited, level) == (version_, cited_, level_) && common * 100 >= all * ALIKE
            }
            _ => false,
        }
    }

    /// Whether the result shows this kind.
    pub(super) fn is_in(&self, result: &ScenarioResult) -> bool {
        result.findings.iter().any(|finding| self.covers(&result.version, finding))
    }

    /// Whether the result says that this is suspected.
    pub(super) fn is_suspected_in(&self, result: &ScenarioResult) -> bool {
        result.suspicions.iter().any(|finding| self.covers(&result.version, finding))
    }

    /// A short name that depends on the kind alone: the same finding of another run has the same one.
    pub(super) fn slug(&self) -> String {
        let mut hasher = DefaultHasher::new();
        let head = match self {
            Self::Broken { cited, words, .. } => {
                words.hash(&mut hasher);
                cited.replace([' ', '§', '/'], "-")
            }
            Self::Crash(state) => return format!("crash-{state}"),
        };
        format!("{head}-{:05x}", hasher.finish() & 0xf_ffff)
    }
}

/// The words of a message, without what is quoted and without what merely refers to events.
fn words(message: &str) -> BTreeSet<String> {
    let mut plain = String::with_capacity(message.len());
    let mut quote = None;
    for character in message.chars() {
        match quote {
            Some(end) if character == end => quote = None,
            Some(_) => continue,
            None if matches!(character, '"' | '`') => quote = Some(character),
            None if character.is_alphabetic() || character == '\'' => plain.extend(character.to_lowercase()),
            None => plain.push(' '),
        }
    }
    plain
        .split_whitespace()
        .map(|word| word.strip_suffix('s').filter(|word| word.len() > 3).unwrap_or(word))
        .filter(|word| word.len() > 1 && !matches!(*word, "event" | "and" | "the" | "of"))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(cited: &str, level: Level, message: &str) -> Finding {
        Finding {
            statement: cited.to_owned(),
            section: "4".to_owned(),
            version: String::new(),
            level,
            requirement: String::new(),
            message: message.to_owned(),
            sent: None,
            accepted: Vec::new(),
            observed: String::new(),
            events: Vec::new(),
            knock_on: false,
        }
    }

    #[test]
    fn names_numbers_and_quotations_do_not_count() {
        let one = finding(
            "MQTT-4.3.3-2",
            Level::Must,
            "`b` is owed \"m3\" because of its subscription (event 5) and the PUBLISH of event 9; it never came",
        );
        let two = finding(
            "MQTT-4.3.3-2",
            Level::Must,
            "`carol` is owed \"m3 and more\" because of its subscriptions (events 15 and 17) and the PUBLISH of event 29; it never came",
        );
        assert!(Kind::of("5.0", &one).covers("5.0", &two));
        assert_eq!(Kind::of("5.0", &one).slug(), Kind::of("5.0", &one).slug());
        assert!(Kind::of("5.0", &one).slug().starts_with("MQTT-4.3.3-2-"));
    }

    #[test]
    fn another_sentence_level_or_argument_is_another_kind() {
        let one = finding("MQTT-4.3.3-2", Level::Must, "`b` is owed \"m3\" because of its subscription; it never came");
        let kind = Kind::of("5.0", &one);
        assert!(!kind.covers("5.0", &Finding { statement: "MQTT-4.3.2-2".to_owned(), ..one.clone() }));
        assert!(!kind.covers("3.1.1", &one));
        assert!(!kind.covers("5.0", &Finding { level: Level::Should, ..one.clone() }));
        assert!(!kind.covers(
            "5.0",
            &Finding { message: "PUBREL answers a Packet Identifier not in use".to_owned(), ..one.clone() }
        ));
        assert!(!kind.covers("5.0", &Finding { knock_on: true, ..one }));
    }

    #[test]
    fn the_version_is_that_of_the_connection() {
        let own = finding("MQTT-4.4.0-1", Level::Must, "it has not come again");
        let of_another = Finding { version: "3.1.1".to_owned(), ..own.clone() };
        let kind = Kind::of("5.0", &of_another);
        assert_eq!(kind.what(), "MQTT 3.1.1, MQTT-4.4.0-1");
        assert_eq!(Kind::of("5.0", &own).what(), "MQTT 5.0, MQTT-4.4.0-1");
        // The minimal form may be a scenario of that version.
        assert!(kind.covers("3.1.1", &own) && !kind.covers("5.0", &own));
    }

    #[test]
    fn a_crash_is_a_kind_of_its_own() {
        let crash = Kind::crash(&Health::Refused);
        assert!(crash.is_crash() && crash.is_like(&Kind::crash(&Health::Unresponsive)));
        assert!(!crash.covers("5.0", &finding("MQTT-4.3.3-2", Level::Must, "x")));
    }
}
