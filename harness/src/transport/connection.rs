//! One TCP connection: a task that writes what it is told and reports everything it reads.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mqttspec_scenarios::model::CloseHow;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::Limits;
use super::connections::{Arrival, What};

const READ_SIZE: usize = 16 * 1024;
/// How long reading goes on after a write failed: what the target said before it closed is still to be read.
const AFTER_WRITE_ERROR: Duration = Duration::from_secs(1);

/// What a connection is told to do.
#[derive(Debug)]
pub(super) enum Command {
    Send(Vec<u8>),
    Close(CloseHow),
}

/// A connection's end of the channel to the driver.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) index: usize,
    pub(super) limits: Limits,
    pub(super) budget: Arc<AtomicUsize>,
    pub(super) arrivals: mpsc::Sender<Arrival>,
}

/// Why the writing side ended.
enum WriteEnd {
    /// The driver said so, or is gone.
    Close(CloseHow),
    /// The target does not read.
    Stuck(String),
    /// The socket no longer takes bytes.
    Broken,
}

/// Opens the connection and serves it to its end.
pub(super) async fn run(wire: Wire, address: SocketAddr, mut commands: mpsc::Receiver<Command>) {
    let connected = timeout(wire.limits.connect, TcpStream::connect(address)).await;
    let mut stream = match connected {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return wire.report(What::OpenFailed(error.to_string())).await,
        Err(_) => {
            let why = format!("no answer within {:?}", wire.limits.connect);
            return wire.report(What::OpenFailed(why)).await;
        }
    };
    // Without it small packets wait for the acknowledgement of earlier ones; a failure only costs time.
    let _ = stream.set_nodelay(true);
    wire.report(What::Opened).await;

    let mut taken = 0;
    let write_end = {
        let (mut reader, mut writer) = stream.split();
        tokio::select! {
            end = wire.read(&mut reader, &mut taken) => return wire.ended(&stream, end).await,
            end = wire.write(&mut writer, &mut commands) => end,
        }
    };
    match write_end {
        WriteEnd::Close(CloseHow::Finish) => {
            wire.finish(stream, taken).await;
            wire.report(What::Gone).await;
        }
        WriteEnd::Close(CloseHow::Reset) => {
            abort(&stream);
            drop(stream);
            wire.report(What::Gone).await;
        }
        WriteEnd::Stuck(why) => {
            abort(&stream);
            wire.report(What::Failed(why)).await;
        }
        WriteEnd::Broken => {
            let (mut reader, _writer) = stream.split();
            let end = tokio::select! {
                end = wire.read(&mut reader, &mut taken) => end,
                () = sleep(AFTER_WRITE_ERROR) => What::Reset,
            };
            wire.ended(&stream, end).await;
        }
    }
}

impl Wire {
    /// Tells the driver; when it is gone nobody needs to know.
    async fn report(&self, what: What) {
        let arrival = Arrival { connection: self.index, what, at: Instant::now() };
        let _ = self.arrivals.send(arrival).await;
    }

    /// Reports the end as the target brought it about.
    async fn ended(&self, stream: &TcpStream, end: What) {
        if matches!(end, What::TooMuch(_)) {
            abort(stream);
        }
        self.report(end).await;
    }

    /// Reads and reports until the end.
    async fn read(&self, reader: &mut ReadHalf<'_>, taken: &mut usize) -> What {
        let mut buffer = vec![0; READ_SIZE];
        loop {
            acknowledge_at_once(reader.as_ref());
            match reader.read(&mut buffer).await {
                Ok(0) => return What::Eof,
                Ok(count) => {
                    if let Some(refusal) = self.over_limit(count, taken) {
                        return refusal;
                    }
                    self.report(What::Bytes(buffer[..count].to_vec())).await;
                }
                Err(error) => return end_of(&error),
            }
        }
    }

    fn over_limit(&self, count: usize, taken: &mut usize) -> Option<What> {
        *taken += count;
        if *taken > self.limits.connection_bytes {
            let limit = self.limits.connection_bytes;
            return Some(What::TooMuch(format!("the target sent more than {limit} bytes on one connection")));
        }
        let enough =
            self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(count)).is_ok();
        let limit = self.limits.scenario_bytes;
        (!enough).then(|| What::TooMuch(format!("the target sent more than {limit} bytes in one scenario")))
    }

    /// Writes what it is told until told to close.
    async fn write(&self, writer: &mut WriteHalf<'_>, commands: &mut mpsc::Receiver<Command>) -> WriteEnd {
        loop {
            let bytes = match commands.recv().await {
                Some(Command::Send(bytes)) => bytes,
                Some(Command::Close(how)) => return WriteEnd::Close(how),
                None => return WriteEnd::Close(CloseHow::Finish),
            };
            match timeout(self.limits.write, writer.write_all(&bytes)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return WriteEnd::Broken,
                Err(_) => {
                    let why = format!("the target stopped reading: a write was held up for {:?}", self.limits.write);
                    return WriteEnd::Stuck(why);
                }
            }
        }
    }

    /// Sends FIN, then reads on for a while: closing a socket with unread bytes would send RST instead.
    async fn finish(&self, mut stream: TcpStream, mut taken: usize) {
        if stream.shutdown().await.is_err() {
            return;
        }
        let mut buffer = vec![0; READ_SIZE];
        let drain = async {
            while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                if self.over_limit(count, &mut taken).is_some() {
                    break;
                }
            }
        };
        let _ = timeout(self.limits.linger, drain).await;
    }
}

/// A target with Nagle's algorithm on holds its next small packet back until the last one is acknowledged; the kernel
/// would take 40 ms for that. The option has to be set anew for each read.
fn acknowledge_at_once(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    let _ = stream.set_quickack(true);
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}

fn end_of(error: &io::Error) -> What {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => What::Reset,
        _ => What::Failed(error.to_string()),
    }
}

/// Makes the coming close an abortive one (RST).
fn abort(stream: &TcpStream) {
    // Without it the close is an orderly one, which the target has to cope with as well.
    let _ = stream.set_zero_linger();
}
