//! Cutting a stream into frames, however it was split on the way.

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
    let whole = Framed::of([stream]);
    let cut = whole.frames.concat();
    assert!(stream.starts_with(&cut), "the frames are not what came");
    assert_eq!(stream[cut.len()..], whole.left_over, "bytes were lost");
    for split in whole.splits(stream.len()) {
        let (first, second) = stream.split_at(split);
        assert!(Framed::of([first, second]).agrees_with(&whole), "split at {split}");
    }
    for version in ProtocolVersion::ALL {
        straight_from(stream, version);
    }
    for len in [1, 3] {
        assert!(Framed::of(stream.chunks(len)).agrees_with(&whole), "in pieces of {len}");
    }
    for largest in [5, 1 + MAX_FRAME_LEN] {
        let pieces = Uneven { rest: stream, largest, state: stream.len() };
        assert!(Framed::of(pieces).agrees_with(&whole), "in uneven pieces of at most {largest}");
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

/// What came out of a stream.
struct Framed {
    frames: Vec<Vec<u8>>,
    error: Option<FrameError>,
    left_over: Vec<u8>,
}

impl Framed {
    fn of<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut decoder = FrameDecoder::new(MAX_FRAME_LEN);
        let mut framed = Self { frames: Vec::new(), error: None, left_over: Vec::new() };
        for piece in pieces {
            let held = decoder.buffered().len();
            decoder.push(piece);
            if let Some(error) = framed.error {
                assert_eq!(decoder.next_frame(), Err(error), "the error changed");
                assert_eq!(decoder.buffered().len(), held, "bytes are kept after an error");
                continue;
            }
            loop {
                match decoder.next_frame() {
                    Ok(Some(frame)) => framed.frames.push(frame.to_vec()),
                    Ok(None) => break,
                    Err(error) => {
                        framed.error = Some(error);
                        break;
                    }
                }
            }
            let most = if framed.error.is_some() { MAX_FRAME_LEN + piece.len() } else { MAX_FRAME_LEN };
            assert!(decoder.buffered().len() <= most, "{} bytes are held", decoder.buffered().len());
        }
        framed.left_over = decoder.buffered().to_vec();
        framed
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

    /// After an error nothing more is kept, so there the bytes left over depend on how many had come.
    fn agrees_with(&self, whole: &Self) -> bool {
        let left_over = if self.error.is_some() {
            whole.left_over.starts_with(&self.left_over)
        } else {
            self.left_over == whole.left_over
        };
        self.frames == whole.frames && self.error == whole.error && left_over
    }
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
