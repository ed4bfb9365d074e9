//! Targets that misbehave, each a few lines of blocking code on a thread of its own.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use mqttspec::embedded::Embedded;
use mqttspec_codec::{FrameDecoder, PacketBuf, PacketType, ProtocolVersion};
use mqttspec_scenarios::broker::{BrokerConfig, Fault, FaultSet};

/// Serves every connection with `handle`, for as long as the test program lives.
pub(crate) fn serve(handle: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let handle = Arc::new(handle);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let handle = Arc::clone(&handle);
            thread::spawn(move || handle(stream));
        }
    });
    address
}

/// An address on which nothing listens.
pub(crate) fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

pub(crate) fn http(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    let _ = stream.read(&mut buffer);
    let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

pub(crate) fn silent(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    while let Ok(1..) = stream.read(&mut buffer) {}
}

pub(crate) fn deaf(stream: TcpStream) {
    // Neither reads nor writes nor closes.
    let _kept_open = stream;
    loop {
        thread::park();
    }
}

pub(crate) fn closer(stream: TcpStream) {
    drop(stream);
}

pub(crate) fn connack_then_close(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    let _ = stream.read(&mut buffer);
    let _ = stream.write_all(&connack(is_v5(&buffer)));
}

/// Sends zeros without end from the start.
pub(crate) fn zeros(mut stream: TcpStream) {
    let zeros = [0; 64 * 1024];
    while stream.write_all(&zeros).is_ok() {}
}

/// Answers CONNECT and PINGREQ as it should, and everything else with PUBLISH packets without end.
pub(crate) fn polite_flooder(stream: TcpStream) {
    polite(stream, |stream, v5, _| {
        let publish: &[u8] = if v5 { &[0x30, 0x05, 0, 1, b'a', 0, b'x'] } else { &[0x30, 0x04, 0, 1, b'a', b'x'] };
        let flood = publish.repeat(8 * 1024);
        while stream.write_all(&flood).is_ok() {}
    });
}

/// Answers CONNECT and PINGREQ as it should, and closes on everything else.
pub(crate) fn closes_on_everything(stream: TcpStream) {
    polite(stream, |stream, _, _| drop(stream.shutdown(Shutdown::Both)));
}

/// Answers CONNECT and PINGREQ as it should, and ignores everything else.
pub(crate) fn ignores_everything(stream: TcpStream) {
    polite(stream, |_, _, _| {});
}

/// Answers every packet with CONNACK and success.
pub(crate) fn only_connack(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    let mut v5 = None;
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        let v5 = *v5.get_or_insert_with(|| is_v5(&buffer[..count]));
        if stream.write_all(&connack(v5)).is_err() {
            return;
        }
    }
}

fn polite(mut stream: TcpStream, otherwise: impl Fn(&mut TcpStream, bool, &[u8])) {
    let mut frames = FrameDecoder::new(1 << 20);
    let mut buffer = [0; 4096];
    let mut v5 = false;
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        frames.push(&buffer[..count]);
        while let Ok(Some(frame)) = frames.next_frame() {
            match frame[0] >> 4 {
                kind if kind == PacketType::Connect as u8 => {
                    v5 = is_v5(&frame);
                    let _ = stream.write_all(&connack(v5));
                }
                kind if kind == PacketType::PingReq as u8 => drop(stream.write_all(&[0xD0, 0])),
                kind if kind == PacketType::Disconnect as u8 => return,
                _ => otherwise(&mut stream, v5, &frame),
            }
        }
    }
}

/// The reference broker on `port`, behind a proxy that aborts the process when a client sends `text`.
pub(crate) fn fragile(port: u16, text: &[u8]) {
    let broker = Embedded::start(BrokerConfig::default()).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    for client in listener.incoming().flatten() {
        let Ok(server) = TcpStream::connect(broker.address()) else { continue };
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (from_server, to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        let text = text.to_vec();
        thread::spawn(move || pump(from_server, to_client, |_| {}));
        thread::spawn(move || {
            pump(client, server, |bytes| {
                if bytes.windows(text.len()).any(|window| window == text) {
                    eprintln!("fatal: met the text");
                    std::process::abort();
                }
            });
        });
    }
}

/// The reference broker on `port`; for clients of all but the first `good` namespaces it is one that ignores No Local, as
/// if what others had left in it had spoilt it.
pub(crate) fn turns_bad(port: u16, good: usize) {
    let faulty = BrokerConfig { faults: FaultSet::only(Fault::IgnoreNoLocal), ..BrokerConfig::default() };
    let brokers = [BrokerConfig::default(), faulty].map(|config| Embedded::start(config).unwrap());
    let addresses = [brokers[0].address(), brokers[1].address()];
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let seen = Arc::new(Mutex::new(Vec::<String>::new()));
    for mut client in listener.incoming().flatten() {
        let seen = Arc::clone(&seen);
        thread::spawn(move || {
            let begun = until_connect(&mut client);
            let namespace = namespace_of(&begun);
            let mut seen = seen.lock().unwrap();
            let place = seen.iter().position(|known| *known == namespace).unwrap_or(seen.len());
            if place == seen.len() {
                seen.push(namespace);
            }
            drop(seen);
            let Ok(mut server) = TcpStream::connect(addresses[usize::from(place >= good)]) else { return };
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            let (from_server, to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || pump(from_server, to_client, |_| {}));
            if server.write_all(&begun).is_ok() {
                pump(client, server, |_| {});
            }
        });
    }
}

/// What a client sends up to the end of its first packet.
fn until_connect(client: &mut TcpStream) -> Vec<u8> {
    let mut begun = Vec::new();
    let mut frames = FrameDecoder::new(1 << 20);
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        begun.extend_from_slice(&buffer[..count]);
        frames.push(&buffer[..count]);
        if !matches!(frames.next_frame(), Ok(None)) {
            break;
        }
    }
    begun
}

/// The beginning of the Client Identifier, which all clients of one attempt at a scenario have in common.
fn namespace_of(connect: &[u8]) -> String {
    match PacketBuf::decode(connect, ProtocolVersion::V5_0) {
        Ok(PacketBuf::Connect(connect)) => connect.client_id.chars().take(8).collect(),
        _ => String::new(),
    }
}

/// The reference broker until `connections` have been accepted; then every connection is cut and nobody listens.
pub(crate) fn dies_after(connections: usize) -> SocketAddr {
    let broker = Embedded::start(BrokerConfig::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let mut open = Vec::new();
        for client in listener.incoming().flatten().take(connections) {
            let Ok(server) = TcpStream::connect(broker.address()) else { break };
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            for (from, to) in [(&client, &server), (&server, &client)] {
                let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                thread::spawn(move || pump(from, to, |_| {}));
            }
            open.push(client);
        }
        drop(listener);
        for client in open {
            let _ = client.shutdown(Shutdown::Both);
        }
    });
    address
}

fn pump(mut from: TcpStream, mut to: TcpStream, look: impl Fn(&[u8])) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        look(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

fn connack(v5: bool) -> Vec<u8> {
    if v5 { vec![0x20, 3, 0, 0, 0] } else { vec![0x20, 2, 0, 0] }
}

/// Whether these are the first bytes of a CONNECT of 5.0.
fn is_v5(bytes: &[u8]) -> bool {
    bytes.windows(5).any(|window| window == b"MQTT\x05")
}
