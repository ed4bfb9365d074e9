//! What the thread beside a proxy does: numbers what it hears, and tells the checker.

use mqttspec_scenarios::Side;

use super::proxy::{Heard, Said};
use super::{Checker, News, Place};

/// Tells a checker what a proxy says.
#[derive(Debug)]
pub struct Listener {
    checker: Checker,
    events: usize,
    last_at_us: u64,
    /// Clients that have finished, whose servers may still be talking.
    finished: std::collections::BTreeSet<usize>,
    /// Connections that the upstream refused.
    refused: u64,
}

impl Listener {
    /// A listener for this checker.
    #[must_use]
    pub fn new(checker: Checker) -> Self {
        Self { checker, events: 0, last_at_us: 0, finished: std::collections::BTreeSet::new(), refused: 0 }
    }

    /// Takes one thing in. Returns what there is to say about it.
    pub fn hear(&mut self, heard: &Heard) -> Vec<News> {
        let id = heard.connection;
        self.events += 1;
        if heard.at_us != u64::MAX {
            self.last_at_us = heard.at_us;
        }
        let place = Place::new(self.events, self.last_at_us);
        match &heard.said {
            Said::Opened(name) => self.checker.opened(id, name.clone(), true, place),
            Said::Bytes(side, bytes) => drop(self.checker.bytes(id, *side, place, bytes)),
            // The server may still be talking when its client has finished: the end is when it has, too.
            Said::Finished(Side::Client) => drop(self.finished.insert(id)),
            Said::Finished(Side::Server) => {
                let by = if self.finished.contains(&id) { Side::Client } else { Side::Server };
                self.checker.closed(id, by, place);
            }
            Said::Reset(side) => self.checker.closed(id, *side, place),
            Said::Ended => {
                self.finished.remove(&id);
                self.checker.ended(id);
            }
            Said::Lost => {
                self.finished.remove(&id);
                self.checker.give_up(id, "there was more traffic than could be checked", place);
                self.checker.ended(id);
            }
            Said::Refused(why) => {
                self.refused += 1;
                let news = News { place, connection: format!("connection {id}"), text: why.clone(), is_finding: false };
                return vec![news];
            }
        }
        self.checker.take_news()
    }

    /// Connections that the upstream refused.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// The checker, to be finished.
    #[must_use]
    pub fn into_checker(self) -> Checker {
        self.checker
    }
}
