//! The command line, as clap reads it.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::{ExitOptions, Verbosity};

use super::passive_args::{self, CheckArgs, ProxyArgs, RecordArgs};

/// Shown below the help of every command.
const EXIT_CODES: &str = "\
Exit codes:
  0   nothing unexpected
  1   a statement was broken, or the target crashed
  2   mistake on the command line or in a file it names
  3   the target cannot be reached, does not answer as MQTT, or was lost
  4   the filters select no scenario
  5   the baseline is out of date
  6   inconclusive (with --fail-on inconclusive), or the run was cut short
  70  mqttspec's own trouble
  130 ended at once by a second Ctrl-C";

/// Shown below the help of `mqttspec vectors`.
const VECTORS_HELP: &str = "\
Examples:
  mqttspec vectors --spec 5.0 --format json --output mqtt-5.0.json
  mqttspec vectors --spec 3.1.1 --format c --output mqtt_vectors.h
  mqttspec vectors --spec 5.0 | grep '\"valid\":false' | grep '\"packet_type\":\"CONNECT\"'

codec/vectors/README.md says what each field means, and has runners in C and Python.

Exit codes:
  0   written
  2   mistake on the command line, or the file may not be written
  70  mqttspec's own trouble, such as a full disk";

/// Shown below the help of `mqttspec bench`.
const BENCH_HELP: &str = "\
Examples:
  mqttspec bench --output chart.svg
  mqttspec bench publish mixed --spec 5.0 --only decode --format markdown

Exit codes:
  0   measured
  2   mistake on the command line, or the file may not be written
  4   a name selects no packet
  70  mqttspec's own trouble, such as a full disk";

/// Tells whether an MQTT implementation keeps the standard, and shows the exact bytes when it does not.
#[derive(Debug, Parser)]
#[command(name = "mqttspec", version, after_help = EXIT_CODES, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge a broker; without --target or --launch, the embedded reference broker
    #[command(after_help = EXIT_CODES)]
    Broker(Box<BrokerArgs>),
    /// Play a scenario from a file, such as one that a finding was saved in
    #[command(after_help = EXIT_CODES)]
    Replay(Box<ReplayArgs>),
    /// Check what a capture (pcap, pcapng) shows of servers and clients
    #[command(after_help = passive_args::CHECK_HELP)]
    Check(CheckArgs),
    /// Forward between clients and a server, and check what they say
    #[command(after_help = passive_args::PROXY_HELP)]
    Proxy(ProxyArgs),
    /// Forward, check, and write a scenario that plays the clients again
    #[command(after_help = passive_args::RECORD_HELP)]
    Record(RecordArgs),
    /// List the scenarios and what they cover
    List(ListArgs),
    /// Explain a scenario or a statement
    Explain(ExplainArgs),
    /// Measure our codec on this machine, beside what the machine can do at best
    #[command(after_help = BENCH_HELP)]
    Bench(BenchArgs),
    /// Print the test vectors of one version: packets, right and wrong, for anyone's decoder
    #[command(after_help = VECTORS_HELP)]
    Vectors(VectorsArgs),
}

/// What `mqttspec broker` accepts.
#[derive(Debug, Args)]
pub(crate) struct BrokerArgs {
    /// What to run: scenario id (also `v5/publish/` or with `*`), chapter (3.3), statement (MQTT-3.3.1-5), section
    /// (3.3.1.3); everything when left out
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Judge by this version of the standard only: 3.1, 3.1.1 or 5.0; may be repeated
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub(crate) spec: Vec<ProtocolVersion>,
    /// Play N random histories instead of scenarios; the session model judges them. What it finds is made minimal,
    /// repeated five times (with --launch on a fresh broker each time) and saved; deviations from a SHOULD are only shown,
    /// unless --level should
    #[arg(long, value_name = "N", conflicts_with_all = ["filters", "skip"],
        value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(crate) generate: Option<u64>,
    /// Where --generate saves scenarios that show something; mqttspec-findings when left out
    #[arg(long, value_name = "DIR", requires = "generate")]
    pub(crate) save: Option<PathBuf>,
    /// Do not run what this filter selects; may be repeated
    #[arg(long, value_name = "FILTER")]
    pub(crate) skip: Vec<String>,
    /// Scenarios at one time; those that wait for the clock are not counted
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,
    /// Known deviations: only what this file does not list fails the run
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write the deviations of this run as a new baseline file
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// What `mqttspec replay` accepts.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The scenario: a file that mqttspec saved, or one written by hand
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Play it this many times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) repeat: u32,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Which broker is judged, and how it is talked to.
#[derive(Debug, Args)]
pub(crate) struct TargetArgs {
    /// The broker to judge, for example mqtt://127.0.0.1:1883
    #[arg(long, value_name = "URL", conflicts_with = "launch")]
    pub(crate) target: Option<String>,
    /// Start the broker to judge: the command, with {port} where the port goes
    #[arg(long, value_name = "CMD")]
    pub(crate) launch: Option<String>,
    /// Seed of every name and random choice; drawn anew when left out
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Stretch every timeout, for slow targets: 0.1 to 100; also the 60 s for what is sent again on a resumed session
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = scale)]
    pub(crate) timeout_scale: f64,
    /// User Name of every CONNECT that has none of its own
    #[arg(long, value_name = "NAME", requires = "password")]
    pub(crate) user: Option<String>,
    /// Password that goes with --user
    #[arg(long, value_name = "SECRET", requires = "user")]
    pub(crate) password: Option<String>,
    /// Keep Alive of every CONNECT that has 0, for targets that refuse 0: 30 to 65535 seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(30..))]
    pub(crate) keep_alive: Option<u16>,
}

/// What is reported where, and what fails the run.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// How binding a broken statement must be to fail the run
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = GatingLevel::Must)]
    pub(crate) level: GatingLevel,
    /// What else makes the run fail; may be repeated
    #[arg(long, value_name = "WHAT", value_enum)]
    pub(crate) fail_on: Vec<FailOn>,
    /// Write results.json and junit.xml into this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    /// Print the result only
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// A line for each scenario; -vv: transcripts of failures; -vvv: of all
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl ReportArgs {
    /// How much to print.
    pub(crate) fn verbosity(&self) -> Verbosity {
        Verbosity::new(self.quiet, self.verbose)
    }

    /// What fails the run.
    pub(crate) fn gate(&self) -> ExitOptions {
        ExitOptions {
            fail_on_inconclusive: self.fail_on.contains(&FailOn::Inconclusive),
            fail_on_should: self.level == GatingLevel::Should,
        }
    }
}

/// What `mqttspec list` accepts.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// What to list; the same filters as for `broker`
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// In which form
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// What `mqttspec explain` accepts.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A scenario id or a statement id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// What `mqttspec bench` accepts.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Packets to measure, by name or its beginning: publish-64, connect, mixed …; all when left out
    #[arg(value_name = "PACKET")]
    pub(crate) packets: Vec<String>,
    /// Version of the protocol: 3.1, 3.1.1 or 5.0; may be repeated; 3.1.1 and 5.0 when left out
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub(crate) spec: Vec<ProtocolVersion>,
    /// Only decoding, or only encoding
    #[arg(long, value_enum)]
    pub(crate) only: Option<Direction>,
    /// Write a chart into this file
    #[arg(short, long, value_name = "FILE.svg")]
    pub(crate) output: Option<PathBuf>,
    /// In which form to print the figures
    #[arg(long, value_enum, default_value_t = BenchFormat::Text)]
    pub(crate) format: BenchFormat,
    /// Rounds in which each row is measured
    #[arg(long, value_name = "N", default_value_t = 101, value_parser = clap::value_parser!(u32).range(5..=100_000))]
    pub(crate) rounds: u32,
    /// Leave out rounds rather than take much longer than this, in seconds
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) seconds: u32,
}

/// `bench --only`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Direction {
    /// Bytes to packets
    Decode,
    /// Packets to bytes
    Encode,
}

/// `bench --format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchFormat {
    /// For a terminal
    Text,
    /// For programs
    Json,
    /// For a README
    Markdown,
}

/// What `mqttspec vectors` accepts.
#[derive(Debug, Args)]
pub(crate) struct VectorsArgs {
    /// The version of the standard: 3.1, 3.1.1 or 5.0
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub(crate) spec: ProtocolVersion,
    /// In which form
    #[arg(long, value_enum, default_value_t = VectorFormat::Json)]
    pub(crate) format: VectorFormat,
    /// Write into this file instead of standard output; only a file of vectors is replaced
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `--format` of `mqttspec vectors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VectorFormat {
    /// For every language
    Json,
    /// A header of C99, for embedded unit tests
    C,
}

/// `--level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GatingLevel {
    /// What must be
    Must,
    /// What should be as well
    Should,
}

/// `--fail-on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A scenario that could not be decided
    Inconclusive,
}

/// `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

fn version(text: &str) -> Result<ProtocolVersion, String> {
    match text.trim_start_matches('v') {
        "3.1" => Ok(ProtocolVersion::V3_1),
        "3.1.1" => Ok(ProtocolVersion::V3_1_1),
        "5.0" | "5" => Ok(ProtocolVersion::V5_0),
        _ => Err("expected 3.1, 3.1.1 or 5.0".to_owned()),
    }
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if (0.1..=100.0).contains(&scale) => Ok(scale),
        _ => Err("expected a number from 0.1 to 100".to_owned()),
    }
}

/// clap's words for a usage error, on one line.
pub(crate) fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let before_usage = text.split("\nUsage:").next().unwrap_or(&text);
    let before_help = before_usage.split("\nFor more information").next().unwrap_or(before_usage);
    before_help.split_whitespace().collect::<Vec<_>>().join(" ")
}
