//! A deviation of the target, as the monitor and the engine report it.

use mqttspec_codec::ProtocolVersion;
use serde::{Deserialize, Serialize};

use crate::statements::{Catalogue, Level};

/// One side of a network connection, in the standard's terms (1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The Server.
    #[default]
    Server,
    /// The Client.
    Client,
}

/// Something that one side did, or left undone, against a sentence of the standard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The broken statement, e.g. `MQTT-3.1.2-3`; empty when no numbered sentence says it.
    pub statement: String,
    /// The version of the standard that says it: that of the connection. The same number may be another sentence in
    /// another version.
    #[serde(default)]
    pub version: Option<ProtocolVersion>,
    /// The section that says it.
    pub section: String,
    /// How binding it is.
    pub level: Level,
    /// What was seen and what was right instead, in one sentence.
    pub message: String,
    /// Who broke it.
    #[serde(default)]
    pub accused: Side,
    /// The connection on which it was seen, if it was seen on one.
    pub connection: Option<usize>,
    /// The transcript events that show it: the deciding one last, those that imply it before.
    pub events: Vec<usize>,
}

impl Finding {
    /// A breach of the catalogue's `statement` of `version`, with its section and level.
    ///
    /// A statement that the catalogue does not know is kept as it is written and counts as binding.
    pub fn of(version: ProtocolVersion, statement: &str, message: impl Into<String>) -> Self {
        let (section, level) = match Catalogue::of(version).get(statement) {
            Some(known) => (known.section.clone(), known.judged_level()),
            None => (String::new(), Level::Must),
        };
        Self {
            statement: statement.to_owned(),
            version: Some(version),
            section,
            level,
            message: message.into(),
            accused: Side::Server,
            connection: None,
            events: Vec::new(),
        }
    }

    /// A breach of a sentence that has no number.
    pub fn of_section(section: &str, level: Level, message: impl Into<String>) -> Self {
        Self {
            statement: String::new(),
            version: None,
            section: section.to_owned(),
            level,
            message: message.into(),
            accused: Side::Server,
            connection: None,
            events: Vec::new(),
        }
    }

    /// The same finding, seen on `connection`.
    #[must_use]
    pub fn on(mut self, connection: usize) -> Self {
        self.connection = Some(connection);
        self
    }

    /// The same finding, against `accused`.
    #[must_use]
    pub const fn against(mut self, accused: Side) -> Self {
        self.accused = accused;
        self
    }

    /// The same finding, shown by these transcript events.
    #[must_use]
    pub fn shown_by(mut self, events: impl IntoIterator<Item = usize>) -> Self {
        self.events.extend(events);
        self
    }
}
