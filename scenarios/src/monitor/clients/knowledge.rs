//! What the Client certainly knows: a packet of the Server counts as read once the Client has answered it, or a later one,
//! or once it was sent long ago.

use std::collections::BTreeMap;
use std::time::Duration;

use mqttspec_codec::{PacketBuf, PacketType, PropertyId, PropertyList};

use super::super::event::Event;
use crate::Time;

/// A packet that was sent this long ago has arrived, or the connection would have broken.
const LONG_AGO: Duration = Duration::from_secs(5);
/// Packets of the Server remembered at most while nothing answers them.
const MAX_WAITING: usize = 4096;

/// What the Client of one connection has certainly read.
#[derive(Debug, Default)]
pub(super) struct Knowledge {
    /// The last event of the Server that the Client has certainly read.
    read: Option<usize>,
    /// Packets of the Server that an answer can prove to be read: the event of the first under each type and identifier.
    provable: BTreeMap<(PacketType, u16), usize>,
    /// Whether the Client authenticates by a method, and so sends nothing but AUTH before it has read CONNACK (3.1.2-30).
    authenticates: bool,
    /// When CONNACK was sent, and its event.
    connack: Option<(usize, Time)>,
}

impl Knowledge {
    pub(super) fn received(&mut self, event: &Event<'_>, packet: &PacketBuf) {
        match packet {
            PacketBuf::ConnAck(_) => {
                self.connack.get_or_insert((event.index, event.at));
            }
            PacketBuf::Publish(_) | PacketBuf::PubRec(_) | PacketBuf::PubRel(_) => {
                if let Some(id) = packet.packet_id().filter(|_| self.provable.len() < MAX_WAITING) {
                    // An answer proves no more than the first of several.
                    self.provable.entry((packet.packet_type(), id)).or_insert(event.index);
                }
            }
            _ => {}
        }
    }

    pub(super) fn sent(&mut self, _event: &Event<'_>, packet: &PacketBuf) {
        let answered = match packet {
            PacketBuf::PubAck(_) | PacketBuf::PubRec(_) => PacketType::Publish,
            PacketBuf::PubRel(_) => PacketType::PubRec,
            PacketBuf::PubComp(_) => PacketType::PubRel,
            PacketBuf::Connect(connect) => {
                self.authenticates = connect.properties.find(PropertyId::AuthenticationMethod).is_some();
                return;
            }
            _ => return,
        };
        let Some(id) = packet.packet_id() else { return };
        if let Some(event) = self.provable.remove(&(answered, id)) {
            self.read = self.read.max(Some(event));
        }
    }

    /// Whether the Client has certainly read the CONNACK before `now`.
    pub(super) fn of_connack(&self, now: Time) -> bool {
        self.connack.is_some_and(|(event, at)| {
            self.authenticates || self.read.is_some_and(|read| read > event) || at + LONG_AGO <= now
        })
    }

    /// Whether the Client has certainly read what the Server sent in `event`.
    pub(super) fn of(&self, event: usize) -> bool {
        self.read.is_some_and(|read| read >= event)
    }
}
