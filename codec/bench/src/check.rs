//! Whether a codec does what it is timed for: nothing is measured before it has passed.

use mqttspec_codec::{PacketBuf, PropertyBuf, ProtocolVersion, decode, frame_len};

use crate::{Absence, Codec, Input, Job, Output, Refused, Workload};

/// Decodes the workload with `C` and compares every packet.
pub(crate) fn decoding<C: Codec>(job: &Job<'_>) -> Result<(), Absence> {
    let Workload { version, packets, bytes, .. } = job.workload;
    if !packets.iter().all(|packet| C::decodes(*version, packet.packet_type())) {
        return Err(Absence::Missing);
    }
    lends_all::<C>(job.workload)?;
    let mut input = C::Input::load(bytes);
    for expected in packets {
        next_is::<C>(*version, &mut input, expected)?;
    }
    let last = C::next(*version, &mut input).map(|packet| packet.map(drop));
    match last {
        Ok(Some(())) => Err(Absence::Wrong("decoded a packet where there is none".to_owned())),
        Err(refused) => Err(Absence::Refused(format!("at the end of the stream: {}", refused.0))),
        Ok(None) if input.remaining() > 0 => Err(Absence::Wrong(format!("left {} bytes", input.remaining()))),
        Ok(None) => Ok(()),
    }
}

/// Goes through the workload in the way that is timed, and checks that it takes the same bytes as the way that is
/// compared value by value.
fn lends_all<C: Codec>(Workload { version, packets, bytes, .. }: &Workload) -> Result<(), Absence> {
    let [mut lending, mut returning] = [C::Input::load(bytes), C::Input::load(bytes)];
    for expected in packets {
        let mut seen = 0;
        let lent = C::lend_next(*version, &mut lending, |_| seen += 1).map_err(|refused| named(expected, &refused))?;
        let returned = C::next(*version, &mut returning).map(|packet| packet.is_some());
        let returned = returned.map_err(|refused| named(expected, &refused))?;
        if (lent, seen, lending.remaining()) != (returned, usize::from(returned), returning.remaining()) {
            return Err(Absence::Wrong(format!("{}: lends another packet than it returns", name(expected))));
        }
    }
    Ok(())
}

/// Decodes one packet and compares it.
pub(crate) fn reading<C: Codec>(version: ProtocolVersion, bytes: &[u8], expected: &PacketBuf) -> Result<(), Absence> {
    next_is::<C>(version, &mut C::Input::load(bytes), expected)
}

fn next_is<C: Codec>(version: ProtocolVersion, input: &mut C::Input, expected: &PacketBuf) -> Result<(), Absence> {
    let decoded = C::next(version, input).and_then(|packet| match packet {
        Some(packet) => C::to_packet(version, packet),
        None => Err(Refused::from("waits for more bytes than there are")),
    });
    let decoded = decoded.map_err(|refused| named(expected, &refused))?;
    same::<C>(version, expected, decoded)
}

/// Encodes the workload with `C`, decodes that with ours and compares every packet.
pub(crate) fn encoding<C: Codec>(job: &Job<'_>) -> Result<(), Absence> {
    let Workload { version, packets, .. } = job.workload;
    let mut out = C::Output::default();
    for expected in packets {
        let typed = C::typed(*version, expected).ok_or(Absence::Missing)?;
        out.clear();
        C::encode(*version, &typed, &mut out).map_err(|refused| named(expected, &refused))?;
        encoded::<C>(*version, expected, &out.as_bytes())?;
    }
    Ok(())
}

/// The same for encoding by reference; returns whether it is [`Codec::encode_parts`] that does it.
pub(crate) fn encoding_parts<C: Codec>(job: &Job<'_>) -> Result<bool, Absence> {
    let Workload { version, packets, .. } = job.workload;
    for expected in packets {
        let typed = C::typed(*version, expected).ok_or(Absence::Missing)?;
        let mut header = C::Output::default();
        let Some(payload) = C::encode_parts(*version, &typed, &mut header) else {
            let by_reference = if C::BY_REFERENCE { encoding::<C>(job) } else { Err(Absence::Missing) };
            return by_reference.map(|()| false);
        };
        let payload = payload.map_err(|refused| named(expected, &refused))?;
        encoded::<C>(*version, expected, &[&*header.as_bytes(), payload].concat())?;
    }
    Ok(true)
}

fn encoded<C: Codec>(version: ProtocolVersion, expected: &PacketBuf, bytes: &[u8]) -> Result<(), Absence> {
    if frame_len(bytes) != Ok(Some(bytes.len())) {
        return Err(Absence::Wrong(format!("{}: wrote {} bytes that are not one packet", name(expected), bytes.len())));
    }
    let written = decode(bytes, version)
        .map_err(|error| Absence::Wrong(format!("{}: wrote bytes that are not valid: {error}", name(expected))))?;
    same::<C>(version, expected, written.to_buf())
}

fn same<C: Codec>(version: ProtocolVersion, expected: &PacketBuf, mut actual: PacketBuf) -> Result<(), Absence> {
    let mut wanted = expected.clone();
    for packet in [&mut wanted, &mut actual] {
        C::forget(version, packet);
        sort_properties(packet);
    }
    if wanted == actual {
        return Ok(());
    }
    Err(Absence::Wrong(format!("{}: expected {}, got {}", name(expected), shortened(&wanted), shortened(&actual))))
}

/// By identifier; those with the same identifier keep their order, which means something (3.3.2.3.7).
fn sort_properties(packet: &mut PacketBuf) {
    let by_id = |properties: &mut Vec<PropertyBuf>| properties.sort_by_key(|property| property.id);
    match packet {
        PacketBuf::Connect(p) => {
            by_id(&mut p.properties);
            if let Some(will) = &mut p.will {
                by_id(&mut will.properties);
            }
        }
        PacketBuf::ConnAck(p) => by_id(&mut p.properties),
        PacketBuf::Publish(p) => by_id(&mut p.properties),
        PacketBuf::PubAck(p) | PacketBuf::PubRec(p) | PacketBuf::PubRel(p) | PacketBuf::PubComp(p) => {
            by_id(&mut p.properties);
        }
        PacketBuf::Subscribe(p) => by_id(&mut p.properties),
        PacketBuf::SubAck(p) => by_id(&mut p.properties),
        PacketBuf::Unsubscribe(p) => by_id(&mut p.properties),
        PacketBuf::UnsubAck(p) => by_id(&mut p.properties),
        PacketBuf::Disconnect(p) => by_id(&mut p.properties),
        PacketBuf::Auth(p) => by_id(&mut p.properties),
        PacketBuf::PingReq | PacketBuf::PingResp => {}
    }
}

fn named(packet: &PacketBuf, refused: &Refused) -> Absence {
    Absence::Refused(format!("{}: {}", name(packet), refused.0))
}

fn name(packet: &PacketBuf) -> &'static str {
    packet.packet_type().name()
}

/// Enough of a packet to see what is wrong with it.
fn shortened(packet: &PacketBuf) -> String {
    const SHOWN: usize = 600;
    let text = format!("{packet:?}");
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
