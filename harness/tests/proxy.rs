//! `mqttspec proxy` and `record`: bytes pass unchanged whatever they are, ends are passed on, what is wrong is found, and
//! a recording can be played.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

use mqttspec::embedded::Embedded;
use mqttspec::scenario_file::ScenarioFile;
use mqttspec_scenarios::broker::BrokerConfig;
use rustix::process::{Pid, Signal, kill_process};

#[path = "common/pcap.rs"]
mod pcap;
use pcap::Rng;

/// A proxy of its own, as a person starts one.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Running {
    fn start(command: &str, upstream: SocketAddr, more: &[&str]) -> Self {
        let upstream = format!("mqtt://{upstream}");
        let mut command_line = Command::new(env!("CARGO_BIN_EXE_mqttspec"));
        command_line.args([command, "--listen", "0", "--upstream", &upstream]).args(more);
        let mut child = command_line.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.split_whitespace().nth(2).unwrap_or_else(|| panic!("{line}"));
        Self { child, stdout, address: address.parse().unwrap() }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Ctrl-C. Returns the exit code and what was printed.
    fn interrupt(mut self) -> (i32, String) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code().unwrap(), rest)
    }
}

fn upstream() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn random(rng: &mut Rng, len: usize) -> Vec<u8> {
    (0..len).map(|_| rng.below(256) as u8).collect()
}

/// Writes in pieces of any length.
fn write_in_pieces(stream: &mut TcpStream, bytes: &[u8], rng: &mut Rng) {
    let mut at = 0;
    while at < bytes.len() {
        let limit = [1, 3, 100, 5_000, 100_000][rng.below(5)];
        let end = (at + 1 + rng.below(limit)).min(bytes.len());
        stream.write_all(&bytes[at..end]).unwrap();
        at = end;
    }
}

#[test]
fn any_bytes_pass_unchanged_in_both_directions() {
    let (listener, address) = upstream();
    let proxy = Running::start("proxy", address, &[]);
    for seed in 0..24 {
        let mut rng = Rng(seed);
        let len = [0, 1, 700, 70_000, 600_000][rng.below(5)];
        let (mut question, answer) = (random(&mut rng, len), random(&mut rng, len / 2 + 3));
        // Some look like MQTT at first.
        if seed % 3 == 0 {
            question.splice(0..0, *b"\x10\x0d\0\x04MQTT\x04\x02\0\0\0\x01b");
        }
        let mut client = proxy.connect();
        let mut server = accept(&listener);
        let (to_send, expected) = (answer.clone(), question.clone());
        let other = std::thread::spawn(move || {
            let mut sending = server.try_clone().unwrap();
            let writer = std::thread::spawn(move || {
                write_in_pieces(&mut sending, &to_send, &mut Rng(seed + 1000));
                sending.shutdown(Shutdown::Write).unwrap();
            });
            let mut got = Vec::new();
            server.read_to_end(&mut got).unwrap();
            writer.join().unwrap();
            assert!(got == expected, "seed {seed}: {} bytes of {}", got.len(), expected.len());
        });
        let mut receiving = client.try_clone().unwrap();
        let reader = std::thread::spawn(move || {
            let mut got = Vec::new();
            receiving.read_to_end(&mut got).unwrap();
            got
        });
        write_in_pieces(&mut client, &question, &mut rng);
        client.shutdown(Shutdown::Write).unwrap();
        assert!(reader.join().unwrap() == answer, "seed {seed}: the answer is another");
        other.join().unwrap();
    }
    let (code, text) = proxy.interrupt();
    assert!(text.contains("not MQTT, left alone"), "{text}");
    assert!(code == 0 || code == 1, "{code}: {text}");
}

#[test]
fn half_closes_and_resets_are_passed_on() {
    let (listener, address) = upstream();
    let proxy = Running::start("proxy", address, &[]);
    // The client finishes; the server goes on talking.
    let mut client = proxy.connect();
    let mut server = accept(&listener);
    client.write_all(b"question").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut got = Vec::new();
    server.read_to_end(&mut got).unwrap();
    assert_eq!(got, b"question");
    server.write_all(b"answer").unwrap();
    drop(server);
    let mut got = Vec::new();
    client.read_to_end(&mut got).unwrap();
    assert_eq!(got, b"answer");
    // The server aborts: unread bytes make a close abortive.
    let mut client = proxy.connect();
    let server = accept(&listener);
    client.write_all(b"never read").unwrap();
    let mut byte = [0];
    server.peek(&mut byte).unwrap();
    drop(server);
    let end = client.read(&mut byte);
    assert!(matches!(&end, Err(error) if error.kind() == ErrorKind::ConnectionReset), "{end:?}");
    // The client aborts.
    let client = proxy.connect();
    let mut server = accept(&listener);
    server.write_all(b"never read").unwrap();
    client.peek(&mut byte).unwrap();
    drop(client);
    let end = server.read(&mut byte);
    assert!(matches!(&end, Err(error) if error.kind() == ErrorKind::ConnectionReset), "{end:?}");
    let (code, text) = proxy.interrupt();
    assert_eq!(code, 4, "nothing was MQTT: {text}");
}

#[test]
fn an_upstream_that_is_not_there_closes_the_client() {
    let (listener, address) = upstream();
    drop(listener);
    let proxy = Running::start("proxy", address, &[]);
    let mut got = Vec::new();
    let end = proxy.connect().read_to_end(&mut got);
    assert!(matches!(end, Ok(0)) || end.is_err());
    let (code, text) = proxy.interrupt();
    assert_eq!(code, 4);
    assert!(text.contains("the upstream cannot be reached") && text.contains("1 refused"), "{text}");
}

#[test]
fn a_violation_is_shown_live_and_in_the_report() {
    let (listener, address) = upstream();
    let report = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("proxied");
    let _ = std::fs::remove_dir_all(&report);
    let mut proxy = Running::start("proxy", address, &["--report", report.to_str().unwrap()]);
    let mut client = proxy.connect();
    let mut server = accept(&listener);
    client.write_all(b"\x10\x0d\0\x04MQTT\x04\x02\0\0\0\x01b").unwrap();
    server.read_exact(&mut [0; 15]).unwrap();
    // Session Present after Clean Session.
    server.write_all(b"\x20\x02\x01\x00").unwrap();
    client.read_exact(&mut [0; 4]).unwrap();
    let mut line = String::new();
    proxy.stdout.read_line(&mut line).unwrap();
    assert!(line.contains("FOUND") && line.contains("MQTT-3.2.2-1") && line.contains("by the Server"), "{line}");
    let (code, text) = proxy.interrupt();
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("client \"b\"") && text.contains("event 3 from the Server: CONNACK"), "{text}");
    let results = std::fs::read_to_string(report.join("results.json")).unwrap();
    assert!(results.contains("MQTT-3.2.2-1"));
}

/// A dialogue of two clients with the embedded broker, through `address`.
fn converse(address: SocketAddr) {
    let connect = |client_id: u8| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // With User Name u and Password p.
        stream
            .write_all(&[&b"\x10\x13\0\x04MQTT\x04\xc2\0\0\0\x01"[..], &[client_id], b"\0\x01u\0\x01p"].concat())
            .unwrap();
        stream.read_exact(&mut [0; 4]).unwrap();
        stream
    };
    let mut subscriber = connect(b's');
    subscriber.write_all(b"\x82\x0b\0\x01\0\x06rec/+x\x02").unwrap_or(());
    let _ = subscriber.shutdown(Shutdown::Both);
    let mut subscriber = connect(b's');
    subscriber.write_all(b"\x82\x0a\0\x01\0\x05rec/+\x02").unwrap();
    subscriber.read_exact(&mut [0; 5]).unwrap();
    let mut publisher = connect(b'p');
    publisher.write_all(b"\x34\x0c\0\x05rec/a\0\x07one").unwrap();
    publisher.read_exact(&mut [0; 4]).unwrap();
    publisher.write_all(b"\x62\x02\0\x07").unwrap();
    publisher.read_exact(&mut [0; 4]).unwrap();
    let mut publish = [0; 14];
    subscriber.read_exact(&mut publish).unwrap();
    let id = [publish[9], publish[10]];
    subscriber.write_all(&[&b"\x50\x02"[..], &id].concat()).unwrap();
    subscriber.read_exact(&mut [0; 4]).unwrap();
    subscriber.write_all(&[&b"\x70\x02"[..], &id].concat()).unwrap();
    publisher.write_all(b"\xe0\0").unwrap();
    subscriber.write_all(b"\xc0\0").unwrap();
    subscriber.read_exact(&mut [0; 2]).unwrap();
    subscriber.write_all(b"\xe0\0").unwrap();
    drop(publisher);
    let mut rest = Vec::new();
    subscriber.read_to_end(&mut rest).unwrap();
}

fn mqttspec(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mqttspec")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_recording_can_be_played() {
    let embedded = Embedded::start(BrokerConfig::default()).unwrap();
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("recorded dialogue.json");
    let _ = std::fs::remove_file(&file);
    let recording = Running::start("record", embedded.address(), &["--output", file.to_str().unwrap()]);
    converse(recording.address);
    let (_, text) = recording.interrupt();
    assert!(text.contains("User Names and Passwords are left out"), "{text}");
    assert!(text.contains("steps written; play them with: mqttspec replay '"), "{text}");
    let source = std::fs::read_to_string(&file).unwrap();
    assert!(!source.contains("\"user_name\": \"u\""), "{source}");
    let read = ScenarioFile::read(&file).unwrap();
    let steps = serde_json::to_string(&read.scenario.steps).unwrap();
    for part in ["\"at-once\"", "\"await\"", "\"drain\"", "rec/a", "\"Subscribe\"", "\"close\""] {
        assert!(steps.contains(part), "{part}: {steps}");
    }
    assert!(!steps.contains("PubComp") && !steps.contains("PubRel"), "acknowledgements are not literal: {steps}");
    let target = format!("mqtt://{}", embedded.address());
    let output = mqttspec(&["replay", file.to_str().unwrap(), "--target", &target]);
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{stdout}{stderr}");
}

#[test]
fn a_mistake_gets_one_line() {
    let (listener, address) = upstream();
    let taken = address.to_string();
    let other = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("not a scenario.txt");
    std::fs::write(&other, "precious").unwrap();
    let url = format!("mqtt://{address}");
    for (arguments, part) in [
        (vec!["proxy", "--upstream", "mqtt://h"], "--listen"),
        (vec!["proxy", "--listen", "0"], "--upstream"),
        (vec!["proxy", "--listen", "0", "--upstream", "mqtts://h"], "not supported yet"),
        (vec!["proxy", "--listen", "nowhere", "--upstream", &url], "cannot listen on --listen nowhere"),
        (vec!["proxy", "--listen", &taken, "--upstream", &url], "cannot listen on --listen 127.0.0.1"),
        (vec!["record", "--listen", "0", "--upstream", &url], "--output"),
        (
            vec!["record", "--listen", "0", "--upstream", &url, "--output", other.to_str().unwrap()],
            "holds no scenario of mqttspec",
        ),
    ] {
        let output = mqttspec(&arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.starts_with("error: ") && stderr.trim_end().lines().count() == 1, "{arguments:?}: {stderr}");
        assert!(stderr.contains(part), "{arguments:?}: {stderr}");
    }
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "precious");
    drop(listener);
}
