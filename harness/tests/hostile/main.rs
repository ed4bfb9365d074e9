//! Targets that misbehave: each run ends within bounds with a clear message, the documented exit code and a report, and
//! nothing is called a pass that the target did not show. A run without bounds would not end, and its test with it.

// Clippy allows `unwrap` in test functions; here the helpers around them may panic as well.
#![allow(clippy::unwrap_used)]

mod servers;

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use mqttspec::generate::events;
use mqttspec::scenario_file::ScenarioFile;
use mqttspec_reports::{Health, Run, Verdict, json};

/// A directory that is removed with its owner.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mqttspec-hostile-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a run of the command came to.
struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
    run: Run,
}

impl Ended {
    fn count(&self, verdict: Verdict) -> usize {
        self.run.results.iter().filter(|result| result.verdict == verdict).count()
    }

    /// The target was never reached: exit code 3, one line that holds `part`, and a report without results.
    fn assert_unreachable(&self, part: &str) {
        assert_eq!(self.code, 3, "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stderr.trim_end().lines().count(), 1, "{}", self.stderr);
        assert!(self.stderr.contains(part), "{}", self.stderr);
        assert!(self.run.planned > 0 && self.run.results.is_empty(), "{:?}", self.run.summary);
        assert!(self.run.interrupted.as_deref().is_some_and(|why| why.contains(part)), "{:?}", self.run.interrupted);
    }
}

fn mqttspec(arguments: &[&str], report: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mqttspec"));
    command.arg("broker").args(arguments).arg("--report").arg(report);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ended(output: Output, report: &Path) -> Ended {
    let results = std::fs::read_to_string(report.join("results.json")).expect("results.json is written in every case");
    assert!(report.join("junit.xml").exists());
    Ended {
        code: output.status.code().expect("an exit code, not a signal"),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        run: json::from_json(&results).unwrap(),
    }
}

fn run(name: &str, arguments: &[&str]) -> Ended {
    let scratch = Scratch::new(name);
    let output = mqttspec(arguments, &scratch.0).output().unwrap();
    ended(output, &scratch.0)
}

fn judge(name: &str, target: SocketAddr, more: &[&str]) -> Ended {
    let target = format!("mqtt://{target}");
    let mut arguments = vec!["--target", &target, "--timeout-scale", "0.2"];
    arguments.extend(more);
    run(name, &arguments)
}

#[test]
fn nobody_listens() {
    judge("nobody", servers::nobody(), &[]).assert_unreachable("cannot be reached: Connection refused");
}

#[test]
fn a_port_that_speaks_http() {
    judge("http", servers::serve(servers::http), &[])
        .assert_unreachable("answered with HTTP: 'HTTP/1.1 400 Bad Request'");
}

#[test]
fn one_that_accepts_and_stays_silent() {
    let ended = judge("silent", servers::serve(servers::silent), &[]);
    ended.assert_unreachable("accepted the connection but sent nothing within 1s");
}

#[test]
fn one_that_does_not_even_read() {
    judge("deaf", servers::serve(servers::deaf), &[]).assert_unreachable("sent nothing within");
}

#[test]
fn one_that_closes_at_once() {
    judge("closer", servers::serve(servers::closer), &[]).assert_unreachable("closed the connection without an answer");
}

#[test]
fn one_that_answers_everything_with_connack_and_closes() {
    judge("connack", servers::serve(servers::connack_then_close), &[])
        .assert_unreachable("answered CONNECT with CONNACK, but then no PINGREQ");
}

#[test]
fn one_that_answers_everything_with_connack() {
    judge("only-connack", servers::serve(servers::only_connack), &[]).assert_unreachable("no PINGREQ");
}

#[test]
fn one_that_floods_from_the_start() {
    judge("zeros", servers::serve(servers::zeros), &[]).assert_unreachable("not the MQTT packet that was due");
}

#[test]
fn one_that_floods_subscribers() {
    let target = servers::serve(servers::polite_flooder);
    let ended =
        judge("flooder", target, &["v5/publish/first*", "v5/publish/to-subscription*", "v5/publish/overlapping*"]);
    assert!(ended.run.results.len() > 5);
    assert_eq!(ended.count(Verdict::Pass), 0, "{}", ended.stdout);
    assert_eq!(ended.count(Verdict::Error), 0, "{}", ended.stdout);
    assert_ne!(ended.code, 0);
}

#[test]
fn one_that_closes_on_everything_passes_no_negative_scenario() {
    let target = servers::serve(servers::closes_on_everything);
    let ended = judge("closes", target, &["v5/malformed/publish", "v311/malformed/subscribe", "v5/publish"]);
    assert!(ended.run.results.len() > 10);
    assert_eq!(ended.count(Verdict::Pass), 0, "{}", ended.stdout);
    assert_ne!(ended.code, 0);
}

#[test]
fn one_that_ignores_everything_passes_nothing() {
    let target = servers::serve(servers::ignores_everything);
    let ended = judge("ignores", target, &["v311/publish", "v5/malformed/subscribe"]);
    assert!(ended.run.results.len() > 5);
    assert_eq!(ended.count(Verdict::Pass), 0, "{}", ended.stdout);
    assert_ne!(ended.code, 0);
}

#[test]
fn one_that_dies_half_way() {
    let target = servers::dies_after(60);
    let ended = judge("dies", target, &["--jobs", "4", "v5/publish", "v5/subscribe", "v5/malformed"]);
    assert_eq!(ended.code, 3, "{}{}", ended.stdout, ended.stderr);
    let run = &ended.run;
    assert!(run.interrupted.as_deref().is_some_and(|why| why.contains("the target is lost")), "{:?}", run.interrupted);
    assert!(ended.count(Verdict::Pass) > 0, "what was shown before stands");
    assert!(run.results.len() < run.planned, "{} of {}", run.results.len(), run.planned);
    assert_eq!(ended.count(Verdict::Fail), 0, "a dying target is not accused of what nobody could repeat");
}

/// The command that starts [`fragile_broker`]: this very test program.
fn fragile(text: &str) -> String {
    let program = std::env::current_exe().unwrap();
    format!("env FRAGILE_PORT={{port}} FRAGILE_TEXT={text} {} --exact fragile_broker --ignored", program.display())
}

/// Not a test: a broker for the tests to launch, which aborts when a client sends a certain text.
#[test]
#[ignore = "launched by other tests"]
fn fragile_broker() {
    let (Ok(port), Ok(text)) = (std::env::var("FRAGILE_PORT"), std::env::var("FRAGILE_TEXT")) else { return };
    servers::fragile(port.parse().unwrap(), text.as_bytes());
}

#[test]
fn the_culprit_of_a_crash_is_found_and_the_others_are_judged() {
    let ended = run("crash", &["--launch", &fragile("/waiting"), "v5/connack", "v5/publish", "v5/subscribe"]);
    assert_eq!(ended.code, 1, "{}{}", ended.stdout, ended.stderr);
    let crashed: Vec<_> = ended.run.results.iter().filter(|result| !result.health.is_healthy()).collect();
    let ids: Vec<_> = crashed.iter().map(|result| result.id.as_str()).collect();
    assert_eq!(ids, ["v5/connack/comes-before-waiting-messages"], "{}", ended.stdout);
    assert_eq!(crashed[0].health, Health::Exited { status: None, signal: Some(6) });
    assert_eq!(crashed[0].verdict, Verdict::Fail);
    assert_eq!(ended.run.results.len(), ended.run.planned);
    assert_eq!(
        ended.count(Verdict::Pass) + 1 + ended.count(Verdict::NotApplicable),
        ended.run.planned,
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("target restarted after"), "{}", ended.stdout);
}

/// Everything that a run with `--generate` is given, but the broker.
fn generating<'a>(histories: &'a str, seed: &'a str, launch: &'a str, saved: &'a Path) -> Vec<&'a str> {
    let saved = saved.to_str().unwrap();
    vec!["--generate", histories, "--seed", seed, "--jobs", "4", "--spec", "5.0", "--save", saved, "--launch", launch]
}

#[test]
fn a_crash_that_a_generated_history_causes_is_made_minimal_and_saved() {
    let scratch = Scratch::new("generated-crash-saved");
    let launch = fragile("$share/g");
    let ended = run("generated-crash", &generating("8", "2", &launch, &scratch.0));
    assert_eq!(ended.code, 1, "{}{}", ended.stdout, ended.stderr);
    let crashed: Vec<_> = ended.run.results.iter().filter(|result| !result.health.is_healthy()).collect();
    assert_eq!(crashed.len(), 1, "{}", ended.stdout);
    assert_eq!(crashed[0].id, "generated/v5/crash-exited");
    assert_eq!(crashed[0].verdict, Verdict::Fail);
    assert_eq!(crashed[0].health, Health::Exited { status: None, signal: Some(6) });
    let again = crashed[0].reproduced.expect("repeated");
    assert_eq!((again.times, again.of, again.fresh), (5, 5, true));
    assert_eq!(ended.count(Verdict::Fail), 1, "nothing else is wrong with it: {}", ended.stdout);

    // CONNECT and SUBSCRIBE: no more is needed, and the file brings the broker down again.
    let file = scratch.0.join("v5-crash-exited.json");
    let scenario = ScenarioFile::read(&file).unwrap().scenario;
    assert!(events(&scenario) <= 2, "{:#?}", scenario.steps);
    let replay = |launch: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mqttspec"));
        command.arg("replay").arg(&file).args(launch.map(|launch| ["--launch", launch]).iter().flatten());
        command.stdin(Stdio::null()).output().unwrap()
    };
    let again = replay(Some(&launch));
    let shown = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(again.status.code() == Some(1) && shown.contains("the target did not survive"), "{shown}");
    assert_eq!(replay(None).status.code(), Some(0), "the reference broker survives it");
}

/// Not a test: a broker for the tests to launch, which is faulty to all but the first scenarios.
#[test]
#[ignore = "launched by other tests"]
fn spoilt_broker() {
    let (Ok(port), Ok(good)) = (std::env::var("SPOILT_PORT"), std::env::var("SPOILT_AFTER")) else { return };
    servers::turns_bad(port.parse().unwrap(), good.parse().unwrap());
}

#[test]
fn what_a_fresh_broker_does_not_show_is_told_as_such_and_fails_nothing() {
    let scratch = Scratch::new("generated-spoilt-saved");
    let program = std::env::current_exe().unwrap();
    let launch =
        format!("env SPOILT_PORT={{port}} SPOILT_AFTER=3 {} --exact spoilt_broker --ignored", program.display());
    let ended = run("generated-spoilt", &generating("14", "5", &launch, &scratch.0));
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let shown: Vec<_> = ended.run.results.iter().filter(|result| result.id.contains("MQTT-3.8.3-3")).collect();
    let found = shown.first().unwrap_or_else(|| panic!("{}", ended.stdout));
    assert_eq!(found.verdict, Verdict::Inconclusive);
    assert!(found.findings.is_empty());
    let again = found.reproduced.expect("repeated");
    assert_eq!((again.times, again.of, again.fresh), (0, 5, true));
    let reason = found.reason.clone().unwrap_or_default();
    assert!(
        reason.contains("0/5 repetitions, each on a fresh broker; it needs state that other histories left"),
        "{reason}"
    );
    assert_eq!(ended.count(Verdict::Fail), 0, "{}", ended.stdout);
}

#[test]
fn a_launched_target_leaves_no_process_behind() {
    let scratch = Scratch::new("group");
    let file = scratch.0.join("child");
    let launch = format!("sh -c 'sleep 600 & echo $! > {}; exec {}'", file.display(), fragile("never-sent"));
    let ended = run("group-report", &["--launch", &launch, "v311/ping"]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let child = std::fs::read_to_string(&file).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while is_running(child.trim()) {
        assert!(Instant::now() < deadline, "process {child} outlives the run");
        std::thread::yield_now();
    }
}

/// Whether a process is there and not a zombie.
fn is_running(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
    state.is_some_and(|state| state != 'Z' && state != 'X')
}

#[test]
fn a_target_that_cannot_be_launched() {
    let ended = run("false", &["--launch", "sh -c 'echo no such licence >&2; exit 7' {port}"]);
    ended.assert_unreachable("exited: status 7: no such licence");
}

#[test]
fn ctrl_c_ends_the_run_in_order() {
    let scratch = Scratch::new("ctrl-c");
    let mut child = mqttspec(&["v5/keep-alive"], &scratch.0).spawn().unwrap();
    // Once the run is announced, its keep-alive scenarios still need seconds.
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    stdout.read_line(&mut text).unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    stdout.read_to_string(&mut text).unwrap();
    let mut output = child.wait_with_output().unwrap();
    output.stdout = text.into_bytes();
    let ended = ended(output, &scratch.0);
    assert_eq!(ended.code, 6, "{}{}", ended.stdout, ended.stderr);
    assert_eq!(ended.run.interrupted.as_deref(), Some("ended by Ctrl-C"));
    assert!(ended.run.results.len() < ended.run.planned);
    assert!(ended.stdout.contains("interrupted: ended by Ctrl-C"), "{}", ended.stdout);
}
