//! Scenarios against the reference broker in memory, for the matrix.

// Every test program includes this module and uses a part of it.
#![allow(dead_code, unreachable_pub)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mqttspec::engine::{ConnectDefaults, Options, Outcome, Timing, memory};
use mqttspec::plan::Capabilities;
use mqttspec_codec::{FrameDecoder, PacketBuf, ProtocolVersion};
use mqttspec_reports::{Level, Verdict};
use mqttspec_scenarios::Time;
use mqttspec_scenarios::broker::{
    AUTHENTICATION_METHOD, Broker, BrokerConfig, Fault, FaultSet, Output, Variant, VariantSet,
};
use mqttspec_scenarios::model::{Namespace, Scenario, connect};

/// All scenarios, each with the configuration of the reference broker in which it applies.
pub struct Laboratory {
    pub scenarios: Vec<Arc<Scenario>>,
    /// For each scenario the variant that it needs, if it does not apply to the plain broker.
    homes: Vec<VariantSet>,
}

/// A scenario that turned red, and the statement under which it did.
#[derive(Clone, Debug)]
pub struct Red {
    pub scenario: String,
    pub version: ProtocolVersion,
    /// `MQTT-3.3.1-2`, or a section.
    pub statement: String,
    /// Whether it fails the scenario, or shows a deviation from what is only recommended or left to rigour.
    pub fails: bool,
    /// Whether the scenario says that it proves the statement; one that proves none is about the section it cites.
    pub own: bool,
}

impl Red {
    /// Whether it was reported under the statement that the fault breaks.
    pub fn breaks(&self, fault: Fault) -> bool {
        match fault.statement(self.version) {
            Some(statement) => statement == self.statement,
            None => false,
        }
    }
}

impl Laboratory {
    pub fn new() -> Self {
        let scenarios: Vec<_> = mqttspec_scenarios::broker_scenarios().into_iter().map(Arc::new).collect();
        let plain = BrokerConfig::default();
        let variants: Vec<_> = Variant::ALL.iter().map(|variant| VariantSet::only(*variant)).collect();
        let abilities: Vec<_> = std::iter::once(VariantSet::EMPTY)
            .chain(variants)
            .map(|variants| (variants, capabilities(&BrokerConfig { variants, ..plain.clone() })))
            .collect();
        let homes = scenarios
            .iter()
            .map(|scenario| {
                let home = abilities.iter().find(|(_, abilities)| applies(scenario, abilities).is_ok());
                home.map_or(VariantSet::EMPTY, |(variants, _)| *variants)
            })
            .collect();
        Self { scenarios, homes }
    }

    /// Every scenario that applies to this broker, with its outcome.
    pub fn run_all(&self, config: &BrokerConfig) -> Vec<(Arc<Scenario>, Outcome)> {
        let abilities = capabilities(config);
        self.in_parallel(|index| {
            let scenario = &self.scenarios[index];
            applies(scenario, &abilities).ok()?;
            Some((Arc::clone(scenario), play(scenario, index, config.clone())))
        })
    }

    /// Every scenario that these faults turn red, each in the configuration in which it applies.
    pub fn reds(&self, faults: FaultSet) -> Vec<Red> {
        self.in_parallel(|index| {
            let scenario = &self.scenarios[index];
            let config = BrokerConfig { faults, variants: self.homes[index], ..BrokerConfig::default() };
            let outcome = play(scenario, index, config);
            assert_ne!(outcome.verdict, Verdict::Error, "{}: {:?}", scenario.id, outcome.reason);
            let all = outcome.findings.iter().filter(|f| !f.knock_on).map(|f| Red {
                scenario: scenario.id.clone(),
                version: scenario.version,
                fails: f.level == Level::Must,
                own: scenario.statements.contains(&f.statement)
                    || (f.statement.is_empty()
                        && (scenario.statements.is_empty() || cites_section(scenario, &f.section))),
                statement: if f.statement.is_empty() { format!("§{}", f.section) } else { f.statement.clone() },
            });
            Some(all.collect::<Vec<_>>())
        })
        .into_iter()
        .flatten()
        .collect()
    }

    fn in_parallel<T: Send>(&self, work: impl Fn(usize) -> Option<T> + Sync) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let mut results: Vec<(usize, T)> = std::thread::scope(|scope| {
            let handles: Vec<_> = (0..workers)
                .map(|_| {
                    scope.spawn(|| {
                        let mut mine = Vec::new();
                        loop {
                            let index = next.fetch_add(1, Ordering::Relaxed);
                            if index >= self.scenarios.len() {
                                return mine;
                            }
                            mine.extend(work(index).map(|result| (index, result)));
                        }
                    })
                })
                .collect();
            handles.into_iter().flat_map(|handle| handle.join().expect("no worker panics")).collect()
        });
        results.sort_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, result)| result).collect()
    }
}

/// Whether anything in the scenario is cited by this section.
fn cites_section(scenario: &Scenario, section: &str) -> bool {
    let text = serde_json::to_string(scenario).expect("a scenario is plain data");
    text.contains(&format!("\"{section}\"")) || text.contains(&format!("\"§{section}\""))
}

fn play(scenario: &Arc<Scenario>, index: usize, config: BrokerConfig) -> Outcome {
    let namespace = Namespace::new(1, u32::try_from(index).unwrap_or_default());
    memory::run(
        scenario,
        Options { namespace, timing: Timing::default(), defaults: ConnectDefaults::default() },
        config,
    )
    .0
}

fn applies(scenario: &Scenario, abilities: &Capabilities) -> Result<(), String> {
    scenario.needs.iter().try_for_each(|need| abilities.meet(need, scenario.version))
}

/// What this broker says of itself in CONNACK.
fn capabilities(config: &BrokerConfig) -> Capabilities {
    let mut broker = Broker::new(config.clone());
    let connection = broker.open(Time::ZERO);
    let hello = PacketBuf::Connect(connect(ProtocolVersion::V5_0, "discovery"));
    broker.receive(connection, &hello.encode(ProtocolVersion::V5_0).expect("a plain CONNECT"), Time::ZERO);
    let mut frames = FrameDecoder::new(4096);
    while let Some(output) = broker.poll_output() {
        if let Output::Send { bytes, .. } = output {
            frames.push(&bytes);
        }
    }
    let frame = frames.next_frame().expect("frames").expect("a CONNACK");
    let Ok(PacketBuf::ConnAck(connack)) = PacketBuf::decode(&frame, ProtocolVersion::V5_0) else {
        panic!("the reference broker answers CONNECT with CONNACK");
    };
    let mut capabilities = Capabilities::of(&connack);
    if config.enhanced_authentication && !config.variants.contains(Variant::CapabilityNoEnhancedAuthentication) {
        capabilities.authentication_methods.insert(AUTHENTICATION_METHOD.to_owned());
    }
    capabilities
}

/// A fault with the statements it breaks.
pub fn describe(fault: Fault) -> String {
    let v5 = fault.statement(ProtocolVersion::V5_0).unwrap_or("-");
    let v311 = fault.statement(ProtocolVersion::V3_1_1).unwrap_or("-");
    format!("{} (5.0: {v5}; 3.1.1: {v311})", fault.id())
}

/// The scenarios under each statement.
pub fn by_statement(reds: &[Red]) -> BTreeMap<String, Vec<String>> {
    let mut map: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for red in reds {
        let scenarios = map.entry(red.statement.clone()).or_default();
        if scenarios.last() != Some(&red.scenario) {
            scenarios.push(red.scenario.clone());
        }
    }
    map
}

/// The first few, and how many more.
pub fn shorten(scenarios: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown = scenarios.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match scenarios.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
