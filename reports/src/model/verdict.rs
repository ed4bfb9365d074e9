//! How a scenario ended, and how binding the sentence is that it was about.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How one scenario ended.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything that was observed is permitted, and the situation the scenario is about did arise.
    Pass,
    /// A `must` was broken, or the target did not survive.
    Fail,
    /// The situation never arose, or timing was too noisy to say.
    Inconclusive,
    /// The target lacks a capability the scenario needs; the reason says which.
    NotApplicable,
    /// A person said not to run it.
    Disabled,
    /// mqttspec itself had trouble; this says nothing about the target.
    Error,
}

impl Verdict {
    /// Every verdict, in the order reports list them.
    pub const ALL: [Self; 6] =
        [Self::Pass, Self::Fail, Self::Inconclusive, Self::NotApplicable, Self::Disabled, Self::Error];

    /// The word used in every report, the same as in `results.json`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::NotApplicable => "not-applicable",
            Self::Disabled => "disabled",
            Self::Error => "error",
        }
    }

    /// Whether the scenario was actually put to the target: neither `not-applicable` nor `disabled`.
    #[must_use]
    pub const fn is_applicable(self) -> bool {
        !matches!(self, Self::NotApplicable | Self::Disabled)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How binding a normative statement is (section 1.2 of the standard, RFC 2119 words).
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Broken: the run fails.
    Must,
    /// Not followed: shown as a deviation, not gating unless asked.
    Should,
    /// Left open: an observation.
    May,
}

impl Level {
    /// The word used in every report, the same as in `results.json`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
