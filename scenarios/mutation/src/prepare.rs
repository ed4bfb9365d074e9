//! A copy of the workspace with every mutant in it that compiles.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::list::{self, Mutant};
use crate::schema::{Schema, schema};

/// What is in the copy: kept beside it, for the runs.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Prepared {
    /// The mutants; the number of each is its index and 1.
    pub(crate) mutants: Vec<Mutant>,
    /// Those that are not in the copy: the compiler refuses them, or they cannot be switched on and off.
    pub(crate) left_out: BTreeMap<u32, String>,
    /// The mutants of each place.
    pub(crate) sites: BTreeMap<usize, Vec<u32>>,
}

impl Prepared {
    /// What was prepared in `work`.
    ///
    /// # Errors
    ///
    /// When nothing was.
    pub(crate) fn read(work: &Path) -> Result<Self, String> {
        let path = work.join("prepared.json");
        let text =
            fs::read(&path).map_err(|error| format!("failed to read {}: {error}; run prepare", path.display()))?;
        serde_json::from_slice(&text).map_err(|error| format!("failed to read {}: {error}", path.display()))
    }
}

/// The folder of the copy.
pub(crate) fn tree(work: &Path) -> PathBuf {
    work.join("tree")
}

/// Copies the workspace at `root` to `work`, writes the mutants into it, and takes out those that do not compile.
///
/// # Errors
///
/// When a file cannot be read or written, a tool cannot be run, or what does not compile is no mutant.
pub(crate) fn prepare(root: &Path, work: &Path, cargo_mutants: &str, files: &str) -> Result<Prepared, String> {
    copy(root, &tree(work))?;
    let mut prepared = Prepared {
        mutants: list::list(root, cargo_mutants, files)?,
        left_out: BTreeMap::new(),
        sites: BTreeMap::new(),
    };
    println!("{} mutants", prepared.mutants.len());
    loop {
        let schemata = instrument(root, work, &mut prepared)?;
        let refused = refused(work, &schemata)?;
        println!("{} mutants do not compile", refused.len());
        if refused.is_empty() {
            break;
        }
        prepared.left_out.extend(refused);
    }
    let path = work.join("prepared.json");
    let text = serde_json::to_vec_pretty(&prepared).map_err(|error| error.to_string())?;
    fs::write(&path, text).map_err(|error| format!("failed to write {}: {error}", path.display()))?;
    Ok(prepared)
}

/// Copies what git knows of, and of that only what has changed, so that cargo builds no more than it must.
pub(crate) fn copy(root: &Path, to: &Path) -> Result<(), String> {
    let list = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("failed to run git: {error}"))?;
    for name in String::from_utf8_lossy(&list.stdout).split_terminator('\0') {
        // Removed, and not yet committed.
        let Ok(bytes) = fs::read(root.join(name)) else { continue };
        let is_mutated = fs::read_to_string(to.join(name)).is_ok_and(|text| text.contains("crate::mutant::"));
        if !is_mutated && !name.ends_with("scenarios/src/lib.rs") {
            write(&to.join(name), &bytes)?;
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, bytes));
    written.map_err(|error| format!("failed to write {}: {error}", path.display()))
}

/// Writes the mutants that are not left out into the copy; what stands where in each file.
fn instrument(root: &Path, work: &Path, prepared: &mut Prepared) -> Result<BTreeMap<String, Schema>, String> {
    let mut files: BTreeMap<String, Vec<(u32, &Mutant)>> = BTreeMap::new();
    for (id, mutant) in (1..).zip(&prepared.mutants) {
        let file = files.entry(mutant.file.clone()).or_default();
        if !prepared.left_out.contains_key(&id) {
            file.push((id, mutant));
        }
    }
    let mut schemata = BTreeMap::new();
    let mut sites = BTreeMap::new();
    let mut left_out = Vec::new();
    let mut first_site = 0;
    for (file, mutants) in files {
        let path = root.join(&file);
        let source =
            fs::read_to_string(&path).map_err(|error| format!("failed to read {}: {error}", path.display()))?;
        let schema =
            schema(&source, &mutants, first_site).map_err(|error| format!("failed to parse {file}: {error}"))?;
        first_site += mutants.len() * 2;
        sites.extend(schema.sites.iter().cloned());
        left_out.extend(schema.left_out.iter().map(|&(id, why)| (id, why.to_owned())));
        write(&tree(work).join(&file), schema.text.as_bytes())?;
        schemata.insert(file, schema);
    }
    let name = "scenarios/src/lib.rs";
    let library = fs::read_to_string(root.join(name)).map_err(|error| format!("failed to read {name}: {error}"))?;
    let switch = include_str!("switch.rs").replace("SITES", &first_site.to_string());
    write(&tree(work).join(name), format!("{library}\n{switch}").as_bytes())?;
    prepared.sites = sites;
    prepared.left_out.extend(left_out);
    Ok(schemata)
}

/// The mutants that the compiler complains of.
fn refused(work: &Path, schemata: &BTreeMap<String, Schema>) -> Result<BTreeMap<u32, String>, String> {
    let run = Command::new("cargo")
        .args(["check", "-p", "mqttspec-scenarios", "--lib", "--message-format=json", "--quiet"])
        .current_dir(tree(work))
        .output()
        .map_err(|error| format!("failed to run cargo: {error}"))?;
    let mut refused = BTreeMap::new();
    let mut others = BTreeSet::new();
    for line in run.stdout.split(|&byte| byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<Value>(line) else { continue };
        let message = &message["message"];
        if message["level"] != "error" {
            continue;
        }
        let text = format!("{}: {}", message["code"]["code"].as_str().unwrap_or("error"), message["message"]);
        let mut ids = Vec::new();
        for span in message["spans"].as_array().into_iter().flatten().filter(|span| span["is_primary"] == true) {
            let (Some(file), Some(start)) = (span["file_name"].as_str(), span["byte_start"].as_u64()) else { continue };
            ids.extend(schemata.get(file).map(|schema| blamed(schema, start as usize)).unwrap_or_default());
        }
        if ids.is_empty() {
            others.insert(message["rendered"].as_str().unwrap_or(&text).to_owned());
        }
        refused.extend(ids.into_iter().map(|(id, whose)| (id, format!("{whose}: {text}"))));
    }
    if refused.is_empty() && !run.status.success() {
        let others: Vec<_> = others.into_iter().collect();
        return Err(format!("failed to compile what is no mutant:\n{}", others.join("\n")));
    }
    Ok(refused)
}

/// The mutants at a byte of a file: the one whose text it is, or all of the innermost place that has any.
fn blamed(schema: &Schema, byte: usize) -> Vec<(u32, &'static str)> {
    if let Some((_, id)) =
        schema.mutants.iter().filter(|(range, _)| range.contains(&byte)).min_by_key(|(range, _)| range.len())
    {
        return vec![(*id, "rustc")];
    }
    let around = schema.places.iter().filter(|(range, ids)| range.contains(&byte) && !ids.is_empty());
    let innermost = around.min_by_key(|(range, _)| range.len());
    innermost.map(|(_, ids)| ids.iter().map(|&id| (id, "scheme")).collect()).unwrap_or_default()
}
