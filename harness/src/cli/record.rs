//! `mqttspec record`: a proxy whose traffic becomes a scenario.

use std::ffi::OsString;
use std::sync::{Arc, Mutex};

use mqttspec_reports::exit_code::{INTERNAL, USAGE};

use super::output::{complain, say};
use super::output_file::may_be_written;
use super::passive_args::RecordArgs;
use super::proxy::watch_traffic;
use super::reach::shown_command;
use crate::passive::Recorder;
use crate::scenario_file::{Found, ScenarioFile, is_scenario_file};

pub(super) fn record(args: &RecordArgs, arguments: &[OsString]) -> u8 {
    if let Err(why) = may_be_written(&args.output, "scenario", is_scenario_file) {
        complain(&why);
        return USAGE;
    }
    let recorder = Arc::new(Mutex::new(Recorder::new()));
    let hearing = Arc::clone(&recorder);
    let (code, took_us) = watch_traffic(&args.proxy, arguments, move |heard| {
        if let Ok(mut recorder) = hearing.lock() {
            recorder.hear(heard);
        }
    });
    let Some(took_us) = took_us else { return code };
    let Some(recorder) = recorder.lock().ok().map(|mut recorder| std::mem::take(&mut *recorder)) else {
        return INTERNAL;
    };
    let notes = recorder.notes();
    let upstream = &args.proxy.upstream;
    let Some(scenario) = recorder.finish(&id(args), &format!("Recorded dialogue with {upstream}"), took_us) else {
        return code;
    };
    let found = Found {
        target: upstream.clone(),
        command: shown_command(arguments),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Found::default()
    };
    let steps = scenario.steps.len();
    if let Err(why) = (ScenarioFile { found: Some(found), scenario }).write(&args.output) {
        complain(&why);
        return INTERNAL;
    }
    notes.iter().for_each(|note| say(&format!("note: {note}\n")));
    let shown = args.output.display().to_string();
    let replay = format!("mqttspec replay {} --target {upstream}", shell_words::quote(&shown));
    say(&format!("{steps} steps written; play them with: {replay}\n"));
    code
}

/// `recorded/` and the name of the file.
fn id(args: &RecordArgs) -> String {
    let stem = args.output.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let plain: String = stem.chars().map(|c| if c.is_whitespace() || c.is_control() { '-' } else { c }).collect();
    format!("recorded/{}", plain.chars().take(100).collect::<String>())
}
