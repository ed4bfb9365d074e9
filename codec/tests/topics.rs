//! Topic Names, Topic Filters, matching and Shared Subscriptions (4.7, 4.8.2).

mod common;

use common::{plain_filter, topic_filter, topic_name};
use mqttspec_codec::ProtocolVersion::{V3_1, V3_1_1, V5_0};
use mqttspec_codec::topic::{SharedFilter, TopicError, check_topic_filter, check_topic_name, matches, parse_shared};
use proptest::prelude::*;

#[test]
fn topic_names() {
    for name in ["a", "/", "//", " ", "/finance", "a b/c", "$SYS/x", "$share/g/x", "\u{FEFF}", "é"] {
        assert_eq!(check_topic_name(name), Ok(()), "{name}");
    }
    for (name, error) in [
        ("", TopicError::Empty),
        ("a\0", TopicError::NulCharacter),
        ("a/+", TopicError::WildcardInName),
        ("#", TopicError::WildcardInName),
        ("a#b", TopicError::WildcardInName),
    ] {
        assert_eq!(check_topic_name(name), Err(error), "{name}");
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(check_topic_name(&"x".repeat(65_535)), Ok(()));
    assert_eq!(check_topic_name(&"x".repeat(65_536)), Err(TopicError::TooLong));
}

#[test]
fn topic_filters() {
    for filter in
        ["#", "+", "/", "/+", "+/+", "a/#", "+/#", "a/+/b", "a//#", "+/tennis/#", "$SYS/#", "$share", "$sharex/+"]
    {
        for version in [V3_1, V3_1_1, V5_0] {
            assert_eq!(check_topic_filter(filter, version), Ok(()), "{filter}");
        }
    }
    for (filter, error) in [
        ("", TopicError::Empty),
        ("a\0", TopicError::NulCharacter),
        ("a#", TopicError::MisplacedMultiLevelWildcard),
        ("#/", TopicError::MisplacedMultiLevelWildcard),
        ("##", TopicError::MisplacedMultiLevelWildcard),
        ("+#", TopicError::MisplacedMultiLevelWildcard),
        ("a/#/b", TopicError::MisplacedMultiLevelWildcard),
        ("a+", TopicError::MisplacedSingleLevelWildcard),
        ("+a/b", TopicError::MisplacedSingleLevelWildcard),
        ("a/++/b", TopicError::MisplacedSingleLevelWildcard),
    ] {
        for version in [V3_1, V3_1_1, V5_0] {
            assert_eq!(check_topic_filter(filter, version), Err(error), "{filter}");
        }
    }
    assert_eq!(check_topic_filter(&"x".repeat(65_536), V5_0), Err(TopicError::TooLong));
}

#[test]
fn shared_subscriptions() {
    for (filter, share_name, inner) in [
        ("$share/g/x", "g", "x"),
        ("$share/g/#", "g", "#"),
        ("$share/a b//", "a b", "/"),
        ("$share/g//x", "g", "/x"),
        ("$share/$g/$SYS/+", "$g", "$SYS/+"),
        ("$share/g/$share/h/x", "g", "$share/h/x"),
    ] {
        assert_eq!(check_topic_filter(filter, V5_0), Ok(()), "{filter}");
        assert_eq!(parse_shared(filter), Some(SharedFilter { share_name, filter: inner }), "{filter}");
    }
    for (filter, error) in [
        ("$share/", TopicError::EmptyShareName),
        ("$share//x", TopicError::EmptyShareName),
        ("$share/g", TopicError::MissingSharedFilter),
        ("$share/g/", TopicError::MissingSharedFilter),
        ("$share/g+/x", TopicError::WildcardInShareName),
        ("$share/+/x", TopicError::WildcardInShareName),
        ("$share/#", TopicError::WildcardInShareName),
        ("$share/g/a#", TopicError::MisplacedMultiLevelWildcard),
        ("$share/g/a+", TopicError::MisplacedSingleLevelWildcard),
    ] {
        assert_eq!(check_topic_filter(filter, V5_0), Err(error), "{filter}");
        assert_eq!(parse_shared(filter), None, "{filter}");
    }
    for filter in ["$share", "share/g/x", "/$share/g/x", "$SHARE/g/x", "x"] {
        assert_eq!(parse_shared(filter), None, "{filter}");
    }
}

#[test]
fn matching() {
    for (filter, topic) in [
        ("sport/tennis/player1", "sport/tennis/player1"),
        ("sport/tennis/player1/#", "sport/tennis/player1"),
        ("sport/tennis/player1/#", "sport/tennis/player1/ranking"),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"),
        ("sport/#", "sport"),
        ("sport/#", "sport/"),
        ("#", "a/b"),
        ("#", "/"),
        ("sport/tennis/+", "sport/tennis/player1"),
        ("sport/+", "sport/"),
        ("+/+", "/finance"),
        ("/+", "/finance"),
        ("+", "finance"),
        ("+/+/+", "//"),
        ("+/tennis/#", "x/tennis"),
        ("$SYS/#", "$SYS/x"),
        ("$SYS/#", "$SYS"),
        ("$SYS/monitor/+", "$SYS/monitor/Clients"),
        ("a/+", "a/$b"),
        ("a/#", "a/$b"),
        ("\u{FEFF}a", "\u{FEFF}a"),
    ] {
        assert!(matches(filter, topic), "{filter} matches {topic}");
    }
    for (filter, topic) in [
        ("sport/tennis/+", "sport/tennis/player1/ranking"),
        ("sport/+", "sport"),
        ("+", "/finance"),
        ("+", "a/b"),
        ("sport/tennis/#", "sport"),
        ("sport/#", "sports"),
        ("#", "$SYS/x"),
        ("+/monitor/Clients", "$SYS/monitor/Clients"),
        ("+", "$SYS"),
        ("ACCOUNTS", "Accounts"),
        ("a", "/a"),
        ("/a", "a"),
        ("a", "a/"),
        ("a/", "a"),
        ("a//b", "a/b"),
        ("a ", "a"),
        ("\u{E9}", "e\u{301}"),
        ("a", "\u{FEFF}a"),
    ] {
        assert!(!matches(filter, topic), "{filter} does not match {topic}");
    }
}

/// The rules of 4.7 once more, by recursion on the levels.
fn matches_by_definition(filter: &[&str], topic: &[&str]) -> bool {
    match (filter, topic) {
        ([], []) => true,
        (["#"], _) => true,
        (["+", filter @ ..], [_, topic @ ..]) => matches_by_definition(filter, topic),
        ([level, filter @ ..], [same, topic @ ..]) if level == same => matches_by_definition(filter, topic),
        _ => false,
    }
}

proptest! {
    #![proptest_config(common::config(1024))]

    #[test]
    fn what_the_strategies_generate_is_well_formed(topic in topic_name(), old in topic_filter(V3_1_1), new in topic_filter(V5_0)) {
        prop_assert_eq!(check_topic_name(&topic), Ok(()));
        prop_assert_eq!(check_topic_filter(&old, V3_1_1), Ok(()));
        prop_assert_eq!(check_topic_filter(&new, V5_0), Ok(()));
    }

    #[test]
    fn a_topic_name_is_a_filter_that_matches_itself(topic in topic_name()) {
        prop_assert!(matches(&topic, &topic));
        prop_assert_eq!(check_topic_filter(&topic, V3_1_1), Ok(()));
        let hash = format!("{topic}/#");
        prop_assert!(matches(&hash, &topic));
        prop_assert_eq!(matches("#", &topic), !topic.starts_with('$'));
    }

    #[test]
    fn matching_agrees_with_its_definition(
        filter in "([ab$+]?/){0,3}(#|[ab$+]?)",
        topic in "([ab$]?/){0,3}[ab$]?",
    ) {
        let dollar = topic.starts_with('$') && filter.starts_with(['+', '#']);
        let levels: (Vec<_>, Vec<_>) = (filter.split('/').collect(), topic.split('/').collect());
        prop_assert_eq!(matches(&filter, &topic), !dollar && matches_by_definition(&levels.0, &levels.1));
    }

    #[test]
    fn checking_agrees_with_parsing(name in "[a+#/]{0,3}", filter in plain_filter()) {
        let shared = format!("$share/{name}/{filter}");
        prop_assert_eq!(parse_shared(&shared).is_some(), check_topic_filter(&shared, V5_0).is_ok());
    }
}
