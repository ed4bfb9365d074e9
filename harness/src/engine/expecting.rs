//! Expectations: the first fitting packet decides, or the end of the connection, or silence.

use std::time::Duration;

use mqttspec_codec::{PacketType, ReasonCode};
use mqttspec_scenarios::duty;
use mqttspec_scenarios::model::{Alternative, Check, Cite, Expect, Field, Pattern};

use super::Engine;
use super::connection::{Ping, Received};
use super::judging::Evidence;
use super::matching::{Context, failed_checks, reason_code};
use super::stage::{Expecting, Farewell, Probe, Stage};

/// Where in an expectation a pattern stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    alternative: usize,
    /// Within [`Alternative::AnyOrder`] or a farewell.
    pattern: usize,
}

impl Engine {
    pub(super) fn begin_expecting(&mut self, connection: usize, expect: &Expect) {
        let timing = self.options.timing;
        let deadline = match expect.window {
            None => self.after(timing.answer_ms),
            Some(window) => {
                let scaled = (window.not_after_ms as f64 * timing.scale.max(1.0)) as u64;
                self.mark() + Duration::from_millis(scaled)
            }
        };
        let probe = if expect.probe { Probe::At(self.after(timing.probe_after_ms)) } else { Probe::Never };
        self.stage = Stage::Expecting(Expecting {
            expect: expect.clone(),
            connection,
            deadline: deadline.max(self.now),
            probe,
            met: Vec::new(),
            farewell: None,
        });
        self.check_expectation();
    }

    /// The moment from which a time window counts.
    fn mark(&self) -> mqttspec_scenarios::Time {
        self.last_close.or(self.last_send).unwrap_or(self.started)
    }

    pub(super) fn check_expectation(&mut self) {
        while self.outcome.is_none() {
            let Stage::Expecting(expecting) = std::mem::replace(&mut self.stage, Stage::Ready) else { return };
            match self.look(expecting) {
                Some(waiting) => {
                    let again = self.has_more_for(&waiting);
                    self.stage = Stage::Expecting(waiting);
                    if !again {
                        return;
                    }
                }
                None => return,
            }
        }
    }

    /// One look at the inbox and the end of the connection: the expectation if it goes on waiting.
    fn look(&mut self, mut expecting: Expecting) -> Option<Expecting> {
        let index = expecting.connection;
        if expecting.farewell.is_none()
            && let Some(position) = self.connections[index].first_of(&types(&expecting.expect))
        {
            let received = self.connections[index].inbox.remove(position)?;
            return self.decide(expecting, received);
        }
        if self.connections[index].end.is_some() {
            self.end_seen(&mut expecting);
            return None;
        }
        Some(expecting)
    }

    fn has_more_for(&self, expecting: &Expecting) -> bool {
        let connection = &self.connections[expecting.connection];
        connection.end.is_some()
            || (expecting.farewell.is_none() && connection.first_of(&types(&expecting.expect)).is_some())
    }

    /// A packet of an expected type has come.
    fn decide(&mut self, mut expecting: Expecting, received: Received) -> Option<Expecting> {
        let expect = expecting.expect.clone();
        let context = Context {
            namespace: &self.options.namespace,
            vars: &self.vars,
            resumed: self.connections[expecting.connection].resumed,
        };
        let mut best: Option<(Place, Vec<&Check>)> = None;
        for (place, pattern) in patterns(&expect, &expecting.met) {
            let Some(failed) = failed_checks(pattern, &received, &context) else { continue };
            // A packet that fits nothing is judged by what was hoped for, not by what would have excused it.
            let excuse = matches!(expect.one_of[place.alternative], Alternative::Stop { .. });
            if failed.is_empty() || (!excuse && best.as_ref().is_none_or(|(_, fewest)| failed.len() < fewest.len())) {
                let perfect = failed.is_empty();
                best = Some((place, failed));
                if perfect {
                    break;
                }
            }
        }
        let Some((place, failed)) = best else {
            self.wrong_packet(&expecting, &received);
            return None;
        };
        let fatal = !failed.is_empty() && is_fatal(&failed, &received);
        self.report_failed(&expecting, &received, &failed);
        let too_early = self.check_window(&expecting, received.at, received.event);
        if fatal || too_early && self.outcome.is_some() {
            self.conclude();
            return None;
        }
        self.accept(&mut expecting, place, received)
    }

    fn accept(&mut self, expecting: &mut Expecting, place: Place, received: Received) -> Option<Expecting> {
        let alternative = expecting.expect.one_of[place.alternative].clone();
        let pattern = match &alternative {
            Alternative::Packet(pattern) | Alternative::Stop { pattern, .. } => Some(pattern),
            Alternative::AnyOrder(patterns) => patterns.get(place.pattern),
            Alternative::End(ending) => ending.farewell.get(place.pattern),
            Alternative::StopAtEnd { .. } | Alternative::StopAtSilence { .. } => None,
        };
        if let Some(what) = pattern.and_then(|pattern| pattern.observe.as_ref()) {
            self.judgement.observe(&expecting.expect.cite.0, what);
        }
        if let Some(var) = pattern.and_then(|pattern| pattern.bind.clone()) {
            self.vars.insert(var, received.packet.clone());
        }
        match alternative {
            Alternative::Packet(_) | Alternative::StopAtEnd { .. } | Alternative::StopAtSilence { .. } => None,
            Alternative::AnyOrder(patterns) => {
                expecting.met.push(place.pattern);
                (expecting.met.len() < patterns.len()).then(|| expecting.clone())
            }
            Alternative::Stop { not_applicable, why, .. } => {
                self.stop(not_applicable, &why);
                None
            }
            Alternative::End(_) => {
                expecting.farewell = Some(Farewell {
                    event: received.event,
                    summary: self.transcript.describe(received.event),
                    packet_type: received.packet.packet_type(),
                });
                expecting.probe = Probe::Never;
                expecting.deadline = expecting.deadline.max(self.after(self.options.timing.after_probe_ms));
                Some(expecting.clone())
            }
        }
    }

    fn stop(&mut self, not_applicable: bool, why: &str) {
        if not_applicable {
            self.judgement.stop_not_applicable(why);
        } else {
            self.judgement.stop_inconclusive(why);
        }
        self.conclude();
    }

    /// The connection has ended and nothing fitting came before.
    fn end_seen(&mut self, expecting: &mut Expecting) {
        let index = expecting.connection;
        self.connections[index].end_consumed = true;
        let Some(end) = self.connections[index].end.clone() else { return };
        for alternative in &expecting.expect.one_of {
            match alternative {
                Alternative::End(ending) if ending.bare || expecting.farewell.is_some() => {
                    if expecting.farewell.is_none() && !ending.farewell.is_empty() {
                        self.judgement.observe(&expecting.expect.cite.0, "the connection was closed without a word");
                    }
                    self.check_window(expecting, end.at, end.event);
                    return;
                }
                Alternative::StopAtEnd { not_applicable, why } => return self.stop(*not_applicable, &why.clone()),
                _ => {}
            }
        }
        if let Some(own) = self.own_reason(index) {
            self.judgement.stop_inconclusive(&own);
        } else {
            let observed = self.silence(index);
            self.report(expecting, &expecting.expect.cite.clone(), "", observed, self.end_event(index).collect());
        }
        self.conclude();
    }

    /// A DISCONNECT with which the target ended this connection for a reason of its own, in words.
    pub(super) fn own_reason(&self, index: usize) -> Option<String> {
        let connection = &self.connections[index];
        let last = connection.inbox.iter().rev().find(|r| r.packet.packet_type() == PacketType::Disconnect)?;
        let code = reason_code(&last.packet)?;
        duty::OWN_REASONS.contains(&code).then(|| {
            format!("the target ended the connection for a reason of its own: {}", self.transcript.describe(last.event))
        })
    }

    pub(super) fn probe_returned(&mut self, _index: usize) {
        let sooner = self.after(self.options.timing.after_probe_ms);
        if let Stage::Expecting(expecting) = &mut self.stage {
            expecting.probe = Probe::Answered;
            expecting.deadline = expecting.deadline.min(sooner);
        }
        self.await_probed();
    }

    pub(super) fn expectation_timeout(&mut self) {
        let Stage::Expecting(expecting) = &mut self.stage else { return };
        let index = expecting.connection;
        if matches!(expecting.probe, Probe::At(at) if at <= self.now) {
            let can_ping = self.connections[index].can_ping();
            expecting.probe = if can_ping { Probe::Sent } else { Probe::Never };
            if can_ping {
                self.send_ping(index, Ping::Probe);
            }
        }
        let Stage::Expecting(expecting) = &self.stage else { return };
        if expecting.deadline > self.now {
            return;
        }
        let expecting = expecting.clone();
        match &expecting.farewell {
            Some(farewell) => {
                let duty = match farewell.packet_type {
                    PacketType::ConnAck => duty::CLOSE_AFTER_REFUSAL,
                    _ => duty::CLOSE_AFTER_DISCONNECT,
                };
                let cite = duty.id(self.scenario.version).map_or_else(|| expecting.expect.cite.clone(), Cite::from);
                let observed = format!("{}, and the connection stayed open", farewell.summary);
                self.report(&expecting, &cite, "", observed, vec![farewell.event]);
            }
            None => {
                let at_silence = expecting.expect.one_of.iter().find_map(|alternative| match alternative {
                    Alternative::StopAtSilence { not_applicable, why } => Some((*not_applicable, why)),
                    _ => None,
                });
                // A target that does not even answer PINGREQ has not chosen to be silent.
                if let (Some((not_applicable, why)), Probe::Answered) = (at_silence, &expecting.probe) {
                    return self.stop(not_applicable, why);
                }
                if let Some(until) = self.redelivery_until(&expecting) {
                    return self.await_redelivery(expecting, until);
                }
                let alive = match expecting.probe {
                    Probe::Answered => ", while PINGREQ was answered",
                    Probe::Sent => ", and PINGREQ was not answered either",
                    _ => "",
                };
                let open =
                    if expects_end(&expecting.expect) { "the connection stayed open" } else { "nothing arrived" };
                let observed = format!("{open}{alive}");
                self.report(&expecting, &expecting.expect.cite.clone(), "", observed, self.end_event(index).collect());
            }
        }
        self.conclude();
    }

    // ---- findings ----

    /// A packet of an expected type that only an excuse names, and whose excuse does not hold.
    fn wrong_packet(&mut self, expecting: &Expecting, received: &Received) {
        let observed = self.transcript.describe(received.event);
        self.report(expecting, &expecting.expect.cite.clone(), "", observed, vec![received.event]);
        self.conclude();
    }

    fn report_failed(&mut self, expecting: &Expecting, received: &Received, failed: &[&Check]) {
        let observed = self.transcript.describe(received.event);
        let mut by_cite: Vec<(Cite, Vec<String>)> = Vec::new();
        for check in failed {
            let cite = check.cite.clone().unwrap_or_else(|| expecting.expect.cite.clone());
            let words = check.field.to_string();
            match by_cite.iter_mut().find(|(known, _)| *known == cite) {
                Some((_, all)) => all.push(words),
                None => by_cite.push((cite, vec![words])),
            }
        }
        for (cite, words) in by_cite {
            self.report(expecting, &cite, &words.join(", "), observed.clone(), vec![received.event]);
        }
    }

    fn check_window(&mut self, expecting: &Expecting, at: mqttspec_scenarios::Time, event: usize) -> bool {
        let Some(window) = expecting.expect.window else { return false };
        let early = at < self.mark() + Duration::from_millis(window.not_before_ms);
        if early {
            let ms = at.since(self.mark()).as_millis();
            let observed =
                format!("{} after {ms} ms, not before {} ms", self.transcript.describe(event), window.not_before_ms);
            self.report(expecting, &expecting.expect.cite.clone(), "too early", observed, vec![event]);
        }
        early
    }

    fn report(&mut self, expecting: &Expecting, cite: &Cite, wanted: &str, observed: String, events: Vec<usize>) {
        let evidence = self.evidence(expecting, wanted, observed, events);
        let knock_on = self.connections[expecting.connection].disturbed;
        self.judgement.find(cite, evidence, knock_on);
    }

    pub(super) fn evidence(
        &self,
        expecting: &Expecting,
        wanted: &str,
        observed: String,
        events: Vec<usize>,
    ) -> Evidence {
        let connection = &self.connections[expecting.connection];
        let accepted: Vec<String> = expecting
            .expect
            .one_of
            .iter()
            .filter(|alternative| !is_stop(alternative))
            .map(|alternative| self.options.namespace.expand(&alternative.to_string()))
            .collect();
        let what = if wanted.is_empty() { accepted.join(" or ") } else { self.options.namespace.expand(wanted) };
        Evidence {
            message: format!("{} should have seen {what}; {observed}", connection.name),
            sent: self.last_step_sent.map(|event| self.transcript.describe(event)),
            accepted,
            observed,
            events: self.last_step_sent.into_iter().chain(events).collect(),
        }
    }
}

/// The packet types that an expectation looks at.
fn types(expect: &Expect) -> Vec<PacketType> {
    patterns(expect, &[]).map(|(_, pattern)| pattern.packet_type).collect()
}

fn is_stop(alternative: &Alternative) -> bool {
    use Alternative::{Stop, StopAtEnd, StopAtSilence};
    matches!(alternative, Stop { .. } | StopAtEnd { .. } | StopAtSilence { .. })
}

fn expects_end(expect: &Expect) -> bool {
    expect.one_of.iter().any(|alternative| matches!(alternative, Alternative::End(_)))
}

pub(super) fn patterns<'e>(expect: &'e Expect, met: &'e [usize]) -> impl Iterator<Item = (Place, &'e Pattern)> {
    expect.one_of.iter().enumerate().flat_map(move |(alternative, one)| {
        let all: Vec<(usize, &Pattern)> = match one {
            // Once a packet of a set has been met, the rest of the set is due.
            Alternative::Packet(_) | Alternative::Stop { .. } if !met.is_empty() => Vec::new(),
            Alternative::Packet(pattern) | Alternative::Stop { pattern, .. } => vec![(0, pattern)],
            Alternative::AnyOrder(patterns) => {
                patterns.iter().enumerate().filter(|(index, _)| !met.contains(index)).collect()
            }
            Alternative::End(ending) => ending.farewell.iter().enumerate().collect(),
            Alternative::StopAtEnd { .. } | Alternative::StopAtSilence { .. } => Vec::new(),
        };
        all.into_iter().map(move |(pattern, p)| (Place { alternative, pattern }, p))
    })
}

/// Whether what follows would only repeat the finding: another message than the expected one, or an error.
fn is_fatal(failed: &[&Check], received: &Received) -> bool {
    failed.iter().any(|check| match &check.field {
        Field::Topic(_) | Field::Payload(_) => true,
        Field::ReasonIn(_) => {
            reason_code(&received.packet).is_none_or(ReasonCode::is_error)
                || received.packet.packet_type() == PacketType::ConnAck
        }
        Field::ReasonsIn(_) => true,
        _ => false,
    })
}
