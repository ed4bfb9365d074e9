//! Measures MQTT codecs beside each other, on the same bytes and in the same rounds.
//!
//! A codec takes part by implementing [`Codec`] in one file; [`Mqttspec`], our own adapter, is the example. The kit
//! brings the packet set ([`packet_set`]), checks what is decoded and encoded before it measures anything, and sets
//! two bounds beside the codecs: copying the bytes, and reading the fixed header alone.

mod bounds;
mod chart;
mod check;
mod codec;
mod compare;
mod entrant;
mod every_field;
mod io;
mod job;
mod machine;
mod mqttspec;
mod report;
mod table;
mod task;
mod workload;

pub use bounds::{CopyBytes, SkipPackets, bounds};
pub use chart::ChartError;
pub use codec::{Codec, Refused};
pub use compare::{Settings, compare, count_allocations};
pub use entrant::{Absence, Entrant, Kind, Offer, codec, ours, ours_with_every_field};
pub use every_field::EveryField;
pub use io::{Cursor, Input, Output};
pub use job::{CHUNK_LEN, Delivery, Job, Operation};
pub use machine::Machine;
pub use mqttspec::Mqttspec;
pub use report::{AllocationCount, Cell, Participant, Report, Row, SCHEMA_VERSION, Spread};
pub use task::{Task, Watch};
pub use workload::{Workload, packet_set};
