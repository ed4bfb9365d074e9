//! From the bytes of a packet to its TCP segment: the link header, IP, TCP.

use std::net::{IpAddr, SocketAddr};

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};

use super::reader::Packet;

/// LINKTYPE numbers, as both file formats use them.
mod linktype {
    pub(super) const NULL: i32 = 0;
    pub(super) const ETHERNET: i32 = 1;
    /// What some systems write for raw IP instead of 101.
    pub(super) const RAW_BSD: i32 = 12;
    pub(super) const RAW_OPENBSD: i32 = 14;
    pub(super) const RAW: i32 = 101;
    pub(super) const LOOP: i32 = 108;
    pub(super) const LINUX_SLL: i32 = 113;
    pub(super) const IPV4: i32 = 228;
    pub(super) const IPV6: i32 = 229;
    pub(super) const LINUX_SLL2: i32 = 276;
}

/// A TCP segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) sequence: u32,
    /// The sequence number of the next byte that the sender expects, when it says so.
    pub(super) acknowledges: Option<u32>,
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    pub(super) payload: &'a [u8],
    /// Bytes of the payload that were not captured.
    pub(super) missing: usize,
}

/// What a packet holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Layers<'a> {
    /// A TCP segment.
    Tcp(Segment<'a>),
    /// Something else.
    Other,
    /// A fragment of an IP packet.
    Fragment,
    /// Cut off or malformed before the end of its TCP header.
    Unreadable,
    /// A link layer that is not known.
    UnknownLink(i32),
}

/// Looks for the TCP segment in a packet.
pub(super) fn segment<'a>(packet: &Packet<'a>) -> Layers<'a> {
    let data = packet.data;
    let sliced = match packet.link {
        linktype::ETHERNET => LaxSlicedPacket::from_ethernet(data).ok(),
        linktype::RAW | linktype::RAW_BSD | linktype::RAW_OPENBSD | linktype::IPV4 | linktype::IPV6 => ip(data),
        // Four bytes say the address family; whose numbers they are depends on the system, so IP speaks for itself.
        linktype::NULL | linktype::LOOP => data.get(4..).and_then(ip),
        linktype::LINUX_SLL => cooked(data, 14, 16),
        linktype::LINUX_SLL2 => cooked(data, 0, 20),
        link => return Layers::UnknownLink(link),
    };
    match sliced {
        Some(sliced) => tcp(&sliced, packet.cut),
        None => Layers::Unreadable,
    }
}

fn ip(data: &[u8]) -> Option<LaxSlicedPacket<'_>> {
    LaxSlicedPacket::from_ip(data).ok()
}

/// Linux cooked capture: an EtherType at `at`, and behind `len` bytes what it says.
fn cooked(data: &[u8], at: usize, len: usize) -> Option<LaxSlicedPacket<'_>> {
    let ether_type = EtherType(u16::from_be_bytes([*data.get(at)?, *data.get(at + 1)?]));
    Some(LaxSlicedPacket::from_ether_type(ether_type, data.get(len..)?))
}

fn tcp<'a>(sliced: &LaxSlicedPacket<'a>, cut: usize) -> Layers<'a> {
    let (from, to): (IpAddr, IpAddr) = match &sliced.net {
        Some(LaxNetSlice::Ipv4(ip)) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        Some(LaxNetSlice::Ipv6(ip)) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        _ => return Layers::Other,
    };
    let payload = sliced.net.as_ref().and_then(LaxNetSlice::ip_payload_ref);
    match &sliced.transport {
        Some(TransportSlice::Tcp(tcp)) => Layers::Tcp(Segment {
            from: SocketAddr::new(from, tcp.source_port()),
            to: SocketAddr::new(to, tcp.destination_port()),
            sequence: tcp.sequence_number(),
            acknowledges: tcp.ack().then(|| tcp.acknowledgment_number()),
            syn: tcp.syn(),
            fin: tcp.fin(),
            rst: tcp.rst(),
            payload: tcp.payload(),
            missing: if payload.is_some_and(|payload| payload.incomplete) { cut } else { 0 },
        }),
        Some(_) => Layers::Other,
        None if payload.is_some_and(|payload| payload.fragmented) => Layers::Fragment,
        None if payload.is_some_and(|payload| payload.ip_number == etherparse::IpNumber::TCP) => Layers::Unreadable,
        None => Layers::Other,
    }
}
