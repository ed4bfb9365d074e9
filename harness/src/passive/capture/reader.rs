//! Reads pcap (both byte orders, micro- and nanoseconds) and pcapng files, one packet after the other.

use std::io::Read;

use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{Block, InterfaceDescriptionBlock, PcapBlockOwned, PcapError, PcapHeader, create_reader};

/// Bytes read at one time, to begin with.
const BUFFER: usize = 256 << 10;
/// The largest block that is read, in bytes.
const MAX_BLOCK: usize = 64 << 20;
/// Interfaces of one section that are kept.
const MAX_INTERFACES: usize = 65_536;

/// One packet of a capture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    /// Its number, from 1, as Wireshark counts.
    pub(super) number: u64,
    /// Microseconds since the first packet; 0 for one that is older.
    pub(super) at_us: u64,
    /// What its bytes begin with: a LINKTYPE number.
    pub(super) link: i32,
    /// The bytes that were captured.
    pub(super) data: &'a [u8],
    /// Bytes of it that were not captured.
    pub(super) cut: usize,
}

/// Why reading ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReadError {
    /// The file does not begin like a capture.
    NotACapture(String),
    /// It can be read up to some point only.
    Broken {
        /// Packets read until then.
        packets: u64,
        /// What is wrong where.
        why: String,
    },
}

/// How the packets of one interface are to be read.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: i32,
    snap_len: u32,
    /// Units of a time stamp in one second.
    per_second: u64,
    offset_s: i64,
}

impl Interface {
    fn of_header(header: &PcapHeader) -> Self {
        let nanoseconds = [0xa1b2_3c4d, 0x4d3c_b2a1].contains(&header.magic_number);
        let per_second = if nanoseconds { 1_000_000_000 } else { 1_000_000 };
        // The upper bits of the field say other things than the link type.
        Self { link: header.network.0 & 0x0FFF_FFFF, snap_len: header.snaplen, per_second, offset_s: 0 }
    }

    fn of_block(block: &InterfaceDescriptionBlock<'_>) -> Self {
        Self {
            link: block.linktype.0,
            snap_len: block.snaplen,
            per_second: block.ts_resolution().filter(|per_second| *per_second > 0).unwrap_or(1_000_000),
            offset_s: block.ts_offset(),
        }
    }

    fn micros(&self, units: u64) -> i128 {
        i128::from(units) * 1_000_000 / i128::from(self.per_second) + i128::from(self.offset_s) * 1_000_000
    }
}

/// Calls `each` for every packet. Returns how many there were.
///
/// # Errors
/// When `source` is no capture, or breaks off.
pub(super) fn read(source: impl Read + Send, mut each: impl FnMut(Packet<'_>)) -> Result<u64, ReadError> {
    let mut reader = create_reader(BUFFER, source).map_err(|error| ReadError::NotACapture(no_capture(&error)))?;
    let mut capacity = BUFFER;
    let mut state = State::default();
    let mut offset: u64 = 0;
    loop {
        let step = match reader.next() {
            Ok((len, block)) => {
                state.block(block, &mut each);
                Step::Consume(len)
            }
            Err(PcapError::Eof) => return Ok(state.packets),
            Err(PcapError::Incomplete(_) | PcapError::BufferTooSmall) => Step::Refill,
            Err(PcapError::UnexpectedEof) => Step::Fail("the file ends inside it".to_owned()),
            Err(PcapError::ReadError) => Step::Fail("the file cannot be read any further".to_owned()),
            Err(_) => Step::Fail("it is no block of a capture".to_owned()),
        };
        let failed = match step {
            // A block without length would be read for ever.
            Step::Consume(0) => Some("it has no length".to_owned()),
            Step::Consume(len) => {
                offset += len as u64;
                reader.consume(len);
                None
            }
            Step::Refill => refill(reader.as_mut(), &mut capacity),
            Step::Fail(why) => Some(why),
        };
        if let Some(why) = failed {
            let packets = state.packets;
            // What tcpdump was writing when it was ended is no reason to distrust the rest.
            let why = format!("what begins at byte {offset}, after packet {packets}, is not read: {why}");
            return Err(ReadError::Broken { packets, why });
        }
    }
}

enum Step {
    Consume(usize),
    Refill,
    Fail(String),
}

/// Reads more, into a larger buffer if there must be. Returns what is in the way.
fn refill(reader: &mut dyn PcapReaderIterator, capacity: &mut usize) -> Option<String> {
    let before = reader.data().len();
    if reader.refill().is_err() {
        return Some("the file cannot be read any further".to_owned());
    }
    if reader.data().len() > before || reader.reader_exhausted() {
        return None;
    }
    if *capacity >= MAX_BLOCK {
        return Some(format!("it is longer than {} MiB", MAX_BLOCK >> 20));
    }
    *capacity *= 2;
    if reader.grow(*capacity) { None } else { Some("it is too long".to_owned()) }
}

fn no_capture(error: &PcapError<&[u8]>) -> String {
    match error {
        PcapError::Eof => "the file is empty: expected a pcap or pcapng capture".to_owned(),
        PcapError::ReadError => "it cannot be read".to_owned(),
        _ => "byte 0: neither pcap nor pcapng: expected a capture of tcpdump, tshark or Wireshark".to_owned(),
    }
}

#[derive(Debug, Default)]
struct State {
    interfaces: Vec<Interface>,
    packets: u64,
    first_us: Option<i128>,
}

impl State {
    fn block(&mut self, block: PcapBlockOwned<'_>, each: &mut impl FnMut(Packet<'_>)) {
        match block {
            PcapBlockOwned::LegacyHeader(header) => self.interfaces = vec![Interface::of_header(&header)],
            PcapBlockOwned::Legacy(packet) => {
                let interface = self.interfaces.first().copied();
                let units = |i: &Interface| u64::from(packet.ts_sec) * i.per_second + u64::from(packet.ts_usec);
                let at = interface.as_ref().map(|i| i.micros(units(i)));
                self.packet(interface, at, packet.data, packet.origlen, each);
            }
            PcapBlockOwned::NG(Block::SectionHeader(_)) => self.interfaces.clear(),
            PcapBlockOwned::NG(Block::InterfaceDescription(block)) => {
                if self.interfaces.len() < MAX_INTERFACES {
                    self.interfaces.push(Interface::of_block(&block));
                }
            }
            PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                let interface = self.interfaces.get(packet.if_id as usize).copied();
                let units = (u64::from(packet.ts_high) << 32) | u64::from(packet.ts_low);
                let at = interface.map(|interface| interface.micros(units));
                let data = &packet.data[..packet.data.len().min(packet.caplen as usize)];
                self.packet(interface, at, data, packet.origlen, each);
            }
            PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
                let interface = self.interfaces.first().copied();
                let snap_len = interface.map_or(0, |i| i.snap_len);
                let limit = if snap_len == 0 { packet.origlen } else { packet.origlen.min(snap_len) };
                let data = &packet.data[..packet.data.len().min(limit as usize)];
                self.packet(interface, None, data, packet.origlen, each);
            }
            PcapBlockOwned::NG(_) => {}
        }
    }

    fn packet(
        &mut self,
        interface: Option<Interface>,
        at: Option<i128>,
        data: &[u8],
        original: u32,
        each: &mut impl FnMut(Packet<'_>),
    ) {
        self.packets += 1;
        let first = match at {
            Some(at) => *self.first_us.get_or_insert(at),
            None => 0,
        };
        let at_us = at.and_then(|at| u64::try_from(at - first).ok()).unwrap_or(0);
        let link = interface.map_or(-1, |interface| interface.link);
        let cut = (original as usize).saturating_sub(data.len());
        each(Packet { number: self.packets, at_us, link, data, cut });
    }
}
