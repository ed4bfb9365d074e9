//! Capture files: pcap and pcapng, as tcpdump, dumpcap, tshark and Wireshark write them.
//!
//! `reader` reads the file, `link` finds the TCP segment in a packet, `half` puts one direction of a connection in order,
//! `flow` both directions, and `table` keeps all connections and tells the `Checker`.

mod flow;
mod half;
mod link;
mod reader;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{Checker, Outcome, Scope, Unit};
use table::Table;

/// The ports on which a connection is taken for MQTT though its beginning was not seen.
pub const USUAL_PORTS: [u16; 1] = [1883];

/// Why a capture cannot be read (to its end).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureError(String);

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CaptureError {}

/// What a capture holds and what its connections showed.
#[derive(Debug)]
pub struct Checked {
    /// What the connections showed.
    pub outcome: Outcome,
    /// Packets of the capture.
    pub packets: u64,
    /// TCP connections.
    pub connections: u64,
    /// What could not be looked at, one line each.
    pub notes: Vec<String>,
    /// Why reading ended before the end of the file, if it did.
    pub broken: Option<CaptureError>,
}

/// Checks the capture in `path`. `ports`: only connections with one of these ports, all when there are none. `again` is the
/// command that does the same once more.
///
/// Where [`Scope::Everything`] is asked for and the capture lacks something, every connection is judged by itself: what was
/// missed shows too late to tell which arguments rest on it.
///
/// # Errors
/// When the file cannot be opened, or is no capture.
pub fn check_file(path: &Path, ports: &[u16], scope: Scope, again: Option<&str>) -> Result<Checked, CaptureError> {
    let shown = path.display();
    let cannot = |why: &dyn fmt::Display| CaptureError(format!("cannot read the capture {shown}: {why}"));
    let run = |scope: Scope| {
        let file = File::open(path).map_err(|error| cannot(&error))?;
        if file.metadata().map_err(|error| cannot(&error))?.is_dir() {
            return Err(cannot(&"it is a directory, expected a pcap or pcapng file"));
        }
        let checker = Checker::new(Unit::Packet, scope, again.map(str::to_owned));
        check(file, ports, checker).map_err(|why| CaptureError(format!("{shown}: {why}")))
    };
    let checked = run(scope)?;
    let lacking = checked.outcome.incomplete || checked.broken.is_some();
    if scope == Scope::Some || !lacking {
        return Ok(checked);
    }
    let mut checked = run(Scope::Some)?;
    checked.notes.push("the capture is not complete after all: every connection was judged by itself".to_owned());
    Ok(checked)
}

/// Checks a capture. `ports`: only connections with one of these ports, all when there are none.
///
/// # Errors
/// When it is no capture, or nothing in it can be read.
pub fn check(source: impl Read + Send, ports: &[u16], checker: Checker) -> Result<Checked, CaptureError> {
    let mut table = Table::new(ports, checker);
    let read = reader::read(source, |packet| match link::segment(&packet) {
        link::Layers::Tcp(segment) => table.segment(&packet, &segment),
        link::Layers::Other => {}
        link::Layers::Fragment => table.skipped.fragments += 1,
        link::Layers::Unreadable => table.skipped.unreadable += 1,
        link::Layers::UnknownLink(link) => table.skipped.link(link),
    });
    let (packets, broken) = match read {
        Ok(packets) => (packets, None),
        Err(reader::ReadError::NotACapture(why)) => return Err(CaptureError(why)),
        Err(reader::ReadError::Broken { packets, why }) => (packets, Some(CaptureError(why))),
    };
    let (outcome, connections, notes) = table.finish();
    Ok(Checked { outcome, packets, connections, notes, broken })
}
