//! The reference client: a pure state machine that keeps every rule of the standard for Clients, commits the
//! [`ClientFault`]s it is told to, and takes open choices the other way when a [`ClientVariant`] says so.
//!
//! It speaks 3.1, 3.1.1 and 5.0. Whoever drives it gives it [`Command`]s, bytes and the time, and does what
//! [`Client::poll_output`] returns:
//!
//! | file | what happens there |
//! |---|---|
//! | `api.rs`, `command.rs`, `config.rs` | the public surface and the state |
//! | `session.rs`, `link.rs` | what outlives a network connection, and what does not |
//! | `input.rs` | bytes to packets, errors of the server |
//! | `connect.rs`, `auth.rs`, `end.rs` | how connections begin, authenticate and end |
//! | `publish.rs`, `alias.rs`, `answers.rs` | messages to the server, and its acknowledgements |
//! | `incoming.rs`, `held.rs` | messages from the server, and our acknowledgements |
//! | `subscribe.rs`, `timers.rs` | requests, and what time does |
//! | `send.rs`, `mangle.rs` | packets to bytes, and faults that break their form |

mod alias;
mod answers;
mod api;
mod auth;
mod command;
mod config;
mod connect;
mod end;
mod faults;
mod held;
mod incoming;
mod input;
mod link;
mod mangle;
mod publish;
mod send;
mod session;
mod subscribe;
#[cfg(test)]
mod tests;
mod timers;
mod variants;
pub mod world;

pub use api::{Client, Output};
pub use command::{Command, Refused};
pub use config::ClientConfig;
pub use faults::{ClientFault, ClientFaultSet};
pub use variants::{ClientVariant, ClientVariantSet};
