//! Gives the test vectors to every codec, and survives what that does to some of them.

use std::panic;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Once};
use std::thread;
use std::time::Duration;

use mqttspec_bench::{Absence, Entrant, Kind, Offer};
use mqttspec_codec::ProtocolVersion;
use mqttspec_codec::vectors::{Flag, Vector, vectors};

use crate::score::Score;

/// Long enough for any decoder, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// A codec that has hung so often is not given any more vectors; they count as if it had hung on them too.
const MOST_HANGS: usize = 3;

/// Name of the threads that give vectors to codecs.
const WORKER: &str = "vectors";
static QUIET: Once = Once::new();

/// Makes those that take part; each thread has its own.
pub type Make = fn() -> Vec<Box<dyn Entrant>>;

/// The scores of ours and its peers on the vectors of these versions, of those that have a decoder for the version.
///
/// A codec that needs longer than `patience` for one vector is taken to hang.
pub fn scores(make: Make, versions: &[ProtocolVersion], patience: Duration) -> Vec<Score> {
    QUIET.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // Panics of codecs are counted, not printed.
            if thread::current().name() != Some(WORKER) {
                hook(info);
            }
        }));
    });
    let mut scores = Vec::new();
    for &version in versions {
        let run = Run { make, vectors: Arc::new(vectors(version)), patience };
        let is_codec = |entrant: &dyn Entrant| matches!(entrant.kind(), Kind::Ours | Kind::Peer);
        for (at, entrant) in make().iter().enumerate().filter(|(_, entrant)| is_codec(&***entrant)) {
            let score = run.score(at, entrant.name(), version);
            if score.valid.of > 0 {
                scores.push(score);
            }
        }
    }
    scores
}

struct Run {
    make: Make,
    vectors: Arc<Vec<Vector>>,
    patience: Duration,
}

impl Run {
    fn score(&self, at: usize, name: &str, version: ProtocolVersion) -> Score {
        let mut score = Score::new(name, version);
        let mut outcomes = self.worker(at, 0);
        for (index, vector) in self.vectors.iter().enumerate() {
            let outcome = if score.hung < MOST_HANGS { outcomes.recv_timeout(self.patience).ok() } else { None };
            if outcome.is_none() && score.hung < MOST_HANGS {
                // The thread cannot be ended; it is left alone, and another one goes on behind this vector.
                outcomes = self.worker(at, index + 1);
            }
            count(&mut score, vector, &outcome.unwrap_or(Outcome::Hung));
        }
        score.let_pass.retain(|_, share| share.right > 0);
        score
    }

    /// A thread that gives the vectors from `first` on to an entrant, and sends what comes of each.
    fn worker(&self, at: usize, first: usize) -> Receiver<Outcome> {
        let (sender, receiver) = channel();
        let (make, vectors) = (self.make, Arc::clone(&self.vectors));
        let work = move || {
            let entrants = make();
            let Some(entrant) = entrants.get(at) else { return };
            for vector in vectors.iter().skip(first) {
                if sender.send(outcome(&**entrant, vector)).is_err() {
                    return;
                }
            }
        };
        // Without a thread the receiver hears of nothing, and all vectors count as hung.
        let _ = thread::Builder::new().name(WORKER.to_owned()).spawn(work);
        receiver
    }
}

/// What came of one vector.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// It has no decoder for it.
    Skipped,
    /// It came to an end: what it did, and for a valid one that it accepted, whether the fields were right.
    Done(Offer, Result<(), Absence>),
    /// It did not come to an end.
    Hung,
}

fn outcome(entrant: &dyn Entrant, vector: &Vector) -> Outcome {
    let Some(offer) = entrant.offer(vector.version, &vector.bytes) else { return Outcome::Skipped };
    let read = match (&offer, &vector.packet) {
        (Offer::Accepted, Some(packet)) if vector.valid && !vector.has(Flag::MayRefuse) => {
            entrant.reads(vector.version, &vector.bytes, packet)
        }
        _ => Ok(()),
    };
    Outcome::Done(offer, read)
}

/// Counts what came of one vector.
fn count(score: &mut Score, vector: &Vector, outcome: &Outcome) {
    let (offer, right) = match outcome {
        Outcome::Skipped => {
            score.skipped += 1;
            return;
        }
        Outcome::Hung => {
            score.hung += 1;
            (&Offer::Incomplete, &Ok(()))
        }
        Outcome::Done(offer, right) => (offer, right),
    };
    match offer {
        Offer::Panicked(_) => score.panicked += 1,
        Offer::Incomplete if !vector.has(Flag::Incomplete) && *outcome != Outcome::Hung => score.waited += 1,
        _ => {}
    }
    if vector.valid {
        if vector.has(Flag::MayRefuse) {
            return;
        }
        score.valid.of += 1;
        match offer {
            Offer::Accepted if right.is_ok() => score.valid.right += 1,
            Offer::Accepted | Offer::Left(_) => score.wrong += 1,
            Offer::Refused(_) | Offer::Incomplete | Offer::Panicked(_) => {}
        }
    } else {
        if vector.has(Flag::MayAccept) {
            return;
        }
        let refused = match offer {
            Offer::Refused(_) => true,
            Offer::Incomplete => vector.has(Flag::Incomplete) && *outcome != Outcome::Hung,
            Offer::Left(_) => vector.has(Flag::Surplus),
            Offer::Accepted | Offer::Panicked(_) => false,
        };
        let kind = vector.violations.first().map_or("none", |violation| violation.kind.id());
        let kind = score.let_pass.entry(kind.to_owned()).or_default();
        for share in [&mut score.malformed, score.by_type.entry(vector.packet_type).or_default()] {
            share.of += 1;
            share.right += usize::from(refused);
        }
        kind.of += 1;
        kind.right += usize::from(!refused);
    }
}
