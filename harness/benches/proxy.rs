//! What `mqttspec proxy` adds to a round trip on loopback: `cargo bench -p mqttspec --bench proxy`.
//!
//! A client sends PINGREQ, or a PUBLISH at QoS 1 with 1 KiB, and waits for the answer, on one connection straight to a
//! server that answers at once and on one through the proxy, which checks what it forwards. The two take turns in short
//! rounds, so that both meet the same noise. Everything runs on this machine, TCP_NODELAY is on.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use mqttspec::passive::proxy::{self, Proxy, Watching};
use mqttspec::passive::{Checker, Listener, Scope, Unit};
use tokio::sync::watch;

const ROUNDS: usize = 40;
const TRIPS: usize = 250;

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let rounds = if std::env::args().any(|argument| argument == "--test") { 1 } else { ROUNDS };
    let server = serve();
    let (proxy, stop) = start_proxy(server);
    println!("median (99th percentile) of {} round trips each, in microseconds", rounds * TRIPS);
    let publish = [&[0x32, 0x86, 0x08, 0, 1, b't', 0, 7][..], &[b'x'; 1025]].concat();
    for (name, question) in [("PINGREQ", vec![0xC0, 0x00]), ("PUBLISH 1 KiB, QoS 1", publish)] {
        let (mut straight, mut through) = (connect(server), connect(proxy));
        let (mut direct, mut proxied) = (Vec::new(), Vec::new());
        measure(&mut straight, &question, &mut Vec::new());
        measure(&mut through, &question, &mut Vec::new());
        for _ in 0..rounds {
            measure(&mut straight, &question, &mut direct);
            measure(&mut through, &question, &mut proxied);
        }
        direct.sort_unstable();
        proxied.sort_unstable();
        let added = micros(proxied[proxied.len() / 2]) - micros(direct[direct.len() / 2]);
        println!("{name:<22} direct {}  through the proxy {}  added {added:.1}", shown(&direct), shown(&proxied));
    }
    let _ = stop.send(Some("done".to_owned()));
}

fn measure(stream: &mut TcpStream, question: &[u8], times: &mut Vec<Duration>) {
    let mut answer = [0; 4];
    let len = if question[0] == 0xC0 { 2 } else { 4 };
    for _ in 0..TRIPS {
        let asked = Instant::now();
        stream.write_all(question).unwrap();
        stream.read_exact(&mut answer[..len]).unwrap();
        times.push(asked.elapsed());
    }
}

fn shown(sorted: &[Duration]) -> String {
    format!("{:.1} ({:.1})", micros(sorted[sorted.len() / 2]), micros(sorted[sorted.len() * 99 / 100]))
}

fn micros(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1000.0
}

fn connect(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(b"\x10\x0d\0\x04MQTT\x04\x02\0\0\0\x01b").unwrap();
    let mut connack = [0; 4];
    stream.read_exact(&mut connack).unwrap();
    stream
}

/// A server that knows three packets.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || answer(stream.unwrap()));
        }
    });
    address
}

fn answer(mut stream: TcpStream) {
    stream.set_nodelay(true).unwrap();
    let mut header = [0; 2];
    let mut rest = vec![0; 2048];
    while stream.read_exact(&mut header).is_ok() {
        let reply: &[u8] = match header[0] {
            0x10 => {
                stream.read_exact(&mut rest[..usize::from(header[1])]).unwrap();
                b"\x20\x02\0\0"
            }
            0x32 => {
                stream.read_exact(&mut rest[..1 + 0x406]).unwrap();
                b"\x40\x02\0\x07"
            }
            _ => b"\xd0\0",
        };
        if stream.write_all(reply).is_err() {
            return;
        }
    }
}

fn start_proxy(upstream: SocketAddr) -> (SocketAddr, watch::Sender<Option<String>>) {
    let (stop, stopped) = watch::channel(None);
    let (told, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = proxy::runtime().unwrap();
        runtime.block_on(async move {
            let proxy = Proxy::bind("0", upstream.to_string().parse().unwrap()).await.unwrap();
            told.send(proxy.address().unwrap()).unwrap();
            let (watching, hearing) = Watching::new();
            let mut listener = Listener::new(Checker::new(Unit::Event, Scope::Some, None));
            std::thread::spawn(move || {
                hearing.listen(|heard| {
                    for news in listener.hear(&heard) {
                        println!("{}", news.text);
                    }
                });
            });
            proxy.run(watching, stopped).await;
        });
    });
    (address.recv().unwrap(), stop)
}
