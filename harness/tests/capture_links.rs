//! `mqttspec check` reads every link layer, IP version and file format that the README names: a capture with a planted
//! violation is put into each, and the violation is found in each, in the same packet.

#![allow(clippy::unwrap_used)]

#[path = "common/pcap.rs"]
mod pcap;

use std::path::Path;

use etherparse::{IpNumber, Ipv6FlowLabel, Ipv6Header, SlicedPacket, TransportSlice};
use mqttspec::passive::capture::check;
use mqttspec::passive::{Checker, Scope, Unit};
use pcap::Capture;

/// The header of Ethernet before its EtherType.
const ADDRESSES: [u8; 12] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
const ETHERNET: usize = 14;

/// LINKTYPE numbers: <https://www.tcpdump.org/linktypes.html>.
mod linktype {
    pub(super) const NULL: u32 = 0;
    pub(super) const ETHERNET: u32 = 1;
    pub(super) const RAW_BSD: u32 = 12;
    pub(super) const RAW_OPENBSD: u32 = 14;
    pub(super) const RAW: u32 = 101;
    pub(super) const LOOP: u32 = 108;
    pub(super) const LINUX_SLL: u32 = 113;
    pub(super) const IPV4: u32 = 228;
    pub(super) const IPV6: u32 = 229;
    pub(super) const LINUX_SLL2: u32 = 276;
}

/// The same TCP segment in IPv6.
fn to_ipv6(packet: &[u8]) -> Vec<u8> {
    let sliced = SlicedPacket::from_ip(packet).unwrap();
    let Some(TransportSlice::Tcp(tcp)) = sliced.transport else { panic!("{packet:x?}") };
    let header = Ipv6Header {
        traffic_class: 0,
        flow_label: Ipv6FlowLabel::ZERO,
        payload_length: tcp.slice().len() as u16,
        next_header: IpNumber::TCP,
        hop_limit: 64,
        source: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        destination: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    };
    [&header.to_bytes()[..], tcp.slice()].concat()
}

/// An IP packet behind every link layer: what it is called, its LINKTYPE, and what stands before the packet.
fn links(ipv6: bool) -> Vec<(&'static str, u32, Vec<u8>)> {
    let ether_type: [u8; 2] = if ipv6 { [0x86, 0xDD] } else { [0x08, 0x00] };
    // AF_INET6 has another number on almost every BSD; these are of macOS and OpenBSD.
    let family: u32 = if ipv6 { 30 } else { 2 };
    let ethernet = |tags: &[u8]| [&ADDRESSES[..], tags, &ether_type].concat();
    vec![
        ("Ethernet", linktype::ETHERNET, ethernet(&[])),
        ("Ethernet, VLAN 5", linktype::ETHERNET, ethernet(&[0x81, 0, 0, 5])),
        ("Ethernet, VLAN 7 in VLAN 5", linktype::ETHERNET, ethernet(&[0x88, 0xA8, 0, 5, 0x81, 0, 0, 7])),
        ("loopback of BSD, little-endian", linktype::NULL, family.to_le_bytes().to_vec()),
        ("loopback of BSD, big-endian", linktype::NULL, family.to_be_bytes().to_vec()),
        ("loopback of OpenBSD", linktype::LOOP, family.to_be_bytes().to_vec()),
        ("raw IP", linktype::RAW, vec![]),
        ("raw IP of BSD", linktype::RAW_BSD, vec![]),
        ("raw IP of OpenBSD", linktype::RAW_OPENBSD, vec![]),
        ("raw IP of one version", if ipv6 { linktype::IPV6 } else { linktype::IPV4 }, vec![]),
        // To us, of a loopback device, with an address of six bytes.
        ("Linux cooked", linktype::LINUX_SLL, [&[0, 0, 3, 4, 0, 6][..], &[0; 8], &ether_type].concat()),
        (
            "Linux cooked, second version",
            linktype::LINUX_SLL2,
            [&ether_type[..], &[0, 0, 0, 0, 0, 1, 3, 4, 0, 6], &[0; 8]].concat(),
        ),
    ]
}

#[track_caller]
fn finds_the_planted_violation(what: &str, bytes: &[u8]) {
    let checked = check(bytes, &[], Checker::new(Unit::Packet, Scope::Some, None)).unwrap();
    let results = &checked.outcome.results;
    let found: Vec<_> = results.iter().flat_map(|result| &result.findings).collect();
    assert_eq!(found.len(), 1, "{what}: {found:?}, {:?}", checked.notes);
    assert_eq!(found[0].cited(), "MQTT-2.3.1-4", "{what}");
    assert!(found[0].observed.starts_with("packet 13 from the Server: PUBLISH"), "{what}: {}", found[0].observed);
}

#[test]
fn a_planted_violation_is_found_behind_every_link_layer_and_in_every_file_format() {
    let planted = Capture::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/planted.pcap"));
    for ipv6 in [false, true] {
        for (name, link, header) in links(ipv6) {
            let wrap = |frame: &[u8]| {
                let packet = if ipv6 { to_ipv6(&frame[ETHERNET..]) } else { frame[ETHERNET..].to_vec() };
                [&header[..], &packet].concat()
            };
            let capture = planted.on_link(link, wrap);
            for (format, bytes) in [
                ("pcap", capture.write(false, false)),
                ("pcap, big-endian, nanoseconds", capture.write(true, true)),
                ("pcapng", capture.write_ng(false)),
                ("pcapng, big-endian", capture.write_ng(true)),
            ] {
                finds_the_planted_violation(&format!("{name}, IPv{}, {format}", if ipv6 { 6 } else { 4 }), &bytes);
            }
        }
    }
}

#[test]
fn a_link_layer_that_is_not_read_is_named() {
    let planted = Capture::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/planted.pcap"));
    // IEEE 802.11.
    let capture = planted.on_link(105, <[u8]>::to_vec);
    let checked = check(&capture.write(false, false)[..], &[], Checker::new(Unit::Packet, Scope::Some, None)).unwrap();
    assert_eq!(checked.outcome.connections, 0);
    assert!(checked.notes.iter().any(|note| note.contains("105")), "{:?}", checked.notes);
}
