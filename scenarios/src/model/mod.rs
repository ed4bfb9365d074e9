//! The scenario: plain data, the one currency of mqttspec.

mod dialogue;
mod expect;
mod namespace;
mod needs;
mod outgoing;
mod packets;
mod patterns;
mod scenario;
mod text;

pub use dialogue::{Dialogue, On, delivered, refused_connection, version_prefix};
pub use expect::{Alternative, Check, Cite, Elect, Ending, Expect, Field, Pattern, Quiet, Window};
pub use namespace::{Namespace, PLACEHOLDER};
pub use outgoing::{Outgoing, Var, auth_var};
pub use packets::*;
pub use scenario::{Answering, CloseHow, ConnectionName, Due, JudgedBy, Need, Role, Scenario, Step};
