//! The way from the forwarding tasks to the thread that checks: bounded, and never waited for.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use mqttspec_scenarios::Side;

/// Pieces that may wait to be checked.
const MAX_PIECES: usize = 16_384;
/// Bytes in them.
const MAX_BYTES: usize = 64 << 20;

/// Something that was said, or happened, on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The connection stands; both ends, for people.
    Opened(String),
    /// One side sent these bytes.
    Bytes(Side, Vec<u8>),
    /// One side will send no more.
    Finished(Side),
    /// One side aborted the connection.
    Reset(Side),
    /// The connection is over.
    Ended,
    /// It was never made, because the upstream refused it; the text says more.
    Refused(String),
    /// Something after this was lost: the connection cannot be checked any further.
    Lost,
}

/// What the checking thread hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The number of the connection, from 1.
    pub connection: usize,
    /// Microseconds since the proxy began.
    pub at_us: u64,
    /// What.
    pub said: Said,
}

/// Both ends of the way, before the proxy runs.
#[derive(Debug)]
pub struct Watching {
    sender: SyncSender<Heard>,
    shared: Arc<Shared>,
}

/// What a checking thread takes things from.
#[derive(Debug)]
pub struct Hearing {
    receiver: Receiver<Heard>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Bytes on the way.
    bytes: AtomicUsize,
    /// Connections of which something was lost.
    lost: Mutex<Vec<usize>>,
    any_lost: AtomicBool,
}

impl Watching {
    /// A way with nothing on it.
    #[must_use]
    pub fn new() -> (Self, Hearing) {
        Self::with_room_for(MAX_PIECES)
    }

    /// A way on which this many pieces have room.
    #[must_use]
    pub fn with_room_for(pieces: usize) -> (Self, Hearing) {
        let (sender, receiver) = sync_channel(pieces);
        let shared = Arc::new(Shared::default());
        (Self { sender, shared: Arc::clone(&shared) }, Hearing { receiver, shared })
    }

    pub(super) fn into_feed(self, started: Instant) -> Feed {
        Feed { sender: self.sender, shared: self.shared, started }
    }
}

impl Hearing {
    /// Calls `each` with everything that is heard until the proxy ends.
    pub fn listen(self, mut each: impl FnMut(Heard)) {
        while let Ok(heard) = self.receiver.recv() {
            if let Said::Bytes(_, bytes) = &heard.said {
                self.shared.bytes.fetch_sub(bytes.len(), Ordering::Relaxed);
            }
            let at_us = heard.at_us;
            each(heard);
            self.tell_lost(at_us, &mut each);
        }
        self.tell_lost(u64::MAX, &mut each);
    }

    fn tell_lost(&self, at_us: u64, each: &mut impl FnMut(Heard)) {
        if !self.shared.any_lost.swap(false, Ordering::Acquire) {
            return;
        }
        let lost = self.shared.lost.lock().map(|mut lost| std::mem::take(&mut *lost)).unwrap_or_default();
        for connection in lost {
            each(Heard { connection, at_us, said: Said::Lost });
        }
    }
}

/// The forwarding tasks' end of the way.
#[derive(Clone, Debug)]
pub(super) struct Feed {
    sender: SyncSender<Heard>,
    shared: Arc<Shared>,
    started: Instant,
}

impl Feed {
    pub(super) fn open(self, connection: usize, name: String) -> Tapped {
        let tapped = Tapped { feed: self, connection, lost: AtomicBool::new(false) };
        tapped.tell(Said::Opened(name));
        tapped
    }

    pub(super) fn refused(self, connection: usize, why: String) {
        let tapped = Tapped { feed: self, connection, lost: AtomicBool::new(false) };
        tapped.tell(Said::Refused(why));
    }
}

/// One connection's end of the way.
#[derive(Debug)]
pub(super) struct Tapped {
    feed: Feed,
    connection: usize,
    lost: AtomicBool,
}

impl Tapped {
    /// `side` sent `bytes`. Copies them, and does not wait for anything.
    pub(super) fn bytes(&self, side: Side, bytes: &[u8]) {
        if self.lost.load(Ordering::Relaxed) {
            return;
        }
        let before = self.feed.shared.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        if before + bytes.len() > MAX_BYTES {
            self.feed.shared.bytes.fetch_sub(bytes.len(), Ordering::Relaxed);
            self.lose();
        } else if !self.tell(Said::Bytes(side, bytes.to_vec())) {
            self.feed.shared.bytes.fetch_sub(bytes.len(), Ordering::Relaxed);
        }
    }

    pub(super) fn finished(&self, side: Side) {
        self.tell(Said::Finished(side));
    }

    pub(super) fn reset(&self, side: Side) {
        self.tell(Said::Reset(side));
    }

    pub(super) fn ended(&self) {
        self.tell(Said::Ended);
    }

    fn tell(&self, said: Said) -> bool {
        if self.lost.load(Ordering::Relaxed) {
            return false;
        }
        let at_us = u64::try_from(self.feed.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        match self.feed.sender.try_send(Heard { connection: self.connection, at_us, said }) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.lose();
                false
            }
            // The thread is gone: nobody checks any more.
            Err(TrySendError::Disconnected(_)) => false,
        }
    }

    fn lose(&self) {
        if self.lost.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Ok(mut lost) = self.feed.shared.lost.lock() {
            lost.push(self.connection);
        }
        self.feed.shared.any_lost.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_listener_loses_the_connection_and_nothing_waits() {
        let (watching, hearing) = Watching::with_room_for(4);
        let feed = watching.into_feed(Instant::now());
        let quick = feed.clone().open(1, "quick".to_owned());
        let slow = feed.open(2, "slow".to_owned());
        for _ in 0..100 {
            slow.bytes(Side::Client, b"x");
        }
        slow.ended();
        drop((quick, slow));
        let mut heard = Vec::new();
        hearing.listen(|said| heard.push((said.connection, said.said)));
        let bytes = || Said::Bytes(Side::Client, b"x".to_vec());
        assert_eq!(
            heard,
            [
                (1, Said::Opened("quick".to_owned())),
                (2, Said::Lost),
                (2, Said::Opened("slow".to_owned())),
                (2, bytes()),
                (2, bytes())
            ]
        );
    }

    #[test]
    fn bytes_on_the_way_are_bounded() {
        let (watching, hearing) = Watching::new();
        let shared = Arc::clone(&watching.shared);
        let tapped = watching.into_feed(Instant::now()).open(1, String::new());
        let piece = vec![0; 1 << 20];
        for _ in 0..100 {
            tapped.bytes(Side::Server, &piece);
        }
        assert_eq!(shared.bytes.load(Ordering::Relaxed), MAX_BYTES);
        drop(tapped);
        let mut lost = 0;
        hearing.listen(|heard| lost += usize::from(heard.said == Said::Lost));
        assert_eq!((lost, shared.bytes.load(Ordering::Relaxed)), (1, 0));
    }
}
