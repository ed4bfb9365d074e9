//! Those who take part: codecs of any type, and the bounds.

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mqttspec_codec::{PacketBuf, PacketType, ProtocolVersion};
use serde::Serialize;

use crate::task::{DecodeTask, EncodeTask};
use crate::{Codec, EveryField, Input, Job, Mqttspec, Operation, Task, check};

/// What an entrant is to the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The codec that the others are compared with.
    Ours,
    /// Ours, used in another way.
    Variant,
    /// Another codec.
    Peer,
    /// Less work than any codec does: where the machine's limit lies.
    Bound,
}

/// Why an entrant has no figure in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absence {
    /// It has no such function.
    Missing,
    /// It refused a valid packet; its words.
    Refused(String),
    /// It did the wrong thing: what was expected and what it did.
    Wrong(String),
    /// It panicked; its words.
    Panicked(String),
}

/// What a codec did with the bytes of one packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Decoded a packet and read all bytes.
    Accepted,
    /// Decoded a packet and left this many bytes.
    Left(usize),
    /// Refused them; its words.
    Refused(String),
    /// Waits for more bytes.
    Incomplete,
    /// Panicked; its words.
    Panicked(String),
}

/// One who takes part in the comparison.
pub trait Entrant {
    /// The name in the table.
    fn name(&self) -> &'static str;

    /// What it is to the comparison.
    fn kind(&self) -> Kind;

    /// What it does not check or hand out.
    fn lax(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether encoding leaves a large payload where it is, so that a peer that copies it cannot be as fast.
    fn encodes_by_reference(&self) -> bool {
        false
    }

    /// The job, checked and ready to be timed.
    ///
    /// # Errors
    /// When the entrant cannot do the job, or does it wrong.
    fn task<'w>(&self, job: &'w Job<'w>) -> Result<Box<dyn Task + 'w>, Absence>;

    /// Gives it the bytes of one packet, valid or not; `None` when it has no decoder for packets of that type. Bytes that
    /// are no packet of the version at all go to every decoder of the version.
    fn offer(&self, _version: ProtocolVersion, _bytes: &[u8]) -> Option<Offer> {
        None
    }

    /// Whether it reads this packet from these bytes, which it accepts.
    ///
    /// # Errors
    /// When it reads another one, or none.
    fn reads(&self, _version: ProtocolVersion, _bytes: &[u8], _packet: &PacketBuf) -> Result<(), Absence> {
        Err(Absence::Missing)
    }
}

/// A codec as one who takes part, beside ours.
pub fn codec<C: Codec>() -> Box<dyn Entrant> {
    Box::new(Adapted::<C> { kind: Kind::Peer, codec: PhantomData })
}

/// `mqttspec-codec`, the one that the others are compared with.
pub fn ours() -> Box<dyn Entrant> {
    Box::new(Adapted::<Mqttspec> { kind: Kind::Ours, codec: PhantomData })
}

/// `mqttspec-codec` with every field read: strings as `str`, properties one by one. Decodes only.
pub fn ours_with_every_field() -> Box<dyn Entrant> {
    Box::new(Adapted::<EveryField> { kind: Kind::Variant, codec: PhantomData })
}

struct Adapted<C> {
    kind: Kind,
    codec: PhantomData<C>,
}

impl<C: Codec> Entrant for Adapted<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn kind(&self) -> Kind {
        self.kind
    }

    fn lax(&self) -> &'static [&'static str] {
        C::LAX
    }

    fn encodes_by_reference(&self) -> bool {
        C::BY_REFERENCE
    }

    fn task<'w>(&self, job: &'w Job<'w>) -> Result<Box<dyn Task + 'w>, Absence> {
        caught(|| match job.operation {
            Operation::Decode(_) => {
                check::decoding::<C>(job)?;
                Ok(Box::new(DecodeTask::<C>::new(job)) as Box<dyn Task + 'w>)
            }
            Operation::Encode => {
                check::encoding::<C>(job)?;
                Ok(Box::new(EncodeTask::<C>::new(job, false)?) as Box<dyn Task + 'w>)
            }
            Operation::EncodeByReference => {
                let parts = check::encoding_parts::<C>(job)?;
                Ok(Box::new(EncodeTask::<C>::new(job, parts)?) as Box<dyn Task + 'w>)
            }
        })
        .unwrap_or_else(|message| Err(Absence::Panicked(message)))
    }

    fn offer(&self, version: ProtocolVersion, bytes: &[u8]) -> Option<Offer> {
        let packet_type = bytes.first().and_then(|first| PacketType::from_value(first >> 4));
        let given = match packet_type.filter(|packet_type| packet_type.exists_in(version)) {
            Some(packet_type) => C::decodes(version, packet_type),
            // No packet of this version: for every decoder of the version to refuse.
            None => PacketType::ALL.iter().any(|packet_type| C::decodes(version, *packet_type)),
        };
        if !given {
            return None;
        }
        let offer = caught(|| {
            let mut input = C::Input::load(bytes);
            match C::next(version, &mut input).map(|packet| packet.map(drop)) {
                Err(refused) => Offer::Refused(refused.0.into()),
                Ok(None) => Offer::Incomplete,
                Ok(Some(())) => match input.remaining() {
                    0 => Offer::Accepted,
                    left => Offer::Left(left),
                },
            }
        });
        Some(offer.unwrap_or_else(Offer::Panicked))
    }

    fn reads(&self, version: ProtocolVersion, bytes: &[u8], packet: &PacketBuf) -> Result<(), Absence> {
        caught(|| check::reading::<C>(version, bytes, packet)).unwrap_or_else(|message| Err(Absence::Panicked(message)))
    }
}

/// What `work` returns, or the words it panicked with.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word").to_owned()
    })
}
