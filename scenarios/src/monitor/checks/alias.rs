//! Topic Aliases of the target (3.3.2.3.4).

use mqttspec_codec::{PropertyId, PropertyList, PublishBuf};

use super::super::connection::MAX_ALIASES;
use super::super::rule;
use super::Seen;

/// Checks the Topic Alias of a PUBLISH.
pub(super) fn check(seen: &mut Seen<'_>, publish: &PublishBuf) {
    let connection = seen.connection;
    let Some(alias) = publish.properties.integer(PropertyId::TopicAlias) else { return };
    let maximum = connection.asked(PropertyId::TopicAliasMaximum).unwrap_or(0);
    if maximum == 0 {
        let message = format!("Topic Alias {alias} to a client that allows none");
        seen.breach_after(connection.connect_event, rule::ALIAS_UNINVITED, message);
    } else if alias > maximum {
        let message = format!("Topic Alias {alias} to a client whose Topic Alias Maximum is {maximum}");
        seen.breach_after(connection.connect_event, rule::ALIAS_MAXIMUM, message);
    }
    let all_kept = connection.aliases.len() < MAX_ALIASES && !connection.garbled;
    if all_kept && connection.topic_of(publish).is_none() {
        let earlier = u16::try_from(alias).is_ok_and(|alias| seen.client().is_some_and(|c| c.aliases.contains(&alias)));
        let rule = if earlier { rule::ALIAS_FORGOTTEN } else { rule::ALIAS_KNOWN };
        seen.breach(rule, format!("Topic Alias {alias} without a Topic Name, and not defined on this connection"));
    }
}
