//! Cutting a stream into frames, however it was split on the way.

use std::fmt::Display;

use mqttspec_codec::{FrameDecoder, FrameError, ProtocolVersion, decode, decode_next, frame_len};

/// The longest frame that is accepted, in bytes, so that inputs reach the limit.
const MAX_FRAME_LEN: usize = 256;

/// Up to here, in bytes, a stream is split at every place, and behind it in and around every fixed header: the work
/// grows with the square.
const EVERY_SPLIT: usize = 64;

/// Cuts the bytes into frames in one piece, in two pieces wherever they can be split, in pieces of one and three bytes,
/// and in uneven ones: the frames, the error if there is one, and the bytes left over are the same, and never more is
/// held than a frame and what came last. Decoding straight from the stream finds the same packets.
///
/// # Panics
/// When that does not hold, or the frames are not what the stream holds.
pub fn framing(stream: &[u8]) {
    let whole = Framed::of(stream);
    let cut = whole.frames.concat();
    assert!(stream.starts_with(&cut), "the frames are not what came");
    assert_eq!(stream[cut.len()..], whole.left_over, "bytes were lost");
    for split in whole.splits(stream.len()) {
        let (first, second) = stream.split_at(split);
        whole.agrees([first, second], format_args!("split at {split}"));
    }
    for version in ProtocolVersion::ALL {
        straight_from(stream, version);
    }
    for len in [1, 3] {
        whole.agrees(stream.chunks(len), format_args!("in pieces of {len}"));
    }
    for largest in [5, 1 + MAX_FRAME_LEN] {
        let pieces = Uneven { rest: stream, largest, state: stream.len() };
        whole.agrees(pieces, format_args!("in uneven pieces of at most {largest}"));
    }
}

/// Decodes packet after packet, and looks at every one of them when only a part of it has come.
fn straight_from(stream: &[u8], version: ProtocolVersion) {
    let mut rest = stream;
    loop {
        let before = rest;
        let whole = frame_len(rest).map(|len| len.and_then(|len| rest.get(..len)));
        let next = decode_next(&mut rest, version);
        let Ok(Some(frame)) = whole else {
            assert!(whole.is_ok() || next.is_err(), "a Remaining Length that is none was accepted");
            assert!(!matches!(next, Ok(Some(_))), "a packet that has not come was decoded");
            assert_eq!(rest, before, "bytes were taken");
            return;
        };
        assert_eq!(next, decode(frame, version).map(Some), "decoded differently in a stream");
        for len in 0..frame.len().min(EVERY_SPLIT) {
            let mut part = &frame[..len];
            match decode_next(&mut part, version) {
                Ok(Some(packet)) => panic!("{packet:?} of the first {len} bytes of {frame:02x?}"),
                Ok(None) => {}
                Err(_) => assert!(next.is_err(), "refused after {len} bytes, and accepted after all"),
            }
            assert_eq!(part.len(), len, "bytes were taken");
        }
        if next.is_err() {
            assert_eq!(rest, before, "bytes were taken");
            return;
        }
        assert_eq!(rest, &before[frame.len()..], "more or less than the packet was taken");
    }
}

/// What came out of a stream in one piece.
struct Framed {
    frames: Vec<Vec<u8>>,
    error: Option<FrameError>,
    left_over: Vec<u8>,
}

impl Framed {
    fn of(stream: &[u8]) -> Self {
        let mut frames = Vec::new();
        let (error, decoder) = cut([stream], |frame| frames.push(frame.to_vec()));
        Self { frames, error, left_over: decoder.buffered().to_vec() }
    }

    /// Cuts the same stream in pieces.
    fn agrees<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>, how: impl Display) {
        let mut expected = self.frames.iter();
        let (error, decoder) = cut(pieces, |frame| {
            assert_eq!(Some(frame), expected.next().map(Vec::as_slice), "another frame {how}");
        });
        assert_eq!(expected.next(), None, "a frame is missing {how}");
        assert_eq!(error, self.error, "{how}");
        // After an error nothing more is kept, so there the bytes left over depend on how many had come.
        if error.is_some() {
            assert!(self.left_over.starts_with(decoder.buffered()), "others are left over {how}");
        } else {
            assert_eq!(self.left_over, decoder.buffered(), "others are left over {how}");
        }
    }

    /// The places at which a stream of this length is split in two.
    fn splits(&self, stream_len: usize) -> impl Iterator<Item = usize> {
        let starts = self.frames.iter().scan(0, |start, frame| {
            *start += frame.len();
            Some(*start)
        });
        let headers = starts.flat_map(|start| start - 1..start + 6).filter(|split| *split > EVERY_SPLIT);
        (0..=EVERY_SPLIT).chain(headers).filter(move |split| *split <= stream_len)
    }
}

/// Cuts what comes in pieces, and watches how much is held.
fn cut<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    mut take: impl FnMut(&[u8]),
) -> (Option<FrameError>, FrameDecoder) {
    let mut decoder = FrameDecoder::new(MAX_FRAME_LEN);
    let mut failed = None;
    for piece in pieces {
        let held = decoder.buffered().len();
        decoder.push(piece);
        if let Some(error) = failed {
            assert_eq!(decoder.next_frame(), Err(error), "the error changed");
            assert_eq!(decoder.buffered().len(), held, "bytes are kept after an error");
            continue;
        }
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => take(&frame),
                Ok(None) => break,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let most = if failed.is_some() { MAX_FRAME_LEN + piece.len() } else { MAX_FRAME_LEN };
        assert!(decoder.buffered().len() <= most, "{} bytes are held", decoder.buffered().len());
    }
    (failed, decoder)
}

/// Pieces of 0 to `largest` bytes, the same ones for the same stream.
struct Uneven<'a> {
    rest: &'a [u8],
    largest: usize,
    state: usize,
}

impl<'a> Iterator for Uneven<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let first = *self.rest.first()?;
        self.state = self.state.wrapping_mul(31).wrapping_add(usize::from(first) + 7);
        let len = (self.state % (self.largest + 1)).min(self.rest.len());
        let (piece, rest) = self.rest.split_at(len);
        self.rest = rest;
        Some(piece)
    }
}
