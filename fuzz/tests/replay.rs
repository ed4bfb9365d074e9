//! Runs the fuzz targets on their seeds, so that `cargo test` replays every one of them.

use std::fs;
use std::path::Path;

use mqttspec_codec::{FrameDecoder, ProtocolVersion, decode};
use mqttspec_fuzz::{decode_encode_decode, decode_never_panics, framing_at_every_split};

/// The seeds in `corpus/<folder>`, by name.
fn seeds(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(folder);
    let mut seeds: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| {
            let path = entry.expect("a corpus folder can be listed").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (name, fs::read(&path).expect("a seed can be read"))
        })
        .collect();
    seeds.sort();
    seeds
}

#[test]
fn packets() {
    let seeds = seeds("packet");
    assert!(seeds.len() >= 40, "only {} seeds", seeds.len());
    for (name, data) in &seeds {
        println!("{name}");
        decode_never_panics(data);
        decode_encode_decode(data);
        framing_at_every_split(data);
    }
}

#[test]
fn packet_seeds_are_what_their_names_say() {
    for (name, data) in seeds("packet") {
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
fn streams() {
    let seeds = seeds("stream");
    assert!(seeds.len() >= 4, "only {} seeds", seeds.len());
    for (name, data) in &seeds {
        println!("{name}");
        framing_at_every_split(data);
        decode_never_panics(data);
    }
}

#[test]
fn stream_seeds_are_cut_as_their_names_say() {
    for (name, data) in seeds("stream") {
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
