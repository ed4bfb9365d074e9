//! Ctrl-C, SIGTERM and SIGHUP: the first ends the run in order, the second ends the program.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::target::kill_all;

/// The exit code of a program that a signal ended at once.
const ENDED_AT_ONCE: i32 = 130;

/// Puts a reason into `stop` at the first signal.
pub(super) fn watch_signals(stop: watch::Sender<Option<String>>) {
    tokio::spawn(async move {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal) else { return };
        let name = next(&mut interrupt, &mut terminate, &mut hangup).await;
        stop.send_if_modified(|stop| {
            let first = stop.is_none();
            stop.get_or_insert_with(|| format!("ended by {name}"));
            first
        });
        next(&mut interrupt, &mut terminate, &mut hangup).await;
        kill_all();
        std::process::exit(ENDED_AT_ONCE);
    });
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal, hangup: &mut Signal) -> &'static str {
    tokio::select! {
        _ = interrupt.recv() => "Ctrl-C",
        _ = terminate.recv() => "SIGTERM",
        _ = hangup.recv() => "SIGHUP",
    }
}
