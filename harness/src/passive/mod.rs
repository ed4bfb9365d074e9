//! Checking traffic between others: a capture file (`mqttspec check`), or a proxy in the middle (`mqttspec proxy`).
//!
//! [`capture`] reads files, puts TCP streams together and tells a [`Checker`] what both sides said; [`proxy`] does so for
//! the bytes it forwards. The checker keeps a `Tap` for each connection, which cuts the bytes into packets (`framing`) and
//! tells them to the session model's monitor. What the monitor finds becomes a report (`results`) that points at packets
//! of the capture.

pub mod capture;
mod checker;
mod framing;
mod listener;
mod log;
pub mod proxy;
mod recorder;
mod results;
mod tap;

pub use checker::{Checker, News, Outcome, Scope};
pub use listener::Listener;
pub use log::{Place, Unit};
pub use recorder::Recorder;
