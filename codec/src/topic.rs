//! Topic Names and Topic Filters (4.7) and Shared Subscriptions (4.8.2).

use core::fmt;

use crate::ProtocolVersion;

/// Why a string is not a Topic Name or not a Topic Filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TopicError {
    /// It has no characters (MQTT-4.7.3-1).
    Empty,
    /// It holds U+0000 (MQTT-4.7.3-2).
    NulCharacter,
    /// It is longer than 65,535 bytes (MQTT-4.7.3-3).
    TooLong,
    /// A Topic Name holds `+` or `#` (MQTT-4.7.1-1; 3.1.1: MQTT-3.3.2-2).
    WildcardInName,
    /// `#` shares its level with other characters, or is not the last level (MQTT-4.7.1-1; 3.1.1: MQTT-4.7.1-2).
    MisplacedMultiLevelWildcard,
    /// `+` shares its level with other characters (MQTT-4.7.1-2; 3.1.1: MQTT-4.7.1-3).
    MisplacedSingleLevelWildcard,
    /// The ShareName has no characters (MQTT-4.8.2-1).
    EmptyShareName,
    /// The ShareName holds `+` or `#` (MQTT-4.8.2-2).
    WildcardInShareName,
    /// No Topic Filter follows the ShareName (MQTT-4.8.2-2).
    MissingSharedFilter,
}

/// The two parts of a Shared Subscription's Topic Filter `$share/{ShareName}/{filter}` (4.8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SharedFilter<'a> {
    /// ShareName.
    pub share_name: &'a str,
    /// The Topic Filter that follows it.
    pub filter: &'a str,
}

/// What every Shared Subscription's Topic Filter begins with.
const SHARE_PREFIX: &str = "$share/";

/// Checks a Topic Name (4.7): not empty, no wildcards, no U+0000, no longer than a string may be.
///
/// # Errors
/// The first rule it breaks.
pub fn check_topic_name(name: &str) -> Result<(), TopicError> {
    check_characters(name)?;
    if name.contains(['+', '#']) { Err(TopicError::WildcardInName) } else { Ok(()) }
}

/// Checks a Topic Filter (4.7.1). In 5.0 one that begins with `$share/` is checked as a Shared Subscription (4.8.2);
/// in 3.1 and 3.1.1 `$share` is a level like any other.
///
/// # Errors
/// The first rule it breaks.
pub fn check_topic_filter(filter: &str, version: ProtocolVersion) -> Result<(), TopicError> {
    check_characters(filter)?;
    match filter.strip_prefix(SHARE_PREFIX) {
        Some(shared) if version == ProtocolVersion::V5_0 => check_shared(shared),
        _ => check_levels(filter),
    }
}

/// Whether a message published to `topic` belongs to a subscription with `filter` (4.7).
///
/// Levels are compared character by character, with no normalisation (4.7.3-4); `#` also matches the level above it;
/// a filter that begins with a wildcard matches no topic that begins with `$` (MQTT-4.7.2-1). Both arguments are
/// taken to be well formed, and a Shared Subscription's filter to be without its `$share/…/` ([`parse_shared`]).
pub fn matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut topic_levels = topic.split('/');
    for level in filter.split('/') {
        match (level, topic_levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (_, Some(topic_level)) if level == topic_level => {}
            _ => return false,
        }
    }
    topic_levels.next().is_none()
}

/// Splits `$share/{ShareName}/{filter}`; `None` when `filter` is not a well-formed Shared Subscription of 5.0 (4.8.2).
pub fn parse_shared(filter: &str) -> Option<SharedFilter<'_>> {
    let shared = filter.strip_prefix(SHARE_PREFIX)?;
    check_shared(shared).ok()?;
    let (share_name, filter) = shared.split_once('/')?;
    Some(SharedFilter { share_name, filter })
}

fn check_characters(topic: &str) -> Result<(), TopicError> {
    if topic.is_empty() {
        Err(TopicError::Empty)
    } else if topic.len() > usize::from(u16::MAX) {
        Err(TopicError::TooLong)
    } else if topic.contains('\0') {
        Err(TopicError::NulCharacter)
    } else {
        Ok(())
    }
}

fn check_shared(shared: &str) -> Result<(), TopicError> {
    let (share_name, filter) = shared.split_once('/').unwrap_or((shared, ""));
    if share_name.is_empty() {
        Err(TopicError::EmptyShareName)
    } else if share_name.contains(['+', '#']) {
        Err(TopicError::WildcardInShareName)
    } else if filter.is_empty() {
        Err(TopicError::MissingSharedFilter)
    } else {
        check_levels(filter)
    }
}

fn check_levels(filter: &str) -> Result<(), TopicError> {
    let mut levels = filter.split('/');
    while let Some(level) = levels.next() {
        if level.contains('#') && (level != "#" || levels.next().is_some()) {
            return Err(TopicError::MisplacedMultiLevelWildcard);
        }
        if level.contains('+') && level != "+" {
            return Err(TopicError::MisplacedSingleLevelWildcard);
        }
    }
    Ok(())
}

impl fmt::Display for TopicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::NulCharacter => "it contains U+0000",
            Self::TooLong => "it is longer than 65535 bytes",
            Self::WildcardInName => "a topic name contains a wildcard",
            Self::MisplacedMultiLevelWildcard => "# is not alone in the last level",
            Self::MisplacedSingleLevelWildcard => "+ is not alone in its level",
            Self::EmptyShareName => "the share name is empty",
            Self::WildcardInShareName => "the share name contains a wildcard",
            Self::MissingSharedFilter => "no topic filter follows the share name",
        })
    }
}

impl core::error::Error for TopicError {}
