//! The rules for clients prove themselves: honest reference clients and the honest reference broker are never accused in
//! random histories, whatever lawful choices they take, and every fault of a client is found.

// Clippy allows `unwrap` in test functions; here the helpers around them may panic as well.
#![allow(clippy::unwrap_used)]

use mqttspec_codec::ProtocolVersion;
use mqttspec_scenarios::client::ClientFaultSet;
use mqttspec_scenarios::client::world::play;

/// Histories of each version in which everybody is honest.
const HONEST: u64 = 120;

#[test]
fn honest_clients_and_the_honest_broker_are_never_accused() {
    for version in ProtocolVersion::ALL {
        for seed in 0..HONEST {
            let played = play(version, seed, ClientFaultSet::EMPTY, false);
            assert!(
                played.clients.is_empty(),
                "{version}, seed {seed}, provoked {}: {:#?}",
                played.provoked,
                played.clients
            );
            if !played.provoked {
                assert!(played.server.is_empty(), "{version}, seed {seed}: {:#?}", played.server);
            }
        }
    }
}
