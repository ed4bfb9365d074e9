//! One history, from its seed.

use std::time::Duration;

use mqttspec_codec::ProtocolVersion;

use super::stage::World;
use crate::broker::random::Random;
use crate::broker::{BrokerConfig, Variant, VariantSet};
use crate::client::{ClientConfig, ClientFaultSet, ClientVariant, ClientVariantSet, Command};
use crate::monitor::Owed;
use crate::statements::Level;
use crate::{Finding, Side};

/// Wishes of all applications together.
const WISHES: usize = 90;

/// Variants of the broker that give clients duties; every other choice of variants is from these.
const DEMANDING: [Variant; 12] = [
    Variant::SmallReceiveMaximum,
    Variant::SmallMaximumPacketSize,
    Variant::ServerKeepAlive,
    Variant::NoTopicAliasesFromClient,
    Variant::CapabilityMaximumQos0,
    Variant::CapabilityMaximumQos1,
    Variant::CapabilityNoRetain,
    Variant::CapabilityNoWildcards,
    Variant::CapabilityNoSubscriptionIdentifiers,
    Variant::CapabilityNoSharedSubscriptions,
    Variant::ServerTopicAliases,
    Variant::OneMessageInFlight,
];

/// What was found in a history.
#[derive(Clone, Debug)]
pub struct Played {
    /// Against clients.
    pub clients: Vec<Finding>,
    /// Against the server; to be expected when it was `provoked`.
    pub server: Vec<Finding>,
    /// Whether the server did what an honest one does not.
    pub provoked: bool,
    /// Every event, one line each, if it was asked for.
    pub transcript: Vec<String>,
}

/// Plays the history of `seed`: one client with `faults` and up to three honest ones, each with variants of its own, and
/// the honest broker, which in every other history is provoked to misbehave. Observations are left out.
pub fn play(version: ProtocolVersion, seed: u64, faults: ClientFaultSet, transcribe: bool) -> Played {
    let mut random = Random::new(seed ^ 0xC11E_4175);
    let broker = broker_config(&mut random, version);
    let clients = ["ann", "bea", "cyd", "dan"];
    let number = 1 + random.below(clients.len());
    let configs = clients[..number].iter().enumerate().map(|(seat, client_id)| {
        let mut config = ClientConfig::new(version, client_id).with_variants(client_variants(&mut random));
        config.seed = random.next_u64();
        if seat == 0 {
            config.faults = faults;
        } else if seat == 3 && version != ProtocolVersion::V3_1 {
            config.client_id.clear();
        }
        config
    });
    let configs = configs.collect();
    let mut world = World::new(version, seed, broker, configs);
    world.provoked = random.below(2) == 1;
    world.transcript = transcribe.then(Vec::new);
    for _ in 0..WISHES {
        world.wish();
        if world.provoked && world.one_in(10) {
            world.provoke();
        }
        let pause = match world.random.below(60) {
            0 => 100_000 + world.random.below(60_000),
            1..=3 => 1_000 + world.random.below(3_000),
            _ => 1 + world.random.below(60),
        };
        world.run(Duration::from_millis(pause as u64));
    }
    finish(&mut world);
    let provoked = world.provoked;
    let findings = world.monitor.take_findings().into_iter().filter(|finding| finding.level != Level::May);
    let (clients, server) = findings.partition(|finding| finding.accused == Side::Client);
    Played { clients, server, provoked, transcript: world.transcript.unwrap_or_default() }
}

/// Everybody comes back to its session, what is due is done, every connection is fenced.
fn finish(world: &mut World) {
    world.run(Duration::from_secs(10));
    for seat in 0..world.clients.len() {
        if !world.clients[seat].has_connection() {
            let connect = world.connect_wish(false);
            world.ask(seat, Command::Connect(Box::new(connect)));
        }
    }
    world.run(Duration::from_secs(10));
    if world.provoked {
        world.provoke_all();
        world.run(Duration::from_secs(5));
    }
    for seat in 0..world.clients.len() {
        world.ask(seat, Command::Ping);
    }
    world.run(Duration::from_secs(5));
    if world.provoked {
        world.break_all_off();
        world.run(Duration::from_secs(7));
    }
    // Here a minute passes in no time.
    while let Owed::Eventually(_) = world.monitor.owed() {
        world.run(Duration::from_secs(5));
    }
    world.monitor.settle();
}

fn broker_config(random: &mut Random, version: ProtocolVersion) -> BrokerConfig {
    let mut variants = VariantSet::EMPTY;
    for _ in 0..random.below(5) {
        let from = if random.below(2) == 0 { &DEMANDING[..] } else { Variant::ALL };
        variants.insert(from[random.below(from.len())]);
    }
    let mut config = BrokerConfig { variants, seed: random.next_u64(), ..BrokerConfig::default() };
    config.receive_maximum = [1, 2, 3, 16][random.below(4)];
    config.topic_alias_maximum = [0, 1, 2, 10][random.below(4)];
    // These two say something else of it in CONNACK.
    let stated = [Variant::SmallMaximumPacketSize, Variant::NoMaximumPacketSize];
    let states_it = stated.iter().any(|variant| variants.contains(*variant));
    if version == ProtocolVersion::V5_0 && !states_it && random.below(3) == 0 {
        config.maximum_packet_size = 400;
    }
    config
}

fn client_variants(random: &mut Random) -> ClientVariantSet {
    (0..random.below(4)).map(|_| ClientVariant::ALL[random.below(ClientVariant::ALL.len())]).collect()
}
