//! The statement catalogue: every normative statement of the standard, in our own words.
//!
//! The data lie in `scenarios/statements/*.toml`; this module reads them once and answers look-ups.

use std::fmt;
use std::sync::OnceLock;

use mqttspec_codec::ProtocolVersion;
use serde::{Deserialize, Serialize};

/// How binding a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// MUST, MUST NOT, REQUIRED, SHALL.
    Must,
    /// SHOULD, RECOMMENDED.
    Should,
    /// MAY, OPTIONAL, or unspecified.
    May,
}

/// Who is obliged by a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// The Client.
    Client,
    /// The Server.
    Server,
    /// Client and Server, or sender and receiver of either kind.
    Both,
}

/// From where a breach of a statement can be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "seen", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Seen {
    /// By a tester connected to a target as it comes.
    Directly,
    /// Only when the target is specially set up.
    Setup {
        /// The set-up, in one phrase.
        setup: String,
    },
    /// Not from outside, or the role is not bound.
    No {
        /// Why, in one sentence.
        why: String,
    },
}

/// One normative statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// `MQTT-3.1.2-3`; in 3.1, which numbers none, an id of ours.
    pub id: String,
    /// The section of the body in which the sentence stands.
    pub section: String,
    /// How binding it is.
    pub level: Level,
    /// Whether it binds only who detects an error, while the rigour of checking is left open (5.0, 4.13.1). From outside
    /// an error that is overlooked cannot be told from one that is tolerated, so a breach is shown as a deviation. Also where
    /// all that shows a breach is what a server does that keeps another reading of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_detection: bool,
    /// Who is obliged.
    pub who: Who,
    /// What it requires, in our own words.
    pub requirement: String,
    /// How a tester that plays clients sees a breach at a broker.
    pub at_broker: Seen,
    /// How a tester that plays the server sees a breach at a client.
    pub at_client: Seen,
    /// Errata and ambiguities that matter to a judge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The statements of one version.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// In the order of the standard's own list.
    #[serde(rename = "statement")]
    pub statements: Vec<Statement>,
}

impl Statement {
    /// How binding a breach that is seen from outside is: the statement's own level, unless it binds on detection only.
    pub fn judged_level(&self) -> Level {
        if self.on_detection { Level::Should } else { self.level }
    }
}

impl Catalogue {
    /// The catalogue of `version`. Read once; later calls are free.
    ///
    /// # Panics
    ///
    /// Never in a released build: the embedded file is parsed by a test.
    pub fn of(version: ProtocolVersion) -> &'static Self {
        static CATALOGUES: OnceLock<[Catalogue; 3]> = OnceLock::new();
        let catalogues = CATALOGUES.get_or_init(|| {
            [
                read("v3.1.toml", include_str!("../statements/v3.1.toml")),
                read("v3.1.1.toml", include_str!("../statements/v3.1.1.toml")),
                read("v5.0.toml", include_str!("../statements/v5.0.toml")),
            ]
        });
        match version {
            ProtocolVersion::V3_1 => &catalogues[0],
            ProtocolVersion::V3_1_1 => &catalogues[1],
            ProtocolVersion::V5_0 => &catalogues[2],
        }
    }

    /// The statement with this id.
    pub fn get(&self, id: &str) -> Option<&Statement> {
        self.statements.iter().find(|statement| statement.id == id)
    }

    /// The statements that can be seen at a broker as it comes.
    pub fn broker_observable(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|statement| statement.at_broker == Seen::Directly)
    }

    /// The statements that can be seen at a client as it comes.
    pub fn client_observable(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|statement| statement.at_client == Seen::Directly)
    }
}

/// What sections say in sentences without a number: for deviations that are shown and do not fail, and for the rules on
/// subscriptions, which 7.1.1 makes binding for a server.
const ADVICE: &[(&str, &str)] = &[
    (
        "4.13.1",
        "A server answers a malformed packet or a protocol error with the fitting reason code and closes; how rigorously it checks what it receives is left to it.",
    ),
    ("2", "A packet of MQTT 3.1 has the format of its type; what becomes of one that has not is left open."),
    ("3.3.4", "A PUBLISH carries no other Subscription Identifiers than those of the subscriptions that made it flow."),
    (
        "4.8.2",
        "Each message for a Shared Subscription goes to one of its members, every Shared Subscription is served by itself, and nothing retained is sent to it.",
    ),
    ("3.1.2.6", "A Will Message is published at its Will QoS."),
    ("4.12.1", "A server answers a request for re-authentication with AUTH: success, or a further challenge."),
    (
        "3.1.3.2.2",
        "A Will Message that waits for its Will Delay Interval is published when its session ends, also when a clean start of the same client ends it.",
    ),
    ("3.14.4", "Who receives DISCONNECT closes the network connection if the sender has not done so."),
];

/// What the unnumbered sentences of a section ask for, in our own words.
pub fn advice(section: &str) -> &'static str {
    ADVICE.iter().find(|(known, _)| *known == section).map_or("What the section recommends.", |(_, words)| words)
}

fn read(name: &str, text: &str) -> Catalogue {
    match toml::from_str(text) {
        Ok(catalogue) => catalogue,
        Err(error) => panic!("embedded catalogue {name}: {error}"),
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        })
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Both => "client and server",
        })
    }
}
