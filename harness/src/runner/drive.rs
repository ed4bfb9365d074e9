//! Joins the engine with the transport: carries out its actions, tells it what arrived and when, lets time pass.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mqttspec_scenarios::Time;
use mqttspec_scenarios::model::CloseHow;
use tokio::sync::watch;
use tokio::time::{sleep_until, timeout_at};

use crate::engine::{Action, Engine, Observation};
use crate::transport::{Arrival, Connections, Limits, What};

/// Being woken later than this after a deadline means that the machine is busy: an answer may lie unread.
const LATE: Duration = Duration::from_millis(20);
/// The most time that is granted for that.
const MOST_GRANTED: Duration = Duration::from_secs(1);

/// How long the scenario is held up, at most, until the target has noticed that a connection was closed. What it sends
/// into a connection before that counts as sent: a later delivery of the same message rightly has DUP set.
const UNTIL_NOTICED: Duration = Duration::from_millis(250);
/// The same after an abortive close, which leaves nothing to be seen of the target noticing it.
const AFTER_RESET: Duration = Duration::from_millis(20);

/// Why a run should end early, once there is a reason.
pub type Stop = watch::Receiver<Option<String>>;

/// Plays the engine's scenario against `address` until there is an outcome. Returns why it was interrupted, if it was.
pub async fn drive(
    engine: &mut Engine,
    address: SocketAddr,
    limits: Limits,
    bound: Duration,
    stop: &mut Stop,
) -> Option<String> {
    let start = Instant::now();
    let mut play = Play {
        connections: Connections::new(address, limits),
        start,
        granted: None,
        closing: BTreeSet::new(),
        ended: BTreeSet::new(),
        pause: None,
    };
    let mut stopped = None;
    loop {
        play.act(engine).await;
        if engine.outcome().is_some() {
            return stopped;
        }
        let due = engine.next_timeout();
        tokio::select! {
            biased;
            why = reason(stop), if stopped.is_none() => {
                engine.interrupt(&why);
                stopped = Some(why);
            }
            () = sleep_until((start + bound).into()) => {
                engine.interrupt(&format!("the scenario did not come to an end within {bound:?}"));
            }
            () = alarm(start, due) => play.time_passed(engine, due).await,
            arrival = play.connections.next() => play.tell(engine, arrival),
        }
    }
}

/// Waits for a reason to stop.
async fn reason(stop: &mut Stop) -> String {
    let why = stop.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
    match why {
        Some(why) => why,
        // Nobody is left who could stop the run.
        None => std::future::pending().await,
    }
}

/// Waits until `due`.
async fn alarm(start: Instant, due: Option<Time>) {
    match due {
        Some(at) if at < Time::FAR_FUTURE => {
            sleep_until((start + Duration::from_micros(at.as_micros())).into()).await;
        }
        _ => std::future::pending().await,
    }
}

struct Play {
    connections: Connections,
    start: Instant,
    /// The deadline for which more time was granted already.
    granted: Option<Time>,
    /// Connections that mqttspec has closed and the target has not.
    closing: BTreeSet<usize>,
    /// Connections whose end was seen.
    ended: BTreeSet<usize>,
    /// Not before this moment goes the scenario on, after an abortive close.
    pause: Option<Instant>,
}

impl Play {
    fn time(&self, at: Instant) -> Time {
        Time::from_micros(u64::try_from(at.saturating_duration_since(self.start).as_micros()).unwrap_or(u64::MAX))
    }

    async fn act(&mut self, engine: &mut Engine) {
        while let Some(action) = engine.poll_action() {
            if !matches!(action, Action::Close { .. }) {
                self.until_closes_are_noticed(engine).await;
            }
            let (connection, done) = match action {
                Action::Open { connection } => (connection, self.connections.open(connection)),
                Action::Send { connection, bytes } => (connection, self.connections.send(connection, bytes)),
                Action::Close { connection, how } => {
                    let open = !self.ended.contains(&connection);
                    if open {
                        self.closing.insert(connection);
                    }
                    if open && how == CloseHow::Reset {
                        self.pause = Some(Instant::now() + AFTER_RESET);
                    }
                    (connection, self.connections.close(connection, how))
                }
            };
            if let Err(why) = done {
                let now = self.time(Instant::now());
                engine.handle(Observation::Reset { connection, why }, now);
            }
        }
    }

    /// Holds the scenario up until the target has closed what mqttspec closed, or long enough.
    async fn until_closes_are_noticed(&mut self, engine: &mut Engine) {
        let deadline = Instant::now() + UNTIL_NOTICED;
        while !self.closing.is_empty() {
            match timeout_at(deadline.into(), self.connections.next()).await {
                Ok(arrival) => self.tell(engine, arrival),
                Err(_) => self.closing.clear(),
            }
        }
        if let Some(pause) = self.pause.take() {
            sleep_until(pause.into()).await;
        }
    }

    fn tell(&mut self, engine: &mut Engine, arrival: Arrival) {
        let at = self.time(arrival.at);
        let connection = arrival.connection;
        if !matches!(arrival.what, What::Opened | What::Bytes(_)) {
            self.closing.remove(&connection);
            self.ended.insert(connection);
        }
        engine.handle(
            match arrival.what {
                What::Gone => return,
                What::Opened => Observation::Opened { connection },
                What::OpenFailed(why) => Observation::OpenFailed { connection, why },
                What::Bytes(bytes) => Observation::Bytes { connection, bytes },
                What::Eof => Observation::Eof { connection },
                What::Reset => Observation::Reset { connection, why: "connection reset".to_owned() },
                What::Failed(why) => Observation::Reset { connection, why },
                What::TooMuch(_) => Observation::Flooded { connection },
            },
            at,
        );
    }

    /// A deadline has passed. Whatever has arrived before it is taken in first; and when mqttspec itself was held up, as
    /// much time again is granted, for the silence may be its own.
    async fn time_passed(&mut self, engine: &mut Engine, due: Option<Time>) {
        tokio::task::yield_now().await;
        let now = Instant::now();
        let late = due.map_or(Duration::ZERO, |due| self.time(now).since(due));
        if late > LATE && self.granted != due {
            self.granted = due;
            let until = now + late.min(MOST_GRANTED);
            tokio::select! {
                arrival = self.connections.next() => return self.tell(engine, arrival),
                () = sleep_until(until.into()) => {}
            }
        }
        match self.connections.try_next() {
            Some(arrival) => self.tell(engine, arrival),
            None => engine.handle_timeout(self.time(Instant::now())),
        }
    }
}
