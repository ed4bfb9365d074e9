//! A scenario in a file of its own: what `mqttspec broker --generate` and `mqttspec record` save and what
//! `mqttspec replay` runs.
//!
//! The file is JSON:
//!
//! ```json
//! {
//!   "mqttspec": 1,
//!   "found": { "target": "…", "seed": 7, "reproduced": 5, "tries": 5, "findings": ["MQTT-4.3.3-2: …"] },
//!   "scenario": { "id": "…", "version": "5.0", "role": "broker", "judged_by": "monitor", "steps": [ … ] }
//! }
//! ```
//!
//! `mqttspec` is the version of the format. `found` says where the scenario comes from and may be left out. `scenario` is
//! a [`Scenario`] by the names of its fields. Where that holds bytes (a payload, a password, Binary Data) the file has
//! text: the bytes themselves when they are readable, else their hex digits after `hex:`.

mod bytes;
mod check;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use mqttspec_scenarios::model::Scenario;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::report_dir::write_whole;

/// The version of the format that is read and written.
pub const FORMAT: u32 = 1;
/// The largest file that is read, in bytes.
pub const MAX_LEN: usize = 32 << 20;
/// What every file begins with.
const BEGINNING: &str = "{\n  \"mqttspec\": ";

/// A scenario and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioFile {
    /// Where it comes from, when a run of mqttspec wrote it.
    pub found: Option<Found>,
    /// What is played.
    pub scenario: Scenario,
}

/// Where a scenario comes from. Everything may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Found {
    /// Against which target: name and version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// The command line that found it, without secrets.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub command: String,
    /// The version of mqttspec.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tool_version: String,
    /// The seed of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Which of the run's histories it was, from 0, before it was made smaller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<u64>,
    /// How often the finding was seen again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reproduced: Option<u32>,
    /// In how many repetitions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries: Option<u32>,
    /// Whether each of these had a broker that was started for it alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fresh: bool,
    /// What was found, one line each: the broken statement and the argument.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
}

impl ScenarioFile {
    /// Reads `path`.
    ///
    /// # Errors
    /// One line: the file, what is wrong in it and where, and what would be right.
    pub fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let cannot = |error: io::Error| format!("cannot read the scenario {shown}: {error}");
        if fs::metadata(path).map_err(cannot)?.is_dir() {
            return Err(format!("cannot read the scenario {shown}: it is a directory, expected a file"));
        }
        let mut text = Vec::new();
        File::open(path).map_err(cannot)?.take(MAX_LEN as u64 + 1).read_to_end(&mut text).map_err(cannot)?;
        if text.len() > MAX_LEN {
            return Err(format!("{shown} is larger than {} MiB: expected a scenario of mqttspec", MAX_LEN >> 20));
        }
        let text = String::from_utf8(text).map_err(|error| {
            format!("{shown}: byte {} is no UTF-8: expected a scenario of mqttspec", error.utf8_error().valid_up_to())
        })?;
        Self::parse(&text).map_err(|why| format!("{shown}: {why}"))
    }

    /// Reads the content of a file.
    ///
    /// # Errors
    /// One line, without the name of the file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
        let Value::Object(mut fields) = value else {
            return Err(format!("expected an object with \"mqttspec\": {FORMAT} and \"scenario\""));
        };
        match fields.remove("mqttspec") {
            Some(version) if version == FORMAT => {}
            Some(other) => return Err(format!("\"mqttspec\" is {other}: this mqttspec reads version {FORMAT}")),
            None => {
                return Err(format!("\"mqttspec\" is missing: expected \"mqttspec\": {FORMAT}, the format's version"));
            }
        }
        let found = match fields.remove("found") {
            None | Some(Value::Null) => None,
            Some(found) => Some(of_value("found", found)?),
        };
        let Some(mut scenario) = fields.remove("scenario") else {
            return Err("\"scenario\" is missing: expected an object with its id, version, role and steps".to_owned());
        };
        if let Some(unknown) = fields.keys().next() {
            return Err(format!("unknown field {unknown:?}: expected \"mqttspec\", \"found\" and \"scenario\""));
        }
        bytes::from_text(&mut scenario, "scenario")?;
        let scenario = of_value("scenario", scenario)?;
        check::check(&scenario)?;
        Ok(Self { found, scenario })
    }

    /// The content of a file that [`parse`](Self::parse) reads back. Ends with a line break.
    ///
    /// # Errors
    /// When the scenario cannot be written, which plain data always can.
    pub fn to_json(&self) -> Result<String, String> {
        #[derive(Serialize)]
        struct Written<'a> {
            mqttspec: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            found: &'a Option<Found>,
            scenario: &'a Value,
        }
        let fail = |error: serde_json::Error| format!("failed to write the scenario: {error}");
        let mut scenario = serde_json::to_value(&self.scenario).map_err(fail)?;
        bytes::to_text(&mut scenario);
        let written = Written { mqttspec: FORMAT, found: &self.found, scenario: &scenario };
        let mut text = serde_json::to_string_pretty(&written).map_err(fail)?;
        text.push('\n');
        Ok(text)
    }

    /// Writes `path`, whole or not at all. Only an older scenario file makes way.
    ///
    /// # Errors
    /// One line: the file, and what is in the way.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let shown = path.display();
        match fs::metadata(path) {
            Ok(there) if !there.is_file() => return Err(format!("{shown} is in the way: expected a file or nothing")),
            Ok(_) => {
                let mut start = Vec::new();
                File::open(path)
                    .and_then(|file| file.take(BEGINNING.len() as u64).read_to_end(&mut start))
                    .map_err(|error| format!("{shown} is in the way: {error}"))?;
                if !start.is_empty() && !is_scenario_file(&start) {
                    return Err(format!(
                        "{shown} holds no scenario of mqttspec and is not overwritten: name another file or remove it"
                    ));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("cannot write {shown}: {error}")),
        }
        write_whole(path, &self.to_json()?)
    }
}

/// Whether a file that begins like this is one of ours.
#[must_use]
pub fn is_scenario_file(beginning: &[u8]) -> bool {
    beginning.starts_with(BEGINNING.as_bytes())
}

fn of_value<T: serde::de::DeserializeOwned>(field: &str, value: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value).map_err(|error| match error.path().to_string().as_str() {
        "." => format!("{field}: {}", error.inner()),
        path => format!("{field}.{path}: {}", error.inner()),
    })
}

#[cfg(test)]
mod tests;
