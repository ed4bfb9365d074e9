//! Diagnosing: valid packets of the packet set, and every named mutation of the samples.

// Criterion's macros make public functions of their own.
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mqttspec_bench::packet_set;
use mqttspec_codec::{Mutation, ProtocolVersion, diagnose, samples};

const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::V3_1_1, ProtocolVersion::V5_0];

fn valid(criterion: &mut Criterion) {
    for version in VERSIONS {
        let mut group = criterion.benchmark_group(format!("diagnose/{version}"));
        for workload in packet_set(version).into_iter().filter(|workload| !workload.is_mixed()) {
            group.throughput(Throughput::Elements(1));
            group.bench_function(BenchmarkId::from_parameter(workload.id), |bencher| {
                bencher.iter(|| diagnose(black_box(&workload.bytes), version));
            });
        }
        group.finish();
    }
}

fn malformed(criterion: &mut Criterion) {
    for version in VERSIONS {
        let frames: Vec<Vec<u8>> = samples(version)
            .iter()
            .flat_map(|packet| {
                Mutation::ALL.iter().filter_map(|mutation| mutation.apply(packet, version)).collect::<Vec<_>>()
            })
            .collect();
        let mut group = criterion.benchmark_group(format!("diagnose-malformed/{version}"));
        group.throughput(Throughput::Elements(frames.len() as u64));
        group.bench_function("every mutation", |bencher| {
            bencher.iter(|| {
                for frame in black_box(&frames) {
                    black_box(diagnose(frame, version));
                }
            });
        });
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
    targets = valid, malformed
}
criterion_main!(benches);
