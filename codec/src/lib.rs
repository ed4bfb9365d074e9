//! The wire format of MQTT 3.1, 3.1.1 and 5.0.

mod packet_buf;
mod packet_type;
mod property;
mod property_table;
mod qos;
mod reason_code;
mod version;

pub use packet_buf::*;
pub use packet_type::PacketType;
pub use property::{PropertyBuf, PropertyList, ValueBuf};
pub use property_table::{PropertyContext, PropertyId, PropertyRange, PropertyType};
pub use qos::QoS;
pub use reason_code::{REASON_CODES, RETURN_CODES, ReasonCode, ReasonCodeRow};
pub use version::ProtocolVersion;
