//! What the reference broker is told before it starts.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{FaultSet, VariantSet};

/// Limits, accounts, faults and variants of a reference broker.
#[derive(Clone, Debug)]
pub struct BrokerConfig {
    /// Deliberate violations; none by default.
    pub faults: FaultSet,
    /// Permitted choices taken the other way; none by default.
    pub variants: VariantSet,
    /// Seed of every choice left to chance (nonces, a random member of a shared group).
    pub seed: u64,
    /// Receive Maximum told to 5.0 clients (3.2.2.3.3); 0 is taken as 1.
    pub receive_maximum: u16,
    /// Topic Alias Maximum told to 5.0 clients (3.2.2.3.8).
    pub topic_alias_maximum: u16,
    /// Maximum Packet Size in bytes, told to 5.0 clients (3.2.2.3.6) and enforced for all.
    pub maximum_packet_size: u32,
    /// User names and passwords; with `None` any user, or no user, may connect.
    pub users: Option<BTreeMap<String, Vec<u8>>>,
    /// Whether the built-in challenge method [`AUTHENTICATION_METHOD`](super::AUTHENTICATION_METHOD) is offered (4.12).
    pub enhanced_authentication: bool,
    /// How long a connection may stay without an accepted CONNECT (3.1).
    pub connect_timeout: Duration,
    /// Network connections at one time; one more is closed at once.
    pub maximum_connections: usize,
    /// Sessions at one time, connected or not; one more is refused with Server busy or return code 3.
    pub maximum_sessions: usize,
    /// Subscriptions in one session; one more is refused with Quota exceeded or 0x80.
    pub maximum_subscriptions: usize,
    /// Messages waiting in one session; beyond that new ones for it are dropped.
    pub maximum_queued_messages: usize,
    /// Retained messages; beyond that new topics are not retained.
    pub maximum_retained_messages: usize,
}

impl Default for BrokerConfig {
    fn default() -> Self {
        Self {
            faults: FaultSet::EMPTY,
            variants: VariantSet::EMPTY,
            seed: 0,
            receive_maximum: 16,
            topic_alias_maximum: 10,
            maximum_packet_size: 256 * 1024,
            users: None,
            enhanced_authentication: true,
            connect_timeout: Duration::from_secs(10),
            maximum_connections: 4_096,
            maximum_sessions: 16_384,
            maximum_subscriptions: 1_024,
            maximum_queued_messages: 1_024,
            maximum_retained_messages: 4_096,
        }
    }
}

impl BrokerConfig {
    /// The default broker with these faults.
    pub fn with_faults(faults: impl Into<FaultSet>) -> Self {
        Self { faults: faults.into(), ..Self::default() }
    }

    /// The default broker with these variants.
    pub fn with_variants(variants: impl Into<VariantSet>) -> Self {
        Self { variants: variants.into(), ..Self::default() }
    }
}
