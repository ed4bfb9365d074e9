//! Takes the data types of 1.5 from the front of a slice.

use crate::{DecodeError, varint};

#[inline(always)]
pub(super) fn bytes<'a>(input: &mut &'a [u8], len: usize) -> Result<&'a [u8], DecodeError> {
    let (bytes, rest) = input.split_at_checked(len).ok_or(DecodeError::Truncated)?;
    *input = rest;
    Ok(bytes)
}

#[inline(always)]
pub(super) fn array<const N: usize>(input: &mut &[u8]) -> Result<[u8; N], DecodeError> {
    let (array, rest) = input.split_first_chunk().ok_or(DecodeError::Truncated)?;
    *input = rest;
    Ok(*array)
}

#[inline(always)]
pub(super) fn byte(input: &mut &[u8]) -> Result<u8, DecodeError> {
    array(input).map(u8::from_be_bytes)
}

#[inline(always)]
pub(super) fn two_byte_integer(input: &mut &[u8]) -> Result<u16, DecodeError> {
    array(input).map(u16::from_be_bytes)
}

#[inline(always)]
pub(super) fn four_byte_integer(input: &mut &[u8]) -> Result<u32, DecodeError> {
    array(input).map(u32::from_be_bytes)
}

#[inline(always)]
pub(super) fn variable_byte_integer(input: &mut &[u8]) -> Result<u32, DecodeError> {
    if let [byte @ 0..=0x7F, rest @ ..] = *input {
        *input = rest;
        return Ok(u32::from(*byte));
    }
    let (value, len) = varint::decode(input)?.ok_or(DecodeError::Truncated)?;
    bytes(input, len)?;
    Ok(value)
}

/// Binary Data, or a string that has not been checked yet: a Two Byte Integer and that many bytes.
#[inline(always)]
pub(super) fn binary_data<'a>(input: &mut &'a [u8]) -> Result<&'a [u8], DecodeError> {
    let [high, low, rest @ ..] = *input else { return Err(DecodeError::Truncated) };
    let len = u16::from_be_bytes([*high, *low]);
    let (data, rest) = rest.split_at_checked(usize::from(len)).ok_or(DecodeError::Truncated)?;
    *input = rest;
    Ok(data)
}

/// A Packet Identifier: never 0 (2.2.1).
#[inline(always)]
pub(super) fn packet_id(input: &mut &[u8]) -> Result<u16, DecodeError> {
    match two_byte_integer(input)? {
        0 => Err(DecodeError::ZeroPacketId),
        id => Ok(id),
    }
}

/// Checks that nothing is left.
#[inline(always)]
pub(super) const fn finish(input: &[u8]) -> Result<(), DecodeError> {
    if input.is_empty() { Ok(()) } else { Err(DecodeError::TrailingBytes) }
}
