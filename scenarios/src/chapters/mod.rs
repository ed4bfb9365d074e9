//! The hand-written scenarios, one module for each theme of the standard.

mod acknowledgements;
mod authentication;
mod broken_subscriptions;
mod client_identifier;
mod client_limits;
mod connack;
mod connect;
mod data_format;
mod disconnect;
mod errors;
mod flow_control;
mod framing;
mod granted_qos;
mod idioms;
mod keep_alive;
mod message_expiry;
mod ordering;
mod packet_identifiers;
mod ping;
mod publish_forwarding;
mod publish_payload;
mod publish_properties;
mod qos_flows;
mod qos_support;
mod replaced_subscriptions;
mod resume_from_publisher;
mod resume_in_flight;
mod resume_time;
mod resume_to_subscriber;
mod retained;
mod session_state;
mod shared_in_flight;
mod shared_subscriptions;
mod subscribe;
mod subscription_identifiers;
mod subscription_idioms;
mod subscription_options;
mod take_over;
mod topic_alias;
mod topic_filters;
mod topic_names;
mod unavailable_subscriptions;
mod unsubscribe;
mod will;
mod will_delay;

use crate::model::Scenario;

/// Every hand-written scenario, in the order of the chapters.
pub fn all() -> Vec<Scenario> {
    let chapters: &[fn() -> Vec<Scenario>] = &[
        data_format::scenarios,
        framing::scenarios,
        connect::scenarios,
        client_identifier::scenarios,
        session_state::scenarios,
        take_over::scenarios,
        keep_alive::scenarios,
        will::scenarios,
        will_delay::scenarios,
        client_limits::scenarios,
        connack::scenarios,
        publish_forwarding::scenarios,
        publish_payload::scenarios,
        publish_properties::scenarios,
        topic_alias::scenarios,
        acknowledgements::scenarios,
        packet_identifiers::scenarios,
        qos_flows::scenarios,
        ordering::scenarios,
        flow_control::scenarios,
        resume_time::scenarios,
        resume_to_subscriber::scenarios,
        resume_from_publisher::scenarios,
        resume_in_flight::scenarios,
        subscribe::scenarios,
        granted_qos::scenarios,
        unsubscribe::scenarios,
        broken_subscriptions::scenarios,
        retained::scenarios,
        message_expiry::scenarios,
        subscription_options::scenarios,
        subscription_identifiers::scenarios,
        replaced_subscriptions::scenarios,
        topic_filters::scenarios,
        topic_names::scenarios,
        shared_subscriptions::scenarios,
        shared_in_flight::scenarios,
        unavailable_subscriptions::scenarios,
        ping::scenarios,
        disconnect::scenarios,
        authentication::scenarios,
        errors::scenarios,
    ];
    chapters.iter().flat_map(|chapter| chapter()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::{Cite, Step};
    use crate::statements::Catalogue;

    #[test]
    fn ids_are_unique_and_cited_statements_are_in_the_catalogue() {
        let mut ids = BTreeSet::new();
        for scenario in all() {
            assert!(ids.insert(scenario.id.clone()), "{} twice", scenario.id);
            assert!(!scenario.statements.is_empty(), "{} proves nothing", scenario.id);
            let cites = scenario.steps.iter().flat_map(|step| match step {
                Step::Expect(expect) => vec![&expect.cite.0],
                Step::Quiet(quiet) => vec![&quiet.cite.0],
                _ => Vec::new(),
            });
            for id in scenario.statements.iter().chain(cites) {
                let known = Catalogue::of(scenario.version).get(id).is_some();
                let section = Cite::from(id.as_str()).as_section().is_some();
                assert!(known || section, "{} cites {id}", scenario.id);
            }
        }
    }
}
