//! Lengths before strings and Binary Data (1.5.4, 1.5.6) that say more or less than is there.

use alloc::format;
use alloc::vec;

use super::builder::Builder;
use super::slot;
use crate::raw::RawLength;

pub(super) fn add(builder: &mut Builder) {
    let mut slots = slot::in_fields(builder.version);
    slots.extend(slot::in_properties(builder.version));
    for slot in slots {
        for (id, length, what) in [
            ("length-one-more", RawLength::Add(1), "one more than it takes"),
            ("length-one-less", RawLength::Add(-1), "one less than it takes"),
            ("length-zero", RawLength::Value(0), "0 before bytes that are not"),
            ("length-largest", RawLength::Value(0xFFFF), "65,535, more than is left"),
            ("length-one-byte", RawLength::Bytes(vec![0x02]), "one byte instead of two"),
            ("length-swapped", RawLength::Bytes(vec![0x02, 0x00]), "written with its low byte first"),
            ("length-absent", RawLength::Bytes(vec![]), "left out"),
        ] {
            let raw = slot.with_length(b"ab", length);
            builder.raw(format!("{}/{id}", slot.id), &raw, format!("the length of {} is {what}", slot.label));
        }
    }
}
