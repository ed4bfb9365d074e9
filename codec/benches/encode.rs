//! Encoding each workload of the packet set: as one piece, and as header and payload apart.

// Criterion's macros make public functions of their own.
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use bytes::BytesMut;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mqttspec_bench::packet_set;
use mqttspec_codec::{Packet, PacketType, ProtocolVersion};

const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::V3_1_1, ProtocolVersion::V5_0];

fn whole(criterion: &mut Criterion) {
    for version in VERSIONS {
        let mut group = criterion.benchmark_group(format!("encode/{version}"));
        for workload in packet_set(version) {
            let packets: Vec<Packet<'_>> = workload.packets.iter().map(|packet| packet.as_packet()).collect();
            group.throughput(Throughput::Elements(packets.len() as u64));
            let mut vec = Vec::with_capacity(workload.bytes.len());
            group.bench_function(BenchmarkId::new("Vec", workload.id), |bencher| {
                bencher.iter(|| {
                    vec.clear();
                    for packet in black_box(&packets) {
                        packet.encode(version, &mut vec).expect("the packet set can be written");
                    }
                    black_box(vec.as_slice());
                });
            });
            let mut bytes = BytesMut::with_capacity(workload.bytes.len());
            group.bench_function(BenchmarkId::new("BytesMut", workload.id), |bencher| {
                bencher.iter(|| {
                    bytes.clear();
                    for packet in black_box(&packets) {
                        packet.encode(version, &mut bytes).expect("the packet set can be written");
                    }
                    black_box(&bytes[..]);
                });
            });
        }
        group.finish();
    }
}

fn parts(criterion: &mut Criterion) {
    for version in VERSIONS {
        let mut group = criterion.benchmark_group(format!("encode-parts/{version}"));
        for workload in packet_set(version) {
            if workload.packet_type() != Some(PacketType::Publish) {
                continue;
            }
            let packet = workload.packets[0].as_packet();
            let mut header = Vec::with_capacity(256);
            group.throughput(Throughput::Elements(1));
            group.bench_function(BenchmarkId::from_parameter(workload.id), |bencher| {
                bencher.iter(|| {
                    header.clear();
                    let payload = black_box(&packet).encode_parts(version, &mut header);
                    black_box((header.as_slice(), payload.expect("the packet set can be written")));
                });
            });
        }
        group.finish();
    }
}

/// Short, so that all of them take a few minutes.
fn config() -> Criterion {
    Criterion::default().warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(800))
}

criterion_group! {
    name = benches;
    config = config();
    targets = whole, parts
}
criterion_main!(benches);
