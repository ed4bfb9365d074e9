//! What the targets can reach and notice: a generator that leaves something out, or a check that lets everything pass,
//! fails here.

use std::collections::BTreeSet;
use std::panic::catch_unwind;

use mqttspec_codec::{
    DecodeError, Mutation, Packet, PacketType, PropertyId, ProtocolVersion, decode, diagnose, samples,
};
use mqttspec_fuzz::seeds::{Seed, generated};
use mqttspec_fuzz::{Choices, Input, agrees_with_diagnose, packet, spoiled};

/// Choices enough to see everything: the generated ones, and each of them behind another start.
fn choices() -> impl Iterator<Item = Vec<u8>> {
    generated(Input::Choices).into_iter().flat_map(|Seed { data, .. }| {
        (0..20_u8).map(move |start| {
            let turned: Vec<_> = data.iter().map(|byte| byte.wrapping_add(start.wrapping_mul(13))).collect();
            turned
        })
    })
}

#[test]
fn every_type_of_every_version_and_every_property_is_generated() {
    let (mut types, mut properties) = (BTreeSet::new(), BTreeSet::new());
    for data in choices() {
        let (version, packet) = packet(&mut Choices::new(&data)).expect("there is always a simplest choice");
        types.insert((version.as_str(), packet.packet_type().value()));
        properties.extend(packet.properties().iter().map(|property| property.id));
        if let mqttspec_codec::PacketBuf::Connect(connect) = packet {
            properties.extend(connect.will.iter().flat_map(|will| &will.properties).map(|property| property.id));
        }
    }
    for version in ProtocolVersion::ALL {
        for packet_type in PacketType::ALL.into_iter().filter(|packet_type| packet_type.exists_in(version)) {
            assert!(types.contains(&(version.as_str(), packet_type.value())), "{version} {packet_type:?}");
        }
    }
    let missing: Vec<_> = PropertyId::ALL.into_iter().filter(|id| !properties.contains(id)).collect();
    assert_eq!(missing, []);
}

#[test]
fn every_mutation_applies_to_a_generated_packet() {
    let packets: Vec<_> = choices().filter_map(|data| packet(&mut Choices::new(&data)).ok()).collect();
    let applies =
        |mutation: &Mutation| packets.iter().any(|(version, packet)| mutation.apply(packet, *version).is_some());
    let never: Vec<_> = Mutation::ALL.iter().filter(|mutation| !applies(mutation)).collect();
    assert!(never.is_empty(), "never applied: {never:?}");
}

#[test]
fn spoiled_packets_are_refused_by_the_encoder_by_the_decoder_and_by_neither() {
    let (mut unwritable, mut refused, mut harmless) = (0, 0, 0);
    for data in choices() {
        let choices = &mut Choices::new(&data);
        let (version, mut packet) = packet(choices).expect("there is always a simplest choice");
        spoiled(&mut packet, choices).expect("there is always a simplest choice");
        match packet.encode(version) {
            Err(_) => unwritable += 1,
            Ok(bytes) if decode(&bytes, version).is_err() => refused += 1,
            Ok(_) => harmless += 1,
        }
    }
    assert!(unwritable > 50 && refused > 50 && harmless > 50, "{unwritable} {refused} {harmless}");
}

type Decode = for<'a> fn(&'a [u8], ProtocolVersion) -> Result<Packet<'a>, DecodeError>;

/// Whether the comparison with `diagnose` finds fault with a decoder, on all packets that are generated.
fn is_noticed(decode: Decode) -> bool {
    let compare = || generated(Input::Packet).iter().for_each(|seed| agrees_with_diagnose(&seed.data, decode));
    catch_unwind(compare).is_err()
}

fn lax(frame: &[u8], version: ProtocolVersion) -> Result<Packet<'_>, DecodeError> {
    match decode(frame, version) {
        Err(DecodeError::DupAtQoS0) => Ok(Packet::PingReq),
        decoded => decoded,
    }
}

fn miscoded(frame: &[u8], version: ProtocolVersion) -> Result<Packet<'_>, DecodeError> {
    match decode(frame, version) {
        Err(DecodeError::Truncated) => Err(DecodeError::PropertyOutOfRange(PropertyId::TopicAlias)),
        decoded => decoded,
    }
}

#[test]
fn a_decoder_that_errs_is_noticed() {
    assert!(!is_noticed(decode), "ours errs");
    assert!(is_noticed(|_, _| Err(DecodeError::Truncated)), "refuses everything");
    assert!(is_noticed(|_, _| Ok(Packet::PingReq)), "accepts everything");
    assert!(is_noticed(lax), "lets one rule go");
    assert!(is_noticed(miscoded), "answers with the wrong code");
}

#[test]
fn seeds_for_packets_hold_all_samples_and_all_mutations() {
    let seeds = generated(Input::Packet);
    let valid = |seed: &&Seed| ProtocolVersion::ALL.iter().any(|version| diagnose(&seed.data, *version).is_valid());
    let broken = seeds.iter().filter(|seed| !valid(seed)).count();
    assert!(broken > 1000, "only {broken} broken packets");
    let datas: BTreeSet<_> = seeds.iter().map(|seed| seed.data.as_slice()).collect();
    assert_eq!(datas.len(), seeds.len(), "some are there twice");
    for version in ProtocolVersion::ALL {
        for sample in samples(version) {
            let bytes = sample.encode(version).expect("a sample can be encoded");
            assert!(datas.contains(bytes.as_slice()), "{version} {sample:?}");
        }
    }
}
