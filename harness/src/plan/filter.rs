//! Filters: whatever mqttspec prints can be pasted back as one. Scenario ids (whole, by prefix, with `*` and `?`),
//! chapters, statement ids, sections.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::ProtocolVersion;
use mqttspec_scenarios::model::Scenario;
use mqttspec_scenarios::statements::Catalogue;

/// A filter as somebody wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(String);

/// A filter that selects nothing, with the nearest names there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NothingMatches {
    /// The filter.
    pub filter: String,
    /// Something known about it, though no scenario matches.
    pub known: Option<String>,
    /// Names that look like it, best first.
    pub suggestions: Vec<String>,
}

/// Every name that filters accept.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    chapters: BTreeMap<String, String>,
    names: BTreeSet<String>,
}

impl Filter {
    /// A filter; surrounding blanks are not part of it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it selects this scenario.
    #[must_use]
    pub fn matches(&self, scenario: &Scenario, vocabulary: &Vocabulary) -> bool {
        let filter = self.0.as_str();
        if filter.is_empty() {
            return false;
        }
        let id = scenario.id.as_str();
        // The id without its version is accepted too: it selects the scenario in every version.
        let name = id.split_once('/').map_or(id, |(_, name)| name);
        if filter.contains(['*', '?']) {
            return is_glob_match(filter, id) || is_glob_match(filter, name);
        }
        if [id, name].iter().any(|text| is_path_prefix(filter, text)) {
            return true;
        }
        if scenario.statements.iter().any(|statement| statement.eq_ignore_ascii_case(filter)) {
            return true;
        }
        let number = scenario.chapter_number();
        if vocabulary.is_chapter(filter) {
            return number == filter
                || scenario.chapter.eq_ignore_ascii_case(filter)
                || title_is(&scenario.chapter, filter);
        }
        if filter.starts_with(|c: char| c.is_ascii_digit()) {
            let catalogue = Catalogue::of(scenario.version);
            return scenario
                .statements
                .iter()
                .filter_map(|statement| catalogue.get(statement))
                .any(|statement| is_section_prefix(filter, &statement.section));
        }
        false
    }
}

impl Vocabulary {
    /// The names of these scenarios and of every statement.
    #[must_use]
    pub fn of(scenarios: &[Scenario]) -> Self {
        let mut chapters = BTreeMap::new();
        let mut names = BTreeSet::new();
        for scenario in scenarios {
            chapters.insert(scenario.chapter_number().to_owned(), scenario.chapter.clone());
            names.insert(scenario.id.clone());
            for (at, _) in scenario.id.match_indices('/') {
                names.insert(scenario.id[..=at].to_owned());
            }
            names.insert(scenario.chapter.clone());
        }
        for version in ProtocolVersion::ALL {
            names.extend(Catalogue::of(version).statements.iter().map(|statement| statement.id.clone()));
        }
        Self { chapters, names }
    }

    fn is_chapter(&self, text: &str) -> bool {
        self.chapters
            .iter()
            .any(|(number, chapter)| number == text || chapter.eq_ignore_ascii_case(text) || title_is(chapter, text))
    }

    /// Checks that every filter selects at least one of `scenarios`.
    ///
    /// # Errors
    /// The first that does not, with what it may have meant.
    pub fn check(&self, filters: &[Filter], scenarios: &[Scenario]) -> Result<(), NothingMatches> {
        let missing = filters.iter().find(|filter| !scenarios.iter().any(|scenario| filter.matches(scenario, self)));
        match missing {
            None => Ok(()),
            Some(filter) => Err(self.nothing_matches(filter.as_str())),
        }
    }

    /// What `text` may have meant.
    #[must_use]
    pub fn nothing_matches(&self, text: &str) -> NothingMatches {
        let known = ProtocolVersion::ALL.iter().find_map(|version| {
            let statements = &Catalogue::of(*version).statements;
            let statement = statements.iter().find(|statement| statement.id.eq_ignore_ascii_case(text))?;
            Some(format!("{} is a statement of MQTT {version}, but no scenario proves it", statement.id))
        });
        let wanted = text.to_ascii_lowercase();
        let mut near: Vec<(f64, &String)> = self
            .names
            .iter()
            .filter(|name| !name.eq_ignore_ascii_case(text))
            .map(|name| {
                let candidate = name.to_ascii_lowercase();
                let bare = candidate.split_once('/').map_or(candidate.as_str(), |(_, bare)| bare);
                let score = strsim::normalized_damerau_levenshtein(&wanted, &candidate)
                    .max(strsim::normalized_damerau_levenshtein(&wanted, bare) - 0.01);
                (score, name)
            })
            .filter(|(score, _)| *score > 0.55)
            .collect();
        near.sort_by(|(a, x), (b, y)| b.total_cmp(a).then_with(|| x.cmp(y)));
        let suggestions =
            if known.is_some() { Vec::new() } else { near.iter().take(3).map(|(_, name)| (*name).clone()).collect() };
        NothingMatches { filter: text.to_owned(), known, suggestions }
    }
}

impl std::fmt::Display for NothingMatches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "'{}' selects no scenario", self.filter.escape_debug())?;
        if let Some(known) = &self.known {
            return write!(f, ": {known}");
        }
        match self.suggestions.as_slice() {
            [] => f.write_str("; 'mqttspec list' shows what there is"),
            names => write!(f, "; did you mean {}?", names.join(" or ")),
        }
    }
}

fn title_is(chapter: &str, text: &str) -> bool {
    chapter.split_once(' ').is_some_and(|(_, title)| title.eq_ignore_ascii_case(text))
}

/// `v5/publish` and `v5/publish/` select `v5/publish/x`, not `v5/publisher/x`.
fn is_path_prefix(prefix: &str, id: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    id.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `3.3.1` selects `3.3.1.2`, not `3.3.12`.
fn is_section_prefix(prefix: &str, section: &str) -> bool {
    section.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether `text` matches a pattern in which `*` stands for any characters and `?` for one.
#[must_use]
pub fn is_glob_match(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where to take up again when the text after the latest `*` turns out not to match.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    p = star + 1;
                    t = from + 1;
                    retry = Some((star, t));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use mqttspec_scenarios::model::Dialogue;

    use super::*;

    fn scenarios() -> Vec<Scenario> {
        let v5 = ProtocolVersion::V5_0;
        vec![
            Dialogue::new(v5, "3.3 PUBLISH", "publish/qos1-acknowledged", "t").proves(&["MQTT-3.3.4-1"]).build(),
            Dialogue::new(ProtocolVersion::V3_1_1, "3.3 PUBLISH", "publish/qos1-acknowledged", "t")
                .proves(&["MQTT-3.3.4-1"])
                .build(),
            Dialogue::new(v5, "3.1 CONNECT", "connect/reserved-flag", "t").proves(&["MQTT-3.1.2-3"]).build(),
            Dialogue::new(v5, "3.1 CONNECT", "connector/other", "t").proves(&["MQTT-3.1.0-1"]).build(),
        ]
    }

    fn selected(filter: &str) -> Vec<String> {
        let all = scenarios();
        let vocabulary = Vocabulary::of(&all);
        let filter = Filter::new(filter);
        all.iter().filter(|s| filter.matches(s, &vocabulary)).map(|s| s.id.clone()).collect()
    }

    #[test]
    fn everything_that_is_printed_is_accepted() {
        assert_eq!(selected("v5/connect/reserved-flag"), ["v5/connect/reserved-flag"]);
        assert_eq!(selected("v5/connect"), ["v5/connect/reserved-flag"]);
        assert_eq!(selected("v5/connect/"), ["v5/connect/reserved-flag"]);
        assert_eq!(selected("publish/qos1-acknowledged").len(), 2);
        assert_eq!(selected("v5/*flag"), ["v5/connect/reserved-flag"]);
        assert_eq!(selected("*qos?-ack*").len(), 2);
        assert_eq!(selected("3.3").len(), 2);
        assert_eq!(selected("3.3 PUBLISH").len(), 2);
        assert_eq!(selected("publish").len(), 2);
        assert_eq!(selected("mqtt-3.1.2-3"), ["v5/connect/reserved-flag"]);
        assert_eq!(selected("3.1.2"), ["v5/connect/reserved-flag"]);
        assert_eq!(selected("v5").len(), 3);
        assert_eq!(selected(""), [""; 0]);
        assert_eq!(selected("3.1.22"), [""; 0]);
    }

    #[test]
    fn a_filter_that_selects_nothing_says_what_it_may_have_meant() {
        let all = scenarios();
        let vocabulary = Vocabulary::of(&all);
        let message = |text: &str| vocabulary.check(&[Filter::new(text)], &all).unwrap_err().to_string();
        assert!(
            message("v5/conect/reserved-flag").ends_with("did you mean v5/connect/reserved-flag?"),
            "{}",
            message("v5/conect/reserved-flag")
        );
        assert!(message("zzzzzzzzzzzzzzzzzzzz").contains("mqttspec list"));
        assert!(message("MQTT-3.2.2-1").contains("no scenario proves it"), "{}", message("MQTT-3.2.2-1"));
        assert_eq!(vocabulary.check(&[Filter::new("v5/")], &all), Ok(()));
    }

    #[test]
    fn globs_match_whole_texts() {
        for (pattern, text, matches) in [
            ("*", "", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b", "a-b-c", false),
            ("?", "", false),
            ("**x", "ax", true),
        ] {
            assert_eq!(is_glob_match(pattern, text), matches, "{pattern} {text}");
        }
    }
}
