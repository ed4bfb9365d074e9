//! Writing to the standard streams. A closed pipe (`mqttspec list | head`) is no error.

use std::io::Write;

use mqttspec_reports::text::visible;

/// Prints to standard output.
pub(super) fn say(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Prints one line to standard error: what went wrong.
pub(super) fn complain(text: &str) {
    complain_plainly(&format!("error: {}", visible(text)));
}

/// Prints a line to standard error as it stands.
pub(super) fn complain_plainly(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
