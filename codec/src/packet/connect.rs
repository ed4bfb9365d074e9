//! CONNECT (3.1): the fields every broker reads, and a payload that is read when asked for.

use core::fmt;

use super::{Properties, Utf8Str};
use crate::packet_buf::{ConnectBuf, WillBuf};
use crate::walk::Walk;
use crate::{ProtocolVersion, QoS};

/// The bits of the Connect Flags (3.1.2.3).
pub(crate) mod flag {
    pub(crate) const RESERVED: u8 = 0b0000_0001;
    pub(crate) const CLEAN_START: u8 = 0b0000_0010;
    pub(crate) const WILL: u8 = 0b0000_0100;
    pub(crate) const WILL_QOS: u8 = 0b0001_1000;
    pub(crate) const WILL_QOS_SHIFT: u8 = 3;
    pub(crate) const WILL_RETAIN: u8 = 0b0010_0000;
    pub(crate) const PASSWORD: u8 = 0b0100_0000;
    pub(crate) const USER_NAME: u8 = 0b1000_0000;
}

/// CONNECT (3.1).
///
/// What follows the Client Identifier is kept as bytes that have been checked, and taken apart by [`will`](Self::will),
/// [`user_name`](Self::user_name) and [`password`](Self::password): a packet stays within 64 bytes that way. To build
/// one by hand, fill in a [`ConnectBuf`] and borrow it.
#[derive(Clone, Copy)]
pub struct Connect<'a> {
    /// Clean Start (5.0) or Clean Session (3.1, 3.1.1).
    pub clean_start: bool,
    /// Keep Alive, in seconds; 0 turns it off.
    pub keep_alive: u16,
    /// Properties (5.0 only).
    pub properties: Properties<'a>,
    /// Client Identifier.
    pub client_id: Utf8Str<'a>,
    pub(crate) version: ProtocolVersion,
    pub(crate) flags: u8,
    pub(crate) rest: Rest<'a>,
}

/// What follows the Client Identifier.
#[derive(Clone, Copy)]
pub(crate) enum Rest<'a> {
    /// Bytes the decoder has checked.
    Wire(&'a [u8]),
    Owned(&'a ConnectBuf),
}

/// The Will Message of a CONNECT (3.1.2.5, 3.1.3.2 to 3.1.3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Will<'a> {
    /// Will QoS.
    pub qos: QoS,
    /// Will Retain.
    pub retain: bool,
    /// Will Properties (5.0 only).
    pub properties: Properties<'a>,
    /// Will Topic.
    pub topic: Utf8Str<'a>,
    /// Will Payload (5.0) or Will Message (3.1, 3.1.1).
    pub payload: &'a [u8],
}

/// The fields of the payload after the Client Identifier.
type Fields<'a> = (Option<Will<'a>>, Option<Utf8Str<'a>>, Option<&'a [u8]>);

impl<'a> Connect<'a> {
    /// Protocol name and level.
    #[inline]
    pub const fn version(&self) -> ProtocolVersion {
        self.version
    }

    /// Will Message.
    pub fn will(&self) -> Option<Will<'a>> {
        self.fields().0
    }

    /// User Name.
    pub fn user_name(&self) -> Option<Utf8Str<'a>> {
        self.fields().1
    }

    /// Password.
    pub fn password(&self) -> Option<&'a [u8]> {
        self.fields().2
    }

    fn fields(&self) -> Fields<'a> {
        match self.rest {
            Rest::Wire(bytes) => {
                let mut walk = Walk::new(bytes);
                let has = |flag| self.flags & flag != 0;
                let will = if has(flag::WILL) { self.read_will(&mut walk) } else { None };
                // 3.1 lets a flag announce what is not there; then the walk is at its end.
                let user_name = if has(flag::USER_NAME) { walk.string() } else { None };
                let password = if has(flag::PASSWORD) { walk.binary_data() } else { None };
                (will, user_name, password)
            }
            Rest::Owned(connect) => (
                connect.will.as_ref().map(WillBuf::as_will),
                connect.user_name.as_deref().map(Utf8Str::from),
                connect.password.as_deref(),
            ),
        }
    }

    fn read_will(&self, walk: &mut Walk<'a>) -> Option<Will<'a>> {
        Some(Will {
            qos: QoS::from_value((self.flags & flag::WILL_QOS) >> flag::WILL_QOS_SHIFT)?,
            retain: self.flags & flag::WILL_RETAIN != 0,
            properties: if self.version.has_properties() { walk.properties()? } else { Properties::EMPTY },
            topic: walk.string()?,
            payload: walk.binary_data()?,
        })
    }
}

impl ConnectBuf {
    pub(super) fn as_connect(&self) -> Connect<'_> {
        Connect {
            clean_start: self.clean_start,
            keep_alive: self.keep_alive,
            properties: (&self.properties).into(),
            client_id: self.client_id.as_str().into(),
            version: self.version,
            flags: self.flags(),
            rest: Rest::Owned(self),
        }
    }

    fn flags(&self) -> u8 {
        let set = |present: bool, flag: u8| if present { flag } else { 0 };
        let will = self.will.as_ref().map_or(0, |will| {
            flag::WILL | will.qos.value() << flag::WILL_QOS_SHIFT | set(will.retain, flag::WILL_RETAIN)
        });
        set(self.clean_start, flag::CLEAN_START)
            | will
            | set(self.password.is_some(), flag::PASSWORD)
            | set(self.user_name.is_some(), flag::USER_NAME)
    }
}

impl WillBuf {
    /// The will as one that borrows its fields.
    pub fn as_will(&self) -> Will<'_> {
        Will {
            qos: self.qos,
            retain: self.retain,
            properties: (&self.properties).into(),
            topic: self.topic.as_str().into(),
            payload: &self.payload,
        }
    }
}

impl PartialEq for Connect<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
            && self.clean_start == other.clean_start
            && self.keep_alive == other.keep_alive
            && self.properties == other.properties
            && self.client_id == other.client_id
            && self.fields() == other.fields()
    }
}

impl Eq for Connect<'_> {}

impl fmt::Debug for Connect<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (will, user_name, password) = self.fields();
        f.debug_struct("Connect")
            .field("version", &self.version)
            .field("clean_start", &self.clean_start)
            .field("keep_alive", &self.keep_alive)
            .field("properties", &self.properties)
            .field("client_id", &self.client_id)
            .field("will", &will)
            .field("user_name", &user_name)
            .field("password", &password)
            .finish()
    }
}
