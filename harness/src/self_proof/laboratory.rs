//! The reference broker in memory: what it offers, and what becomes of one history with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mqttspec_codec::{FrameDecoder, PacketBuf, PropertyBuf, ProtocolVersion};
use mqttspec_scenarios::Time;
use mqttspec_scenarios::broker::{Broker, BrokerConfig, Output, Variant};
use mqttspec_scenarios::histories::Abilities;
use mqttspec_scenarios::model::{Namespace, Scenario, connect};

use crate::engine::ConnectDefaults;
use crate::engine::{Options, Outcome, Timing, Transcript, memory};

/// The longest Session Expiry Interval that there is, in seconds: a server that grants less says so (3.2.2.3.2).
const FOR_EVER: u32 = u32::MAX;

/// What a broker with this configuration offers, as it says itself in CONNACK.
pub fn abilities_of(config: &BrokerConfig) -> Abilities {
    let challenge =
        config.enhanced_authentication && !config.variants.contains(Variant::CapabilityNoEnhancedAuthentication);
    let mut broker = Broker::new(config.clone());
    let id = broker.open(Time::ZERO);
    let mut packet = connect(ProtocolVersion::V5_0, "abilities");
    packet.properties.push(PropertyBuf::session_expiry_interval(FOR_EVER));
    let bytes = PacketBuf::Connect(packet).encode(ProtocolVersion::V5_0).unwrap_or_default();
    broker.receive(id, &bytes, Time::ZERO);
    let mut frames = FrameDecoder::new(1 << 16);
    while let Some(output) = broker.poll_output() {
        if let Output::Send { bytes, .. } = output {
            frames.push(&bytes);
        }
    }
    let mut abilities = Abilities::default();
    while let Ok(Some(frame)) = frames.next_frame() {
        if let Ok(PacketBuf::ConnAck(connack)) = PacketBuf::decode(&frame, ProtocolVersion::V5_0) {
            abilities = Abilities::from_connack(&connack, FOR_EVER);
        }
    }
    Abilities { challenge, ..abilities }
}

/// Plays one history against a broker with this configuration.
pub fn play(history: Scenario, config: BrokerConfig) -> (Outcome, Transcript) {
    let options =
        Options { namespace: Namespace::new(1, 0), timing: Timing::default(), defaults: ConnectDefaults::default() };
    memory::run(&Arc::new(history), options, config)
}

/// Does `work` for every number below `count`, on all processors, and returns the results in order.
pub fn in_parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(count.max(1));
    let mut results: Vec<(usize, T)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| {
                    let mut own = Vec::new();
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if index >= count {
                            return own;
                        }
                        own.push((index, work(index)));
                    }
                })
            })
            .collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
