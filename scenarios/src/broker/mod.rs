//! The reference broker: a pure state machine that takes one permitted choice everywhere, commits the [`Fault`]s it is
//! told to, and takes each open choice the other way when a [`Variant`] says so.

mod api;
mod choice_set;
mod config;
mod faults;
mod random;
mod variants;

pub use api::{Broker, ConnectionId, Output};
pub use config::BrokerConfig;
pub use faults::{Fault, FaultSet};
pub use variants::{Variant, VariantSet};

/// The challenge method of enhanced authentication that the broker knows (4.12).
///
/// The broker answers CONNECT with AUTH 0x18 whose Authentication Data is a nonce; the client answers with AUTH 0x18 and
/// the bytes of the nonce in reverse order.
pub const AUTHENTICATION_METHOD: &str = "mqttspec-challenge";
