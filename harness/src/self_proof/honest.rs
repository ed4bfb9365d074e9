//! The honest broker, with permitted choices taken at random.

use mqttspec_reports::{Level, Verdict};
use mqttspec_scenarios::broker::{BrokerConfig, Variant, VariantSet};
use mqttspec_scenarios::histories::{Profile, generate};
use mqttspec_scenarios::monitor::coverage::Coverage;

use super::laboratory::{abilities_of, in_parallel, play};

/// A finding against a broker that does nothing wrong: a defect of mqttspec.
#[derive(Clone, Debug, PartialEq)]
pub struct Accusation {
    /// Seed of the histories.
    pub seed: u64,
    /// Which history.
    pub index: u64,
    /// The permitted choices of the broker.
    pub variants: VariantSet,
    /// The statement that it is said to have broken, or the section; `verdict` when the run did not pass for another
    /// reason.
    pub statement: String,
    /// Why.
    pub message: String,
}

/// The permitted choices that the broker takes in history `index`: none in every fourth, else some of them.
pub fn variants_of(seed: u64, index: u64) -> VariantSet {
    let mut state = seed ^ index.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut draw = |below: u64| {
        // xorshift64*: the same on every machine.
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % below
    };
    let count = match (draw(4), draw(2)) {
        (0, _) => 0,
        (1, _) => 1,
        (2, _) => 2 + draw(4),
        (_, _) => 2 + draw(10),
    };
    (0..count).map(|_| Variant::ALL[draw(Variant::ALL.len() as u64) as usize]).collect()
}

/// What became of the honest broker.
#[derive(Clone, Debug, Default)]
pub struct Honest {
    /// What it was accused of: nothing, if mqttspec is right.
    pub accusations: Vec<Accusation>,
    /// What the histories reached.
    pub coverage: Coverage,
}

impl Honest {
    fn merge(&mut self, other: Self) {
        self.accusations.extend(other.accusations);
        self.coverage.merge(&other.coverage);
    }
}

/// Plays histories `from` to `from + count` with the honest broker.
pub fn honest(seed: u64, from: u64, count: u64, profile: &Profile) -> Honest {
    let batches = usize::try_from(count.div_ceil(BATCH)).unwrap_or(usize::MAX);
    let played = in_parallel(batches, |batch| {
        let first = from + batch as u64 * BATCH;
        let mut sum = Honest::default();
        for index in first..(first + BATCH).min(from + count) {
            sum.merge(one(seed, index, profile));
        }
        sum
    });
    let mut sum = Honest::default();
    played.into_iter().for_each(|batch| sum.merge(batch));
    sum
}

/// Histories that one processor plays in a row.
const BATCH: u64 = 64;

fn one(seed: u64, index: u64, profile: &Profile) -> Honest {
    let variants = variants_of(seed, index);
    let config = BrokerConfig { seed: index, ..BrokerConfig::with_variants(variants) };
    let profile = Profile { abilities: abilities_of(&config), ..profile.clone() };
    let (outcome, _) = play(generate(seed, index, &profile), config);
    let accusation = |statement: String, message: String| Accusation { seed, index, variants, statement, message };
    let mut accusations: Vec<_> = outcome
        .findings
        .iter()
        .filter(|finding| finding.level != Level::May)
        .map(|finding| accusation(finding.cited(), finding.message.clone()))
        .collect();
    if accusations.is_empty() && outcome.verdict != Verdict::Pass {
        accusations.push(accusation("verdict".to_owned(), outcome.reason.unwrap_or_default()));
    }
    Honest { accusations, coverage: outcome.coverage }
}
