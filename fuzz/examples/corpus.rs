//! Fills the corpora of cargo-fuzz, `fuzz/corpus/<target>`, with the seeds of the repository and the generated ones.
//!
//! `cargo run -p mqttspec-fuzz --example corpus`; another folder can be named. What is there already stays.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use mqttspec_fuzz::TARGETS;
use mqttspec_fuzz::seeds::{Seed, generated};

fn main() -> Result<(), String> {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpora = env::args_os().nth(1).map_or_else(|| ours.join("corpus"), PathBuf::from);
    for target in TARGETS {
        let corpus = corpora.join(target.name);
        let write = |seed: &Seed| fs::write(corpus.join(&seed.name), &seed.data);
        let mut seeds = generated(target.input);
        let seeds_here = ours.join("seeds").join(target.input.folder());
        seeds.extend(read(&seeds_here).map_err(|error| format!("failed to read {}: {error}", seeds_here.display()))?);
        fs::create_dir_all(&corpus)
            .and_then(|()| seeds.iter().try_for_each(write))
            .map_err(|error| format!("failed to write to {}: {error}", corpus.display()))?;
        eprintln!("{}: {} seeds", corpus.display(), seeds.len());
    }
    Ok(())
}

fn read(folder: &Path) -> io::Result<Vec<Seed>> {
    fs::read_dir(folder)?
        .map(|entry| {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Ok(Seed { name, data: fs::read(path)? })
        })
        .collect()
}
