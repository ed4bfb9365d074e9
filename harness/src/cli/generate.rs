//! `mqttspec broker --generate N`: what is generated, for which target, and where findings go.

use std::path::Path;
use std::sync::Arc;

use mqttspec_codec::QoS;
use mqttspec_reports::RunInfo;
use mqttspec_scenarios::broker::AUTHENTICATION_METHOD;
use mqttspec_scenarios::histories::{self, Abilities, Profile};

use super::args::BrokerArgs;
use crate::generate::{DEFAULT_SAVE_DIR, Plan, SaveDir};
use crate::plan::Discovery;
use crate::target::TargetSpec;

pub(super) use crate::generate::generate;

/// Where findings are saved, once it is sure that they can be.
pub(super) fn save_dir(args: &BrokerArgs) -> Result<SaveDir, String> {
    SaveDir::prepare(args.save.as_deref().unwrap_or(Path::new(DEFAULT_SAVE_DIR)))
}

/// What to generate for a target that has shown this of itself.
pub(super) fn plan(
    args: &BrokerArgs,
    count: u64,
    save: SaveDir,
    target: &TargetSpec,
    info: &RunInfo,
    discovery: &Discovery,
) -> Plan {
    let profile = profile(args, discovery);
    let seed = info.seed;
    let mut replay_options = target.options();
    let mut rerun = format!("mqttspec broker --generate {count} --seed {seed}{replay_options}");
    for version in &args.spec {
        rerun.push_str(&format!(" --spec {version}"));
    }
    let mut more = String::new();
    if (args.target.timeout_scale - 1.0).abs() > f64::EPSILON {
        more.push_str(&format!(" --timeout-scale {}", args.target.timeout_scale));
    }
    if let Some(user) = &args.target.user {
        more.push_str(&format!(" --user {} --password \"$PASSWORD\"", shell_words::quote(user)));
    }
    if let Some(seconds) = args.target.keep_alive {
        more.push_str(&format!(" --keep-alive {seconds}"));
    }
    let should_fails = args.report.gate().fail_on_should;
    if should_fails {
        more.push_str(" --level should");
    }
    replay_options.push_str(&more);
    rerun.push_str(&more);
    Plan {
        count,
        source: Arc::new(move |index| histories::generate(seed, index, &profile)),
        save,
        replay_options,
        rerun,
        should_fails,
    }
}

/// Histories in every version that is judged, within what the target says it can do (5.0, 3.2.2.3).
fn profile(args: &BrokerArgs, discovery: &Discovery) -> Profile {
    let can = &discovery.capabilities;
    let abilities = Abilities {
        maximum_qos: QoS::from_value(can.maximum_qos).unwrap_or(QoS::ExactlyOnce),
        retain: can.retain,
        wildcards: can.wildcard_subscription,
        shared: can.shared_subscription,
        subscription_identifiers: can.subscription_identifier,
        topic_alias_maximum: can.topic_alias_maximum,
        receive_maximum: can.receive_maximum,
        maximum_packet_size: can.maximum_packet_size,
        session_expiry_limit: can.session_expiry,
        challenge: can.authentication_methods.contains(AUTHENTICATION_METHOD),
        any_user: args.target.user.is_none(),
    };
    Profile { versions: discovery.spoken().collect(), abilities, ..Profile::default() }
}
