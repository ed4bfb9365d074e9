//! Application Messages with every property (3.3).

use mqttspec_codec::{PropertyBuf, PropertyId, QoS};

use super::play::Play;

/// A message before it has a packet.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// Topic Name.
    pub(super) topic: &'static str,
    /// Payload.
    pub(super) payload: Vec<u8>,
    /// QoS.
    pub(super) qos: QoS,
    /// RETAIN.
    pub(super) retain: bool,
    /// Properties (5.0).
    pub(super) properties: Vec<PropertyBuf>,
}

impl Message {
    /// The same at this QoS.
    pub(super) fn at(mut self, qos: QoS) -> Self {
        self.qos = qos;
        self
    }

    /// The same with or without RETAIN.
    pub(super) fn retained(mut self, retain: bool) -> Self {
        self.retain = retain;
        self
    }

    /// The same without payload.
    pub(super) fn empty(mut self) -> Self {
        self.payload.clear();
        self
    }

    /// The same with a Message Expiry Interval of `seconds`.
    pub(super) fn expiring(mut self, seconds: u32) -> Self {
        self.properties.push(PropertyBuf::message_expiry_interval(seconds));
        self
    }
}

impl Play<'_> {
    /// A small message above QoS 0, without properties.
    pub(super) fn small_message(&mut self, topic: &'static str) -> Message {
        let qos = self.dice.pick(&[QoS::AtLeastOnce, QoS::ExactlyOnce]);
        Message { topic, payload: self.new_payload(), qos, retain: false, properties: Vec::new() }
    }

    /// A message with some properties, above QoS 0.
    pub(super) fn full_message(&mut self, topic: &'static str) -> Message {
        let mut message = self.small_message(topic);
        message.properties = self.any_properties();
        message
    }

    /// Any message.
    pub(super) fn any_message(&mut self, topic: &'static str) -> Message {
        let qos = self.dice.pick(&QoS::ALL);
        let retain = self.dice.one_in(5);
        let mut payload = self.new_payload();
        match self.dice.below(12) {
            0 => payload.resize(self.dice.between(50, 400), b'x'),
            1 => payload.extend([0x00, 0xFF, 0xFE]),
            2 if !retain => payload.clear(),
            3 => payload.extend("\u{feff}\u{1f600}".as_bytes()),
            _ => {}
        }
        let mut properties = if self.dice.coin() { self.any_properties() } else { Vec::new() };
        if std::str::from_utf8(&payload).is_err() {
            // It must not say that it is text (MQTT-3.3.2-4).
            properties.retain(|property| property.id != PropertyId::PayloadFormatIndicator);
        }
        Message { topic, payload, qos, retain, properties }
    }

    /// Properties that are forwarded (3.3.2.3), in any order.
    pub(super) fn any_properties(&mut self) -> Vec<PropertyBuf> {
        let dice = &mut self.dice;
        let mut properties = Vec::new();
        if dice.one_in(3) {
            properties.push(PropertyBuf::content_type(dice.pick(&["text/plain", "", "\u{e9}\u{1f600}"])));
        }
        if dice.one_in(4) {
            properties.push(PropertyBuf::payload_format_indicator(dice.below(2) as u8));
        }
        if dice.one_in(4) {
            properties.push(PropertyBuf::message_expiry_interval(dice.pick(&[60, 3_600, u32::MAX])));
        }
        if dice.one_in(3) {
            properties.push(PropertyBuf::response_topic(dice.pick(&["{ns}/answers", "{ns}/a"])));
        }
        if dice.one_in(3) {
            properties.push(PropertyBuf::correlation_data(dice.pick(&[&b"\x00\x01\xff"[..], b"c", b""])));
        }
        for _ in 0..dice.weighted(&[(2, 0), (1, 1), (2, 2), (1, 3)]) {
            let pair = dice.pick(&[("k", "1"), ("k", "2"), ("", ""), ("\u{e9}", "v"), ("a", "b")]);
            properties.push(PropertyBuf::user_property(pair.0, pair.1));
        }
        if properties.len() > 1 && dice.coin() {
            let by = dice.below(properties.len());
            properties.rotate_left(by);
        }
        properties
    }
}
