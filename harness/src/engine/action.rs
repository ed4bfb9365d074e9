//! What the engine asks of a transport, and what a transport tells it.

use mqttspec_scenarios::model::CloseHow;

/// Something to do. Connections are numbered from 0 in the order of their opening; a number is never used again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Open a network connection and answer with [`Observation::Opened`] or [`Observation::OpenFailed`].
    Open {
        /// Its number.
        connection: usize,
    },
    /// Write these bytes, in one write where the transport can.
    Send {
        /// On which connection.
        connection: usize,
        /// What.
        bytes: Vec<u8>,
    },
    /// End the connection after everything sent so far has been written.
    Close {
        /// Which.
        connection: usize,
        /// How.
        how: CloseHow,
    },
}

/// Something observed on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// The network connection is open.
    Opened {
        /// Which.
        connection: usize,
    },
    /// It could not be opened.
    OpenFailed {
        /// Which.
        connection: usize,
        /// Why, as a lowercase fragment.
        why: String,
    },
    /// Bytes came, split anywhere.
    Bytes {
        /// On which connection.
        connection: usize,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// The target ended its side in order.
    Eof {
        /// Of which connection.
        connection: usize,
    },
    /// The target aborted the connection, or an I/O error ended it.
    Reset {
        /// Which.
        connection: usize,
        /// What the transport said, as a lowercase fragment.
        why: String,
    },
    /// The target sent more than a run may hold; the transport reads no further.
    Flooded {
        /// On which connection.
        connection: usize,
    },
}
