//! A motif's beats: small fragments of a history that stay in order, while those of other motifs come between them.

use std::collections::VecDeque;

use super::play::Play;

/// One fragment.
type Beat = Box<dyn FnOnce(&mut Play<'_>)>;

/// The beats of one motif.
#[derive(Default)]
pub(super) struct Script {
    beats: VecDeque<Beat>,
}

impl Script {
    /// Adds a beat.
    pub(super) fn then(&mut self, beat: impl FnOnce(&mut Play<'_>) + 'static) {
        self.beats.push_back(Box::new(beat));
    }

    /// Takes the next beat.
    pub(super) fn next(&mut self) -> Option<Beat> {
        self.beats.pop_front()
    }

    /// How many are left.
    pub(super) fn len(&self) -> usize {
        self.beats.len()
    }
}
