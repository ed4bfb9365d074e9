//! Every check is proven to fire: the scenario × fault matrix, in memory and in virtual time.
//!
//! * On the honest reference broker every scenario passes (or does not apply, and says why).
//! * On every legal variant no scenario fails.
//! * For every scenario there is a fault that turns it red; every fault turns one red, and nearly all are reported under
//!   the statement that they break. Which fault is noticed where, and under which statement, is the committed snapshot.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use common::{Laboratory, Red};
use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::Verdict;
use mqttspec_scenarios::broker::{BrokerConfig, Fault, FaultSet, Variant, VariantSet};

#[test]
fn the_honest_broker_passes_everything_that_applies() {
    let laboratory = Laboratory::new();
    let mut wrong = String::new();
    for (scenario, outcome) in laboratory.run_all(&BrokerConfig::default()) {
        if !matches!(outcome.verdict, Verdict::Pass | Verdict::NotApplicable) || !outcome.findings.is_empty() {
            let _ = writeln!(wrong, "{}: {} {:?} {:?}", scenario.id, outcome.verdict, outcome.reason, outcome.findings);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn no_scenario_is_red_on_a_legal_variant() {
    let laboratory = Laboratory::new();
    let mut wrong = String::new();
    for variant in Variant::ALL {
        let config = BrokerConfig { variants: VariantSet::only(*variant), ..BrokerConfig::default() };
        for (scenario, outcome) in laboratory.run_all(&config) {
            if matches!(outcome.verdict, Verdict::Fail | Verdict::Error) || !outcome.findings.is_empty() {
                let _ =
                    writeln!(wrong, "{} on {}: {:?} {:?}", scenario.id, variant.id(), outcome.reason, outcome.findings);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Later versions say that the DUP of the publisher is not passed on, and nothing of DUP at QoS 0 is said in 3.1.
#[test]
fn no_scenario_of_3_1_is_red_on_a_dup_that_3_1_does_not_rule_out() {
    let laboratory = Laboratory::new();
    for fault in [Fault::PropagateDup, Fault::DupAtQos0] {
        let reds = laboratory.reds(FaultSet::only(fault));
        let fails = |version| reds.iter().any(|red| red.version == version && red.fails);
        assert!(!fails(ProtocolVersion::V3_1) && fails(ProtocolVersion::V3_1_1), "{}: {reds:#?}", fault.id());
    }
}

#[test]
fn every_fault_is_noticed_and_every_scenario_can_fail() {
    let laboratory = Laboratory::new();
    let mut red_by_fault: BTreeMap<&'static str, Vec<Red>> = BTreeMap::new();
    // Some faults spoil every CONNACK or PINGRESP and turn everything red: what counts is that a scenario turns red under
    // a statement of its own. One about an error that a 5.0 server may overlook (4.13.1) does so as a deviation.
    let mut can_fail: BTreeSet<String> = BTreeSet::new();
    let mut turns_red: BTreeSet<String> = BTreeSet::new();
    for fault in Fault::ALL {
        let reds = laboratory.reds(FaultSet::only(*fault));
        let own = reds.iter().filter(|red| red.own);
        can_fail.extend(own.clone().filter(|red| red.fails).map(|red| red.scenario.clone()));
        turns_red.extend(own.map(|red| red.scenario.clone()));
        red_by_fault.insert(fault.id(), reds);
    }

    let unnoticed: Vec<_> = red_by_fault.iter().filter(|(_, reds)| reds.is_empty()).map(|(id, _)| *id).collect();
    let never_red: Vec<_> =
        laboratory.scenarios.iter().map(|s| s.id.clone()).filter(|id| !turns_red.contains(id)).collect();
    let elsewhere: Vec<_> = Fault::ALL
        .iter()
        .filter(|fault| !red_by_fault[fault.id()].iter().any(|red| red.breaks(**fault)))
        .map(|fault| fault.id())
        .collect();

    let mut snapshot = String::new();
    let own = Fault::ALL.len() - elsewhere.len();
    let _ = writeln!(
        snapshot,
        "{} scenarios, {} of which can fail and the others deviate; {} faults, {own} of which are reported under the \
         statement they break\n",
        laboratory.scenarios.len(),
        can_fail.len(),
        Fault::ALL.len()
    );
    for fault in Fault::ALL {
        let _ = writeln!(snapshot, "{}", common::describe(*fault));
        for (statement, scenarios) in common::by_statement(&red_by_fault[fault.id()]) {
            let _ = writeln!(snapshot, "    {statement}: {}", common::shorten(&scenarios));
        }
    }
    insta::assert_snapshot!("matrix", snapshot);

    assert!(unnoticed.is_empty(), "faults that no scenario notices: {unnoticed:#?}");
    assert!(
        never_red.is_empty(),
        "{} scenarios that no fault turns red under a statement of theirs: {never_red:#?}",
        never_red.len()
    );
    assert!(
        own * 100 >= Fault::ALL.len() * 95,
        "{} faults are reported only under other statements than theirs: {elsewhere:#?}",
        elsewhere.len()
    );
}
