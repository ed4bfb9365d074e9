//! Runs every fuzz target on every seed, so that `cargo test` replays what fuzzing has found.

use std::fs;
use std::path::{Path, PathBuf};

use mqttspec_codec::{FrameDecoder, ProtocolVersion, decode};
use mqttspec_fuzz::seeds::{Seed, generated};
use mqttspec_fuzz::{Input, TARGETS};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.expect("a folder can be listed").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    names
}

/// The seeds of this kind that are in the repository, by name.
fn committed(input: Input) -> Vec<Seed> {
    let folder = folder("seeds").join(input.folder());
    let read = |name: String| Seed { data: fs::read(folder.join(&name)).expect("a seed can be read"), name };
    names_in(&folder).into_iter().map(read).collect()
}

#[test]
fn every_target_on_the_seeds_of_its_kind() {
    for target in TARGETS {
        let seeds = committed(target.input);
        assert!(!seeds.is_empty(), "no seeds for {}", target.name);
        for seed in seeds {
            println!("{} {}", target.name, seed.name);
            (target.run)(&seed.data);
        }
    }
}

#[test]
fn every_target_on_generated_seeds() {
    for target in TARGETS {
        for seed in generated(target.input) {
            println!("{} {}", target.name, seed.name);
            (target.run)(&seed.data);
        }
    }
}

#[test]
fn every_target_takes_nothing_and_anything() {
    for target in TARGETS {
        for seed in Input::ALL.into_iter().flat_map(committed) {
            println!("{} {}", target.name, seed.name);
            (target.run)(&seed.data);
        }
        (target.run)(&[]);
    }
}

#[test]
fn seeds_stand_where_a_target_reads_them() {
    let mut kinds = Input::ALL.map(Input::folder);
    kinds.sort_unstable();
    assert_eq!(names_in(&folder("seeds")), kinds);
}

#[test]
fn each_target_has_a_program() {
    let files: Vec<_> = TARGETS.iter().map(|target| format!("{}.rs", target.name)).collect();
    assert_eq!(names_in(&folder("fuzz_targets")), files);
    let manifest = fs::read_to_string(folder("Cargo.toml")).expect("the manifest can be read");
    for target in TARGETS {
        let name = target.name;
        let entry = format!("[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"");
        assert!(manifest.contains(&entry), "{name} is not in the manifest");
        let program = fs::read_to_string(folder("fuzz_targets").join(format!("{name}.rs"))).expect("it can be read");
        assert!(program.ends_with(&format!("\nmqttspec_fuzz::fuzz_target!({name});\n")), "{name} runs another target");
    }
}

#[test]
fn packet_seeds_are_what_their_names_say() {
    for Seed { name, data } in committed(Input::Packet) {
        let accepting: Vec<_> = ProtocolVersion::ALL.into_iter().filter(|&v| decode(&data, v).is_ok()).collect();
        let version = name.split('-').next().unwrap_or_default();
        match ProtocolVersion::ALL.into_iter().find(|v| v.as_str() == version) {
            Some(version) => assert!(accepting.contains(&version), "{name} is refused"),
            None => {
                assert_eq!(version, "bad", "{name} begins with neither a version nor `bad`");
                assert_eq!(accepting, [], "{name} is accepted");
            }
        }
    }
}

#[test]
fn stream_seeds_are_cut_as_their_names_say() {
    for Seed { name, data } in committed(Input::Stream) {
        let mut decoder = FrameDecoder::new(256);
        decoder.push(&data);
        let mut frames = 0;
        let failed = loop {
            match decoder.next_frame() {
                Ok(Some(_)) => frames += 1,
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert_eq!(failed, name.starts_with("bad-"), "{name}");
        assert!(frames > 0, "{name} holds no frame");
    }
}
