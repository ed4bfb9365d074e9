//! Writing to the standard streams. A closed pipe (`mqttspec list | head`) is no error; a full disk is.

use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use mqttspec_reports::exit_code::{INTERNAL, SUCCESS};
use mqttspec_reports::text::visible;

/// Whether some of the output was lost.
static LOST: AtomicBool = AtomicBool::new(false);

/// Prints to standard output. What cannot be written is complained about once.
pub(super) fn say(text: &str) {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe && !LOST.swap(true, Ordering::Relaxed) => {
            complain(&format!("failed to write to standard output: {error}"));
        }
        _ => {}
    }
}

/// The exit code when all that was said may not have arrived: half a list of vectors is no success.
pub(super) fn unless_lost(code: u8) -> u8 {
    if code == SUCCESS && LOST.load(Ordering::Relaxed) { INTERNAL } else { code }
}

/// Prints one line to standard error: what went wrong.
pub(super) fn complain(text: &str) {
    complain_plainly(&format!("error: {}", visible(text)));
}

/// Prints a line to standard error as it stands.
pub(super) fn complain_plainly(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
