//! What the application asks of the reference client.

use core::fmt;

use mqttspec_codec::{ConnectBuf, DisconnectBuf, PublishBuf, SubscribeBuf, UnsubscribeBuf};

/// One wish of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open a network connection and send this CONNECT (3.1). Protocol version and Client Identifier are the client's own.
    Connect(Box<ConnectBuf>),
    /// Subscribe (3.8). The client picks the Packet Identifier.
    Subscribe(SubscribeBuf),
    /// Unsubscribe (3.10). The client picks the Packet Identifier.
    Unsubscribe(UnsubscribeBuf),
    /// Publish a message (3.3). The client sets DUP, Packet Identifier and Topic Alias.
    Publish(PublishBuf),
    /// Send PINGREQ (3.12).
    Ping,
    /// Begin re-authentication (4.12.1).
    Reauthenticate,
    /// Send DISCONNECT and close the network connection (3.14).
    Disconnect(DisconnectBuf),
    /// Close the network connection without a word.
    Drop,
}

/// Why the client does not do what the application asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no connection that was accepted.
    NotConnected,
    /// There is a network connection already.
    AlreadyConnected,
    /// The standard, or the server by its CONNACK, does not allow it.
    NotAllowed,
    /// Too much is waiting already.
    Full,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotConnected => "the client is not connected",
            Self::AlreadyConnected => "the client has a connection already",
            Self::NotAllowed => "the standard or the server does not allow it",
            Self::Full => "too many messages are waiting",
        })
    }
}

impl core::error::Error for Refused {}
