//! The hand-written scenarios, one module for each theme of the standard.

use crate::model::Scenario;

/// Every hand-written scenario, in the order of the chapters.
pub fn all() -> Vec<Scenario> {
    let chapters: &[fn() -> Vec<Scenario>] = &[];
    chapters.iter().flat_map(|chapter| chapter()).collect()
}
