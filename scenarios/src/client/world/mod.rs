//! The self-proof of the rules for clients: reference clients talk to the honest reference broker, and a
//! [`Monitor`](crate::Monitor) at the server's end of every connection watches.
//!
//! Everything happens in virtual time and follows from the seed. `wire` is the network between both ends, `wishes` is
//! what the applications want, `provoke` is what makes a server behave so that clients have duties which an honest
//! server never gives them, and `proof` counts the histories until a fault is found.

mod play;
mod proof;
mod provoke;
mod stage;
mod wire;
mod wishes;

pub use play::{Played, play};
pub use proof::{Proof, prove_clients, table};
