//! Where scenarios that show something are saved.

use std::fs;
use std::path::{Path, PathBuf};

use crate::scenario_file::ScenarioFile;

/// Where they go when nobody says otherwise.
pub const DEFAULT: &str = "mqttspec-findings";
/// Files of one name, told apart by a number, before something is wrong.
const SAME_NAME: u32 = 1_000;

/// A directory that can take scenario files; made when the first one comes.
#[derive(Clone, Debug)]
pub struct SaveDir(PathBuf);

impl SaveDir {
    /// Sees to it that files may be written to `path`.
    ///
    /// # Errors
    /// When something is in the way: one line that says what and where.
    pub fn prepare(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        if path.exists() && !path.is_dir() {
            return Err(format!("--save {shown} is a file: expected a directory"));
        }
        let is_new = !path.exists();
        let probe = path.join(format!(".mqttspec.{}", std::process::id()));
        let tried = fs::create_dir_all(path).and_then(|()| fs::write(&probe, ""));
        tried.map_err(|error| format!("cannot save findings in --save {shown}: {error}"))?;
        let _ = fs::remove_file(&probe);
        if is_new {
            let _ = fs::remove_dir(path);
        }
        Ok(Self(path.to_owned()))
    }

    /// Saves `file` under `name`, without an extension, and returns where. A file that holds another scenario stays, and
    /// this one gets a number.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, name: &str, file: &ScenarioFile) -> Result<PathBuf, String> {
        fs::create_dir_all(&self.0).map_err(|error| format!("cannot make {}: {error}", self.0.display()))?;
        for number in 1..SAME_NAME {
            let number = if number == 1 { String::new() } else { format!("-{number}") };
            let path = self.0.join(format!("{name}{number}.json"));
            let is_ours = || ScenarioFile::read(&path).is_ok_and(|there| there.scenario.steps == file.scenario.steps);
            if !path.exists() || is_ours() {
                file.write(&path)?;
                return Ok(path);
            }
        }
        Err(format!("{} holds {SAME_NAME} scenarios named {name}: remove some", self.0.display()))
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::ProtocolVersion;
    use mqttspec_scenarios::model::Dialogue;

    use super::*;

    fn file(name: &str) -> ScenarioFile {
        let mut dialogue = Dialogue::new(ProtocolVersion::V5_0, "3.1 CONNECT", "x/y", "t");
        dialogue.on(name).connects();
        ScenarioFile { found: None, scenario: dialogue.build() }
    }

    #[test]
    fn nothing_is_overwritten_but_the_same_scenario() {
        let root = std::env::temp_dir().join(format!("mqttspec-save-{}", std::process::id()));
        let path = root.join("deep").join("down");
        let dir = SaveDir::prepare(&path).unwrap();
        assert!(!path.exists(), "an empty directory is not left behind");
        let first = dir.save("a", &file("alice")).unwrap();
        assert_eq!(dir.save("a", &file("alice")).unwrap(), first);
        let second = dir.save("a", &file("bob")).unwrap();
        assert_ne!(first, second);
        assert_eq!(ScenarioFile::read(&first).unwrap(), file("alice"));
        fs::write(&first, "mine").unwrap();
        assert_eq!(dir.save("a", &file("alice")).unwrap().file_name().unwrap(), "a-3.json");
        assert_eq!(fs::read_to_string(&first).unwrap(), "mine");
        assert!(SaveDir::prepare(&first).unwrap_err().contains("is a file"));
        fs::remove_dir_all(&root).unwrap();
    }
}
