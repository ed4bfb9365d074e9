//! The sentences by which deliveries that are missing, too many or out of order are judged.

use super::super::rule::rules;

rules! {
    // What is missing.
    /// A message is added to the session of every client with a matching subscription.
    OWED = "MQTT31-3.3-1" "MQTT-4.5.0-1" "MQTT-4.5.0-1";
    /// Also while the client is away.
    OWED_OFFLINE = "MQTT31-3.1-6" "MQTT-3.1.2-5" "MQTT-4.5.0-1";
    /// A session that is taken up again still has its subscriptions.
    RESUMED = "MQTT31-3.1-6" "MQTT-3.1.2-4" "MQTT-3.1.2-5";
    /// The session state is kept while the connection is open.
    LIVE_SESSION_KEPT = "MQTT31-3.3-1" "MQTT-4.1.0-2" "MQTT-4.1.0-1";
    /// A Will Message is published.
    WILL_PUBLISHED = "MQTT31-3.1-5" "MQTT-3.1.2-8" "MQTT-3.1.2-8";
    /// After a DISCONNECT with reserved flags that is an error, so that the will is due (3.1.2.5); or it is a DISCONNECT that
    /// deletes the will (3.14.4). No sentence says which.
    WILL_AFTER_FLAGS = "" "MQTT-3.14.1-1" "MQTT-3.14.1-1";
    /// An empty retained message is forwarded like any other.
    EMPTY_RETAINED = "MQTT31-3.3-1" "MQTT-3.3.1-10" "MQTT-3.3.1-6";
    /// A message that is too large counts as sent; the next ones come.
    TOO_LARGE_SKIPPED = "" "" "MQTT-3.1.2-25";
    /// No message is lost because a subscription was replaced.
    REPLACED_WITHOUT_LOSS = "MQTT31-3.3-1" "MQTT-3.8.4-3" "MQTT-3.8.4-4";
    /// Every filter of a SUBSCRIBE is subscribed to.
    EVERY_FILTER = "MQTT31-3.3-1" "MQTT-3.8.4-4" "MQTT-3.8.4-5";
    /// UNSUBSCRIBE removes the filters it names, character by character, and no others.
    UNSUBSCRIBE_EXACT = "MQTT31-3.3-1" "MQTT-3.10.4-1" "MQTT-3.10.4-1";
    /// After PUBACK an identifier stands for a new message.
    QOS1_IDENTIFIER_FREE = "MQTT31-4.1-1" "MQTT-4.3.2-2" "MQTT-4.3.2-5";
    /// After PUBCOMP an identifier stands for a new message.
    QOS2_IDENTIFIER_FREE = "MQTT31-4.1-2" "MQTT-4.3.3-2" "MQTT-4.3.3-12";
    /// The send quota is not zero at the start.
    QUOTA_NOT_ZERO = "" "" "MQTT-4.9.0-1";
    /// A refused message is acknowledged and counts no more.
    REFUSAL_ENDS_DELIVERY = "" "" "MQTT-4.4.0-2";
    /// A message for a Shared Subscription goes to one of the group.
    SHARED_TO_ONE = "" "" "4.8.2";

    // QoS.
    /// The QoS is the lower of the published and the granted one.
    QOS_OF_DELIVERY = "" "MQTT-3.8.4-6" "MQTT-3.8.4-8";
    /// On overlap, the highest QoS granted counts.
    OVERLAP_QOS = "" "MQTT-3.3.5-1" "MQTT-3.3.4-2";

    // What was under way when a connection ended.
    /// It is sent again, under its identifier.
    REDELIVERED = "MQTT31-4.2-1" "MQTT-4.4.0-1" "MQTT-4.4.0-1";
    /// QoS 1: only PUBACK ends the delivery.
    QOS1_UNACKNOWLEDGED = "MQTT31-4.2-1" "MQTT-4.3.2-1" "MQTT-4.3.2-3";
    /// QoS 2: only PUBREC ends the sending of PUBLISH.
    QOS2_UNACKNOWLEDGED = "MQTT31-4.2-1" "MQTT-4.3.3-1" "MQTT-4.3.3-3";
    /// QoS 2: only PUBCOMP ends the sending of PUBREL.
    PUBREL_UNACKNOWLEDGED = "MQTT31-4.2-1" "MQTT-4.3.3-1" "MQTT-4.3.3-5";
    /// QoS 2: what was sent once does not expire.
    SENT_DOES_NOT_EXPIRE = "" "" "MQTT-4.3.3-7";
    /// UNSUBSCRIBE leaves deliveries that have begun alone.
    UNSUBSCRIBE_COMPLETES = "MQTT31-4.2-1" "MQTT-3.10.4-3" "MQTT-3.10.4-3";
    /// QoS 2 to a member of a group is completed when it comes back.
    SHARED_COMPLETED = "" "" "MQTT-4.8.2-4";

    // What is too much.
    /// What was acknowledged is not sent again.
    NOT_AGAIN = "" "MQTT-4.4.0-1" "MQTT-4.4.0-1";
    /// What was refused is not sent again.
    REFUSED_NOT_AGAIN = "" "" "MQTT-4.4.0-2";
    /// A QoS 2 message is delivered onward once.
    QOS2_ONCE = "MQTT31-4.1-2" "MQTT-4.3.3-2" "MQTT-4.3.3-10";
    /// A subscription to the same filter replaces the one before.
    REPLACES = "" "MQTT-3.8.4-3" "MQTT-3.8.4-3";
    /// At most one copy for each matching subscription.
    ONE_COPY_EACH = "" "3.3.5" "3.3.4";
    /// One copy has the identifiers of all its subscriptions.
    ALL_IDENTIFIERS = "" "" "MQTT-3.3.4-4";
    /// A sender does not send PUBLISH again after its PUBREL.
    RELEASED_NOT_AGAIN = "MQTT31-4.1-2" "MQTT-4.3.3-1" "MQTT-4.3.3-6";
    /// Each of several copies has the identifier of its own subscription.
    OWN_IDENTIFIER = "" "" "MQTT-3.3.4-5";
    /// PUBREL answers a PUBREC that is no refusal.
    PUBREL_AFTER_SUCCESS = "" "" "4.3.3 should";
    /// No Packet Identifier at QoS 0.
    NO_IDENTIFIER_AT_QOS0 = "" "MQTT-2.3.1-5" "MQTT-2.2.1-2";
    /// A new session has nothing of the one before.
    NEW_SESSION_EMPTY = "MQTT31-3.1-6" "MQTT-3.1.2-6" "MQTT-3.1.2-4";
    /// QoS 2 in flight to a member of a group is given to no other when its session ends.
    SHARED_NOT_REASSIGNED = "" "" "MQTT-4.8.2-5";
    /// What a member of a group refused is given to no other.
    SHARED_REFUSED = "" "" "MQTT-4.8.2-6";

    // Order.
    /// Messages of one client, topic and QoS keep their order.
    ORDERED = "" "MQTT-4.6.0-6" "MQTT-4.6.0-5";
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::ProtocolVersion;

    use super::*;
    use crate::statements::Catalogue;

    #[test]
    fn every_statement_is_in_the_catalogue() {
        for (name, rule) in ALL {
            for version in ProtocolVersion::ALL {
                let cite = rule.cite(version);
                if cite.starts_with("MQTT") {
                    assert!(Catalogue::of(version).get(cite).is_some(), "{name}: {cite} of {version}");
                }
            }
        }
    }
}
