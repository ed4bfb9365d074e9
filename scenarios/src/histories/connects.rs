//! CONNECT packets with every option (3.1).

use mqttspec_codec::{ConnectBuf, PropertyBuf, PropertyId, WillBuf};

use super::play::{Play, Who};
use crate::model::{ConnectExt, connect};

/// A session that outlives its connection for long, in seconds.
pub(super) const LONG: u32 = 300;

impl Play<'_> {
    /// A CONNECT of this client without any option, and without a session to keep.
    pub(super) fn plain_connect(&self, who: Who) -> ConnectBuf {
        connect(self.actors[who].version, &self.actors[who].client_id)
    }

    /// The same, for a session that outlives its connection by `expiry` seconds (for ever in 3.x).
    pub(super) fn lasting_connect(&self, who: Who, expiry: u32) -> ConnectBuf {
        keeping(self.plain_connect(who), expiry)
    }

    /// A CONNECT for a long session with some options of this client's own.
    pub(super) fn usual_connect(&mut self, who: Who) -> ConnectBuf {
        let packet = self.lasting_connect(who, LONG);
        self.with_options(packet)
    }

    /// A CONNECT with any options.
    pub(super) fn any_connect(&mut self, who: Who) -> ConnectBuf {
        let expiry = self.dice.weighted(&[(3, LONG), (1, 0), (1, 2), (1, 60)]);
        let clean = self.dice.one_in(4);
        let mut packet = self.lasting_connect(who, expiry);
        if packet.version.has_properties() {
            packet.clean_start = clean;
        }
        if self.dice.one_in(5) {
            packet.will = Some(self.any_will());
        }
        self.with_options(packet)
    }

    /// Adds options that leave the session as it is.
    pub(super) fn with_options(&mut self, mut packet: ConnectBuf) -> ConnectBuf {
        let abilities = &self.profile.abilities;
        if abilities.any_user && self.dice.one_in(12) {
            packet = packet.credentials("{ns}user", "secret");
        }
        if self.dice.one_in(6) {
            packet.keep_alive = self.dice.pick(&[60, 120, u16::MAX]);
        }
        if !packet.version.has_properties() {
            return packet;
        }
        let dice = &mut self.dice;
        let mut options = Vec::new();
        if dice.one_in(4) {
            options.push(PropertyBuf::receive_maximum(dice.between(1, 4) as u16));
        }
        if dice.one_in(8) {
            options.push(PropertyBuf::maximum_packet_size(dice.between(60, 200) as u32));
        }
        if dice.one_in(4) {
            options.push(PropertyBuf::topic_alias_maximum(dice.between(1, 3) as u16));
        }
        if dice.one_in(5) {
            options.push(PropertyBuf::request_problem_information(dice.below(2) as u8));
        }
        if dice.one_in(6) {
            options.push(PropertyBuf::request_response_information(dice.below(2) as u8));
        }
        if dice.one_in(8) {
            options.push(PropertyBuf::user_property("from", "mqttspec"));
        }
        for option in options {
            let at = dice.below(packet.properties.len() + 1);
            packet.properties.insert(at, option);
        }
        packet
    }

    /// A Will Message that this target accepts, with any options.
    pub(super) fn any_will(&mut self) -> WillBuf {
        let topic = self.pool.topic(&mut self.dice);
        let message = self.any_message(topic);
        let mut properties = message.properties;
        if self.dice.one_in(3) {
            let delay = self.dice.weighted(&[(2, 1), (1, 2), (1, 60), (1, 0)]);
            let at = self.dice.below(properties.len() + 1);
            properties.insert(at, PropertyBuf::will_delay_interval(delay));
        }
        let abilities = &self.profile.abilities;
        WillBuf {
            qos: message.qos.min(abilities.maximum_qos),
            retain: message.retain && abilities.retain,
            properties,
            topic: topic.to_owned(),
            payload: message.payload,
        }
    }
}

/// This CONNECT for a session that outlives its connection by `expiry` seconds; in 3.x for ever, unless that is 0.
pub(super) fn keeping(mut packet: ConnectBuf, expiry: u32) -> ConnectBuf {
    packet.clean_start = expiry == 0 && !packet.version.has_properties();
    packet.properties.retain(|property| property.id != PropertyId::SessionExpiryInterval);
    if packet.version.has_properties() && expiry > 0 {
        packet.properties.push(PropertyBuf::session_expiry_interval(expiry));
    }
    packet
}

/// Leaves out everything that only 5.0 has.
pub(super) fn with(mut packet: ConnectBuf, property: PropertyBuf) -> ConnectBuf {
    if packet.version.has_properties() {
        packet.properties.retain(|known| known.id != property.id);
        packet.properties.push(property);
    }
    packet
}
