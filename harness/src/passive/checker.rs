//! Checks any number of connections at once, and says what it found.

use std::collections::BTreeMap;

use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::{ScenarioResult, WireEvent};
use mqttspec_scenarios::{Finding, Monitor, Side};

use super::log::{Place, Unit};
use super::results::Found;
use super::tap::{Phase, Tap};

/// Connections checked at one time; what begins beyond is not checked.
const MAX_LIVE: usize = 4096;
/// Connections that one monitor of all can hold; it forgets none.
const MAX_SHARED: usize = 4096;
/// Results kept; beyond, those without findings are only counted.
const MAX_RESULTS: usize = 10_000;
/// How long after everything else a PINGREQ must have been sent, so that its PINGRESP shows that no more is coming, in
/// microseconds.
const QUIET_US: u64 = 10_000_000;

/// How much of a server's traffic is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Some connections. Other clients may publish and take sessions over unseen: a delivery is not compared with what was
    /// published, and every connection is judged by itself.
    Some,
    /// Every connection since the server began: messages and sessions are followed across connections.
    Everything,
}

/// Something to say at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Where it happened.
    pub place: Place,
    /// On which connection: its number and both ends.
    pub connection: String,
    /// One line: the finding, or what is not checked.
    pub text: String,
    /// Whether it is a finding.
    pub is_finding: bool,
}

/// What all connections showed.
#[derive(Debug)]
pub struct Outcome {
    /// One for each MQTT connection, in the order in which they began.
    pub results: Vec<ScenarioResult>,
    /// MQTT connections, also those of which no result was kept.
    pub connections: u64,
    /// Connections that were not MQTT.
    pub foreign: u64,
    /// What was not judged, one line each.
    pub notes: Vec<String>,
    /// Whether something was not seen, of some connection that was checked or that could not be.
    pub incomplete: bool,
}

/// Checks connections.
#[derive(Debug)]
pub struct Checker {
    unit: Unit,
    scope: Scope,
    again: Option<String>,
    shared: Option<Monitor>,
    taps: BTreeMap<usize, Watched>,
    news: Vec<News>,
    results: Vec<ScenarioResult>,
    connections: u64,
    foreign: u64,
    unchecked: u64,
    seen: usize,
    /// In the shared monitor: whether something was missed, so that nothing can be owed.
    incomplete: bool,
}

/// A connection and what was found on it.
#[derive(Debug)]
struct Watched {
    tap: Tap,
    /// Its own monitor, unless one watches all.
    monitor: Option<Monitor>,
    found: Found,
    /// Whether it is worth a word when it is not MQTT.
    expected: bool,
}

impl Checker {
    /// A checker whose places are counted in `unit`. `again` is the command that shows the same once more, if there is one.
    #[must_use]
    pub fn new(unit: Unit, scope: Scope, again: Option<String>) -> Self {
        let version = ProtocolVersion::V5_0;
        Self {
            unit,
            scope,
            again,
            shared: (scope == Scope::Everything).then(|| Monitor::new(version).judging_clients()),
            taps: BTreeMap::new(),
            news: Vec::new(),
            results: Vec::new(),
            connections: 0,
            foreign: 0,
            unchecked: 0,
            seen: 0,
            incomplete: false,
        }
    }

    /// A connection begins; its number must be new. `expected`: it should be MQTT, and when it is not that is worth a word.
    pub fn opened(&mut self, id: usize, name: String, expected: bool, place: Place) {
        if let Some(monitor) = self.admit() {
            let tap = Tap::opened(id, name, place);
            self.taps.insert(id, Watched { tap, monitor, found: Found::default(), expected });
        }
    }

    /// A connection is seen from here on; its number must be new.
    pub fn joined(&mut self, id: usize, name: String, place: Place) {
        let Some(mut monitor) = self.admit() else { return };
        self.lose_sight();
        if let Some(watching) = monitor.as_mut().or(self.shared.as_mut()) {
            let tap = Tap::joined(id, name, place, watching);
            self.taps.insert(id, Watched { tap, monitor, found: Found::default(), expected: true });
        }
    }

    /// `side` sent these bytes. Returns whether the connection is still of interest.
    pub fn bytes(&mut self, id: usize, side: Side, place: Place, bytes: &[u8]) -> bool {
        self.tell(id, place, |tap, monitor| tap.bytes(monitor, side, place, bytes))
    }

    /// Bytes that `side` sent were not seen.
    pub fn missed(&mut self, id: usize, side: Side, place: Place) -> bool {
        self.lose_sight();
        self.tell(id, place, |tap, monitor| tap.missed(monitor, side, place))
    }

    /// `by` began to end the connection. What the other side still sends may follow.
    pub fn closed(&mut self, id: usize, by: Side, place: Place) {
        self.tell(id, place, |tap, monitor| tap.closed(monitor, by, place));
    }

    /// The connection is not checked any further.
    pub fn give_up(&mut self, id: usize, why: &str, place: Place) {
        self.lose_sight();
        let was_live = self.taps.get(&id).is_some_and(|watched| watched.tap.is_live());
        self.tell(id, place, |tap, _| tap.give_up(why.to_owned()));
        if was_live {
            self.say(id, place, format!("not checked any further: {why}"), false);
        }
    }

    /// Nothing more will come of this connection.
    pub fn ended(&mut self, id: usize) {
        let Some(watched) = self.taps.remove(&id) else { return };
        self.keep(id, watched);
    }

    /// What there is to say since the last call.
    pub fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// Everything is over.
    #[must_use]
    pub fn finish(mut self) -> Outcome {
        if self.may_settle()
            && let Some(monitor) = &mut self.shared
        {
            monitor.settle();
        }
        self.collect(None);
        for (id, watched) in std::mem::take(&mut self.taps) {
            self.keep(id, watched);
        }
        self.results.sort_by_key(|result| result.id.rsplit('/').next().and_then(|id| id.parse::<u64>().ok()));
        let mut notes = Vec::new();
        let kept = self.results.len() as u64;
        let judged = self.connections + self.foreign;
        if judged > kept && self.results.len() >= MAX_RESULTS {
            notes.push(format!("{} further connections without findings have no result of their own", judged - kept));
        }
        if self.unchecked > 0 {
            notes.push(format!(
                "{} connections were not checked: more than {MAX_LIVE} at one time, or {MAX_SHARED} in all with --complete",
                self.unchecked
            ));
        }
        if self.scope == Scope::Everything && self.incomplete {
            notes.push("something was missed after all: what should have come and did not was not judged".to_owned());
        }
        let Self { results, connections, foreign, incomplete, .. } = self;
        Outcome { results, connections, foreign, notes, incomplete }
    }

    /// Whether one more connection can be checked, and by which monitor if not by the one of all.
    fn admit(&mut self) -> Option<Option<Monitor>> {
        self.seen += 1;
        if self.taps.len() >= MAX_LIVE || (self.shared.is_some() && self.seen > MAX_SHARED) {
            self.unchecked += 1;
            self.lose_sight();
            return None;
        }
        Some(self.shared.is_none().then(|| Monitor::new(ProtocolVersion::V5_0).judging_clients().partial()))
    }

    /// Something was not seen: with one monitor for all, nothing can be owed any more.
    fn lose_sight(&mut self) {
        if !self.incomplete
            && let Some(monitor) = &mut self.shared
        {
            monitor.lose_sight();
        }
        self.incomplete = true;
    }

    fn tell(&mut self, id: usize, place: Place, what: impl FnOnce(&mut Tap, &mut Monitor)) -> bool {
        let Some(watched) = self.taps.get_mut(&id) else { return false };
        let Some(monitor) = watched.monitor.as_mut().or(self.shared.as_mut()) else { return false };
        let was_open = matches!(watched.tap.phase, Phase::Unknown { .. } | Phase::Mqtt);
        what(&mut watched.tap, monitor);
        let findings = monitor.take_findings();
        let news = match (&watched.tap.phase, watched.expected) {
            (Phase::Foreign(what), true) if was_open => Some(format!("not MQTT, left alone: {what}")),
            (Phase::GivenUp(why), _) if was_open => Some(format!("not checked any further: {why}")),
            _ => None,
        };
        let goes_on = matches!(watched.tap.phase, Phase::Unknown { .. } | Phase::Mqtt);
        if !goes_on && was_open {
            self.lose_sight();
        }
        if let Some(text) = news {
            self.say(id, place, text, false);
        }
        self.take_in(Some((id, place)), findings);
        goes_on
    }

    /// Takes in what the monitors have found without being told anything.
    fn collect(&mut self, at: Option<(usize, Place)>) {
        let mut findings = self.shared.as_mut().map(Monitor::take_findings).unwrap_or_default();
        for watched in self.taps.values_mut() {
            findings.extend(watched.monitor.as_mut().map(Monitor::take_findings).unwrap_or_default());
        }
        self.take_in(at, findings);
    }

    fn take_in(&mut self, at: Option<(usize, Place)>, findings: Vec<Finding>) {
        for finding in findings {
            let Some(id) = finding.connection.or(at.map(|(id, _)| id)) else { continue };
            let events = self.evidence(id, &finding);
            let Some(watched) = self.taps.get_mut(&id) else { continue };
            let Some(finding) = watched.found.add(&finding, events, version(watched, self.shared.as_ref()), self.unit)
            else {
                continue;
            };
            let place = at.map_or(Place::new(0, watched.tap.last_at_us), |(_, place)| place);
            self.say(id, place, finding, true);
        }
    }

    /// The packets that a finding cites, on whatever connection they are.
    fn evidence(&self, id: usize, finding: &Finding) -> BTreeMap<usize, Vec<WireEvent>> {
        let mut evidence = BTreeMap::new();
        for &number in &finding.events {
            let own = self.taps.get(&id).into_iter().map(|watched| (id, watched));
            let others = self.taps.iter().filter(|(other, _)| **other != id).map(|(other, watched)| (*other, watched));
            let candidates = own.chain(others.take(if self.shared.is_some() { usize::MAX } else { 0 }));
            let shown = candidates
                .map(|(id, watched)| {
                    let version = version(watched, self.shared.as_ref());
                    watched.tap.log.at(number, self.unit, &short_name(id), version)
                })
                .find(|shown| !shown.is_empty());
            evidence.insert(number, shown.unwrap_or_default());
        }
        evidence
    }

    fn say(&mut self, id: usize, place: Place, text: String, is_finding: bool) {
        let name = self.taps.get(&id).map(|watched| watched.tap.name.clone()).unwrap_or_default();
        self.news.push(News { place, connection: format!("{} ({name})", short_name(id)), text, is_finding });
    }

    fn keep(&mut self, id: usize, watched: Watched) {
        let foreign = matches!(watched.tap.phase, Phase::Foreign(_) | Phase::Unknown { .. });
        if foreign {
            self.foreign += 1;
        } else {
            self.connections += 1;
        }
        if (foreign && !watched.expected) || (watched.found.is_empty() && self.results.len() >= MAX_RESULTS) {
            return;
        }
        let Watched { tap, mut monitor, found, .. } = watched;
        let Some(watching) = monitor.as_mut().or(self.shared.as_mut()) else { return };
        let version = watching.version(id);
        let undecided = watching.is_undecided(id);
        let observations = if foreign { Vec::new() } else { watching.take_observations() };
        self.results.push(found.into_result(id, tap, version, undecided, observations, self.again.clone()));
    }

    /// Whether it is certain that nothing more would have come: every live connection was fenced long after the last
    /// thing that happened anywhere.
    fn may_settle(&self) -> bool {
        let busy = self.taps.values().map(|watched| watched.tap.busy_at_us).max().unwrap_or(0);
        let fenced = |tap: &Tap| tap.fenced_at_us.is_some_and(|at| at >= busy + QUIET_US) && !tap.is_joined();
        !self.incomplete && self.taps.values().filter(|w| w.tap.is_live()).all(|watched| fenced(&watched.tap))
    }
}

/// The number of a connection, for people.
pub(super) fn short_name(id: usize) -> String {
    format!("connection {id}")
}

fn version(watched: &Watched, shared: Option<&Monitor>) -> ProtocolVersion {
    let monitor = watched.monitor.as_ref().or(shared);
    monitor.and_then(|monitor| monitor.version(watched.tap.id())).unwrap_or(ProtocolVersion::V5_0)
}
