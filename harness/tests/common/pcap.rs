//! Captures taken apart and put together again, with what networks do to them.

#![allow(dead_code, unreachable_pub)]

use std::path::Path;

/// A pcap file.
#[derive(Clone)]
pub struct Capture {
    link: u32,
    records: Vec<Record>,
}

#[derive(Clone)]
struct Record {
    nanos: u64,
    original: u32,
    data: Vec<u8>,
}

impl Capture {
    /// Reads a little-endian pcap file.
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let unit = match word(0) {
            0xa1b2_c3d4 => 1_000,
            0xa1b2_3c4d => 1,
            magic => panic!("{magic:x}"),
        };
        let mut records = Vec::new();
        let mut at = 24;
        while at < bytes.len() {
            let nanos = u64::from(word(at)) * 1_000_000_000 + u64::from(word(at + 4)) * unit;
            let len = word(at + 8) as usize;
            let data = bytes[at + 16..at + 16 + len].to_vec();
            records.push(Record { nanos, original: word(at + 12), data });
            at += 16 + len;
        }
        Self { link: word(20), records }
    }

    /// The file again, in either byte order and either unit of time.
    pub fn write(&self, big_endian: bool, nanoseconds: bool) -> Vec<u8> {
        let mut out = Vec::new();
        let word = |out: &mut Vec<u8>, value: u32| {
            out.extend(if big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
        };
        word(&mut out, if nanoseconds { 0xa1b2_3c4d } else { 0xa1b2_c3d4 });
        out.extend(if big_endian { [0, 2, 0, 4] } else { [2, 0, 4, 0] });
        for value in [0, 0, 262_144, self.link] {
            word(&mut out, value);
        }
        for record in &self.records {
            word(&mut out, (record.nanos / 1_000_000_000) as u32);
            let fraction = record.nanos % 1_000_000_000;
            word(&mut out, (if nanoseconds { fraction } else { fraction / 1_000 }) as u32);
            word(&mut out, record.data.len() as u32);
            word(&mut out, record.original);
            out.extend(&record.data);
        }
        out
    }

    /// The same packets behind another link layer: each is made anew by `wrap`.
    pub fn on_link(&self, link: u32, wrap: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        let mut capture = self.with(self.records.clone());
        capture.link = link;
        for record in &mut capture.records {
            record.data = wrap(&record.data);
            record.original = record.data.len() as u32;
        }
        capture
    }

    /// The file as pcapng, in either byte order: one section, one interface with time stamps in nanoseconds, and every
    /// packet in an Enhanced Packet Block.
    pub fn write_ng(&self, big_endian: bool) -> Vec<u8> {
        let word = |value: u32| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        let half = |value: u16| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        let mut out = Vec::new();
        let block = |out: &mut Vec<u8>, kind: u32, body: &[u8]| {
            let padding = body.len().next_multiple_of(4) - body.len();
            let total = (12 + body.len() + padding) as u32;
            out.extend([word(kind), word(total)].concat());
            out.extend(body);
            out.extend(std::iter::repeat_n(0, padding));
            out.extend(word(total));
        };
        // The length of the section is not given.
        let section = [&word(0x1A2B_3C4D)[..], &half(1), &half(0), &[0xFF; 8]].concat();
        block(&mut out, 0x0A0D_0D0A, &section);
        // if_tsresol: ten to the power of -9.
        let options = [&half(9)[..], &half(1), &[9, 0, 0, 0], &half(0), &half(0)].concat();
        let interface = [&half(self.link as u16)[..], &half(0), &word(262_144), &options].concat();
        block(&mut out, 1, &interface);
        for record in &self.records {
            let words =
                [0, (record.nanos >> 32) as u32, record.nanos as u32, record.data.len() as u32, record.original];
            let body = [words.map(word).concat(), record.data.clone()].concat();
            block(&mut out, 6, &body);
        }
        out
    }

    /// How many packets there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Every packet is there twice.
    pub fn twice(&self) -> Self {
        self.with(self.records.iter().flat_map(|record| [record.clone(), record.clone()]).collect())
    }

    /// Packets change places with others up to `reach` places away.
    pub fn disordered(&self, rng: &mut Rng, reach: usize) -> Self {
        let mut keyed: Vec<(usize, Record)> =
            self.records.iter().cloned().enumerate().map(|(at, record)| (at + rng.below(reach), record)).collect();
        keyed.sort_by_key(|(key, _)| *key);
        self.with(keyed.into_iter().map(|(_, record)| record).collect())
    }

    /// One of `one_in` packets is missing.
    pub fn lossy(&self, rng: &mut Rng, one_in: u64) -> Self {
        self.with(self.records.iter().filter(|_| rng.below(one_in as usize) != 0).cloned().collect())
    }

    /// From this packet on.
    pub fn from(&self, first: usize) -> Self {
        self.with(self.records[first..].to_vec())
    }

    /// Up to this packet.
    pub fn to(&self, end: usize) -> Self {
        self.with(self.records[..end].to_vec())
    }

    /// Without this packet.
    pub fn without(&self, missing: usize) -> Self {
        let mut records = self.records.clone();
        records.remove(missing);
        self.with(records)
    }

    /// With at most this many bytes of each packet, as a snap length does.
    pub fn snapped(&self, length: usize) -> Self {
        let mut capture = self.clone();
        capture.records.iter_mut().for_each(|record| record.data.truncate(length));
        capture
    }

    /// Puts other bytes in the place of some, everywhere.
    pub fn replace(&mut self, from: &[u8], to: &[u8]) {
        assert_eq!(from.len(), to.len());
        for record in &mut self.records {
            let places: Vec<_> =
                record.data.windows(from.len()).enumerate().filter(|(_, w)| *w == from).map(|(at, _)| at).collect();
            places.into_iter().for_each(|at| record.data[at..at + to.len()].copy_from_slice(to));
        }
    }

    fn with(&self, records: Vec<Record>) -> Self {
        Self { link: self.link, records }
    }
}

/// splitmix64.
pub struct Rng(pub u64);

impl Rng {
    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}
