//! Small changes to bytes that were valid.

use arbitrary::{Arbitrary, Result};

use crate::generate::Choices;

/// The most changes made to one packet.
const MAX_EDITS: usize = 4;

/// Changes a few bytes in place, as `choices` say; maybe none.
///
/// # Errors
/// Those of the source of choices.
pub(crate) fn edit(bytes: &mut Vec<u8>, choices: &mut Choices<'_>) -> Result<()> {
    for _ in 0..MAX_EDITS {
        if bytes.is_empty() || choices.is_empty() {
            break;
        }
        let at = choices.choose_index(bytes.len())?;
        match choices.int_in_range(0..=6)? {
            0 => bytes[at] = u8::arbitrary(choices)?,
            1 => bytes[at] ^= 1 << choices.int_in_range(0..=7)?,
            // Small numbers are lengths and identifiers, so they lead further than others do.
            2 => bytes[at] = choices.int_in_range(0..=0x2F)?,
            3 => bytes[at] = bytes[at].wrapping_add(*choices.choose(&[1, 0xFF])?),
            4 => bytes.insert(at, u8::arbitrary(choices)?),
            5 => drop(bytes.remove(at)),
            _ => bytes.truncate(at),
        }
    }
    Ok(())
}
