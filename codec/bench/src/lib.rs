//! Measures MQTT codecs beside each other, on the same bytes and in the same rounds.
//!
//! A codec takes part by implementing [`Codec`] in one file; [`Mqttspec`], our own adapter, is the example. The kit
//! brings the packet set ([`packet_set`]), checks what is decoded and encoded before it measures anything, and sets
//! two bounds beside the codecs: copying the bytes, and reading the fixed header alone.

mod bounds;
mod check;
mod codec;
mod entrant;
mod io;
mod job;
mod mqttspec;
mod task;
mod workload;

pub use bounds::{CopyBytes, SkipPackets, bounds};
pub use codec::{Codec, Refused};
pub use entrant::{Absence, Entrant, Kind, Offer, codec, ours};
pub use io::{Cursor, Input, Output};
pub use job::{CHUNK_LEN, Delivery, Job, Operation};
pub use mqttspec::Mqttspec;
pub use task::{Task, Watch};
pub use workload::{Workload, packet_set};
