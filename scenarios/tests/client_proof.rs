//! The rules for clients prove themselves: honest reference clients and the honest reference broker are never accused in
//! random histories, whatever lawful choices they take, and every fault of a client is found.

// Clippy allows `unwrap` in test functions; here the helpers around them may panic as well.
#![allow(clippy::unwrap_used)]

use mqttspec_codec::ProtocolVersion;
use mqttspec_scenarios::client::world::{play, prove_clients};
use mqttspec_scenarios::client::{ClientFault, ClientFaultSet};

/// Histories of each version in which everybody is honest.
const HONEST: u64 = 120;
/// Histories in which every fault must be found. The rarest needs to authenticate, to have a message in flight, to lose the
/// connection, and a server that has lost the session.
const HISTORIES: u64 = 600;

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

#[test]
fn every_fault_of_a_client_is_found() {
    for version in [ProtocolVersion::V5_0, ProtocolVersion::V3_1_1] {
        let proofs = prove_clients(version, ClientFault::ALL, 1_000, 1, HISTORIES);
        let missed: Vec<_> = proofs.iter().filter(|proof| !proof.found()).map(|proof| proof.fault.id()).collect();
        assert!(missed.is_empty(), "{version}: {missed:?}");
    }
}
