use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use mqttspec_scenarios::model::CloseHow;
use tokio::time::timeout;

use super::{Connections, Limits, What};

/// A peer that does this with its first connection.
fn peer(act: impl FnOnce(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || act(listener.accept().unwrap().0));
    address
}

async fn next(connections: &mut Connections) -> What {
    timeout(Duration::from_secs(10), connections.next()).await.expect("something happens").what
}

#[tokio::test]
async fn every_byte_arrives_and_then_the_end() {
    let address = peer(|mut stream| {
        let mut buffer = [0; 5];
        stream.read_exact(&mut buffer).unwrap();
        for byte in buffer {
            stream.write_all(&[byte]).unwrap();
        }
    });
    let mut connections = Connections::new(address, Limits::default());
    connections.open(0).unwrap();
    assert!(matches!(next(&mut connections).await, What::Opened));
    connections.send(0, b"he".to_vec()).unwrap();
    connections.send(0, b"llo".to_vec()).unwrap();
    let mut received = Vec::new();
    loop {
        match next(&mut connections).await {
            What::Bytes(bytes) => received.extend(bytes),
            What::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(received, b"hello");
}

#[tokio::test]
async fn a_flood_on_one_connection_is_cut_off() {
    let address = peer(|mut stream| while stream.write_all(&[0; 4096]).is_ok() {});
    let limits = Limits { connection_bytes: 100_000, ..Limits::default() };
    let mut connections = Connections::new(address, limits);
    connections.open(0).unwrap();
    let mut received = 0;
    loop {
        match next(&mut connections).await {
            What::Opened => {}
            What::Bytes(bytes) => received += bytes.len(),
            What::TooMuch(why) => {
                assert!(why.contains("100000 bytes on one connection"), "{why}");
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(received <= 100_000, "{received}");
}

#[tokio::test]
async fn a_flood_on_many_connections_is_cut_off() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(&[0; 40_000]);
        }
    });
    let limits = Limits { scenario_bytes: 100_000, ..Limits::default() };
    let mut connections = Connections::new(address, limits);
    for index in 0..4 {
        connections.open(index).unwrap();
    }
    loop {
        match next(&mut connections).await {
            What::TooMuch(why) => break assert!(why.contains("100000 bytes in one scenario"), "{why}"),
            What::Failed(why) => panic!("{why}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_target_that_stops_reading_does_not_hang_a_write() {
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let address = peer(move |stream| {
        let _ = wait.recv();
        drop(stream);
    });
    let limits = Limits { write: Duration::from_millis(100), ..Limits::default() };
    let mut connections = Connections::new(address, limits);
    connections.open(0).unwrap();
    assert!(matches!(next(&mut connections).await, What::Opened));
    for _ in 0..64 {
        connections.send(0, vec![0; 1 << 20]).unwrap();
    }
    match next(&mut connections).await {
        What::Failed(why) => assert!(why.contains("stopped reading"), "{why}"),
        other => panic!("{other:?}"),
    }
    drop(done);
}

#[tokio::test]
async fn what_was_said_before_a_reset_is_read() {
    let address = peer(|mut stream| {
        stream.write_all(b"farewell").unwrap();
        // Unread bytes turn this close into a reset.
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
    });
    let mut connections = Connections::new(address, Limits::default());
    connections.open(0).unwrap();
    assert!(matches!(next(&mut connections).await, What::Opened));
    connections.send(0, vec![7; 1000]).unwrap();
    let mut received = Vec::new();
    loop {
        match next(&mut connections).await {
            What::Bytes(bytes) => received.extend(bytes),
            What::Reset | What::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(received, b"farewell");
}

/// What the peer reads at the end of a connection that mqttspec closes like this.
async fn seen_by_the_peer(how: CloseHow) -> std::io::Result<Vec<u8>> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let address = peer(move |mut stream| {
        // Never read by mqttspec before it closes: an orderly close must stay one all the same.
        if how == CloseHow::Finish {
            stream.write_all(&[1; 64]).unwrap();
        }
        let mut received = Vec::new();
        let end = stream.read_to_end(&mut received).map(|_| received);
        sender.send(end).unwrap();
    });
    let mut connections = Connections::new(address, Limits::default());
    connections.open(0).unwrap();
    assert!(matches!(next(&mut connections).await, What::Opened));
    connections.send(0, b"last words".to_vec()).unwrap();
    connections.close(0, how).unwrap();
    loop {
        match next(&mut connections).await {
            What::Gone => break,
            What::Bytes(_) => {}
            other => panic!("{other:?}"),
        }
    }
    receiver.recv_timeout(Duration::from_secs(10)).unwrap()
}

#[tokio::test]
async fn an_orderly_close_is_fin_after_everything_sent() {
    assert_eq!(seen_by_the_peer(CloseHow::Finish).await.unwrap(), b"last words");
}

#[tokio::test]
async fn an_abortive_close_is_rst() {
    let error = seen_by_the_peer(CloseHow::Reset).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_connection_that_is_refused_says_so() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut connections = Connections::new(address, Limits::default());
    connections.open(0).unwrap();
    match next(&mut connections).await {
        What::OpenFailed(why) => assert!(why.contains("refused"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert!(connections.open(100_000).is_err());
}
