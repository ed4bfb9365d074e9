//! The reference broker: a pure state machine that takes one permitted choice everywhere, commits the [`Fault`]s it is
//! told to, and takes each open choice the other way when a [`Variant`] says so.
//!
//! It serves 3.1, 3.1.1 and 5.0. Whoever serves it passes bytes and the time in, and writes out what
//! [`Broker::poll_output`] returns:
//!
//! | file | what happens there |
//! |---|---|
//! | `api.rs` | the public surface and the state |
//! | `input.rs`, `tolerance.rs` | bytes to packets, malformed packets, dispatch |
//! | `connect.rs`, `capabilities.rs`, `auth.rs` | CONNECT, CONNACK, enhanced authentication |
//! | `publish.rs` | messages from clients |
//! | `deliver.rs`, `matching.rs`, `retained.rs`, `subscribe.rs` | who is owed a message |
//! | `outgoing.rs`, `send.rs` | messages and acknowledgements to clients |
//! | `end.rs`, `will.rs`, `timers.rs` | how connections and sessions end, and what time does |

mod api;
mod auth;
mod capabilities;
pub(crate) mod choice_set;
mod config;
mod connect;
mod connection;
mod deliver;
mod end;
mod faults;
mod input;
mod matching;
mod message;
mod outgoing;
mod publish;
pub(crate) mod random;
mod retained;
mod send;
mod session;
mod subscribe;
mod timers;
mod tolerance;
mod variants;
mod will;

pub use api::{Broker, ConnectionId, Output};
pub use config::BrokerConfig;
pub use faults::{Fault, FaultSet};
pub use variants::{Variant, VariantSet};

/// The challenge method of enhanced authentication that the broker knows (4.12).
///
/// The broker answers CONNECT with AUTH 0x18 whose Authentication Data is a nonce; the client answers with AUTH 0x18 and
/// the bytes of the nonce in reverse order.
pub const AUTHENTICATION_METHOD: &str = "mqttspec-challenge";
