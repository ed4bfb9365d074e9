//! Decoding each workload of the packet set: into a borrowed packet, with every property shown on the way, and into a
//! packet that owns its frame.

// Criterion's macros make public functions of their own.
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mqttspec_bench::{Workload, packet_set};
use mqttspec_codec::{
    Packet, PacketBytes, Property, PropertyContext, PropertyVisitor, ProtocolVersion, decode_next, decode_next_with,
};

const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::V3_1_1, ProtocolVersion::V5_0];

fn throughput(workload: &Workload) -> Throughput {
    Throughput::Elements(workload.packets.len() as u64)
}

fn borrowed(criterion: &mut Criterion) {
    for version in VERSIONS {
        let mut group = criterion.benchmark_group(format!("decode/{version}"));
        for workload in packet_set(version) {
            group.throughput(throughput(&workload));
            group.bench_function(BenchmarkId::from_parameter(workload.id), |bencher| {
                bencher.iter(|| {
                    let mut stream = black_box(workload.bytes.as_slice());
                    while let Ok(Some(packet)) = decode_next(&mut stream, version) {
                        black_box::<&Packet<'_>>(&packet);
                    }
                });
            });
        }
        group.finish();
    }
}

/// Looks at every property.
struct Look;

impl<'a> PropertyVisitor<'a> for Look {
    fn property(&mut self, context: PropertyContext, property: Property<'a>) {
        black_box((context, property));
    }
}

fn with_properties(criterion: &mut Criterion) {
    let version = ProtocolVersion::V5_0;
    let mut group = criterion.benchmark_group(format!("decode-with-properties/{version}"));
    for workload in packet_set(version) {
        if workload.packets.iter().all(|packet| packet.properties().is_empty()) {
            continue;
        }
        group.throughput(throughput(&workload));
        group.bench_function(BenchmarkId::new("visitor", workload.id), |bencher| {
            bencher.iter(|| {
                let mut stream = black_box(workload.bytes.as_slice());
                while let Ok(Some(packet)) = decode_next_with(&mut stream, version, &mut Look) {
                    black_box::<&Packet<'_>>(&packet);
                }
            });
        });
    }
    group.finish();
}

fn owned(criterion: &mut Criterion) {
    for version in VERSIONS {
        let mut group = criterion.benchmark_group(format!("decode-owned/{version}"));
        for workload in packet_set(version).into_iter().filter(|workload| !workload.is_mixed()) {
            let frame = Bytes::from(workload.bytes.clone());
            group.throughput(throughput(&workload));
            group.bench_function(BenchmarkId::from_parameter(workload.id), |bencher| {
                bencher.iter(|| PacketBytes::decode(black_box(&frame).clone(), version));
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
    targets = borrowed, with_properties, owned
}
criterion_main!(benches);
