//! Packets that end early: on the wire (the rest is still to come), or for good, with a Remaining Length that says so.

use alloc::collections::BTreeSet;
use alloc::format;

use super::builder::Builder;
use super::notation::count;
use super::slot::slug;
use crate::raw::{RawPacket, RawValue};
use crate::samples::{full, minimal};

pub(super) fn add(builder: &mut Builder) {
    let version = builder.version;
    for packet in minimal(version) {
        let raw = RawPacket::from_packet_in_full(&packet, version);
        let name = packet.packet_type().name();
        let bytes = raw.to_bytes();
        for length in 1..bytes.len() {
            let comment = format!("the first {length} of {} bytes of {name}", bytes.len());
            builder.bytes(format!("{}/begun/{length}", slug(name)), bytes[..length].to_vec(), comment);
        }
        for keep in 0..raw.body().len() {
            let comment =
                format!("{name} that ends after {} of body, as its Remaining Length says", count(keep, "byte"));
            let raw = RawPacket { keep: Some(keep), ..raw.clone() };
            builder.raw(format!("{}/ended/{keep}", slug(name)), &raw, comment);
        }
    }
    for packet in full(version) {
        let raw = RawPacket::from_packet(&packet, version);
        let name = packet.packet_type().name();
        let header = raw.to_bytes().len() - raw.body().len();
        for (keep, place) in cuts(&raw) {
            let comment = format!("{name} with everything in it that ends {place}, as its Remaining Length says");
            let short = RawPacket { keep: Some(keep), ..raw.clone() };
            builder.raw(format!("{}/full-ended/{keep}", slug(name)), &short, comment);
            let begun = raw.to_bytes()[..header + keep].to_vec();
            let comment = format!("{name} with everything in it, the rest of which is still to come: it ends {place}");
            builder.bytes(format!("{}/full-begun/{keep}", slug(name)), begun, comment);
        }
    }
}

/// Before each field, inside its length, behind its length, and before its last byte.
fn cuts(raw: &RawPacket) -> BTreeSet<(usize, &'static str)> {
    let mut cuts = BTreeSet::new();
    let mut start = 0;
    for field in &raw.fields {
        let mut bytes = alloc::vec::Vec::new();
        field.value.write(&mut bytes);
        let prefixed = matches!(field.value, RawValue::Utf8 { .. } | RawValue::Binary { .. });
        let mut places = alloc::vec![(0, "before a field")];
        if prefixed {
            places.extend([(1, "inside the length of a field"), (2, "behind the length of a field")]);
        }
        places.push((bytes.len().saturating_sub(1), "a byte before the end of a field"));
        for (at, place) in places {
            if at < bytes.len() && cuts.iter().all(|(cut, _)| *cut != start + at) {
                cuts.insert((start + at, place));
            }
        }
        start += bytes.len();
    }
    cuts
}
