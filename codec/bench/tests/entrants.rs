//! The packet set is what it says it is, and an adapter that does the wrong thing is not timed.

use mqttspec_bench::{
    Absence, Codec, Cursor, Delivery, Entrant, Job, Kind, Mqttspec, Offer, Operation, Refused, Workload, bounds, codec,
    ours, ours_with_every_field, packet_set,
};
use mqttspec_codec::{Packet, PacketBuf, PacketType, ProtocolVersion, frame_len};

const DECODE: [Operation; 3] = [
    Operation::Decode(Delivery::Cached),
    Operation::Decode(Delivery::Memory(100_000)),
    Operation::Decode(Delivery::Chunks),
];

fn sets() -> impl Iterator<Item = Workload> {
    ProtocolVersion::ALL.into_iter().flat_map(packet_set)
}

#[test]
fn the_packet_set_holds_every_type_and_the_sizes_it_names() {
    for version in ProtocolVersion::ALL {
        let set = packet_set(version);
        for packet_type in PacketType::ALL {
            let found = set.iter().any(|workload| workload.packet_type() == Some(packet_type));
            assert_eq!(found, packet_type.exists_in(version), "{packet_type} of {version}");
        }
        let payload = |id: &str| match &set.iter().find(|workload| workload.id == id).unwrap().packets[0] {
            PacketBuf::Publish(publish) => publish.payload.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!((payload("publish-64"), payload("publish-1k"), payload("publish-64k")), (64, 1024, 65_536));
        let mixed = set.iter().find(|workload| workload.is_mixed()).unwrap();
        assert!((30 * 1024..=32 * 1024).contains(&mixed.bytes.len()), "{}", mixed.bytes.len());
        let publish = mixed.packets.iter().filter(|packet| packet.packet_type() == PacketType::Publish).count();
        assert!(publish * 2 > mixed.packets.len(), "{publish} of {}", mixed.packets.len());
        assert!(mixed.packets.iter().all(|packet| packet.packet_type() != PacketType::Auth));
        assert_eq!(packet_set(version), set, "the set is always the same");
    }
}

#[test]
fn every_packet_of_the_set_is_valid() {
    for workload in sets() {
        let mut rest = workload.bytes.as_slice();
        for packet in &workload.packets {
            let len = frame_len(rest).unwrap().unwrap();
            assert_eq!(PacketBuf::decode(&rest[..len], workload.version).as_ref(), Ok(packet));
            rest = &rest[len..];
        }
        assert!(rest.is_empty());
    }
}

#[test]
fn ours_and_the_bounds_get_through_every_job() {
    for workload in sets() {
        for operation in DECODE.into_iter().chain([Operation::Encode]) {
            let job = Job::new(&workload, operation);
            for entrant in [ours(), ours_with_every_field()].into_iter().chain(bounds()) {
                match entrant.task(&job) {
                    Ok(mut task) => {
                        for _ in 0..3 {
                            let mut watched = 0;
                            let done = task.pass(&mut |work| {
                                watched += 1;
                                work();
                            });
                            assert_eq!((done, watched), (Ok(()), 1), "{} {operation:?}", entrant.name());
                        }
                    }
                    Err(absence) => {
                        assert!(
                            matches!(entrant.kind(), Kind::Bound | Kind::Variant),
                            "{}: {absence:?}",
                            entrant.name()
                        );
                        assert_eq!((operation, absence), (Operation::Encode, Absence::Missing));
                    }
                }
            }
        }
    }
}

/// Decodes every PUBLISH with the payload of another, cannot decode CONNECT, panics on PINGREQ, encodes rubbish.
struct Careless;

impl Codec for Careless {
    const NAME: &'static str = "careless 0.0.0";
    type Packet<'a> = Packet<'a>;
    type Input = Cursor;
    type Output = Vec<u8>;
    type Typed<'p> = Packet<'p>;

    fn decodes(_: ProtocolVersion, packet: PacketType) -> bool {
        packet != PacketType::Connect
    }

    fn next(version: ProtocolVersion, input: &mut Cursor) -> Result<Option<Packet<'_>>, Refused> {
        Ok(Mqttspec::next(version, input)?.map(|packet| match packet {
            Packet::Publish(mut publish) => {
                publish.payload = b"something else";
                Packet::Publish(publish)
            }
            Packet::PingReq => panic!("out of order"),
            other => other,
        }))
    }

    fn to_packet(_: ProtocolVersion, packet: Packet<'_>) -> Result<PacketBuf, Refused> {
        Ok(packet.to_buf())
    }

    fn typed(_: ProtocolVersion, packet: &PacketBuf) -> Option<Packet<'_>> {
        (packet.packet_type() != PacketType::Connect).then(|| packet.as_packet())
    }

    fn encode(version: ProtocolVersion, packet: &Packet<'_>, out: &mut Vec<u8>) -> Result<(), Refused> {
        match packet {
            Packet::PingReq => Err("no ping today".into()),
            Packet::PingResp => Ok(packet.encode(version, out)?),
            _ => {
                out.push(0);
                Ok(())
            }
        }
    }
}

fn outcome(entrant: &dyn Entrant, id: &str, operation: Operation) -> Result<(), Absence> {
    let set = packet_set(ProtocolVersion::V3_1_1);
    let workload = set.iter().find(|workload| workload.id == id).expect("a workload of the set");
    entrant.task(&Job::new(workload, operation)).map(drop)
}

#[test]
fn what_does_the_wrong_thing_is_not_timed() {
    let careless = codec::<Careless>();
    let decode = |id| outcome(&*careless, id, Operation::Decode(Delivery::Cached));
    assert_eq!(decode("puback"), Ok(()));
    assert_eq!(decode("connect"), Err(Absence::Missing));
    assert_eq!(decode("pingreq"), Err(Absence::Panicked("out of order".into())));
    assert!(matches!(decode("publish-64"), Err(Absence::Wrong(words)) if words.contains("PUBLISH: expected")));
    let encode = |id| outcome(&*careless, id, Operation::Encode);
    assert_eq!(encode("pingresp"), Ok(()));
    assert_eq!(encode("connect"), Err(Absence::Missing));
    assert_eq!(encode("pingreq"), Err(Absence::Refused("PINGREQ: no ping today".into())));
    assert!(matches!(encode("puback"), Err(Absence::Wrong(words)) if words.contains("not one packet")));
}

#[test]
fn an_offer_of_bytes_has_one_of_five_ends() {
    let (ours, careless) = (ours(), codec::<Careless>());
    let version = ProtocolVersion::V5_0;
    assert_eq!(ours.offer(version, &[0xD0, 0]), Some(Offer::Accepted));
    assert_eq!(ours.offer(version, &[0xD0, 0, 0xD0]), Some(Offer::Left(1)));
    assert_eq!(ours.offer(version, &[0xD0]), Some(Offer::Incomplete));
    assert!(matches!(ours.offer(version, &[0xD1, 0]), Some(Offer::Refused(_))));
    assert_eq!(careless.offer(version, &[0xC0, 0]), Some(Offer::Panicked("out of order".into())));
    assert_eq!(careless.offer(version, &[0x10, 0]), None);
}
