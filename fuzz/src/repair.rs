//! Frames whose Remaining Length is true.
//!
//! A fuzzer that inserts or removes bytes rarely corrects the length in front of them, and a frame with a wrong one
//! tests nothing behind it.

use mqttspec_codec::varint;

/// The bytes as they came, and the same body behind its true Remaining Length when that is something else.
pub(crate) fn candidates(data: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    [Some(data.to_vec()), repaired(data).filter(|repaired| repaired != data)].into_iter().flatten()
}

/// A frame of this first byte and this body.
pub(crate) fn frame(first_byte: u8, body: &[u8]) -> Option<Vec<u8>> {
    let mut frame = vec![first_byte];
    varint::encode(u32::try_from(body.len()).ok()?, &mut frame)?;
    frame.extend_from_slice(body);
    Some(frame)
}

/// What follows the fixed header, however much of it there is, if the fixed header can be read.
pub(crate) fn body(frame: &[u8]) -> Option<&[u8]> {
    let rest = frame.get(1..)?;
    let (_, len) = varint::decode(rest).ok()??;
    rest.get(len..)
}

fn repaired(data: &[u8]) -> Option<Vec<u8>> {
    frame(*data.first()?, body(data)?)
}
