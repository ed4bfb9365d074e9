//! For encoders that take the packet for good: clones made beforehand, so that making them is not timed.

use std::cell::RefCell;
use std::fmt::Debug;
use std::iter::repeat_n;

/// A packet, and clones of it to give away.
#[derive(Debug)]
pub struct Stock<P> {
    packet: P,
    clones: RefCell<Vec<P>>,
}

impl<P: Clone> Stock<P> {
    /// A packet without clones.
    pub(crate) fn new(packet: P) -> Self {
        Self { packet, clones: RefCell::default() }
    }

    /// Makes clones until there are this many.
    pub(crate) fn fill(&mut self, times: usize) {
        let clones = self.clones.get_mut();
        clones.extend(repeat_n(&self.packet, times.saturating_sub(clones.len())).cloned());
    }

    /// One of the clones; where there is none left, a new one.
    #[inline]
    pub(crate) fn take(&self) -> P {
        self.clones.borrow_mut().pop().unwrap_or_else(|| self.packet.clone())
    }
}
