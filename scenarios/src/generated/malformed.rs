//! The malformed table: what a client may send, broken in every named way, in every version.
//!
//! For each row the codec's own diagnosis says which reason codes are fitting, `duties` says which sentence obliges the
//! server to refuse, and `stories` gives the dialogue: its valid twin is accepted first, then the broken packet
//! must end the connection, and what it asked for must not have happened.

use mqttspec_codec::{
    Diagnosis, Mutation, PacketType, ProtocolVersion, ReasonCode, ViolationKind, diagnose, frame_len,
};

use super::duties;
use super::stories::{self, Broken};
use crate::model::Scenario;

/// The packets that a client sends, in the order of the standard.
const SENT_BY_CLIENTS: [PacketType; 11] = [
    PacketType::Connect,
    PacketType::Publish,
    PacketType::PubAck,
    PacketType::PubRec,
    PacketType::PubRel,
    PacketType::PubComp,
    PacketType::Subscribe,
    PacketType::Unsubscribe,
    PacketType::PingReq,
    PacketType::Disconnect,
    PacketType::Auth,
];

/// Every scenario of the malformed table.
pub fn malformed() -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    for version in ProtocolVersion::ALL {
        for packet_type in SENT_BY_CLIENTS.into_iter().filter(|packet_type| packet_type.exists_in(version)) {
            for mutation in Mutation::ALL {
                scenarios.extend(row(version, packet_type, *mutation));
            }
        }
    }
    scenarios
}

/// The scenario for one row, if the mutation applies to the packet and what it makes is certainly wrong.
fn row(version: ProtocolVersion, packet_type: PacketType, mutation: Mutation) -> Option<Scenario> {
    let (twin, bytes) = stories::twins(version, packet_type)
        .into_iter()
        .find_map(|twin| mutation.apply(twin.packet(), version).map(|bytes| (twin, bytes)))?;
    let diagnosis = diagnose(&bytes, version);
    if diagnosis.is_valid() || diagnosis.is_debatable(version, &bytes) || !is_judged(version, &diagnosis, &bytes) {
        return None;
    }
    let codes = answers(&diagnosis);
    let cite = duties::refusal(version, packet_type, &diagnosis);
    let story = Broken { version, mutation, codes, cite, lenient_suback: is_filter_error(&diagnosis) };
    Some(stories::tell(&story, &twin))
}

/// Rows that would judge more than the standard says are left out.
pub(crate) fn is_judged(version: ProtocolVersion, diagnosis: &Diagnosis, bytes: &[u8]) -> bool {
    use ViolationKind as V;
    // A packet that is not complete yet is no error: the server waits for the rest. One that ends early leaves bytes that
    // begin another packet, so that what is judged would depend on both.
    let whole = match frame_len(bytes) {
        Ok(Some(len)) => len == bytes.len(),
        Ok(None) => false,
        Err(_) => true,
    };
    // Names and levels of other protocols may be served (3.1.2-1, 3.1.2-2): they have scenarios of their own.
    let other_protocol = diagnosis.has(V::ProtocolName) || diagnosis.has(V::ProtocolVersion);
    // Only 5.0 asks for the shortest form (1.5.5-1).
    let only_long_form = !version.has_properties() && diagnosis.has(V::RemainingLengthNotMinimal);
    // 3.1 calls the reserved bits unused and says nothing of those who use them, nor of the other errors here.
    let unused_bits = version == ProtocolVersion::V3_1
        && [
            V::InvalidFlags,
            V::DupAtQoS0,
            V::ConnectReservedFlag,
            V::SubscriptionReservedBits,
            V::PasswordWithoutUserName,
            V::UnexpectedBody,
            V::TrailingBytes,
            V::NullCharacter,
            // A list that 3.1 does not say must hold anything.
            V::NoTopicFilters,
        ]
        .into_iter()
        .any(|kind| diagnosis.has(kind));
    whole && !other_protocol && !only_long_form && !unused_bits
}

/// The fitting codes, and those that fit every error of a packet (4.13.1).
pub(crate) fn answers(diagnosis: &Diagnosis) -> Vec<ReasonCode> {
    let mut codes = diagnosis.reasons();
    for general in [
        ReasonCode::MALFORMED_PACKET,
        ReasonCode::PROTOCOL_ERROR,
        ReasonCode::UNSPECIFIED_ERROR,
        ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
    ] {
        if !codes.contains(&general) {
            codes.push(general);
        }
    }
    codes
}

/// Errors of a Topic Filter, which a server may also answer for that filter alone, in SUBACK or UNSUBACK (3.9.3, 3.11.3).
pub(crate) fn is_filter_error(diagnosis: &Diagnosis) -> bool {
    use ViolationKind as V;
    let filter_errors = [
        V::TopicFilterEmpty,
        V::MultiLevelWildcardMisplaced,
        V::SingleLevelWildcardMisplaced,
        V::ShareNameEmpty,
        V::ShareNameWildcard,
        V::ShareFilterMissing,
        V::NoLocalOnShared,
        V::IllFormedUtf8,
        V::NullCharacter,
    ];
    diagnosis.violations.iter().all(|violation| filter_errors.contains(&violation.kind))
}
