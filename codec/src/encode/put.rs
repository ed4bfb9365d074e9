//! Writes the data types of 1.5 and the fixed header. Sizes have been checked before.

use bytes::BufMut;

use crate::{EncodeError, varint};

/// A packet that is known in full.
#[inline(always)]
pub(super) fn whole<B: BufMut, const N: usize>(bytes: [u8; N], out: &mut B) -> Result<(), EncodeError> {
    check_room(out, N)?;
    out.put_slice(&bytes);
    Ok(())
}

/// The fixed header of a packet and the first bytes of its body, after making sure that all of it fits but for the last
/// `left_out` bytes, which will not be written. Short ones are put together by `joined`, so that they are one write.
#[inline(always)]
pub(super) fn start<B: BufMut, const N: usize, const M: usize>(
    first: u8,
    remaining_length: u32,
    left_out: usize,
    body: [u8; N],
    joined: impl FnOnce([u8; 2], [u8; N]) -> [u8; M],
    out: &mut B,
) -> Result<(), EncodeError> {
    let written = remaining_length as usize - left_out;
    match short(remaining_length) {
        Some(remaining_length) => {
            check_room(out, 2 + written)?;
            out.put_slice(&joined([first, remaining_length], body));
        }
        None => {
            check_room(out, 1 + varint::len_of_valid(remaining_length) + written)?;
            out.put_slice(&[first]);
            variable_byte_integer(remaining_length, out);
            out.put_slice(&body);
        }
    }
    Ok(())
}

/// A fixed header and two bytes, as [`start`] joins them.
#[inline(always)]
pub(super) const fn two([first, length]: [u8; 2], [a, b]: [u8; 2]) -> [u8; 4] {
    [first, length, a, b]
}

/// A fixed header and three bytes.
#[inline(always)]
pub(super) const fn three([first, length]: [u8; 2], [a, b, c]: [u8; 3]) -> [u8; 5] {
    [first, length, a, b, c]
}

/// A string or Binary Data after its length (1.5.4, 1.5.6).
#[inline(always)]
pub(super) fn field<B: BufMut>(data: &[u8], out: &mut B) {
    out.put_slice(&length_bytes(data));
    short_slice(data, out);
}

/// `put_slice`, with a short slice in pieces of known sizes: they are written in place, where one of any size is a call.
#[inline(always)]
pub(super) fn short_slice<B: BufMut>(mut data: &[u8], out: &mut B) {
    if data.len() >= 48 {
        return out.put_slice(data);
    }
    while let Some((piece, rest)) = data.split_first_chunk::<16>() {
        out.put_slice(piece);
        data = rest;
    }
    if let Some((piece, rest)) = data.split_first_chunk::<8>() {
        out.put_slice(piece);
        data = rest;
    }
    if let Some((piece, rest)) = data.split_first_chunk::<4>() {
        out.put_slice(piece);
        data = rest;
    }
    if let Some((piece, rest)) = data.split_first_chunk::<2>() {
        out.put_slice(piece);
        data = rest;
    }
    if let [piece] = data {
        out.put_slice(&[*piece]);
    }
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

/// A length as the one byte it takes, if it does.
#[inline(always)]
pub(super) const fn short(len: u32) -> Option<u8> {
    if len < 0x80 { Some(len as u8) } else { None }
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
