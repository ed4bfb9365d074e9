//! The named mutations, on any packet.

use arbitrary::Result;
use mqttspec_codec::{Mutation, decode, diagnose, render::annotated_hex};

use crate::generate::{Choices, packet, spoiled};

/// Breaks a generated packet in a named way: what comes out contains the violation that the mutation claims, and is
/// refused by the decoder. Applying any mutation to a packet that was not valid to begin with never panics.
///
/// # Panics
/// When any of that does not hold.
pub fn mutations(data: &[u8]) {
    // Out of choices is out of input, which is no finding.
    let _ = run(&mut Choices::new(data));
}

fn run(choices: &mut Choices<'_>) -> Result<()> {
    let mutation = *choices.choose(Mutation::ALL)?;
    let (version, mut packet) = packet(choices)?;
    if let Some(bytes) = mutation.apply(&packet, version) {
        let diagnosis = diagnose(&bytes, version);
        let context = || format!("{mutation} {version} {packet:?}\n{}", annotated_hex(&bytes, version));
        assert!(diagnosis.has(mutation.violation()), "{} is missing: {}", mutation.violation().id(), context());
        assert!(!diagnosis.is_valid(), "diagnose accepts {}", context());
        assert!(decode(&bytes, version).is_err(), "decode accepts {}", context());
    }
    spoiled(&mut packet, choices)?;
    mutation.apply(&packet, version);
    Ok(())
}
