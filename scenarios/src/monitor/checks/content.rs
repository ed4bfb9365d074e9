//! A delivery compared with what we published under the same Topic Name and payload.

use mqttspec_codec::PublishBuf;

use super::super::published::Digest;
use super::super::rule;
use super::super::session::{Filter, Session};
use super::Seen;

/// Checks a PUBLISH that some subscription matches.
pub(super) fn check(seen: &mut Seen<'_>, session: &Session, publish: &PublishBuf, topic: &str) {
    let Some(publication) = seen.state.published.get(Digest::of(topic, &publish.payload)) else { return };
    let matching: Vec<&Filter> = session.matching(topic).collect();
    if publish.qos > publication.qos {
        let message =
            format!("QoS {} on topic {topic:?}, which was published with QoS {}", publish.qos, publication.qos);
        seen.breach_after([publication.first], rule::PUBLISHED_QOS, message);
    }
    let removed: Option<Vec<usize>> = matching.iter().map(|filter| filter.removed).collect();
    if let Some(removed) = removed
        && removed.iter().all(|unsuback| *unsuback < publication.first)
    {
        let message = format!("a message on {topic:?} that was published after the subscription had been removed");
        seen.breach_after(removed.into_iter().chain([publication.first]), rule::UNSUBSCRIBED, message);
    }
    let own = publication.only_client.is_some() && publication.only_client == seen.connection.client;
    let no_local = matching.iter().flat_map(|filter| filter.live_records()).all(|record| record.options.no_local);
    // Whether No Local holds for retained messages and wills of one's own is not said.
    if own && no_local && !publish.retain && !publication.any_will {
        let message = format!("the client's own message on {topic:?} though its subscription has No Local");
        seen.breach_after([publication.first], rule::NO_LOCAL, message);
    }
}
