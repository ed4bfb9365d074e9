//! Draining: everything due is acknowledged, and PINGREQs go round until nothing new comes.

use std::time::Duration;

use mqttspec_scenarios::Time;
use mqttspec_scenarios::model::Answering;
use mqttspec_scenarios::monitor::Owed;

use super::Engine;
use super::connection::Ping;
use super::stage::Stage;

/// Rounds that follow one another at once. After these there is a pause between two rounds.
const MAX_ROUNDS: u32 = 64;
/// The first pause between rounds while something is owed, in milliseconds; it doubles while nothing comes.
const FIRST_PAUSE_MS: u64 = 25;
/// The longest pause between rounds: a client with the shortest Keep Alive must not fall silent.
pub(super) const LONGEST_PAUSE_MS: u64 = 800;
/// How often the full wait for an answer fits into the longest draining.
const LONGEST: u64 = 4;

/// Where a draining stands.
#[derive(Clone, Debug)]
pub(super) struct Draining {
    /// Whether it ends the scenario.
    last: bool,
    rounds: u32,
    /// What had arrived when somebody looked last.
    arrivals: u64,
    phase: Phase,
    /// When something came last; at first, the beginning.
    news_at: Time,
    /// When even a target that never stops sending has had its time.
    end: Time,
    pause_ms: u64,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// PINGREQs are out.
    Round { deadline: Time },
    /// Every PINGREQ was answered; a moment for what is on its way from one connection to another.
    Grace { until: Time },
    /// Something is owed: whatever comes is news, and after a while there is another round.
    Patience { until: Time },
}

impl Draining {
    pub(super) fn deadline(&self) -> Time {
        match self.phase {
            Phase::Round { deadline } => deadline,
            Phase::Grace { until } | Phase::Patience { until } => until,
        }
    }
}

impl Engine {
    /// [`Step::Drain`](mqttspec_scenarios::model::Step::Drain).
    pub(super) fn begin_draining(&mut self) {
        for index in 0..self.connections.len() {
            self.set_answering(index, Answering::AtOnce);
        }
        self.drain(false);
    }

    /// Goes round without acknowledging what no step has asked for. When it is `last`, the scenario ends with it.
    pub(super) fn drain(&mut self, last: bool) {
        self.stage = Stage::Draining(Draining {
            last,
            rounds: 0,
            arrivals: self.arrivals,
            phase: Phase::Grace { until: self.now },
            news_at: self.now,
            end: self.after(self.options.timing.answer_ms.saturating_mul(LONGEST)),
            pause_ms: FIRST_PAUSE_MS,
        });
        self.begin_round();
    }

    fn begin_round(&mut self) {
        for index in 0..self.connections.len() {
            if self.connections[index].can_ping() && !self.connections[index].mute {
                self.send_ping(index, Ping::Round);
            }
        }
        let deadline = self.after(self.options.timing.answer_ms);
        if let Stage::Draining(draining) = &mut self.stage {
            draining.rounds += 1;
            draining.phase = Phase::Round { deadline };
        }
        self.check_draining();
    }

    /// Something may have arrived, or a connection ended.
    pub(super) fn check_draining(&mut self) {
        let is_round_out =
            self.connections.iter().any(|connection| connection.is_live() && connection.pings.contains(&Ping::Round));
        let grace = Phase::Grace { until: self.after(self.options.timing.grace_ms) };
        let Stage::Draining(draining) = &mut self.stage else { return };
        let in_round = matches!(draining.phase, Phase::Round { .. });
        if in_round && is_round_out {
            return;
        }
        let news = self.arrivals != draining.arrivals;
        if news {
            draining.arrivals = self.arrivals;
            draining.news_at = self.now;
            draining.pause_ms = FIRST_PAUSE_MS;
            if self.now >= draining.end {
                return self.drained();
            }
            if draining.rounds < MAX_ROUNDS {
                return self.begin_round();
            }
        }
        if in_round || news {
            draining.phase = grace;
        }
    }

    pub(super) fn draining_timeout(&mut self) {
        let Stage::Draining(draining) = &self.stage else { return };
        match draining.phase {
            Phase::Round { .. } => {
                // Whoever has not answered by now is not asked again.
                for connection in &mut self.connections {
                    if connection.pings.contains(&Ping::Round) {
                        connection.mute = true;
                        connection.give_up_answers();
                    }
                }
                self.check_draining();
            }
            Phase::Grace { .. } => self.drained(),
            Phase::Patience { .. } => self.begin_round(),
        }
    }

    /// A whole round and a grace brought nothing new: the end, unless something is owed and there is patience left.
    fn drained(&mut self) {
        let owed = self.monitor.owed();
        let answer = Duration::from_millis(self.options.timing.answer_ms);
        let Stage::Draining(draining) = &mut self.stage else { return };
        let mut patience = draining.news_at + answer;
        if let (Owed::Eventually(until), true) = (owed, self.options.timing.eventually) {
            patience = patience.max(until);
            draining.end = draining.end.max(until + answer);
        }
        if owed != Owed::Nothing && self.now < patience {
            if self.now >= draining.end {
                self.judgement.stop_inconclusive("the target did not come to rest: it went on sending to the last");
                return self.conclude();
            }
            let pause = Duration::from_millis(draining.pause_ms);
            draining.pause_ms = draining.pause_ms.saturating_mul(2).min(LONGEST_PAUSE_MS);
            draining.phase = Phase::Patience { until: patience.min(self.now + pause) };
            return;
        }
        if draining.last {
            return self.judge_leftovers();
        }
        self.stage = Stage::Ready;
        self.monitor.settle();
        self.absorb_monitor();
        self.settled_at = Some((self.transcript.len(), self.now));
    }
}
