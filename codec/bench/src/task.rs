//! The loops that are measured.

use std::hint::black_box;

use mqttspec_codec::{PacketBuf, ProtocolVersion};

use crate::{Absence, CHUNK_LEN, Codec, Delivery, Input, Job, Operation, Output, Refused};

/// Runs the part of a pass that counts, and looks at the clock or the allocator before and after it.
pub type Watch<'f> = dyn FnMut(&mut dyn FnMut()) + 'f;

/// A job in the hands of one entrant.
pub trait Task {
    /// Does the whole job once. What is to be measured is done inside `watch`, which is called once.
    ///
    /// # Errors
    /// When it did not get through all packets, which the check before should have shown.
    fn pass(&mut self, watch: &mut Watch<'_>) -> Result<(), Absence>;
}

/// Decoding with `C`.
pub(crate) struct DecodeTask<'w, C: Codec> {
    job: &'w Job<'w>,
    /// Kept between passes, unless it is large.
    input: Option<C::Input>,
}

impl<'w, C: Codec> DecodeTask<'w, C> {
    pub(crate) fn new(job: &'w Job<'w>) -> Self {
        Self { job, input: None }
    }
}

impl<C: Codec> Task for DecodeTask<'_, C> {
    fn pass(&mut self, watch: &mut Watch<'_>) -> Result<(), Absence> {
        let (stream, version) = (self.job.stream.as_ref(), self.job.workload.version);
        let mut done = Ok(0);
        if self.job.operation == Operation::Decode(Delivery::Chunks) {
            let input = self.input.get_or_insert_with(|| C::Input::load(&[]));
            watch(&mut || done = drain_chunks::<C>(version, input, stream));
        } else {
            let mut input = match self.input.take() {
                Some(mut input) => {
                    input.reload(stream);
                    input
                }
                None => C::Input::load(stream),
            };
            watch(&mut || done = drain::<C>(version, &mut input));
            if !matches!(self.job.operation, Operation::Decode(Delivery::Memory(_))) {
                self.input = Some(input);
            }
        }
        complete(done, self.job.packets())
    }
}

/// Decodes everything that has come, and counts the packets.
#[inline(never)]
fn drain<C: Codec>(version: ProtocolVersion, input: &mut C::Input) -> Result<usize, Refused> {
    let mut packets = 0;
    while C::lend_next(version, input, see::<C>)? {
        packets += 1;
    }
    Ok(packets)
}

#[inline(never)]
fn drain_chunks<C: Codec>(version: ProtocolVersion, input: &mut C::Input, stream: &[u8]) -> Result<usize, Refused> {
    let mut packets = 0;
    for chunk in stream.chunks(CHUNK_LEN) {
        input.feed(chunk);
        while C::lend_next(version, input, see::<C>)? {
            packets += 1;
        }
    }
    Ok(packets)
}

/// Encoding with `C`.
pub(crate) struct EncodeTask<'w, C: Codec> {
    job: &'w Job<'w>,
    typed: Vec<C::Typed<'w>>,
    out: C::Output,
    parts: bool,
}

impl<'w, C: Codec> EncodeTask<'w, C> {
    /// With `parts`, by [`Codec::encode_parts`].
    pub(crate) fn new(job: &'w Job<'w>, parts: bool) -> Result<Self, Absence> {
        let version = job.workload.version;
        // Not among those who copy: there is a row for handing it on by reference.
        if C::BY_REFERENCE && job.operation == Operation::Encode && job.workload.packets.iter().any(is_large) {
            return Err(Absence::Missing);
        }
        let typed = job.workload.packets.iter().map(|packet| C::typed(version, packet));
        let typed = typed.collect::<Option<Vec<_>>>().ok_or(Absence::Missing)?;
        Ok(Self { job, typed, out: C::Output::default(), parts })
    }
}

impl<C: Codec> Task for EncodeTask<'_, C> {
    fn pass(&mut self, watch: &mut Watch<'_>) -> Result<(), Absence> {
        let Self { job, typed, out, parts } = self;
        let version = job.workload.version;
        let mut done = Ok(0);
        typed.iter_mut().for_each(|packet| C::stock(packet, job.bursts() * job.burst));
        watch(&mut || {
            done =
                if *parts { write_parts::<C>(version, job, typed, out) } else { write::<C>(version, job, typed, out) };
        });
        complete(done, job.packets())
    }
}

/// Whether the packet carries more than a codec copies that hands payloads on by reference.
fn is_large(packet: &PacketBuf) -> bool {
    const LARGE: usize = 16 * 1024;
    matches!(packet, PacketBuf::Publish(publish) if publish.payload.len() >= LARGE)
}

#[inline(never)]
fn write<C: Codec>(
    version: ProtocolVersion,
    job: &Job<'_>,
    typed: &[C::Typed<'_>],
    out: &mut C::Output,
) -> Result<usize, Refused> {
    let mut packets = 0;
    for _ in 0..job.bursts() {
        out.clear();
        for _ in 0..job.burst {
            for packet in typed {
                C::encode(version, black_box(packet), out)?;
                black_box(&mut *out);
                packets += 1;
            }
        }
    }
    Ok(packets)
}

#[inline(never)]
fn write_parts<C: Codec>(
    version: ProtocolVersion,
    job: &Job<'_>,
    typed: &[C::Typed<'_>],
    out: &mut C::Output,
) -> Result<usize, Refused> {
    let mut packets = 0;
    for _ in 0..job.bursts() {
        out.clear();
        for _ in 0..job.burst {
            for packet in typed {
                let Some(payload) = C::encode_parts(version, black_box(packet), out) else { return Ok(packets) };
                black_box(payload?);
                black_box(&mut *out);
                packets += 1;
            }
        }
    }
    Ok(packets)
}

/// Makes the compiler believe that every field of the packet is needed.
#[inline]
fn see<C: Codec>(packet: &C::Packet<'_>) {
    black_box(packet);
}

fn complete(done: Result<usize, Refused>, expected: usize) -> Result<(), Absence> {
    match done {
        Ok(packets) if packets == expected => Ok(()),
        Ok(packets) => Err(Absence::Wrong(format!("{packets} packets instead of {expected}"))),
        Err(refused) => Err(Absence::Refused(refused.0.into())),
    }
}
