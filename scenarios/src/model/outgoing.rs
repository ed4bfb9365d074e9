//! What a scenario sends.

use mqttspec_codec::{Mutation, PacketBuf, PacketType, PropertyBuf, ReasonCode};
use serde::{Deserialize, Serialize};

/// Name under which an observed packet is remembered, so that later steps can refer to it.
pub type Var = String;

/// The name under which the engine remembers the latest AUTH of the target on a connection, without being told to.
pub fn auth_var(connection: &str) -> Var {
    format!("auth of {connection}")
}

/// Something to send. Strings may hold `{ns}`, the run's namespace; see [`super::Namespace`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outgoing {
    /// A packet, encoded as it stands.
    Packet(PacketBuf),
    /// A packet broken by one named mutation.
    Mutated {
        /// The valid packet.
        packet: PacketBuf,
        /// What is done to it.
        mutation: Mutation,
    },
    /// Literal bytes.
    Bytes(#[serde(with = "hex_bytes")] Vec<u8>),
    /// PUBACK, PUBREC, PUBREL or PUBCOMP with the Packet Identifier of a remembered packet.
    Answer {
        /// Which of the four.
        packet_type: PacketType,
        /// The remembered packet.
        to: Var,
        /// Reason code; `SUCCESS` for the short form.
        reason_code: ReasonCode,
        /// Properties (5.0 only).
        properties: Vec<PropertyBuf>,
    },
    /// The same acknowledgement, broken by one named mutation.
    MutatedAnswer {
        /// Which of the four.
        packet_type: PacketType,
        /// The remembered packet.
        to: Var,
        /// What is done to it.
        mutation: Mutation,
    },
    /// AUTH that answers the remembered AUTH's challenge by the embedded method `mqttspec-challenge`: the bytes of
    /// the Authentication Data in reverse.
    AnswerChallenge {
        /// The remembered AUTH.
        to: Var,
        /// Answer wrongly on purpose.
        wrong: bool,
    },
    /// CONNECT as given, but with the Client Identifier that a remembered CONNACK assigned.
    ConnectAsAssigned {
        /// The CONNECT.
        packet: PacketBuf,
        /// The remembered CONNACK.
        to: Var,
    },
    /// Several in one write, so that they arrive coalesced.
    Together(Vec<Outgoing>),
    /// The same bytes in pieces of this many bytes, one write each.
    InPieces {
        /// What.
        outgoing: Box<Outgoing>,
        /// Length of each piece, at least 1.
        size: usize,
    },
}

/// Bytes as a hex string, as people read them in a scenario file.
mod hex_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if !text.len().is_multiple_of(2) || !text.is_ascii() {
            return Err(D::Error::custom("expected an even number of hex digits"));
        }
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| D::Error::custom("expected hex digits")))
            .collect()
    }
}
