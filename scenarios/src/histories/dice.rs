//! The generator's choices: everything random in a history comes from here, and so from its seed and index.

use crate::broker::random::Random;

/// Dice thrown in the same order give the same history.
#[derive(Clone, Debug)]
pub(super) struct Dice(Random);

impl Dice {
    /// The dice of history `index` of the run with this seed.
    pub(super) fn new(seed: u64, index: u64) -> Self {
        // Neighbouring seeds and indexes must not give histories that look alike.
        let mut outer = Random::new(seed);
        let mut inner = Random::new(outer.next_u64() ^ index.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        Self(Random::new(inner.next_u64()))
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0.below(bound)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// `true` once in `n` throws.
    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// `true` in `percent` of a hundred throws.
    pub(super) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Heads or tails.
    pub(super) fn coin(&mut self) -> bool {
        self.one_in(2)
    }

    /// One of these.
    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// One of these, each as often as its weight says; the first when all weights are 0.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(usize, T)]) -> T {
        let mut at = self.below(from.iter().map(|(weight, _)| weight).sum());
        for &(weight, item) in from {
            if at < weight {
                return item;
            }
            at -= weight;
        }
        from[0].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_throws_and_neighbours_differ() {
        let throws = |seed, index| {
            let mut dice = Dice::new(seed, index);
            (0..8).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(throws(1, 2), throws(1, 2));
        assert_ne!(throws(1, 2), throws(1, 3));
        assert_ne!(throws(1, 2), throws(2, 2));
        assert_ne!(throws(1, 2), throws(2, 1));
    }

    #[test]
    fn weights_decide() {
        let mut dice = Dice::new(0, 0);
        let heavy = (0..1000).filter(|_| dice.weighted(&[(9, true), (1, false)])).count();
        assert!((850..=950).contains(&heavy), "{heavy}");
    }
}
