use mqttspec_codec::{PropertyBuf, ProtocolVersion};
use mqttspec_scenarios::broker_scenarios;
use mqttspec_scenarios::model::{
    Answering, CloseHow, Due, JudgedBy, Outgoing, PublishExt as _, Role, Step, connect, publish,
};

use super::*;

fn alice(outgoing: impl Into<Outgoing>) -> Step {
    Step::Send { connection: "alice".to_owned(), outgoing: outgoing.into() }
}

fn history() -> ScenarioFile {
    let mut hello = connect(ProtocolVersion::V5_0, "{ns}a");
    hello.password = Some(vec![0, 255]);
    let message = publish("{ns}/t", "grüß dich").with(PropertyBuf::correlation_data(b"hex:".as_slice())).qos1(7);
    let connection = || "alice".to_owned();
    let scenario = Scenario {
        id: "generated/7-3".to_owned(),
        title: "a history".to_owned(),
        version: ProtocolVersion::V5_0,
        role: Role::Broker,
        chapter: "generated".to_owned(),
        statements: Vec::new(),
        needs: Vec::new(),
        judged_by: JudgedBy::Monitor,
        steps: vec![
            Step::Open { connection: connection() },
            alice(hello),
            Step::Await { connection: connection() },
            Step::Answering { connection: connection(), answering: Answering::AtOnce },
            alice(message),
            Step::Acknowledge { connection: connection(), which: Due::Nth(2), reason_code: None },
            Step::Resend { connection: connection() },
            Step::Close { connection: connection(), how: CloseHow::Reset },
            Step::Drain,
        ],
    };
    let found = Found { seed: Some(7), history: Some(3), reproduced: Some(5), tries: Some(5), ..Found::default() };
    ScenarioFile { found: Some(found), scenario }
}

#[test]
fn what_is_written_is_read_back_and_a_person_can_read_it() {
    let file = history();
    let text = file.to_json().unwrap();
    assert_eq!(ScenarioFile::parse(&text).unwrap(), file);
    assert!(is_scenario_file(text.as_bytes()), "{text}");
    for part in ["\"payload\": \"grüß dich\"", "\"password\": \"hex:00ff\"", "\"BinaryData\": \"hex:6865783a\""] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn scenarios_of_ours_can_be_files() {
    for scenario in broker_scenarios().into_iter().step_by(13) {
        let file = ScenarioFile { found: None, scenario };
        let read = ScenarioFile::parse(&file.to_json().unwrap());
        assert_eq!(read.as_ref(), Ok(&file), "{}", file.scenario.id);
    }
}

#[test]
fn a_mistake_in_a_file_is_named_with_its_place() {
    let good = history().to_json().unwrap();
    let unopened = good.replace("\"judged_by\": \"monitor\"", "\"judged_by\": \"steps\"");
    let cases = [
        (String::new(), "not JSON: EOF while parsing a value at line 1 column 0"),
        ("[]".to_owned(), "expected an object with \"mqttspec\": 1 and \"scenario\""),
        (good.replace("\"mqttspec\": 1", "\"mqttspec\": 2"), "\"mqttspec\" is 2: this mqttspec reads version 1"),
        (good.replace("\"mqttspec\"", "\"mqttspeck\""), "\"mqttspec\" is missing"),
        (good.replace("\"found\"", "\"fund\""), "unknown field \"fund\""),
        (
            good.replace("\"history\"", "\"histroy\""),
            "found.histroy: unknown field `histroy`, expected one of `target`",
        ),
        (good.replace("\"qos\": 1", "\"qos\": 3"), "scenario.steps[4].send.outgoing"),
        (good.replace("\"reset\"", "\"rest\""), "scenario.steps[7].close.how: unknown variant `rest`"),
        (good.replace("hex:00ff", "hex:00f"), "password: expected an even number of hex digits"),
        (good.replace("\"role\": \"broker\"", "\"role\": \"client\""), "scenario.role: this mqttspec plays"),
        (good.replace("generated/7-3", "a b"), "scenario.id: \"a b\" is no name"),
        (unopened.replacen("\"connection\": \"alice\"", "\"connection\": \"bob\"", 1), "scenario.steps[1]: connection"),
    ];
    for (text, wanted) in cases {
        let why = ScenarioFile::parse(&text).unwrap_err();
        assert!(why.contains(wanted) && !why.contains('\n'), "{why}\nis not\n{wanted}");
    }
}

#[test]
fn somebody_elses_file_is_not_overwritten() {
    let folder = std::env::temp_dir().join(format!("mqttspec-scenario-file-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("x.json");
    let file = history();
    file.write(&path).unwrap();
    file.write(&path).unwrap();
    assert_eq!(ScenarioFile::read(&path).unwrap(), file);
    fs::write(&path, "{}").unwrap();
    assert!(file.write(&path).unwrap_err().contains("is not overwritten"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "{}");
    assert!(ScenarioFile::read(&path).unwrap_err().starts_with(&path.display().to_string()));
    assert!(ScenarioFile::read(&folder).unwrap_err().contains("is a directory"));
    fs::remove_dir_all(&folder).unwrap();
}
