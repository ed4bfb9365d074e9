//! Runs the comparison and prints it.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use mqttspec_bench::{Report, compare};
use mqttspec_peers::acceptance::{self, Goal};
use mqttspec_peers::allocations::counted;
use mqttspec_peers::entrants;
use mqttspec_peers::options::{Format, Options};
use mqttspec_peers::score::{self, Score};
use mqttspec_peers::scoring::{PATIENCE, scores};
use serde_json::{Value, json};

/// A mistake in the command line, as in mqttspec.
const USAGE: u8 = 2;
/// Nothing was selected, as in mqttspec.
const NOTHING_SELECTED: u8 = 4;
/// Our own trouble, as in mqttspec.
const INTERNAL: u8 = 70;

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(chart) = options.chart.as_deref().filter(|chart| chart.exists()) {
        eprintln!("--chart {}: this file exists already; name one that does not", chart.display());
        return ExitCode::from(USAGE);
    }
    if !options.selects_something() {
        eprintln!("--packet: there is no such packet in the version that --spec names");
        return ExitCode::from(NOTHING_SELECTED);
    }
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(INTERNAL)
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    say("test vectors");
    let scores = scores(entrants, &options.versions(), PATIENCE);
    if options.vectors {
        return print(&match options.format {
            Format::Json => pretty(&json!({ "vectors": scores })),
            format => score::render(&scores, format),
        });
    }
    let mut settings = options.settings();
    if !options.no_allocations {
        say("building and running the program that counts allocations");
        match counted(options) {
            Ok(counts) => settings.allocations = counts,
            Err(error) => eprintln!("{error}; going on without"),
        }
    }
    let report = compare(&entrants(), &settings, &mut |done, total, title| say(&format!("{done}/{total} {title}")));
    if let Some(chart) = &options.chart {
        draw(&report, chart)?;
    }
    let goals = acceptance::goals(&report, &scores);
    print(&render(options.format, &report, &scores, &goals)?)
}

fn render(format: Format, report: &Report, scores: &[Score], goals: &[Goal]) -> Result<String, String> {
    let tables = match format {
        Format::Json => {
            let report: Value = serde_json::from_str(&report.to_json()).map_err(|error| error.to_string())?;
            return Ok(pretty(&json!({ "report": report, "acceptance": goals, "vectors": scores })));
        }
        Format::Text => report.to_text(),
        Format::Markdown => report.to_markdown(),
    };
    Ok([tables, score::render(scores, format), acceptance::render(goals, report, format)].concat())
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn draw(report: &Report, chart: &Path) -> Result<(), String> {
    let svg = report.to_svg().map_err(|error| format!("failed to draw the chart: {error}"))?;
    std::fs::write(chart, svg).map_err(|error| format!("failed to write {}: {error}", chart.display()))
}

/// What is going on, for someone who waits.
fn say(text: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("… {text}");
    }
}

fn print(text: &str) -> Result<(), String> {
    std::io::stdout().write_all(text.as_bytes()).map_err(|error| format!("failed to print: {error}"))
}
