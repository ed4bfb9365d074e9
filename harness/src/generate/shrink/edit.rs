//! A change to a scenario that can be put together with others.

use std::collections::BTreeMap;

use mqttspec_scenarios::model::{Scenario, Step};

/// Some steps and what stands in the place of each; nothing, where the step is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Edit(BTreeMap<usize, Vec<Step>>);

impl Edit {
    /// Leaves these steps out. The final [`Step::Drain`] stays: without it nothing that is owed is ever settled.
    pub(super) fn without(scenario: &Scenario, steps: impl IntoIterator<Item = usize>) -> Self {
        let last = scenario.steps.len().saturating_sub(1);
        let kept = |at: usize| at == last && scenario.steps[at] == Step::Drain;
        Self(steps.into_iter().filter(|at| !kept(*at)).map(|at| (at, Vec::new())).collect())
    }

    /// Puts `steps` in the place of the one at `at`.
    pub(super) fn replace(at: usize, steps: Vec<Step>) -> Self {
        Self(BTreeMap::from([(at, steps)]))
    }

    /// Also puts `steps` in the place of the one at `at`.
    pub(super) fn and_replace(mut self, at: usize, steps: Vec<Step>) -> Self {
        self.0.insert(at, steps);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Both changes; `None` when they want different things of one step.
    pub(super) fn merged(&self, other: &Self) -> Option<Self> {
        let mut all = self.clone();
        for (at, steps) in &other.0 {
            match all.0.get(at) {
                Some(own) if own != steps => return None,
                Some(_) => {}
                None => {
                    all.0.insert(*at, steps.clone());
                }
            }
        }
        Some(all)
    }

    pub(super) fn apply(&self, scenario: &Scenario) -> Scenario {
        let steps = scenario
            .steps
            .iter()
            .enumerate()
            .flat_map(|(at, step)| match self.0.get(&at) {
                Some(steps) => steps.clone(),
                None => vec![step.clone()],
            })
            .collect();
        Scenario { steps, ..scenario.clone() }
    }
}
