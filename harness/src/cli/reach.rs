//! What every command that judges a broker begins with: find the broker, talk to it for the first time, and settle how
//! long to wait for it.

use std::ffi::OsString;
use std::future::Future;
use std::time::{Duration, SystemTime};

use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::exit_code::{INTERNAL, UNREACHABLE, USAGE};
use mqttspec_reports::{RunInfo, Verbosity};
use mqttspec_scenarios::model::Scenario;
use tokio::sync::watch;

use super::args::TargetArgs;
use super::output::complain;
use crate::engine::ConnectDefaults;
use crate::engine::Timing;
use crate::plan::{Discovery, discover};
use crate::runner::RunOptions;
use crate::target::{Address, LaunchCommand, Target, TargetSpec, Unreachable};
use crate::transport::Limits;

/// How long discovery waits for an answer, before the timeout scale.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why there is no run: an exit code and one line.
pub(super) struct Refusal(pub(super) u8, pub(super) String);

impl Refusal {
    /// A mistake on the command line.
    pub(super) const fn usage(why: String) -> Self {
        Self(USAGE, why)
    }
}

/// Runs `work` to its end; its result is the exit code.
pub(super) fn block_on(work: impl Future<Output = u8>) -> u8 {
    let workers = std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 4));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("cannot start: {error}"));
            return INTERNAL;
        }
    };
    let code = runtime.block_on(work);
    runtime.shutdown_background();
    code
}

/// The broker that the command line names.
pub(super) fn target_spec(args: &TargetArgs) -> Result<TargetSpec, Refusal> {
    let usage = Refusal::usage;
    Ok(match (&args.target, &args.launch) {
        (Some(url), _) => TargetSpec::Remote(url.parse::<Address>().map_err(|e| usage(e.to_string()))?),
        (None, Some(text)) => TargetSpec::Launch(LaunchCommand::parse(text).map_err(|e| usage(e.to_string()))?),
        (None, None) => TargetSpec::Embedded,
    })
}

/// What is known of a run before the target is touched.
pub(super) fn run_info(args: &TargetArgs, arguments: &[OsString], target: &TargetSpec, jobs: usize) -> RunInfo {
    RunInfo {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        command: shown_command(arguments),
        target: target.info(None),
        seed: args.seed.unwrap_or_else(fresh_seed),
        timeout_scale: args.timeout_scale,
        jobs,
        histories: None,
        round_trip_us: 0,
    }
}

/// Starts or finds the target and talks to it for the first time, in the versions of `selected`. What the target is, is
/// noted in `info`.
pub(super) async fn reach(
    args: &TargetArgs,
    spec: TargetSpec,
    selected: &[Scenario],
    asked: &[ProtocolVersion],
    info: &mut RunInfo,
) -> Result<(Target, Discovery), Refusal> {
    let unreachable = |why: Unreachable| Refusal(UNREACHABLE, why.to_string());
    let target = Target::start(spec, args.timeout_scale).await.map_err(unreachable)?;
    let patience = PATIENCE.mul_f64(args.timeout_scale);
    let found = discover(target.address(), selected, &defaults(args), info.seed, patience).await;
    let mut discovery = found.map_err(unreachable)?;
    if let Some((version, why)) = asked.iter().find_map(|v| discovery.why_not(*v).map(|why| (*v, why))) {
        return Err(Refusal(
            UNREACHABLE,
            format!("the target does not speak MQTT {version}, which --spec asks for: it {why}"),
        ));
    }
    discovery.versions.retain(|(version, _)| asked.is_empty() || asked.contains(version));
    info.target = target.info();
    info.target.versions = discovery.spoken().map(|version| version.to_string()).collect();
    info.round_trip_us = u64::try_from(discovery.round_trip.as_micros()).unwrap_or(u64::MAX);
    Ok((target, discovery))
}

/// Waits for a reason to stop before there is a run.
pub(super) async fn interrupted(stopped: &mut watch::Receiver<Option<String>>) -> String {
    let why = stopped.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
    match why {
        Some(why) => format!("{why} before the target answered"),
        None => std::future::pending().await,
    }
}

/// How to run against this target.
pub(super) fn run_options(
    args: &TargetArgs,
    spec: &TargetSpec,
    info: &RunInfo,
    discovery: &Discovery,
    verbosity: Verbosity,
) -> RunOptions {
    let scale = args.timeout_scale;
    let stretched = |ms: u64| u64::try_from(Duration::from_millis(ms).mul_f64(scale).as_millis()).unwrap_or(u64::MAX);
    let usual = Timing::default();
    let patient = Timing {
        answer_ms: stretched(usual.answer_ms),
        probe_after_ms: stretched(usual.probe_after_ms),
        after_probe_ms: stretched(usual.after_probe_ms),
        grace_ms: discovery.grace_ms(scale),
        scale,
        eventually: false,
        redelivery_ms: stretched(usual.redelivery_ms),
    };
    // A target that has answered PINGREQ has read what came before; what it owes for that comes soon or not at all. A
    // repetition waits in full.
    let soon =
        (discovery.round_trip * 100).clamp(Duration::from_millis(400), Duration::from_millis(usual.after_probe_ms));
    let soon_ms = u64::try_from(soon.as_millis()).unwrap_or(usual.after_probe_ms);
    let timing = Timing { after_probe_ms: stretched(soon_ms), ..patient };
    let mut rerun_options = spec.options();
    rerun_options.push_str(&format!(" --seed {}", info.seed));
    if (scale - 1.0).abs() > f64::EPSILON {
        rerun_options.push_str(&format!(" --timeout-scale {scale}"));
    }
    if let Some(user) = &args.user {
        rerun_options.push_str(&format!(" --user {} --password \"$PASSWORD\"", shell_words::quote(user)));
    }
    if let Some(seconds) = args.keep_alive {
        rerun_options.push_str(&format!(" --keep-alive {seconds}"));
    }
    RunOptions {
        seed: info.seed,
        jobs: info.jobs,
        timeout_scale: scale,
        defaults: defaults(args),
        retain: discovery.capabilities.retain,
        timing,
        patient,
        limits: Limits::default().scaled(scale),
        keep_all_transcripts: verbosity == Verbosity::AllTranscripts,
        file: None,
        rerun_options,
    }
}

fn defaults(args: &TargetArgs) -> ConnectDefaults {
    ConnectDefaults { credentials: args.user.clone().zip(args.password.clone()), keep_alive: args.keep_alive }
}

/// The command line for reports, without the password.
pub(super) fn shown_command(arguments: &[OsString]) -> String {
    let mut words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(program) = words.first_mut() {
        *program = "mqttspec".to_owned();
    }
    let mut hidden = false;
    for word in &mut words {
        if hidden {
            *word = "***".to_owned();
        } else if word.starts_with("--password=") {
            *word = "--password=***".to_owned();
        }
        hidden = word == "--password";
    }
    shell_words::join(words)
}

/// A seed that other runs against the same target do not have: namespaces come from it.
fn fresh_seed() -> u64 {
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let mixed = (nanos as u64) ^ (u64::from(std::process::id()) << 20);
    mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_do_not_hold_the_password() {
        let words = ["/x/mqttspec", "broker", "--password", "secret", "--password=secret", "a b"].map(OsString::from);
        let shown = shown_command(&words);
        assert!(shown.starts_with("mqttspec broker --password") && shown.ends_with("'a b'"), "{shown}");
        assert!(!shown.contains("secret"));
    }
}
