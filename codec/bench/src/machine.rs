//! What the figures were measured on.

use std::fs;

use serde::Serialize;

/// The machine, and how the program was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// What the processor calls itself; `unknown processor` when the system does not say.
    pub cpu: String,
    /// Target triple that the program was built for.
    pub target: String,
    /// Compiler.
    pub rustc: String,
    /// Optimisation level that this crate was built with: `0` to `3`, `s` or `z`.
    pub opt_level: String,
    /// Whether debug assertions were compiled in.
    pub debug_assertions: bool,
    /// Whether the environment asked for an incremental build, which makes slow code even with optimisation.
    pub incremental: bool,
    /// Size of the largest cache in bytes, where the system says it.
    pub largest_cache: Option<usize>,
}

impl Machine {
    /// The one we run on.
    pub fn here() -> Self {
        Self {
            cpu: cpu().unwrap_or_else(|| "unknown processor".to_owned()),
            target: env!("MQTTSPEC_BENCH_TARGET").to_owned(),
            rustc: env!("MQTTSPEC_BENCH_RUSTC").to_owned(),
            opt_level: env!("MQTTSPEC_BENCH_OPT_LEVEL").to_owned(),
            debug_assertions: cfg!(debug_assertions),
            incremental: cfg!(incremental),
            largest_cache: largest_cache(),
        }
    }

    /// Whether the figures say anything about optimised code.
    pub fn is_optimised(&self) -> bool {
        self.warning().is_none()
    }

    /// Why the figures say nothing about optimised code, and what to do about it.
    pub fn warning(&self) -> Option<&'static str> {
        if !matches!(self.opt_level.as_str(), "2" | "3") || self.debug_assertions {
            Some("not optimised, the figures mean little; build with --release")
        } else if self.incremental {
            Some("an incremental build is slower code; build without CARGO_INCREMENTAL=1")
        } else {
            None
        }
    }
}

fn cpu() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    let name = line.split_once(':')?.1.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

fn largest_cache() -> Option<usize> {
    let sizes = (0..8).filter_map(|index| {
        let text = fs::read_to_string(format!("/sys/devices/system/cpu/cpu0/cache/index{index}/size")).ok()?;
        let text = text.trim();
        let number = text.trim_end_matches(['K', 'M']).parse::<usize>().ok()?;
        Some(match text.as_bytes().last() {
            Some(b'K') => number << 10,
            Some(b'M') => number << 20,
            _ => number,
        })
    });
    sizes.max()
}
