//! The header and the example runners, with the compiler and the interpreter that people use.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use mqttspec::vectors::header;
use mqttspec_codec::vectors::{Flag, Vector, vectors};
use mqttspec_codec::{PacketType, ProtocolVersion, frame_len};

use super::{folder, scratch, text};

/// Runs a program that these tests cannot do without: where cargo links, there is a C compiler.
fn run(program: &str, arguments: &[&str], directory: &Path) -> Output {
    let output = Command::new(program).args(arguments).current_dir(directory).output();
    output.unwrap_or_else(|error| panic!("please install {program}, which this test needs: {error}"))
}

/// The demo decoder of both runners: the fixed header and nothing else.
fn demo(vector: &Vector) -> bool {
    let Some(first) = vector.bytes.first() else { return false };
    let packet_type = PacketType::from_value(first >> 4).filter(|packet_type| packet_type.exists_in(vector.version));
    let flags = |packet_type: PacketType| packet_type.fixed_flags().is_none_or(|flags| flags == first & 0x0F);
    packet_type.is_some_and(flags) && frame_len(&vector.bytes) == Ok(Some(vector.bytes.len()))
}

/// What a runner prints for the demo decoder.
fn score(version: ProtocolVersion, with_large: bool) -> String {
    let mut lines = String::new();
    let all = vectors(version);
    for (valid, name, leeway) in [(true, "valid", Flag::MayRefuse), (false, "invalid", Flag::MayAccept)] {
        let of_kind = all.iter().filter(|vector| vector.valid == valid && (with_large || !vector.has(Flag::Large)));
        let (mut passed, mut free, mut failed) = (0, 0, 0);
        for vector in of_kind {
            match demo(vector) == valid {
                true => passed += 1,
                false if vector.has(leeway) => free += 1,
                false => failed += 1,
            }
        }
        let judged = passed + failed;
        lines.push_str(&format!("MQTT {version} {name:7}  passed {passed} of {judged}, either way would do {free}\n"));
    }
    lines
}

#[test]
fn the_c_runner_compiles_without_a_warning_and_prints_its_score() {
    for version in ProtocolVersion::ALL {
        let folder_of_c = scratch(&format!("c-{version}"));
        fs::write(folder_of_c.join("mqtt_vectors.h"), header(version)).unwrap();
        let source = folder().join("examples/run_vectors.c");
        let spec = format!("-DSPEC={}", version.as_str().replace('.', "_"));
        let strict = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-I.", &spec, source.to_str().unwrap()];
        for small in [false, true] {
            let mut arguments = strict.to_vec();
            if small {
                arguments.extend(["-DMQTTSPEC_NO_LARGE", "-DMQTTSPEC_NO_COMMENTS"]);
            }
            arguments.extend(["-o", "run_vectors"]);
            let compiled = run("cc", &arguments, &folder_of_c);
            assert!(compiled.status.success(), "{version}: {}", text(&compiled.stderr));
            let output = run("./run_vectors", &[], &folder_of_c);
            assert_eq!(text(&output.stdout), score(version, !small), "{version}");
            assert_eq!(output.status.code(), Some(1), "the demo decoder is no good one");
        }
        let verbose = text(&run("./run_vectors", &["-v"], &folder_of_c).stdout);
        assert!(verbose.contains("accepted  connect/"), "{version}: {verbose}");
    }
}

/// Three headers in one program do not collide, and what they hold is what the vectors hold.
#[test]
fn the_headers_hold_the_vectors_byte_for_byte() {
    let folder = scratch("c-together");
    let mut source = String::from("#include <stdio.h>\n");
    for version in ProtocolVersion::ALL {
        let slug = version.as_str().replace('.', "_");
        fs::write(folder.join(format!("v{slug}.h")), header(version)).unwrap();
        source.push_str(&format!("#include \"v{slug}.h\"\n"));
    }
    source.push_str("static uint8_t room[4194304];\nint main(void)\n{\n    size_t i;\n");
    let mut expected = String::new();
    for version in ProtocolVersion::ALL {
        let slug = version.as_str().replace('.', "_");
        source.push_str(&format!(
            "    for (i = 0; i < MQTTSPEC_VECTORS_{slug}_COUNT; i++) {{\n\
             \x20       const mqttspec_vector *v = &mqttspec_vectors_{slug}[i];\n\
             \x20       uint32_t n = mqttspec_vector_bytes(v, room, sizeof room), j, sum = 0;\n\
             \x20       for (j = 0; j < n; j++)\n            sum = (sum * 31u + room[j]) & 0xFFFFFFFFu;\n\
             \x20       printf(\"%s %u %u %u %u %u %u %u %s %s %s\\n\", v->id, v->valid, (unsigned)n, (unsigned)sum, v->flags,\n\
             \x20              v->packet_type, v->reason_code, (unsigned)v->offset, v->kind, v->statement, v->comment);\n    }}\n"
        ));
        expected.extend(vectors(version).iter().map(line));
    }
    source.push_str("    return 0;\n}\n");
    fs::write(folder.join("together.c"), source).unwrap();
    let strict = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-o", "together", "together.c"];
    let compiled = run("cc", &strict, &folder);
    assert!(compiled.status.success(), "{}", text(&compiled.stderr));
    let printed = text(&run("./together", &[], &folder).stdout);
    let differs = printed.lines().zip(expected.lines()).find(|(a, b)| a != b);
    assert!(printed == expected, "{differs:?}");
}

/// A vector as the program above prints it.
fn line(vector: &Vector) -> String {
    let sum = vector.bytes.iter().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
    let first = vector.violations.iter().find(|violation| violation.level == mqttspec_codec::Level::Must);
    let flags: u32 = Flag::ALL.iter().enumerate().filter(|(_, f)| vector.has(**f)).map(|(bit, _)| 1 << bit).sum();
    format!(
        "{} {} {} {sum} {flags} {} {} {} {} {} {}\n",
        vector.id,
        u8::from(vector.valid),
        vector.bytes.len(),
        vector.packet_type.map_or(0, |packet_type| packet_type.value()),
        vector.reason_code.map_or(0, |code| code.0),
        first.map_or(0, |violation| violation.offset),
        first.map_or("", |violation| violation.kind.id()),
        vector.statements.first().copied().unwrap_or_default(),
        vector.comment,
    )
}

#[test]
fn the_python_runner_prints_its_score() {
    let runner = folder().join("examples/run_vectors.py");
    let runner = runner.to_str().unwrap();
    for version in ProtocolVersion::ALL {
        let file = format!("mqtt-{version}.json");
        let output = run("python3", &[runner, &file], &folder());
        assert_eq!(text(&output.stdout), score(version, true), "{}", text(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "the demo decoder is no good one");
    }
    let verbose = text(&run("python3", &[runner, "mqtt-5.0.json", "-v"], &folder()).stdout);
    assert!(verbose.contains("accepted  connect/"), "{verbose}");
    let bare = run("python3", &[runner], &folder());
    assert_eq!(bare.status.code(), Some(2));
    assert!(text(&bare.stderr).contains("run_vectors.py mqtt-5.0.json"));
}

/// The runner is satisfied by a decoder that knows the answers, and by one that uses every leeway; a decoder that raises
/// fails.
#[test]
fn the_python_runner_can_pass_and_can_fail() {
    let examples = folder().join("examples");
    for (body, code, part) in [
        ("answers[data]['valid']", 0, "either way would do 0\n"),
        ("free(answers[data])", 0, "passed"),
        ("1 // 0", 1, "ZeroDivisionError"),
        ("True", 1, "passed 0 of"),
    ] {
        let program = format!(
            "import json, sys; sys.dont_write_bytecode = True; import run_vectors as r\n\
             answers = {{r.bytes_of(v): v for v in json.load(open('../mqtt-3.1.json'))['vectors']}}\n\
             def free(v): return v['valid'] != ('may-refuse' in v['flags'] or 'may-accept' in v['flags'])\n\
             r.decode = lambda data, spec: {body}\n\
             sys.exit(r.main(['../mqtt-3.1.json']))"
        );
        let output = run("python3", &["-c", &program], &examples);
        assert_eq!(output.status.code(), Some(code), "{body}: {}{}", text(&output.stdout), text(&output.stderr));
        assert!(text(&output.stdout).contains(part), "{body}: {}", text(&output.stdout));
    }
}
