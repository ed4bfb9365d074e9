//! `--report DIR`: `results.json` and `junit.xml`, written whole or not at all, and never over somebody else's file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mqttspec_reports::{Overlay, Run, json, junit};

const RESULTS: &str = "results.json";
const JUNIT: &str = "junit.xml";

/// A directory that is ready to take a report.
#[derive(Clone, Debug)]
pub struct ReportDir(PathBuf);

impl ReportDir {
    /// Makes the directory if it is missing, and sees to it that a report may be written there.
    ///
    /// # Errors
    /// When something is in the way: one line that says what and where.
    pub fn prepare(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        if path.exists() && !path.is_dir() {
            return Err(format!("--report {shown} is a file: expected a directory"));
        }
        fs::create_dir_all(path).map_err(|error| format!("cannot make the report directory {shown}: {error}"))?;
        for (name, is_ours) in [(RESULTS, is_results as fn(&[u8]) -> bool), (JUNIT, is_junit)] {
            let file = path.join(name);
            match fs::read(&file) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(format!("{} is in the way: {error}", file.display())),
                Ok(content) if is_ours(&content) => {}
                Ok(_) => {
                    return Err(format!(
                        "{} is not a report of mqttspec and is not overwritten: name another directory or remove it",
                        file.display()
                    ));
                }
            }
        }
        let probe = path.join(format!(".{RESULTS}.{}", std::process::id()));
        fs::write(&probe, "").map_err(|error| format!("cannot write into the report directory {shown}: {error}"))?;
        let _ = fs::remove_file(&probe);
        Ok(Self(path.to_owned()))
    }

    /// Writes both files; returns where.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn write(&self, run: &Run, overlay: Option<&Overlay>) -> Result<Vec<PathBuf>, String> {
        let json = json::to_json(run).map_err(|error| format!("failed to write {RESULTS}: {error}"))?;
        let junit = junit::to_junit(run, overlay).map_err(|error| format!("failed to write {JUNIT}: {error}"))?;
        let mut written = Vec::new();
        for (name, content) in [(RESULTS, json), (JUNIT, junit)] {
            let file = self.0.join(name);
            write_whole(&file, &content)?;
            written.push(file);
        }
        Ok(written)
    }
}

/// Writes beside the file first and then takes its place, so that a reader never sees half of it.
///
/// # Errors
/// When it cannot be written.
pub fn write_whole(file: &Path, content: &str) -> Result<(), String> {
    let fail = |error: io::Error| format!("failed to write {}: {error}", file.display());
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = file.with_file_name(format!(".{name}.{}", std::process::id()));
    let done = fs::write(&beside, content).and_then(|()| fs::rename(&beside, file));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done.map_err(fail)
}

fn is_results(content: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Results {
        #[serde(rename = "schema_version")]
        _schema_version: u32,
        info: Info,
    }
    #[derive(serde::Deserialize)]
    struct Info {
        #[serde(rename = "tool_version")]
        _tool_version: String,
        #[serde(rename = "timeout_scale")]
        _timeout_scale: f64,
    }
    serde_json::from_slice::<Results>(content).is_ok_and(|results| !results.info._tool_version.is_empty())
}

fn is_junit(content: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&content[..content.len().min(512)]);
    head.starts_with("<?xml") && head.contains("<testsuites name=\"mqttspec")
}
