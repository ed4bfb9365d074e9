//! `mqttspec bench`: our codec on this machine, beside the bounds. The peers are in `codec/peers`.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mqttspec_bench::{Entrant, Report, Settings, bounds, compare, ours, ours_with_every_field, packet_set};
use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::exit_code::{INTERNAL, NOTHING_SELECTED, SUCCESS, USAGE};

use super::args::{BenchArgs, BenchFormat, Direction};
use super::output::{complain, complain_plainly, say};
use super::output_file::may_be_written;
use crate::report_dir::write_whole;

pub(super) fn bench(args: &BenchArgs) -> u8 {
    let mut settings = Settings {
        workloads: args.packets.clone(),
        decode: args.only != Some(Direction::Encode),
        encode: args.only != Some(Direction::Decode),
        rounds: usize::try_from(args.rounds).unwrap_or(usize::MAX),
        budget: Duration::from_secs(args.seconds.into()),
        ..Settings::default()
    };
    if !args.spec.is_empty() {
        settings.versions = ProtocolVersion::ALL.into_iter().filter(|version| args.spec.contains(version)).collect();
    }
    if let Err(why) = known(&settings) {
        complain(&why);
        return NOTHING_SELECTED;
    }
    if let Some(Err(why)) = args.output.as_deref().map(may_take_a_chart) {
        complain(&why);
        return USAGE;
    }
    let entrants: Vec<Box<dyn Entrant>> = [ours(), ours_with_every_field()].into_iter().chain(bounds()).collect();
    let bar = bar();
    let report = compare(&entrants, &settings, &mut |done, total, title| {
        bar.set_length(u64::try_from(total).unwrap_or(0));
        bar.set_position(u64::try_from(done).unwrap_or(0));
        bar.set_message(title.to_owned());
    });
    bar.finish_and_clear();
    if let Some(warning) = report.machine.warning().filter(|_| args.format != BenchFormat::Text) {
        complain_plainly(&format!("warning: {warning}"));
    }
    say(&match args.format {
        BenchFormat::Text => report.to_text(),
        BenchFormat::Json => report.to_json(),
        BenchFormat::Markdown => report.to_markdown(),
    });
    let Some(file) = args.output.as_deref() else { return SUCCESS };
    let chart = report.to_svg().map_err(|error| format!("failed to draw the chart: {error}"));
    match chart.and_then(|chart| write_whole(file, &chart)) {
        Ok(()) => {
            complain_plainly(&format!("chart written to {}", file.display()));
            SUCCESS
        }
        Err(why) => {
            complain(&why);
            INTERNAL
        }
    }
}

/// Every name selects something; else one line that says which does not, and which there are.
fn known(settings: &Settings) -> Result<(), String> {
    let sets = settings.versions.iter().flat_map(|version| packet_set(*version));
    let ids: BTreeSet<&str> = sets.map(|workload| workload.id).collect();
    let Some(unknown) = settings.workloads.iter().find(|name| !ids.iter().any(|id| id.starts_with(name.as_str())))
    else {
        return Ok(());
    };
    let likely = |id: &&str| strsim::normalized_damerau_levenshtein(id, &unknown.to_lowercase());
    let best = ids.iter().copied().max_by(|a, b| likely(a).total_cmp(&likely(b))).filter(|id| likely(id) > 0.5);
    let hint = match best {
        Some(id) => format!("did you mean {id}?"),
        None => format!("there are {}", ids.into_iter().collect::<Vec<_>>().join(", ")),
    };
    Err(format!("'{unknown}' selects no packet: {hint}"))
}

/// Whether a chart may be written there.
fn may_take_a_chart(file: &Path) -> Result<(), String> {
    if file.extension().is_none_or(|extension| extension != "svg") {
        let shown = file.display();
        return Err(format!("--output {shown}: the chart is an SVG picture, expected a name that ends in .svg"));
    }
    may_be_written(file, "chart", |start| String::from_utf8_lossy(start).contains(Report::CHART_TITLE))
}

/// On standard error, and only on a terminal.
fn bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}
