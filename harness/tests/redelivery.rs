//! What is sent again late on a session that was resumed is held against nobody; what never is, is found by waiting. Over
//! TCP, with the timeouts scaled down.

// Clippy allows `unwrap` in test functions; here the helpers around them may panic as well.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use mqttspec::embedded::Embedded;
use mqttspec::scenario_file::ScenarioFile;
use mqttspec_codec::FrameDecoder;
use mqttspec_scenarios::broker::{BrokerConfig, Fault, FaultSet};

/// A tenth: half a second for an answer, six seconds for what is sent again.
const SCALE: &str = "0.1";
/// Longer than any answer is waited for, and well within what is given to a repetition.
const LATE: Duration = Duration::from_secs(2);
const SCENARIOS: [&str; 2] =
    ["v311/resume/to-subscriber-qos-1-cut-after-publish*kept", "v5/resume/to-subscriber-qos-1-cut-after-publish*kept"];

fn mqttspec(arguments: &[&str], broker: SocketAddr) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mqttspec"));
    let target = format!("mqtt://{broker}");
    command.args(arguments).args(["--target", &target, "--timeout-scale", SCALE]).stdin(Stdio::null()).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A directory of this test's own, empty.
fn scratch(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("redelivery-{name}"));
    let _ = std::fs::remove_dir_all(&path);
    path
}

fn faulty() -> Embedded {
    Embedded::start(BrokerConfig { faults: FaultSet::only(Fault::NoRedelivery), ..BrokerConfig::default() }).unwrap()
}

/// The reference broker behind a proxy that holds back every PUBLISH with DUP 1.
fn late() -> SocketAddr {
    let broker = Embedded::start(BrokerConfig::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(broker.address()) else { continue };
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            let (from_server, to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || hold_back(from_server, to_client));
            thread::spawn(move || pump(client, server));
        }
    });
    address
}

fn hold_back(mut from: TcpStream, mut to: TcpStream) {
    let mut frames = FrameDecoder::new(1 << 20);
    let mut buffer = [0; 16 * 1024];
    // Dropped with the connection, which ends the waits of those who hold something back.
    let mut gone = Vec::new();
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        frames.push(&buffer[..count]);
        while let Ok(Some(frame)) = frames.next_frame() {
            if frame[0] & 0xF8 != 0x38 {
                let _ = to.write_all(&frame);
                continue;
            }
            let (frame, mut to, (ended, wait)) = (frame.to_vec(), to.try_clone().unwrap(), channel::<()>());
            gone.push(ended);
            thread::spawn(move || {
                if wait.recv_timeout(LATE) == Err(RecvTimeoutError::Timeout) {
                    let _ = to.write_all(&frame);
                }
            });
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

#[test]
fn hand_written_scenarios_wait_for_what_comes_late() {
    let mut arguments = vec!["broker", "--seed", "4"];
    arguments.extend(SCENARIOS);
    let output = mqttspec(&arguments, late());
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(
        shown.contains("no sentence sets a time, so it is given 6 s") && !shown.contains("inconclusive"),
        "{shown}"
    );

    let broker = faulty();
    let output = mqttspec(&arguments, broker.address());
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(
        shown.contains("MQTT-4.4.0-1") && !shown.contains("passed 1") && !shown.contains("inconclusive"),
        "{shown}"
    );
}

#[test]
fn generated_histories_wait_for_what_comes_late() {
    let saved = scratch("late");
    let save = saved.to_str().unwrap();
    let arguments = ["broker", "--generate", "3", "--seed", "4", "--spec", "3.1.1", "--save", save];
    let output = mqttspec(&arguments, late());
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("came late, or was not owed again: nothing is held against the broker for it"), "{shown}");
    assert!(shown.contains("no finding") && !saved.exists(), "{shown}");

    let broker = faulty();
    let output = mqttspec(&arguments, broker.address());
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(shown.contains("MQTT-4.4.0-1: ") && shown.contains("seen again in 5/5 repetitions"), "{shown}");
    // What was saved is found again by whoever plays it, and waits as long as it takes.
    let files = std::fs::read_dir(&saved).unwrap().map(|entry| entry.unwrap().path());
    let file = files.into_iter().find(|path| path.to_string_lossy().contains("4.4.0-1")).expect("saved");
    // The history has 40 steps, and 25 events. How few are left depends on how busy the machine is.
    assert!(mqttspec::generate::events(&ScenarioFile::read(&file).unwrap().scenario) < 20);
    let replayed = mqttspec(&["replay", file.to_str().unwrap(), "--repeat", "3"], broker.address());
    assert_eq!(replayed.status.code(), Some(1), "{}", text(&replayed));
    let honest = mqttspec(&["replay", file.to_str().unwrap()], late());
    assert_eq!(honest.status.code(), Some(0), "{}", text(&honest));
}
