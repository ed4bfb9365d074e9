//! Elections: one of several connections receives a packet, and the target chooses which.

use mqttspec_scenarios::model::{Cite, Elect};

use super::Engine;
use super::connection::Received;
use super::judging::Evidence;
use super::matching::{Context, failed_checks};
use super::stage::Stage;

impl Engine {
    pub(super) fn begin_electing(&mut self, elect: &Elect) {
        let among: Vec<usize> = elect.among.iter().filter_map(|name| self.connection_named(name)).collect();
        if among.len() != elect.among.len() || among.len() != elect.others.len() + 1 {
            self.judgement.stop_error(&format!("{}: an election needs a name for each connection", self.scenario.id));
            return self.conclude();
        }
        let deadline = self.after(self.options.timing.answer_ms);
        self.stage = Stage::Electing { elect: elect.clone(), among, deadline };
        self.check_election();
    }

    pub(super) fn check_election(&mut self) {
        let Stage::Electing { elect, among, .. } = &self.stage else { return };
        let first = among
            .iter()
            .filter_map(|index| {
                let connection = &self.connections[*index];
                let position = connection.first_of(&[elect.pattern.packet_type])?;
                Some((connection.inbox.get(position)?.event, *index, position))
            })
            .min();
        let Some((_, index, position)) = first else { return };
        let (elect, among) = (elect.clone(), among.clone());
        let Some(received) = self.connections[index].inbox.remove(position) else { return };
        self.stage = Stage::Ready;
        self.judge_elected(&elect, index, &received);
        self.names.insert(elect.chosen.clone(), index);
        let others = among.iter().filter(|other| **other != index);
        for (name, other) in elect.others.iter().zip(others) {
            self.names.insert(name.clone(), *other);
        }
        if let Some(var) = elect.pattern.bind {
            self.vars.insert(var, received.packet);
        }
    }

    fn judge_elected(&mut self, elect: &Elect, index: usize, received: &Received) {
        let context =
            Context { namespace: &self.options.namespace, vars: &self.vars, resumed: self.connections[index].resumed };
        let failed: Vec<(Cite, String)> = failed_checks(&elect.pattern, received, &context)
            .unwrap_or_default()
            .iter()
            .map(|check| (check.cite.clone().unwrap_or_else(|| elect.cite.clone()), check.field.to_string()))
            .collect();
        let observed = self.transcript.describe(received.event);
        for (cite, wanted) in failed {
            let name = &self.connections[index].name;
            let wanted = self.options.namespace.expand(&wanted);
            let evidence = Evidence {
                message: format!("{name} should have seen {wanted}; {observed}"),
                sent: None,
                accepted: vec![self.options.namespace.expand(&elect.pattern.to_string())],
                observed: observed.clone(),
                events: vec![received.event],
            };
            self.judgement.find(&cite, evidence, false);
        }
    }

    pub(super) fn election_timeout(&mut self) {
        let Stage::Electing { elect, among, .. } = &self.stage else { return };
        let names: Vec<_> = among.iter().map(|index| self.connections[*index].name.clone()).collect();
        let wanted = self.options.namespace.expand(&elect.pattern.to_string());
        let evidence = Evidence {
            message: format!("one of {} should have seen {wanted}; nothing arrived", names.join(", ")),
            sent: None,
            accepted: vec![wanted],
            observed: "nothing arrived".to_owned(),
            events: among.iter().flat_map(|index| self.deciding_events(*index)).collect(),
        };
        let cite = elect.cite.clone();
        self.judgement.find(&cite, evidence, false);
        self.conclude();
    }
}
