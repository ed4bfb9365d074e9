//! `results.json`: the whole [`Run`], as `schema/results-v1.schema.json` describes it.

use crate::model::{Run, SCHEMA_VERSION};

/// The JSON Schema of `results.json`, as committed.
pub const RESULTS_SCHEMA: &str = include_str!("../schema/results-v1.schema.json");

/// The content of `results.json`, indented, with a final line break.
///
/// # Errors
/// When a number in the run has no JSON form: a `timeout_scale` that is not finite does not become `null`, it is refused.
pub fn to_json(run: &Run) -> Result<String, JsonError> {
    if !run.info.timeout_scale.is_finite() {
        return Err(JsonError { message: "the timeout scale is not a finite number".to_owned() });
    }
    let mut text = serde_json::to_string_pretty(run).map_err(|error| JsonError { message: error.to_string() })?;
    text.push('\n');
    Ok(text)
}

/// Reads a `results.json` back.
///
/// # Errors
/// When it is not JSON, not of this shape, or of another `schema_version`.
pub fn from_json(text: &str) -> Result<Run, JsonError> {
    #[derive(serde::Deserialize)]
    struct Version {
        schema_version: u32,
    }
    let error = |error: serde_json::Error| JsonError { message: error.to_string() };
    let Version { schema_version } = serde_json::from_str(text).map_err(error)?;
    if schema_version != SCHEMA_VERSION {
        let message = format!("schema_version is {schema_version}, this mqttspec reads {SCHEMA_VERSION}");
        return Err(JsonError { message });
    }
    serde_json::from_str(text).map_err(error)
}

/// Why `results.json` could not be written or read; fits after "failed to write results.json:".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    message: String,
}

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for JsonError {}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::samples;

    /// `MQTTSPEC_UPDATE=1 cargo test -p mqttspec-reports schema` writes it anew.
    #[test]
    fn the_committed_schema_is_the_generated_one() {
        let schema = schemars::schema_for!(Run);
        let generated = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("MQTTSPEC_UPDATE").is_some() {
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/results-v1.schema.json"), &generated).unwrap();
        }
        assert!(generated == RESULTS_SCHEMA, "schema/results-v1.schema.json is out of date: see this test's comment");
    }

    fn errors(instance: &Value) -> Vec<String> {
        let schema: Value = serde_json::from_str(RESULTS_SCHEMA).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        validator.iter_errors(instance).map(|error| error.to_string()).collect()
    }

    #[test]
    fn every_sample_satisfies_the_schema_and_reads_back_the_same() {
        for run in samples::all() {
            let text = to_json(&run).unwrap();
            assert_eq!(errors(&serde_json::from_str(&text).unwrap()), Vec::<String>::new());
            assert_eq!(from_json(&text).unwrap(), run);
        }
    }

    #[test]
    fn the_schema_refuses_what_is_not_a_run() {
        let good: Value = serde_json::from_str(&to_json(&samples::mixed()).unwrap()).unwrap();
        for (pointer, wrong) in [
            ("/results/0/verdict", Value::from("passed")),
            ("/results/0/id", Value::from(7)),
            ("/results/0/health", Value::from("healthy")),
            ("/results/0/health/state", Value::from("well")),
            ("/summary", Value::Null),
            ("/info/seed", Value::from(-1)),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).expect(pointer) = wrong;
            assert!(!errors(&bad).is_empty(), "{pointer}");
        }
        let mut bad = good;
        bad.as_object_mut().unwrap().remove("planned");
        assert!(!errors(&bad).is_empty());
    }

    #[test]
    fn another_schema_version_is_refused_by_name() {
        let text = to_json(&samples::mixed()).unwrap().replacen("\"schema_version\": 1", "\"schema_version\": 2", 1);
        assert_eq!(from_json(&text).unwrap_err().to_string(), "schema_version is 2, this mqttspec reads 1");
        assert!(from_json("{}").unwrap_err().to_string().contains("schema_version"));
    }

    #[test]
    fn a_number_without_json_form_is_refused() {
        let mut run = samples::mixed();
        run.info.timeout_scale = f64::NAN;
        assert!(to_json(&run).is_err());
    }
}
