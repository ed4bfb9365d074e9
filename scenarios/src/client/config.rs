//! What the reference client is told before it starts.

use mqttspec_codec::ProtocolVersion;

use super::{ClientFaultSet, ClientVariantSet};

/// Name, version, limits, faults and variants of a reference client.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Version of the protocol that it speaks.
    pub version: ProtocolVersion,
    /// Client Identifier; when it is empty the server assigns one (3.1.3.1).
    pub client_id: String,
    /// Deliberate violations; none by default.
    pub faults: ClientFaultSet,
    /// Permitted choices taken the other way; none by default.
    pub variants: ClientVariantSet,
    /// Seed of every choice left to chance.
    pub seed: u64,
    /// QoS 1 and 2 messages that wait or are in flight at one time; one more is refused.
    pub maximum_queued_messages: usize,
    /// The longest packet that is read when CONNECT has no Maximum Packet Size, in bytes.
    pub maximum_frame_len: usize,
}

impl ClientConfig {
    /// An honest client of `version` with this Client Identifier.
    pub fn new(version: ProtocolVersion, client_id: &str) -> Self {
        Self {
            version,
            client_id: client_id.to_owned(),
            faults: ClientFaultSet::EMPTY,
            variants: ClientVariantSet::EMPTY,
            seed: 0,
            maximum_queued_messages: 256,
            maximum_frame_len: 256 * 1024,
        }
    }

    /// The same client with these faults.
    #[must_use]
    pub fn with_faults(self, faults: impl Into<ClientFaultSet>) -> Self {
        Self { faults: faults.into(), ..self }
    }

    /// The same client with these variants.
    #[must_use]
    pub fn with_variants(self, variants: impl Into<ClientVariantSet>) -> Self {
        Self { variants: variants.into(), ..self }
    }
}
