//! What `check`, `proxy` and `record` accept.

use std::path::PathBuf;

use clap::{ArgAction, Args};
use mqttspec_reports::Verbosity;

use super::args::GatingLevel;

/// Shown below the help of `mqttspec check`.
pub(crate) const CHECK_HELP: &str = "\
Examples:
  tcpdump -i any -w mqtt.pcap tcp port 1883
  mqttspec check mqtt.pcap
  mqttspec check mqtt.pcapng --port 1884 --report report

Reads pcap and pcapng; Ethernet (with VLAN tags), Linux cooked, loopback and raw IP; IPv4 and IPv6. Packets are
numbered as in Wireshark. TLS and WebSocket are not decoded. A connection that began before the capture is judged by
what can be seen of it.

Exit codes:
  0   no statement was broken
  1   a statement was broken
  2   mistake on the command line, or a file cannot be read (to its end)
  4   no MQTT in the capture
  70  mqttspec's own trouble";

/// What `mqttspec check` accepts.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The captures: pcap or pcapng
    #[arg(value_name = "CAPTURE", required = true)]
    pub(crate) captures: Vec<PathBuf>,
    /// Look only at connections with this TCP port, also at those that began before the capture; may be repeated. When
    /// left out: every connection that begins with a CONNECT, and 1883
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Vec<u16>,
    #[command(flatten)]
    pub(crate) shared: WatchArgs,
}

/// Shown below the help of `mqttspec proxy`.
pub(crate) const PROXY_HELP: &str = "\
Examples:
  mqttspec proxy --listen 127.0.0.1:1884 --upstream mqtt://127.0.0.1:1883
  mqttspec proxy --listen 1884 --upstream mqtt://broker:1883 --report report

Every byte is forwarded unchanged and at once, whatever it is; a copy is checked beside it. Ctrl-C ends it, with the report.

Exit codes:
  0   no statement was broken
  1   a statement was broken
  2   mistake on the command line
  4   no MQTT was forwarded
  70  mqttspec's own trouble
  130 ended at once by a second Ctrl-C";

/// Shown below the help of `mqttspec record`.
pub(crate) const RECORD_HELP: &str = "\
Examples:
  mqttspec record --listen 1884 --upstream mqtt://127.0.0.1:1883 --output dialogue.json
  mqttspec replay dialogue.json --target mqtt://127.0.0.1:1883

Client Identifiers, topics and payloads are kept as they are. User Names and Passwords are left out: give --user and
--password to replay. Clients that acknowledged in order do so at once when played. Pauses are not kept.

Exit codes: those of proxy";

/// What `mqttspec proxy` accepts.
#[derive(Debug, Args)]
pub(crate) struct ProxyArgs {
    /// Where clients connect: address and port, or a port of 127.0.0.1; 0 for any free one
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: String,
    /// Where their bytes go, for example mqtt://127.0.0.1:1883
    #[arg(long, value_name = "URL")]
    pub(crate) upstream: String,
    #[command(flatten)]
    pub(crate) shared: WatchArgs,
}

/// What `mqttspec record` accepts.
#[derive(Debug, Args)]
pub(crate) struct RecordArgs {
    #[command(flatten)]
    pub(crate) proxy: ProxyArgs,
    /// Write the scenario into this file
    #[arg(short, long, value_name = "FILE.json")]
    pub(crate) output: PathBuf,
}

/// What everything that watches accepts.
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// Every connection of the server since it was started is seen: follow messages and sessions across connections too
    #[arg(long)]
    pub(crate) complete: bool,
    /// How binding a broken statement must be to fail
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = GatingLevel::Must)]
    pub(crate) level: GatingLevel,
    /// Write results.json and junit.xml into this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    /// Print the result only
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Every finding in full; -vv: the packets as well
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl WatchArgs {
    /// How much to print.
    pub(crate) fn verbosity(&self) -> Verbosity {
        Verbosity::new(self.quiet, self.verbose)
    }
}
