//! The reference broker, served over TCP on the loopback interface: the default target, and a peer for demonstrations.
//!
//! One task owns the broker; one task per connection carries its bytes. It runs on a thread of its own so that a busy
//! tester does not make it look slow.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use mqttspec_scenarios::Time;
use mqttspec_scenarios::broker::{Broker, BrokerConfig, ConnectionId, Output};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, sleep_until, timeout};

/// Chunks of input that may wait for the broker; beyond that, reading pauses.
const WAITING_INPUT: usize = 256;
/// Chunks of output that may wait for one client; a client that lets more pile up is cut off.
const WAITING_OUTPUT: usize = 4096;
/// The pause before accepting is tried again after it failed.
const ACCEPT_RETRY: Duration = Duration::from_millis(10);
const READ_SIZE: usize = 16 * 1024;
/// How long a client may hold up one write.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection is still read after the broker closed it.
const LINGER: Duration = Duration::from_secs(1);

/// A running embedded broker; it ends when this is dropped.
#[derive(Debug)]
pub struct Embedded {
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

enum Input {
    Accepted(TcpStream),
    Received(u64, Vec<u8>),
    Ended(u64),
}

impl Embedded {
    /// Starts a broker on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When no port can be bound or no thread started.
    pub fn start(config: BrokerConfig) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        std::thread::Builder::new().name("embedded-broker".to_owned()).spawn(move || {
            runtime.block_on(async {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                tokio::select! {
                    () = serve(listener, Broker::new(config)) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        })?;
        Ok(Self { address, _stop: stop })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Serves `broker` on `listener` for ever.
pub async fn serve(listener: TcpListener, broker: Broker) {
    let (input, inputs) = mpsc::channel(WAITING_INPUT);
    let accept = async {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    if input.send(Input::Accepted(stream)).await.is_err() {
                        return;
                    }
                }
                // Out of file descriptors, most likely: let connections end before trying again.
                Err(_) => sleep(ACCEPT_RETRY).await,
            }
        }
    };
    let service = Service { broker, clients: HashMap::new(), input: input.clone(), epoch: Instant::now() };
    tokio::select! {
        () = accept => {}
        () = service.run(inputs) => {}
    }
}

struct Service {
    broker: Broker,
    clients: HashMap<u64, mpsc::Sender<Vec<u8>>>,
    input: mpsc::Sender<Input>,
    epoch: Instant,
}

impl Service {
    async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        loop {
            let due = self.broker.next_timeout();
            let alarm = async {
                match due {
                    Some(at) if at < Time::FAR_FUTURE => {
                        sleep_until((self.epoch + Duration::from_micros(at.as_micros())).into()).await;
                    }
                    _ => std::future::pending().await,
                }
            };
            tokio::select! {
                input = inputs.recv() => match input {
                    Some(input) => self.take(input),
                    None => return,
                },
                () = alarm => {}
            }
            let now = self.now();
            if self.broker.next_timeout().is_some_and(|at| at <= now) {
                self.broker.handle_timeout(now);
            }
            self.put();
        }
    }

    fn now(&self) -> Time {
        Time::from_micros(u64::try_from(self.epoch.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    fn take(&mut self, input: Input) {
        let now = self.now();
        match input {
            Input::Accepted(stream) => {
                let id = self.broker.open(now).0;
                let (sender, outputs) = mpsc::channel(WAITING_OUTPUT);
                self.clients.insert(id, sender);
                tokio::spawn(carry(id, stream, self.input.clone(), outputs));
            }
            Input::Received(id, bytes) if self.clients.contains_key(&id) => {
                self.broker.receive(ConnectionId(id), &bytes, now);
            }
            Input::Received(..) => {}
            Input::Ended(id) => {
                if self.clients.remove(&id).is_some() {
                    self.broker.closed(ConnectionId(id), now);
                }
            }
        }
    }

    fn put(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Send { connection, bytes } => {
                    let Some(client) = self.clients.get(&connection.0) else { continue };
                    if client.try_send(bytes).is_err() {
                        // The client does not read, or is gone: the broker hears of it as a lost connection.
                        self.clients.remove(&connection.0);
                        let now = self.now();
                        self.broker.closed(connection, now);
                    }
                }
                // Dropping the sender makes the connection task write what waits, then close.
                Output::Close { connection } => drop(self.clients.remove(&connection.0)),
            }
        }
    }
}

/// Carries bytes between one socket and the broker until either side ends the connection.
async fn carry(id: u64, mut stream: TcpStream, input: mpsc::Sender<Input>, mut outputs: mpsc::Receiver<Vec<u8>>) {
    let closed_here = {
        let (mut reader, mut writer) = stream.split();
        let read = async {
            let mut buffer = vec![0; READ_SIZE];
            while let Ok(count @ 1..) = reader.read(&mut buffer).await {
                if input.send(Input::Received(id, buffer[..count].to_vec())).await.is_err() {
                    break;
                }
            }
        };
        let write = async {
            while let Some(bytes) = outputs.recv().await {
                match timeout(WRITE_TIMEOUT, writer.write_all(&bytes)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) | Err(_) => return false,
                }
            }
            true
        };
        tokio::select! {
            () = read => false,
            in_order = write => in_order,
        }
    };
    if closed_here && stream.shutdown().await.is_ok() {
        let mut buffer = vec![0; READ_SIZE];
        let drain = async { while let Ok(1..) = stream.read(&mut buffer).await {} };
        let _ = timeout(LINGER, drain).await;
    }
    let _ = input.send(Input::Ended(id)).await;
}
