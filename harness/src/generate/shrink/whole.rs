//! Whether a shortened scenario still makes sense: what cannot be played, or what no Client would do, is not worth a run.

use std::collections::BTreeMap;

use mqttspec_codec::PacketBuf;
use mqttspec_scenarios::model::{Outgoing, Scenario, Step};

use super::connection_of;

/// What a connection has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// Open, and nothing sent.
    Fresh,
    /// CONNECT was sent.
    Connected,
    /// Ended by a step.
    Closed,
}

/// Whether every step is about a connection that is open, and each connection begins with its one CONNECT (3.1.0-1,
/// 3.1.0-2). A history that breaks these rules on purpose keeps the bytes that do so literal or mutated, and those are not
/// looked into.
pub(super) fn is_whole(scenario: &Scenario) -> bool {
    let mut lives: BTreeMap<&String, Life> = BTreeMap::new();
    for step in &scenario.steps {
        let Some(connection) = connection_of(step) else { continue };
        let life = lives.get(connection).copied();
        match step {
            Step::Open { .. } => {
                lives.insert(connection, Life::Fresh);
            }
            Step::Close { .. } => {
                if !matches!(life, Some(Life::Fresh | Life::Connected)) {
                    return false;
                }
                lives.insert(connection, Life::Closed);
            }
            Step::Send { outgoing, .. } => match (life, first_packet(outgoing)) {
                (Some(Life::Fresh), Some(PacketBuf::Connect(_)) | None) => {
                    lives.insert(connection, Life::Connected);
                }
                (Some(Life::Connected), Some(PacketBuf::Connect(_))) => return false,
                (Some(Life::Connected), _) => {}
                _ => return false,
            },
            Step::Resend { .. } | Step::Acknowledge { .. } => {
                if life != Some(Life::Connected) {
                    return false;
                }
            }
            _ => {
                if life.is_none() {
                    return false;
                }
            }
        }
    }
    true
}

/// The first packet, if it is one that is sent as it stands.
fn first_packet(outgoing: &Outgoing) -> Option<&PacketBuf> {
    match outgoing {
        Outgoing::Packet(packet) => Some(packet),
        Outgoing::Together(all) => all.first().and_then(first_packet),
        Outgoing::InPieces { outgoing, .. } => first_packet(outgoing),
        _ => None,
    }
}
