//! The reference broker in virtual time: dialogues of hand-driven clients with it.

// The helpers in `peer` are as much test code as the tests themselves.
#![allow(clippy::unwrap_used)]

mod auth;
mod connect;
mod delivery;
mod errors;
mod faults;
mod hostile;
mod lifetime;
mod peer;
mod qos;
mod recorder;
mod retain;
mod stories;
mod subscribe;
mod variants;
