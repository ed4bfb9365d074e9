//! The reference broker in virtual time: dialogues of hand-driven clients with it.
#![allow(dead_code)]

mod connect;
mod peer;
