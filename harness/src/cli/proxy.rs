//! `mqttspec proxy`: forwards, checks beside it, and reports at the end.

use std::ffi::OsString;
use std::time::Instant;

use mqttspec_reports::TargetInfo;
use mqttspec_reports::exit_code::{INTERNAL, NOTHING_SELECTED, USAGE};
use mqttspec_reports::text::{plural, visible};
use tokio::sync::watch;

use super::output::{complain, complain_plainly, say};
use super::passive_args::ProxyArgs;
use super::passive_report::{Reporting, report};
use super::reach::shown_command;
use super::signals::watch_signals;
use crate::passive::proxy::{self, Heard, Proxy, Watching};
use crate::passive::{Checker, Listener, News, Scope, Unit};
use crate::report_dir::ReportDir;
use crate::target::Address;

pub(super) fn proxy(args: &ProxyArgs, arguments: &[OsString]) -> u8 {
    watch_traffic(args, arguments, |_| {}).0
}

/// Forwards and checks until Ctrl-C; `also` hears everything as well. Returns the exit code and, when it came so far, how
/// long it took, in microseconds.
pub(super) fn watch_traffic(
    args: &ProxyArgs,
    arguments: &[OsString],
    also: impl FnMut(&Heard) + Send + 'static,
) -> (u8, Option<u64>) {
    let prepared =
        args.upstream.parse::<Address>().map_err(|error| format!("--upstream: {error}")).and_then(|upstream| {
            let dir = args.shared.report.as_deref().map(ReportDir::prepare).transpose()?;
            Ok((upstream, dir))
        });
    let (upstream, dir) = match prepared {
        Ok(prepared) => prepared,
        Err(why) => {
            complain(&why);
            return (USAGE, None);
        }
    };
    let runtime = match proxy::runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("cannot start: {error}"));
            return (INTERNAL, None);
        }
    };
    let started = Instant::now();
    let listened = runtime.block_on(forward(args, upstream.clone(), also));
    runtime.shutdown_background();
    let listener = match listened {
        Ok(listener) => listener,
        Err((code, why)) => {
            complain(&why);
            return (code, None);
        }
    };
    let refused = listener.refused();
    let took = started.elapsed();
    let outcome = listener.into_checker().finish();
    let nothing = outcome.connections == 0;
    if !args.shared.quiet {
        say(&format!(
            "\n{} of MQTT, {} of something else, {refused} refused by the upstream\n",
            plural(usize::try_from(outcome.connections).unwrap_or(usize::MAX), "connection"),
            outcome.foreign
        ));
        outcome.notes.iter().for_each(|note| say(&format!("note: {note}\n")));
    }
    let target =
        TargetInfo { name: "proxied traffic".to_owned(), address: upstream.to_string(), ..TargetInfo::default() };
    let code = report(
        outcome,
        Reporting {
            command: shown_command(arguments),
            target,
            report: dir.as_ref(),
            level: args.shared.level,
            verbosity: args.shared.verbosity(),
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        },
    );
    if nothing {
        complain_plainly("error: no MQTT was forwarded: point clients at --listen; TLS and WebSocket are not decoded");
    }
    let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    (if nothing { NOTHING_SELECTED } else { code }, Some(took_us))
}

/// Forwards until a signal comes.
async fn forward(
    args: &ProxyArgs,
    upstream: Address,
    mut also: impl FnMut(&Heard) + Send + 'static,
) -> Result<Listener, (u8, String)> {
    let shown = upstream.to_string();
    let proxy = Proxy::bind(&args.listen, upstream).await.map_err(|why| (USAGE, why))?;
    let address = proxy.address().map_err(|error| (INTERNAL, error.to_string()))?;
    let scope = if args.shared.complete { Scope::Everything } else { Scope::Some };
    let quiet = args.shared.quiet;
    let (watching, hearing) = Watching::new();
    let mut listener = Listener::new(Checker::new(Unit::Event, scope, None));
    let thread = std::thread::Builder::new().name("checker".to_owned()).spawn(move || {
        hearing.listen(|heard| {
            also(&heard);
            for news in listener.hear(&heard) {
                if !quiet {
                    say(&line(&news));
                }
            }
        });
        listener
    });
    let thread = thread.map_err(|error| (INTERNAL, format!("cannot start: {error}")))?;
    let (stop, stopped) = watch::channel(None);
    watch_signals(stop);
    say(&format!("mqttspec forwards {address} to {shown}; Ctrl-C ends it\n"));
    proxy.run(watching, stopped).await;
    // Everything that was forwarded is checked before the report.
    let joined = tokio::task::spawn_blocking(move || thread.join()).await;
    match joined {
        Ok(Ok(listener)) => Ok(listener),
        _ => Err((INTERNAL, "the checking thread ended early".to_owned())),
    }
}

fn line(news: &News) -> String {
    let seconds = news.place.at_us / 1_000_000;
    let millis = news.place.at_us / 1_000 % 1_000;
    let mark = if news.is_finding { "FOUND" } else { "note " };
    format!("{seconds:>5}.{millis:03}  {mark}  {}: {}\n", visible(&news.connection), visible(&news.text))
}
