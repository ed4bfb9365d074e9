//! What no codec can do without: where the machine's limit lies.

use std::hint::black_box;

use mqttspec_codec::frame_len;

use crate::{Absence, CHUNK_LEN, Cursor, Delivery, Entrant, Input, Job, Kind, Operation, Task, Watch};

/// Both bounds, in the order of the table.
pub fn bounds() -> Vec<Box<dyn Entrant>> {
    vec![Box::new(SkipPackets), Box::new(CopyBytes)]
}

/// Copies the bytes of each packet and looks at none of them.
#[derive(Debug)]
pub struct CopyBytes;

/// Reads the fixed header of each packet and skips what follows it.
#[derive(Debug)]
pub struct SkipPackets;

impl Entrant for CopyBytes {
    fn name(&self) -> &'static str {
        "memcpy"
    }

    fn kind(&self) -> Kind {
        Kind::Bound
    }

    fn task<'w>(&self, job: &'w Job<'w>) -> Result<Box<dyn Task + 'w>, Absence> {
        if matches!(job.operation, Operation::EncodeByReference) {
            return Err(Absence::Missing);
        }
        let (mut lens, mut rest) = (Vec::new(), job.workload.bytes.as_slice());
        while let Ok(Some(len)) = frame_len(rest) {
            lens.push(len);
            rest = rest.get(len..).unwrap_or_default();
        }
        Ok(Box::new(Copying { job, lens, input: None, out: Vec::new() }))
    }
}

struct Copying<'w> {
    job: &'w Job<'w>,
    /// Length of each packet of the workload.
    lens: Vec<usize>,
    input: Option<Vec<u8>>,
    out: Vec<u8>,
}

impl Task for Copying<'_> {
    fn pass(&mut self, watch: &mut Watch<'_>) -> Result<(), Absence> {
        let Self { job, lens, input, out } = self;
        match job.operation {
            Operation::Decode(delivery) => {
                let mut loaded = input.take().unwrap_or_default();
                loaded.clear();
                loaded.extend_from_slice(&job.stream);
                out.resize(lens.iter().copied().max().unwrap_or(0), 0);
                watch(&mut || copy_each(&loaded, lens, out));
                if !matches!(delivery, Delivery::Memory(_)) {
                    *input = Some(loaded);
                }
            }
            Operation::Encode | Operation::EncodeByReference => {
                let bytes = &job.workload.bytes;
                watch(&mut || {
                    for _ in 0..job.bursts() {
                        out.clear();
                        for _ in 0..job.burst {
                            append_each(bytes, lens, out);
                        }
                    }
                });
            }
        }
        Ok(())
    }
}

#[inline(never)]
fn copy_each(stream: &[u8], lens: &[usize], out: &mut [u8]) {
    let mut rest = stream;
    while !rest.is_empty() {
        for len in lens {
            let Some((packet, after)) = rest.split_at_checked(*len) else { return };
            let Some(out) = out.get_mut(..*len) else { return };
            out.copy_from_slice(packet);
            black_box(out);
            rest = after;
        }
    }
}

#[inline(never)]
fn append_each(bytes: &[u8], lens: &[usize], out: &mut Vec<u8>) {
    let mut rest = bytes;
    for len in lens {
        let Some((packet, after)) = rest.split_at_checked(*len) else { return };
        out.extend_from_slice(packet);
        black_box(&mut *out);
        rest = after;
    }
}

impl Entrant for SkipPackets {
    fn name(&self) -> &'static str {
        "fixed header + skip"
    }

    fn kind(&self) -> Kind {
        Kind::Bound
    }

    fn task<'w>(&self, job: &'w Job<'w>) -> Result<Box<dyn Task + 'w>, Absence> {
        match job.operation {
            Operation::Decode(_) => Ok(Box::new(Skipping { job, input: None })),
            Operation::Encode | Operation::EncodeByReference => Err(Absence::Missing),
        }
    }
}

struct Skipping<'w> {
    job: &'w Job<'w>,
    input: Option<Cursor>,
}

impl Task for Skipping<'_> {
    fn pass(&mut self, watch: &mut Watch<'_>) -> Result<(), Absence> {
        let stream = self.job.stream.as_ref();
        let mut packets = 0;
        if self.job.operation == Operation::Decode(Delivery::Chunks) {
            let input = self.input.get_or_insert_with(|| Cursor::load(&[]));
            watch(&mut || {
                packets = 0;
                for chunk in stream.chunks(CHUNK_LEN) {
                    input.feed(chunk);
                    packets += skip_all(input);
                }
            });
        } else {
            let mut input = match self.input.take() {
                Some(mut input) => {
                    input.reload(stream);
                    input
                }
                None => Cursor::load(stream),
            };
            watch(&mut || packets = skip_all(&mut input));
            if !matches!(self.job.operation, Operation::Decode(Delivery::Memory(_))) {
                self.input = Some(input);
            }
        }
        if packets == self.job.packets() {
            Ok(())
        } else {
            Err(Absence::Wrong(format!("{packets} packets instead of {}", self.job.packets())))
        }
    }
}

#[inline(never)]
fn skip_all(input: &mut Cursor) -> usize {
    let mut packets = 0;
    while let Some(packet) = skip(input) {
        black_box(packet);
        packets += 1;
    }
    packets
}

/// The next packet, by its fixed header alone (2.1); nothing is checked.
#[inline]
fn skip(input: &mut Cursor) -> Option<&[u8]> {
    let mut remaining = 0;
    for (at, byte) in input.unread().get(1..)?.iter().take(4).enumerate() {
        remaining |= usize::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return input.take(2 + at + remaining);
        }
    }
    None
}
