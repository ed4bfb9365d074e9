//! Every named [`Mutation`] of every sample.

use alloc::format;
use alloc::string::String;

use super::builder::Builder;
use super::slot::slug;
use crate::Mutation;
use crate::samples::{full, minimal};

pub(super) fn add(builder: &mut Builder) {
    let version = builder.version;
    for (size, packets) in [("minimal", minimal(version)), ("full", full(version))] {
        for packet in packets {
            builder.packet(
                format!("{}/{size}", slug(packet.packet_type().name())),
                &packet,
                format!(
                    "{} {}",
                    packet.packet_type(),
                    if size == "full" { "with everything in it" } else { "as small as it gets" }
                ),
            );
            for mutation in Mutation::ALL {
                let Some(bytes) = mutation.apply(&packet, version) else { continue };
                let id = format!("{}/{size}/{mutation}", slug(packet.packet_type().name()));
                // Where it strikes, for those that have a choice.
                let place = mutation.id().split_once(':').map(|(_, place)| place.replace(['-', ':'], " "));
                let place = place.map_or(String::new(), |place| format!(" ({place})"));
                let comment = format!("{size} {}: {}{place}", packet.packet_type(), lower_first(mutation.describe()));
                builder.bytes(id, bytes, comment);
            }
        }
    }
}

fn lower_first(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let (first, rest) = text.split_at(text.len().min(1));
    format!("{}{rest}", first.to_lowercase())
}
