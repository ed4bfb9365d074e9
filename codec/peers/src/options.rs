//! The command line, shared by the comparison and by the program that counts allocations for it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use mqttspec_bench::{Settings, packet_set};
use mqttspec_codec::ProtocolVersion;

/// Measures mqttspec-codec beside the MQTT codecs of other crates.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Options {
    /// Rounds for each row; in each, every codec is measured once
    #[arg(long, value_name = "N", default_value_t = 101, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,
    /// Leave out rounds when the whole comparison would take longer than about this many seconds
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: u32,
    /// Only workloads whose name begins so, such as `publish-64` or `mixed`; may be given several times
    #[arg(long, value_name = "FILTER", value_parser = workload)]
    pub packet: Vec<String>,
    /// Only this version of the protocol
    #[arg(long, value_name = "VERSION")]
    pub spec: Option<Spec>,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Draw a chart of the results into this file as well; it must not exist yet
    #[arg(long, value_name = "FILE.svg")]
    pub chart: Option<PathBuf>,
    /// Only the scores on the test vectors; nothing is timed
    #[arg(long)]
    pub vectors: bool,
    /// Do not count allocations, which takes a program of its own
    #[arg(long)]
    pub no_allocations: bool,
    /// Do not read a long stream from memory, which takes the most time
    #[arg(long)]
    pub no_memory: bool,
}

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Spec {
    /// 3.1.1
    #[value(name = "3.1.1")]
    V3_1_1,
    /// 5.0
    #[value(name = "5.0", alias = "5")]
    V5_0,
}

/// How to print the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables for a terminal
    Text,
    /// Tables for a document
    Markdown,
    /// One object with everything
    Json,
}

impl Options {
    /// The versions to compare.
    pub fn versions(&self) -> Vec<ProtocolVersion> {
        match self.spec {
            Some(Spec::V3_1_1) => vec![ProtocolVersion::V3_1_1],
            Some(Spec::V5_0) => vec![ProtocolVersion::V5_0],
            None => vec![ProtocolVersion::V3_1_1, ProtocolVersion::V5_0],
        }
    }

    /// Whether there is such a workload in these versions: AUTH is not in 3.1.1.
    pub fn selects_something(&self) -> bool {
        let sets = self.versions().into_iter().flat_map(packet_set);
        let ids: Vec<&str> = sets.map(|workload| workload.id).collect();
        self.packet.is_empty() || self.packet.iter().any(|wanted| ids.iter().any(|id| id.starts_with(wanted.as_str())))
    }

    /// What to measure.
    pub fn settings(&self) -> Settings {
        Settings {
            versions: self.versions(),
            workloads: self.packet.clone(),
            memory: !self.no_memory,
            rounds: self.rounds as usize,
            budget: Duration::from_secs(self.seconds.into()),
            ..Settings::default()
        }
    }
}

/// A beginning of the name of some workload.
fn workload(text: &str) -> Result<String, String> {
    let set = packet_set(ProtocolVersion::V5_0);
    if set.iter().any(|workload| workload.id.starts_with(text)) {
        return Ok(text.to_owned());
    }
    let names: Vec<&str> = set.iter().map(|workload| workload.id).collect();
    Err(format!("no workload begins so; there are {}", names.join(", ")))
}
