//! Bodies of the fuzz targets: each takes any bytes and panics when a law of the codec is broken.
//!
//! A target of cargo-fuzz is two lines over one of these; `tests/` runs them on the seeds of `seeds/` and on
//! generated ones. `README.md` says how to fuzz, and how a finding becomes a seed.

mod edit;
mod framing;
mod generate;
mod mutations;
mod render;
mod repair;
mod replay;
mod round_trip;
pub mod seeds;
mod strict;
mod structured;

pub use framing::framing;
pub use generate::{Choices, packet, spoiled};
#[cfg(fuzzing)]
#[doc(hidden)]
pub use libfuzzer_sys;
pub use mutations::mutations;
pub use render::render;
pub use replay::replay;
pub use round_trip::round_trip;
pub use strict::{agrees_with_diagnose, strict};
pub use structured::structured;

/// What the bytes given to a target are taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// One frame.
    Packet,
    /// Frames, one after the other.
    Stream,
    /// The choices of a generator.
    Choices,
}

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name in `cargo fuzz list`.
    pub name: &'static str,
    /// What it takes.
    pub input: Input,
    /// Its body, which panics when it has found something.
    pub run: fn(&[u8]),
}

/// Every target, by name.
pub const TARGETS: [Target; 6] = [
    Target { name: "framing", input: Input::Stream, run: framing },
    Target { name: "mutations", input: Input::Choices, run: mutations },
    Target { name: "render", input: Input::Packet, run: render },
    Target { name: "round_trip", input: Input::Packet, run: round_trip },
    Target { name: "strict", input: Input::Packet, run: strict },
    Target { name: "structured", input: Input::Choices, run: structured },
];

impl Input {
    /// Every kind of input.
    pub const ALL: [Self; 3] = [Self::Packet, Self::Stream, Self::Choices];

    /// The folder of `seeds/` that holds inputs of this kind.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Packet => "packet",
            Self::Stream => "stream",
            Self::Choices => "choices",
        }
    }
}

/// The program of a fuzz target: under cargo-fuzz the fuzzer, otherwise one that replays the files it is given.
#[macro_export]
macro_rules! fuzz_target {
    ($target:ident) => {
        #[cfg(fuzzing)]
        $crate::libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::$target(data));

        #[cfg(not(fuzzing))]
        fn main() -> std::process::ExitCode {
            $crate::replay($crate::$target)
        }
    };
}
