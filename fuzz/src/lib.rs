//! Bodies of the fuzz targets: each takes any bytes and panics when a law of the codec is broken.
//!
//! A target of cargo-fuzz is two lines over one of these; `tests/replay.rs` runs them on the seeds of `corpus/`.

use mqttspec_codec::{FrameDecoder, FrameError, Packet, PacketBuf, ProtocolVersion, decode};

/// The most bytes of a stream that are split at every place: the work grows with the square.
const MAX_STREAM_LEN: usize = 1024;

/// The longest frame that the framing target accepts, in bytes, so that inputs reach the limit.
const MAX_FRAME_LEN: usize = 256;

/// Decodes the bytes as one frame of every version, and looks at all that the packet lends out.
///
/// # Panics
/// When decoding panics, or a decoded packet differs from its owned copy.
pub fn decode_never_panics(data: &[u8]) {
    for version in ProtocolVersion::ALL {
        if let Ok(packet) = decode(data, version) {
            assert_eq!(packet.to_buf().as_packet(), packet, "the owned copy differs");
        }
    }
}

/// Decodes, encodes and decodes again: the packet stays the same, its length is the one announced, and encoding is
/// stable from the first time on.
///
/// # Panics
/// When any of that does not hold.
pub fn decode_encode_decode(data: &[u8]) {
    for version in ProtocolVersion::ALL {
        let Ok(packet) = decode(data, version) else { continue };
        // A CONNECT says its version itself.
        let version = if let Packet::Connect(connect) = packet { connect.version() } else { version };
        let mut encoded = Vec::new();
        assert_eq!(packet.encode(version, &mut encoded), Ok(()), "a valid packet cannot be encoded");
        assert_eq!(packet.encoded_len(version), Ok(encoded.len()), "encoded_len is not exact");
        let again = PacketBuf::decode(&encoded, version);
        assert_eq!(again.as_ref().map(PacketBuf::as_packet), Ok(packet), "the packet changed");
        assert_eq!(again.map(|again| again.encode(version)), Ok(Ok(encoded)), "encoding is not stable");
    }
}

/// Cuts the bytes into frames in one piece, in two pieces split at every place, and byte by byte: the frames, the
/// error if there is one, and the bytes left over are the same.
///
/// # Panics
/// When they are not, or the frames are not what the stream holds.
pub fn framing_at_every_split(data: &[u8]) {
    let stream = &data[..data.len().min(MAX_STREAM_LEN)];
    let whole = Framed::of([stream]);
    let cut = whole.frames.concat();
    assert!(stream.starts_with(&cut), "the frames are not what came");
    assert_eq!(stream[cut.len()..], whole.left_over, "bytes were lost");
    for split in 0..=stream.len() {
        let (first, second) = stream.split_at(split);
        assert!(Framed::of([first, second]).agrees_with(&whole), "split at {split}");
    }
    assert!(Framed::of(stream.chunks(1)).agrees_with(&whole), "byte by byte");
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
            decoder.push(piece);
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
        }
        framed.left_over = decoder.buffered().to_vec();
        framed
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
