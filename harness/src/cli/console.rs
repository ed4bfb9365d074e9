//! What the person at the terminal, or the log of a CI job, sees of a run.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mqttspec_reports::{Event, ExitOptions, Style, Terminal, TerminalOptions, Verbosity};

use super::output::say;

/// The widest that reports are set, in columns.
const WIDEST: u16 = 120;

/// Report text on standard output, and a progress bar on standard error where that is a terminal.
#[derive(Debug)]
pub(super) struct Console {
    terminal: Terminal,
    bar: Option<ProgressBar>,
}

/// How to print here and now.
pub(super) fn options(verbosity: Verbosity, gate: ExitOptions) -> TerminalOptions {
    let width = terminal_size::terminal_size().map_or(100, |(width, _)| width.0.min(WIDEST));
    TerminalOptions {
        verbosity,
        style: style(),
        gate,
        width: usize::from(width),
        progress_lines: !std::io::stderr().is_terminal(),
        ..TerminalOptions::default()
    }
}

/// Colour on a terminal, unless `NO_COLOR` says no.
fn style() -> Style {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    if std::io::stdout().is_terminal() && !refused { Style::Ansi } else { Style::Plain }
}

impl Console {
    pub(super) fn new(terminal: Terminal, verbosity: Verbosity) -> Self {
        let wanted = verbosity > Verbosity::Quiet && std::io::stderr().is_terminal();
        Self { terminal, bar: wanted.then(bar) }
    }

    pub(super) fn on_event(&mut self, event: &Event) {
        let text = self.terminal.on_event(event);
        let Some(bar) = &self.bar else { return say(&text) };
        match event {
            Event::RunStarted { planned, .. } => bar.set_length(u64::try_from(*planned).unwrap_or(0)),
            Event::ScenarioFinished(_) => {
                bar.inc(1);
                bar.set_message(self.terminal.progress());
            }
            Event::RunFinished { .. } => bar.finish_and_clear(),
            _ => {}
        }
        if !text.is_empty() {
            bar.suspend(|| say(&text));
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg} {elapsed}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
