//! The first conversation with a target: which versions it speaks, what it can do, how long a round trip takes.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mqttspec_codec::{ConnAckBuf, DisconnectBuf, PacketBuf, PacketType, PropertyBuf, ProtocolVersion, ReasonCode};
use mqttspec_scenarios::model::{Namespace, Need, Scenario, connect};

use super::Capabilities;
use crate::client::{Client, Trouble};
use crate::engine::ConnectDefaults;
use crate::target::Unreachable;

/// Pings whose median is the round trip.
const PINGS: usize = 7;
/// Session Expiry Interval asked for, in seconds, to see whether the target shortens it.
const SESSION_EXPIRY: u32 = 3_600;

/// Whether the target speaks a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// It answers CONNECT with CONNACK and PINGREQ with PINGRESP.
    Yes,
    /// It does not; what it did instead.
    No(String),
}

/// What the first conversation showed.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// Each version, oldest first.
    pub versions: Vec<(ProtocolVersion, Spoken)>,
    /// What the target can do in 5.0.
    pub capabilities: Capabilities,
    /// Median round trip of PINGREQ and PINGRESP.
    pub round_trip: Duration,
}

impl Discovery {
    /// Whether the target speaks `version`.
    #[must_use]
    pub fn speaks(&self, version: ProtocolVersion) -> bool {
        self.versions.iter().any(|(v, spoken)| *v == version && *spoken == Spoken::Yes)
    }

    /// The versions it speaks, oldest first.
    pub fn spoken(&self) -> impl Iterator<Item = ProtocolVersion> + '_ {
        self.versions.iter().filter(|(_, spoken)| *spoken == Spoken::Yes).map(|(version, _)| *version)
    }

    /// What it does instead of speaking `version`.
    #[must_use]
    pub fn why_not(&self, version: ProtocolVersion) -> Option<&str> {
        self.versions.iter().find_map(|(v, spoken)| match spoken {
            Spoken::No(why) if *v == version => Some(why.as_str()),
            _ => None,
        })
    }

    /// The wait after the last fence before an absence is believed, in milliseconds.
    #[must_use]
    pub fn grace_ms(&self, scale: f64) -> u64 {
        let grace = (self.round_trip * 20).clamp(Duration::from_millis(30), Duration::from_millis(500));
        u64::try_from(grace.mul_f64(scale).as_millis()).unwrap_or(u64::MAX)
    }
}

/// Talks to the target in every version, at the same time.
///
/// # Errors
/// When no version is answered: one line that says what was seen instead.
pub async fn discover(
    address: SocketAddr,
    scenarios: &[Scenario],
    defaults: &ConnectDefaults,
    seed: u64,
    patience: Duration,
) -> Result<Discovery, Unreachable> {
    let client_id = format!("{}d", Namespace::new(seed, u32::MAX).as_str());
    let ask = |version, tag: &'static str| {
        let mut packet = connect(version, &format!("{client_id}{tag}"));
        defaults.fill_in(&mut packet);
        if version.has_properties() {
            packet.properties.push(PropertyBuf::session_expiry_interval(SESSION_EXPIRY));
        }
        converse(address, packet, patience)
    };
    let (v31, v311, v5) = tokio::join!(
        ask(ProtocolVersion::V3_1, "31"),
        ask(ProtocolVersion::V3_1_1, "311"),
        ask(ProtocolVersion::V5_0, "5")
    );
    let answers = [(ProtocolVersion::V3_1, v31), (ProtocolVersion::V3_1_1, v311), (ProtocolVersion::V5_0, v5)];
    let mut capabilities = Capabilities::default();
    let mut round_trip = None;
    let mut versions = Vec::new();
    let mut worst: Option<&Said> = None;
    for (version, answer) in &answers {
        match answer {
            Ok(answer) => {
                round_trip = Some(answer.round_trip);
                if version.has_properties() {
                    capabilities = Capabilities::of(&answer.connack);
                }
                versions.push((*version, Spoken::Yes));
            }
            Err(said) => {
                if worst.is_none_or(|worst| worst.rank() <= said.rank()) {
                    worst = Some(said);
                }
                versions.push((*version, Spoken::No(said.to_string())));
            }
        }
    }
    let Some(round_trip) = round_trip else {
        let why = worst.map(ToString::to_string).unwrap_or_default();
        return Err(Unreachable(format!("the target on {address} does not answer as an MQTT broker: it {why}")));
    };
    if answers[2].1.is_ok() {
        for method in methods(scenarios) {
            if offers(address, &format!("{client_id}a"), &method, patience).await {
                capabilities.authentication_methods.insert(method);
            }
        }
    }
    Ok(Discovery { versions, capabilities, round_trip })
}

struct Answer {
    connack: ConnAckBuf,
    round_trip: Duration,
}

/// What a target said instead of a CONNACK with success and PINGRESP.
enum Said {
    Refused(ProtocolVersion, ReasonCode),
    NoPingResp(Trouble),
    Trouble(Trouble),
}

impl Said {
    /// The most telling answer has the highest rank.
    fn rank(&self) -> u8 {
        match self {
            Self::Refused(_, code) if is_version_refusal(*code) => 4,
            Self::Refused(..) => 7,
            Self::NoPingResp(_) => 6,
            Self::Trouble(Trouble::Strange(_)) => 5,
            Self::Trouble(Trouble::Flood) => 5,
            Self::Trouble(Trouble::Closed) => 3,
            Self::Trouble(Trouble::Silent(_)) => 2,
            Self::Trouble(_) => 1,
        }
    }
}

async fn converse(address: SocketAddr, packet: mqttspec_codec::ConnectBuf, patience: Duration) -> Result<Answer, Said> {
    let version = packet.version;
    let mut client = Client::open(address, version, patience).await.map_err(Said::Trouble)?;
    let connack = match client.connect(packet).await.map_err(Said::Trouble)? {
        PacketBuf::ConnAck(connack) if connack.reason_code == ReasonCode::SUCCESS => connack,
        PacketBuf::ConnAck(connack) => return Err(Said::Refused(version, connack.reason_code)),
        other => {
            return Err(Said::Trouble(Trouble::Strange(other.encode(version).unwrap_or_default())));
        }
    };
    let mut trips = Vec::with_capacity(PINGS);
    for _ in 0..PINGS {
        let sent = Instant::now();
        client.ping().await.map_err(Said::NoPingResp)?;
        trips.push(sent.elapsed());
    }
    trips.sort();
    // The session was asked to outlive the connection; take that back.
    let properties = if version.has_properties() { vec![PropertyBuf::session_expiry_interval(0)] } else { Vec::new() };
    client.disconnect(DisconnectBuf { reason_code: ReasonCode::NORMAL_DISCONNECTION, properties }).await;
    Ok(Answer { connack, round_trip: trips[PINGS / 2] })
}

/// Whether the target takes up an enhanced authentication with this method (4.12).
async fn offers(address: SocketAddr, client_id: &str, method: &str, patience: Duration) -> bool {
    let mut packet = connect(ProtocolVersion::V5_0, client_id);
    packet.properties.push(PropertyBuf::authentication_method(method));
    let Ok(mut client) = Client::open(address, ProtocolVersion::V5_0, patience).await else { return false };
    match client.connect(packet).await {
        Ok(PacketBuf::Auth(auth)) => auth.reason_code == ReasonCode::CONTINUE_AUTHENTICATION,
        Ok(PacketBuf::ConnAck(connack)) => {
            use mqttspec_codec::{PropertyId, PropertyList};
            connack.reason_code == ReasonCode::SUCCESS
                && connack.properties.text(PropertyId::AuthenticationMethod) == Some(method)
        }
        _ => false,
    }
}

/// Every Authentication Method that some scenario needs.
fn methods(scenarios: &[Scenario]) -> BTreeSet<String> {
    fn of(need: &Need) -> Option<&String> {
        match need {
            Need::AuthenticationMethod(method) => Some(method),
            Need::Lacks(need) => of(need),
            _ => None,
        }
    }
    scenarios.iter().flat_map(|scenario| &scenario.needs).filter_map(of).cloned().collect()
}

/// Unsupported Protocol Version of 5.0, or "unacceptable protocol version" of 3.1 and 3.1.1, whatever was asked.
fn is_version_refusal(code: ReasonCode) -> bool {
    code == ReasonCode::UNSUPPORTED_PROTOCOL_VERSION || code.0 == 1
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(version, code) => {
                let name = code
                    .name_in(*version, PacketType::ConnAck)
                    .or_else(|| code.name_in(ProtocolVersion::V5_0, PacketType::ConnAck))
                    .or_else(|| code.name_in(ProtocolVersion::V3_1_1, PacketType::ConnAck))
                    .unwrap_or("not defined");
                write!(f, "refused CONNECT with code 0x{:02x} ({name})", code.0)?;
                let credentials = matches!(code.0, 0x86 | 0x87) || (matches!(code.0, 4 | 5));
                if credentials { f.write_str("; see --user and --password") } else { Ok(()) }
            }
            Self::NoPingResp(trouble) => write!(f, "answered CONNECT with CONNACK, but then no PINGREQ: it {trouble}"),
            Self::Trouble(trouble) => trouble.fmt(f),
        }
    }
}
