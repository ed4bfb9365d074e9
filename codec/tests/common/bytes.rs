//! A notation for frames in tests: hex digits, `'text'`, spaces as you like, and `__` for the Remaining Length of all
//! that follows it.

use mqttspec_codec::varint;

/// The bytes that `notation` stands for.
pub fn bytes(notation: &str) -> Vec<u8> {
    match notation.split_once("__") {
        Some((head, body)) => {
            let [first] = bytes(head)[..] else { panic!("one byte comes before `__` in `{notation}`") };
            frame(first, &bytes(body))
        }
        None => plain(notation),
    }
}

/// A frame with this first byte and this body, its Remaining Length set right.
pub fn frame(first: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    varint::encode(u32::try_from(body.len()).unwrap(), &mut frame).unwrap();
    frame.extend_from_slice(body);
    frame
}

/// The inverse of [`bytes`], in digits alone.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

fn plain(notation: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, part) in notation.split('\'').enumerate() {
        if index % 2 == 1 {
            bytes.extend_from_slice(part.as_bytes());
            continue;
        }
        let digits: Vec<_> = part.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(digits.len() % 2 == 0, "odd number of digits in `{part}` of `{notation}`");
        for pair in digits.chunks(2) {
            let pair: String = pair.iter().collect();
            bytes.push(u8::from_str_radix(&pair, 16).unwrap_or_else(|_| panic!("`{pair}` in `{notation}`")));
        }
    }
    bytes
}
