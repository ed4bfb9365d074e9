//! Runs the tests render: pass-only, mixed, interrupted, crash, hostile.

use crate::model::{
    CoverageRow, Direction, Finding, Health, Level, Observation, Run, RunInfo, ScenarioResult, Summary, TargetInfo,
    Verdict, WireEvent,
};

pub(crate) fn all() -> Vec<Run> {
    vec![passes(), mixed(), interrupted(), crash(), hostile(), Run::new(info(), 0)]
}

pub(crate) fn info() -> RunInfo {
    RunInfo {
        tool_version: "0.1.0".to_owned(),
        started_at: "2026-01-02T03:04:05Z".to_owned(),
        command: "mqttspec broker --launch 'mosquitto -p {port}' --seed 7".to_owned(),
        target: TargetInfo {
            name: "Eclipse Mosquitto 2.0.11 (Debian)".to_owned(),
            address: "mqtt://127.0.0.1:41883".to_owned(),
            launch: Some("mosquitto -p {port}".to_owned()),
            versions: vec!["3.1.1".to_owned(), "5.0".to_owned()],
        },
        seed: 7,
        timeout_scale: 1.0,
        jobs: 8,
        histories: None,
        round_trip_us: 84,
    }
}

pub(crate) fn scenario(id: &str, title: &str, chapter: &str, verdict: Verdict) -> ScenarioResult {
    ScenarioResult {
        version: if id.starts_with("v5") { "5.0" } else { "3.1.1" }.to_owned(),
        chapter: chapter.to_owned(),
        verdict,
        duration_ms: 12,
        rerun: format!("mqttspec broker --launch 'mosquitto -p {{port}}' --seed 7 {id}"),
        ..ScenarioResult::new(id, title)
    }
}

pub(crate) fn because(reason: &str, result: ScenarioResult) -> ScenarioResult {
    ScenarioResult { reason: Some(reason.to_owned()), ..result }
}

pub(crate) fn finding(statement: &str, level: Level, message: &str) -> Finding {
    Finding {
        statement: statement.to_owned(),
        section: "3.3.1.1".to_owned(),
        version: String::new(),
        level,
        requirement: "The DUP flag of a message with QoS 0 is 0.".to_owned(),
        message: message.to_owned(),
        sent: Some("PUBLISH topic=\"t/1\" qos=0 dup=1 payload=5 B".to_owned()),
        accepted: vec!["DISCONNECT 0x81 Malformed Packet, then close".to_owned(), "close".to_owned()],
        observed: "PUBLISH forwarded to the subscriber after 210 µs".to_owned(),
        events: vec![1, 2],
        knock_on: false,
    }
}

pub(crate) fn run(results: Vec<ScenarioResult>) -> Run {
    let mut run = Run::new(info(), results.len());
    for result in results {
        run.push(result);
    }
    run.duration_ms = 4_271;
    run.coverage = vec![
        CoverageRow {
            version: "3.1.1".to_owned(),
            role: "server".to_owned(),
            observable: 97,
            covered: 91,
            exercised: 3,
        },
        CoverageRow {
            version: "5.0".to_owned(),
            role: "server".to_owned(),
            observable: 180,
            covered: 160,
            exercised: 9,
        },
    ];
    run
}

pub(crate) fn passes() -> Run {
    run(vec![
        scenario("v3/connect/minimal", "A minimal CONNECT is accepted", "3.1 CONNECT", Verdict::Pass),
        scenario("v5/connect/minimal", "A minimal CONNECT is accepted", "3.1 CONNECT", Verdict::Pass),
        scenario("v5/pingreq/answered", "PINGREQ is answered", "3.12 PINGREQ", Verdict::Pass),
        scenario("v5/publish/qos0", "QoS 0 is delivered", "3.3 PUBLISH", Verdict::Pass),
    ])
}

fn dup_on_qos0() -> ScenarioResult {
    let mut result =
        scenario("v5/publish/dup-on-qos0", "PUBLISH with DUP 1 at QoS 0 is refused", "3.3 PUBLISH", Verdict::Fail);
    result.statements = vec!["MQTT-3.3.1-2".to_owned()];
    result.findings = vec![
        finding("MQTT-3.3.1-2", Level::Must, "the broker accepted and forwarded the message"),
        Finding {
            knock_on: true,
            ..finding("MQTT-4.13.1-1", Level::Must, "the connection stayed open after a malformed packet")
        },
    ];
    result.observations =
        vec![Observation { name: "copies on overlapping subscriptions".to_owned(), value: "one".to_owned() }];
    result.replay = Some("mqttspec replay target/mqttspec/v5-publish-dup-on-qos0.json".to_owned());
    result.transcript = vec![
        WireEvent::new(0, "publisher", Direction::Opened, "connected", &[]),
        WireEvent::new(
            112,
            "publisher",
            Direction::Sent,
            "PUBLISH topic=\"t/1\" qos=0 dup=1 payload=5 B",
            b"\x38\x0b\x00\x03t/1\x00hello",
        ),
        WireEvent::new(322, "sub", Direction::Received, "PUBLISH topic=\"t/1\" payload=70000 B", &[0x30; 70_000]),
        WireEvent::new(1_005, "publisher", Direction::Closed, "closed in order", &[]),
    ];
    result.transcript_omitted = 3;
    result
}

pub(crate) fn mixed() -> Run {
    let mut utf8 =
        scenario("v5/connect/control-character", "A control character in a string", "3.1 CONNECT", Verdict::Pass);
    utf8.findings = vec![Finding {
        section: "1.5.4".to_owned(),
        ..finding("MQTT-1.5.4-x", Level::Should, "the broker itself sends U+0001 in a reason string")
    }];
    let mut two = scenario(
        "v5/session/resume-qos2-after-pubrec",
        "A PUBREL that is owed is sent again after the connection was cut and taken up once more",
        "4.4 Message delivery retry",
        Verdict::Fail,
    );
    two.findings = vec![
        Finding {
            requirement: "When a client reconnects and the session is present, both sides resend every unacknowledged \
                          PUBLISH at QoS above 0 and every PUBREL, under their original packet identifiers."
                .to_owned(),
            section: "4.4".to_owned(),
            accepted: vec![
                "PUBREL 7, the original identifier, before anything new".to_owned(),
                "PUBREL 7 after a PUBLISH that was waiting in the queue of the session".to_owned(),
                "CONNACK with session present 0 and a new session".to_owned(),
            ],
            observed: "nothing within the fence (PINGRESP arrived after 90 µs)".to_owned(),
            ..finding("MQTT-4.4.0-1", Level::Must, "the PUBREL was not sent again")
        },
        Finding {
            sent: None,
            accepted: vec![],
            section: "4.3.3".to_owned(),
            events: vec![1, 3],
            ..finding(
                "MQTT-4.3.3-9",
                Level::Must,
                "packet identifier 7 was used anew in event 3 while the message of event 1 was in flight; see event 40",
            )
        },
    ];
    two.transcript = vec![
        WireEvent::new(90, "alice", Direction::Opened, "connection opened", &[]),
        WireEvent::new(
            112,
            "alice",
            Direction::Received,
            "PUBLISH topic=\"t/1\" qos=2 id=7",
            b"\x34\x07\x00\x03t/1\x00\x07",
        ),
        WireEvent::new(240, "alice", Direction::Sent, "PUBREC id=7", b"\x50\x02\x00\x07"),
        WireEvent::new(
            322,
            "alice",
            Direction::Received,
            "PUBLISH topic=\"t/2\" qos=2 id=7",
            b"\x34\x07\x00\x03t/2\x00\x07",
        ),
    ];
    run(vec![
        scenario("v5/connect/minimal", "A minimal CONNECT is accepted", "3.1 CONNECT", Verdict::Pass),
        dup_on_qos0(),
        utf8,
        two,
        because(
            "shared subscriptions (CONNACK says they are not available)",
            scenario("v5/subscribe/shared-1", "Shared", "3.8 SUBSCRIBE", Verdict::NotApplicable),
        ),
        because(
            "shared subscriptions (CONNACK says they are not available)",
            scenario("v5/subscribe/shared-2", "Shared", "3.8 SUBSCRIBE", Verdict::NotApplicable),
        ),
        because("no TLS listener", scenario("v5/connect/tls", "TLS", "4.2 Network", Verdict::NotApplicable)),
        because("--skip v3/connect/slow", scenario("v3/connect/slow", "Slow", "3.1 CONNECT", Verdict::Disabled)),
        because(
            "the valid twin of the malformed packet was refused as well",
            scenario("v3/subscribe/reserved-bits", "Reserved", "3.8 SUBSCRIBE", Verdict::Inconclusive),
        ),
        scenario("v3/connect/minimal", "A minimal CONNECT is accepted", "3.1 CONNECT", Verdict::Pass),
    ])
}

pub(crate) fn interrupted() -> Run {
    let mut run = passes();
    run.planned = 403;
    run.interrupted = Some("Ctrl-C".to_owned());
    run
}

pub(crate) fn crash() -> Run {
    let mut dead = scenario("v5/connect/huge-length", "A Remaining Length past the end", "3.1 CONNECT", Verdict::Pass);
    dead.health = Health::Exited { status: None, signal: Some(11) };
    let mut fails = scenario("v5/publish/no-findings", "Refused at once", "3.3 PUBLISH", Verdict::Fail);
    fails.reason = Some("the target refused the connection".to_owned());
    fails.health = Health::Refused;
    let error = because("no free port", scenario("v5/connect/port", "Port", "3.1 CONNECT", Verdict::Error));
    run(vec![passes().results.remove(1), dead, fails, error])
}

/// Everything a target could put into a report, in every field.
pub(crate) fn hostile() -> Run {
    let bad =
        |what: &str| format!("{what}\u{1b}[2J\u{1b}]0;pwned\u{7}\r\n\0\u{9b}31m\u{202e}\u{fffe}]]><x a=\"b\">&amp;");
    let huge = format!("{}{}", bad("huge"), "A".repeat(30_000));
    let mut result = ScenarioResult::new(bad("v5/id"), bad("title"));
    result.version = bad("5.0");
    result.chapter = bad("3.1 CONNECT");
    result.verdict = Verdict::Fail;
    result.reason = Some(bad("reason"));
    result.rerun = bad("rerun");
    result.replay = Some(huge.clone());
    result.health = Health::SanitizerReport { excerpt: huge.clone() };
    result.findings = (0..120)
        .map(|number| Finding {
            statement: bad(&format!("MQTT-{number}")),
            section: bad("3.1"),
            version: bad("3.1.1"),
            level: Level::Must,
            requirement: huge.clone(),
            message: huge.clone(),
            sent: Some(huge.clone()),
            accepted: (0..20).map(|_| bad("accepted")).collect(),
            observed: huge.clone(),
            events: vec![0, 99],
            knock_on: number % 2 == 1,
        })
        .collect();
    result.transcript = (0..400)
        .map(|at| WireEvent {
            at_us: at * 1_000,
            connection: bad("connection"),
            direction: Direction::Received,
            summary: huge[..2_000].to_owned(),
            bytes_hex: format!("{}{}", bad(""), "ff".repeat(1_024)),
            bytes_total: 70_000,
        })
        .collect();
    let mut other = ScenarioResult { verdict: Verdict::NotApplicable, health: Health::Healthy, ..result.clone() };
    other.findings = vec![Finding { level: Level::Should, ..result.findings[0].clone() }];
    let mut inconclusive = other.clone();
    inconclusive.verdict = Verdict::Inconclusive;
    let mut error = other.clone();
    error.verdict = Verdict::Error;
    // Past `Run::push`, which would cut everything to size: renderers must cope by themselves.
    let mut run = run(vec![]);
    run.results = vec![result, other, inconclusive, error];
    run.summary = Summary::of(&run.results);
    run.planned = 4;
    run.interrupted = Some(huge);
    run.info.target.name = bad("target");
    run.info.target.address = bad("address");
    run.info.command = bad("command");
    run.coverage[0].role = bad("server");
    run
}
