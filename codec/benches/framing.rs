//! Cutting the mixed stream into packets, however it was split on the way.

// Criterion's macros make public functions of their own.
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mqttspec_bench::packet_set;
use mqttspec_codec::{FrameDecoder, ProtocolVersion, frame_len};

fn framing(criterion: &mut Criterion) {
    for version in [ProtocolVersion::V3_1_1, ProtocolVersion::V5_0] {
        let mixed =
            packet_set(version).into_iter().find(|workload| workload.is_mixed()).expect("there is a mixed stream");
        let mut group = criterion.benchmark_group(format!("framing/{version}"));
        group.throughput(Throughput::Elements(mixed.packets.len() as u64));
        for chunk_len in [16, 1460, mixed.bytes.len()] {
            group.bench_function(BenchmarkId::new("FrameDecoder", chunk_len), |bencher| {
                let mut frames = FrameDecoder::new(1 << 20);
                bencher.iter(|| {
                    for chunk in black_box(mixed.bytes.as_slice()).chunks(chunk_len) {
                        frames.push(chunk);
                        while let Ok(Some(frame)) = frames.next_frame() {
                            black_box(frame);
                        }
                    }
                });
            });
        }
        group.bench_function("frame_len", |bencher| {
            bencher.iter(|| {
                let mut rest = black_box(mixed.bytes.as_slice());
                while let Ok(Some(len)) = frame_len(rest) {
                    let Some((frame, after)) = rest.split_at_checked(len) else { break };
                    black_box(frame);
                    rest = after;
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
    targets = framing
}
criterion_main!(benches);
