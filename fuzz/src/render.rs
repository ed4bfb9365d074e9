//! Packets as text.

use mqttspec_codec::{PacketBuf, ProtocolVersion, decode, render as text};

use crate::repair;

/// The most a packet takes in one line, in bytes: what is shown is bounded, however large the packet is.
const MAX_LINE_LEN: usize = 64 * 1024;

/// Shows the bytes as one frame of every version: that never panics, one line is one line of bounded length, and
/// nothing that a terminal would obey gets through.
///
/// # Panics
/// When any of that does not hold.
pub fn render(data: &[u8]) {
    for frame in repair::candidates(data) {
        for version in ProtocolVersion::ALL {
            is_a_line(&text::one_line_bytes(&frame, version));
            match decode(&frame, version) {
                Ok(packet) => shows(&packet.to_buf()),
                Err(error) => is_a_line(&error.to_string()),
            }
            let annotated = text::annotated_hex(&frame, version);
            assert!(!annotated.contains(|c: char| c.is_control() && c != '\n'), "control characters: {annotated:?}");
        }
    }
    assert_eq!(text::hex(data).len(), (data.len() * 3).saturating_sub(1));
}

/// Shows a packet, valid or not, as each version would.
pub(crate) fn shows(packet: &PacketBuf) {
    for version in ProtocolVersion::ALL {
        is_a_line(&text::one_line(packet, version));
    }
}

fn is_a_line(line: &str) {
    assert!(!line.contains(char::is_control), "control characters: {line:?}");
    assert!(line.len() <= MAX_LINE_LEN, "a line of {} bytes", line.len());
}
