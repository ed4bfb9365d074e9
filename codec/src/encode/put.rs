//! Writes the data types of 1.5 and the fixed header. Sizes have been checked before.

use bytes::BufMut;

use super::list::List;
use super::size;
use crate::{EncodeError, varint};

/// A packet that is known in full.
#[inline(always)]
pub(super) fn whole<B: BufMut, const N: usize>(bytes: [u8; N], out: &mut B) -> Result<(), EncodeError> {
    check_room(out, N)?;
    out.put_slice(&bytes);
    Ok(())
}

/// The fixed header of a packet and the first two bytes of its body, after making sure that all of it fits but for the
/// last `left_out` bytes, which will not be written.
#[inline(always)]
pub(super) fn start<B: BufMut>(
    first: u8,
    remaining_length: u32,
    [a, b]: [u8; 2],
    left_out: usize,
    out: &mut B,
) -> Result<(), EncodeError> {
    let body = remaining_length as usize - left_out;
    if remaining_length < 0x80 {
        check_room(out, 2 + body)?;
        out.put_slice(&[first, remaining_length as u8, a, b]);
    } else {
        check_room(out, 1 + varint::len_of_valid(remaining_length) + body)?;
        out.put_slice(&[first]);
        variable_byte_integer(remaining_length, out);
        out.put_slice(&[a, b]);
    }
    Ok(())
}

/// The fixed header of a short packet, a Packet Identifier and an empty list of properties.
#[inline(always)]
pub(super) fn start_with_empty_list<B: BufMut>(
    first: u8,
    remaining_length: u8,
    [high, low]: [u8; 2],
    out: &mut B,
) -> Result<(), EncodeError> {
    check_room(out, 2 + usize::from(remaining_length))?;
    out.put_slice(&[first, remaining_length, high, low, 0]);
    Ok(())
}

/// A packet that is a fixed header, some bytes and a list of properties.
#[inline(always)]
pub(super) fn start_with_list<B: BufMut, const N: usize>(
    first: u8,
    before: [u8; N],
    list: List<'_>,
    out: &mut B,
) -> Result<(), EncodeError> {
    let remaining_length = size::total(N + list.len())?;
    check_room(out, 1 + varint::len_of_valid(remaining_length) + remaining_length as usize)?;
    if remaining_length < 0x80 {
        out.put_slice(&[first, remaining_length as u8]);
    } else {
        out.put_slice(&[first]);
        variable_byte_integer(remaining_length, out);
    }
    list.put_after(before, out);
    Ok(())
}

/// A string or Binary Data after its length (1.5.4, 1.5.6).
#[inline(always)]
pub(super) fn field<B: BufMut>(data: &[u8], out: &mut B) {
    out.put_slice(&length_bytes(data));
    out.put_slice(data);
}

/// The length before a field, which has been found to be no longer than 65,535 bytes.
#[inline(always)]
pub(super) const fn length_bytes(data: &[u8]) -> [u8; 2] {
    (data.len() as u16).to_be_bytes()
}

/// An integer that has been found to be no larger than [`varint::MAX`].
#[inline(always)]
pub(super) fn variable_byte_integer<B: BufMut>(value: u32, out: &mut B) {
    let byte = |shift: u32| (value >> shift) as u8;
    let more = |shift: u32| byte(shift) | 0x80;
    match varint::len_of_valid(value) {
        1 => out.put_slice(&[byte(0)]),
        2 => out.put_slice(&[more(0), byte(7)]),
        3 => out.put_slice(&[more(0), more(7), byte(14)]),
        _ => out.put_slice(&[more(0), more(7), more(14), byte(21)]),
    }
}

#[inline(always)]
fn check_room<B: BufMut>(out: &B, needed: usize) -> Result<(), EncodeError> {
    let room = out.remaining_mut();
    if room < needed { Err(no_room(needed, room)) } else { Ok(()) }
}

#[cold]
fn no_room(needed: usize, room: usize) -> EncodeError {
    EncodeError::NoRoom { needed: needed as u32, room: room as u32 }
}
