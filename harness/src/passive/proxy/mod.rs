//! A proxy that forwards TCP bytes unchanged and checks a copy of them.
//!
//! Nothing is decoded on the way. Each piece that was read is written on and copied into a bounded channel (`feed`); a
//! thread of its own takes it from there to the `Checker`. When that thread cannot keep up, it gives up a connection,
//! never the traffic. All connections are carried by one thread ([`runtime`]), which does nothing between the writing and
//! the copying: so no answer can overtake its question in the channel.

mod feed;
mod relay;

use std::io;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::target::Address;
use feed::Feed;

pub use feed::{Heard, Hearing, Said, Watching};

/// How long a failed accept is waited on: for file descriptors, most likely.
const ACCEPT_RETRY: Duration = Duration::from_millis(10);

/// What a proxy runs on: one thread. A packet then crosses the proxy with a single wake-up; with several workers each
/// piece is handed from one to the other, which costs more than all the rest.
///
/// # Errors
/// When the system grants no event queue.
pub fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// A proxy that is ready to forward.
#[derive(Debug)]
pub struct Proxy {
    listener: TcpListener,
    upstream: Address,
}

impl Proxy {
    /// Listens on `listen` (`127.0.0.1:1884`, `[::1]:1884`, `:1884`, a bare port) for connections to `upstream`.
    ///
    /// # Errors
    /// One line: why nobody can listen there.
    pub async fn bind(listen: &str, upstream: Address) -> Result<Self, String> {
        let address = match listen.parse::<u16>() {
            Ok(port) => format!("127.0.0.1:{port}"),
            Err(_) if listen.starts_with(':') => format!("0.0.0.0{listen}"),
            Err(_) => listen.trim_start_matches("mqtt://").to_owned(),
        };
        let listener = TcpListener::bind(&address).await;
        let listener = listener.map_err(|error| {
            format!("cannot listen on --listen {listen}: {error}: expected an address and port such as 127.0.0.1:1884")
        })?;
        Ok(Self { listener, upstream })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn address(&self) -> io::Result<std::net::SocketAddr> {
        self.listener.local_addr()
    }

    /// Forwards until `stop` holds a reason; then every connection ends. What is said goes to `watching`, whose thread
    /// ends after this. To be run by [`runtime`]: with several threads what two connections say may change places.
    pub async fn run(self, watching: Watching, mut stop: watch::Receiver<Option<String>>) {
        let feed = watching.into_feed(Instant::now());
        let mut connections = JoinSet::new();
        let mut id = 0;
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((client, _)) => {
                        id += 1;
                        connections.spawn(connect(id, client, self.upstream.clone(), feed.clone()));
                    }
                    Err(_) => sleep(ACCEPT_RETRY).await,
                },
                Some(_) = connections.join_next() => {}
                _ = stop.wait_for(Option::is_some) => break,
            }
        }
        connections.shutdown().await;
    }
}

/// Carries one connection to its end.
async fn connect(id: usize, client: TcpStream, upstream: Address, feed: Feed) {
    let from = client.peer_addr().map_or_else(|_| "?".to_owned(), |address| address.to_string());
    let name = format!("{from} → {upstream}");
    match TcpStream::connect((upstream.host.as_str(), upstream.port)).await {
        Ok(server) => {
            // Small packets must not wait for each other; a failure only costs time.
            let _ = client.set_nodelay(true);
            let _ = server.set_nodelay(true);
            let tap = feed.open(id, name);
            relay::relay(client, server, &tap).await;
            tap.ended();
        }
        Err(error) => feed.refused(id, format!("{name}: the upstream cannot be reached: {error}")),
    }
}
