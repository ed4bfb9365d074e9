//! One network connection between a client and the broker, with bytes under way in both directions.

use std::collections::VecDeque;
use std::time::Duration;

use mqttspec_codec::{ConnectBuf, FrameDecoder};

use crate::Time;
use crate::broker::ConnectionId;

/// The largest packet that the world cuts out of what is written.
const MAXIMUM_FRAME_LEN: usize = 1 << 20;

/// One network connection.
#[derive(Debug)]
pub(super) struct Wire {
    /// Whose it is.
    pub(super) seat: usize,
    /// The broker's name for it.
    pub(super) id: ConnectionId,
    /// Whether the client has its end open.
    pub(super) client_open: bool,
    /// Whether the server's end is open: what the monitor believes.
    pub(super) server_open: bool,
    /// Whether the broker still serves it; if not, the server's end is as silent as a broken server.
    pub(super) broker_open: bool,
    /// Under way to the server; `None` is the end.
    pub(super) to_server: Pipe,
    /// Under way to the client.
    pub(super) to_client: Pipe,
    /// Cuts what the broker writes into packets.
    pub(super) from_broker: FrameDecoder,
    /// Cuts what arrives from the client into packets.
    pub(super) from_client: FrameDecoder,
    /// The CONNECT, once it has arrived.
    pub(super) connect: Option<ConnectBuf>,
    /// Whether CONNACK has left.
    pub(super) accepted: bool,
    /// Whether a DISCONNECT has arrived.
    pub(super) disconnected: bool,
    /// When the server closes its end, if it puts that off.
    pub(super) close_at: Option<Time>,
    /// Acknowledgements are held back until then.
    pub(super) withhold_until: Option<Time>,
    /// What is held back.
    pub(super) withheld: Vec<Vec<u8>>,
}

impl Wire {
    pub(super) fn new(seat: usize, id: ConnectionId) -> Self {
        Self {
            seat,
            id,
            client_open: true,
            server_open: true,
            broker_open: true,
            to_server: Pipe::default(),
            to_client: Pipe::default(),
            from_broker: FrameDecoder::new(MAXIMUM_FRAME_LEN),
            from_client: FrameDecoder::new(MAXIMUM_FRAME_LEN),
            connect: None,
            accepted: false,
            disconnected: false,
            close_at: None,
            withhold_until: None,
            withheld: Vec::new(),
        }
    }

    /// When something happens on it next.
    pub(super) fn next(&self) -> Option<Time> {
        [self.to_server.next(), self.to_client.next(), self.close_at, self.withhold_until].into_iter().flatten().min()
    }
}

/// Bytes under way in one direction, in order; `None` is the end of the stream.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    items: VecDeque<(Time, Option<Vec<u8>>)>,
    last: Time,
}

impl Pipe {
    pub(super) fn push(&mut self, now: Time, delay: Duration, item: Option<Vec<u8>>) {
        self.last = self.last.max(now + delay);
        self.items.push_back((self.last, item));
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.items.front().map(|(at, _)| *at)
    }

    /// What arrives at or before `now`.
    pub(super) fn pop(&mut self, now: Time) -> Option<Option<Vec<u8>>> {
        if self.next()? > now {
            return None;
        }
        self.items.pop_front().map(|(_, item)| item)
    }

    pub(super) fn clear(&mut self) {
        self.items.clear();
    }
}
