//! Short constructors and modifiers for the packets that scenarios send.

use mqttspec_codec::{
    AuthBuf, ConnectBuf, DisconnectBuf, PacketBuf, PropertyBuf, ProtocolVersion, PublishBuf, QoS, ReasonCode,
    RetainHandling, SubscribeBuf, SubscriptionBuf, SubscriptionOptions, UnsubscribeBuf, WillBuf,
};

/// A CONNECT: clean start, keep alive off, the given Client Identifier.
pub fn connect(version: ProtocolVersion, client_id: &str) -> ConnectBuf {
    ConnectBuf {
        version,
        clean_start: true,
        keep_alive: 0,
        properties: Vec::new(),
        client_id: client_id.to_owned(),
        will: None,
        user_name: None,
        password: None,
    }
}

/// A will: QoS 0, not retained.
pub fn will(topic: &str, payload: &str) -> WillBuf {
    WillBuf {
        qos: QoS::AtMostOnce,
        retain: false,
        properties: Vec::new(),
        topic: topic.to_owned(),
        payload: payload.as_bytes().to_vec(),
    }
}

/// A QoS 0 PUBLISH.
pub fn publish(topic: &str, payload: &str) -> PublishBuf {
    PublishBuf {
        dup: false,
        qos: QoS::AtMostOnce,
        retain: false,
        topic: topic.to_owned(),
        packet_id: None,
        properties: Vec::new(),
        payload: payload.as_bytes().to_vec(),
    }
}

/// A SUBSCRIBE for one filter.
pub fn subscribe(packet_id: u16, filter: &str, qos: QoS) -> SubscribeBuf {
    SubscribeBuf { packet_id, properties: Vec::new(), filters: vec![subscription(filter, qos)] }
}

/// One filter with only a QoS.
pub fn subscription(filter: &str, qos: QoS) -> SubscriptionBuf {
    SubscriptionBuf { filter: filter.to_owned(), options: SubscriptionOptions { qos, ..Default::default() } }
}

/// An UNSUBSCRIBE for one filter.
pub fn unsubscribe(packet_id: u16, filter: &str) -> UnsubscribeBuf {
    UnsubscribeBuf { packet_id, properties: Vec::new(), filters: vec![filter.to_owned()] }
}

/// A DISCONNECT with a reason code.
pub fn disconnect(reason_code: ReasonCode) -> DisconnectBuf {
    DisconnectBuf { reason_code, properties: Vec::new() }
}

/// An AUTH with a reason code, method and data.
pub fn auth(reason_code: ReasonCode, method: &str, data: Option<&[u8]>) -> AuthBuf {
    let mut properties = vec![PropertyBuf::authentication_method(method)];
    properties.extend(data.map(PropertyBuf::authentication_data));
    AuthBuf { reason_code, properties }
}

/// Modifiers that read as a sentence: `publish("t", "x").qos1(7).retained()`.
pub trait PublishExt {
    /// QoS 1 with this Packet Identifier.
    fn qos1(self, packet_id: u16) -> Self;
    /// QoS 2 with this Packet Identifier.
    fn qos2(self, packet_id: u16) -> Self;
    /// QoS `qos`, with this Packet Identifier when above 0.
    fn at(self, qos: QoS, packet_id: u16) -> Self;
    /// RETAIN 1.
    fn retained(self) -> Self;
    /// DUP 1.
    fn dup(self) -> Self;
    /// One more property.
    fn with(self, property: PropertyBuf) -> Self;
}

impl PublishExt for PublishBuf {
    fn qos1(self, packet_id: u16) -> Self {
        self.at(QoS::AtLeastOnce, packet_id)
    }

    fn qos2(self, packet_id: u16) -> Self {
        self.at(QoS::ExactlyOnce, packet_id)
    }

    fn at(mut self, qos: QoS, packet_id: u16) -> Self {
        self.qos = qos;
        self.packet_id = (qos != QoS::AtMostOnce).then_some(packet_id);
        self
    }

    fn retained(mut self) -> Self {
        self.retain = true;
        self
    }

    fn dup(mut self) -> Self {
        self.dup = true;
        self
    }

    fn with(mut self, property: PropertyBuf) -> Self {
        self.properties.push(property);
        self
    }
}

/// Modifiers for CONNECT.
pub trait ConnectExt {
    /// Keep the session: Clean Session 0 in 3.x; in 5.0 Clean Start 0 and a Session Expiry Interval of 300 s.
    fn persistent(self) -> Self;
    /// Keep Alive in seconds.
    fn keep_alive(self, seconds: u16) -> Self;
    /// Clean Start or Clean Session.
    fn clean(self, clean: bool) -> Self;
    /// The will.
    fn will(self, will: WillBuf) -> Self;
    /// One more property.
    fn with(self, property: PropertyBuf) -> Self;
    /// User Name and Password.
    fn credentials(self, user_name: &str, password: &str) -> Self;
}

impl ConnectExt for ConnectBuf {
    fn persistent(mut self) -> Self {
        self.clean_start = false;
        if self.version.has_properties() {
            self.properties.push(PropertyBuf::session_expiry_interval(300));
        }
        self
    }

    fn keep_alive(mut self, seconds: u16) -> Self {
        self.keep_alive = seconds;
        self
    }

    fn clean(mut self, clean: bool) -> Self {
        self.clean_start = clean;
        self
    }

    fn will(mut self, will: WillBuf) -> Self {
        self.will = Some(will);
        self
    }

    fn with(mut self, property: PropertyBuf) -> Self {
        self.properties.push(property);
        self
    }

    fn credentials(mut self, user_name: &str, password: &str) -> Self {
        self.user_name = Some(user_name.to_owned());
        self.password = Some(password.as_bytes().to_vec());
        self
    }
}

/// Modifiers for a will.
pub trait WillExt {
    /// Will QoS.
    fn at(self, qos: QoS) -> Self;
    /// Will Retain 1.
    fn retained(self) -> Self;
    /// One more Will Property.
    fn with(self, property: PropertyBuf) -> Self;
}

impl WillExt for WillBuf {
    fn at(mut self, qos: QoS) -> Self {
        self.qos = qos;
        self
    }

    fn retained(mut self) -> Self {
        self.retain = true;
        self
    }

    fn with(mut self, property: PropertyBuf) -> Self {
        self.properties.push(property);
        self
    }
}

/// Modifiers for SUBSCRIBE. The options apply to every filter it holds so far.
pub trait SubscribeExt {
    /// One more filter.
    fn and(self, filter: &str, qos: QoS) -> Self;
    /// No Local (5.0).
    fn no_local(self) -> Self;
    /// Retain As Published (5.0).
    fn retain_as_published(self) -> Self;
    /// Retain Handling (5.0).
    fn retain_handling(self, handling: RetainHandling) -> Self;
    /// One more property.
    fn with(self, property: PropertyBuf) -> Self;
}

impl SubscribeExt for SubscribeBuf {
    fn and(mut self, filter: &str, qos: QoS) -> Self {
        self.filters.push(subscription(filter, qos));
        self
    }

    fn no_local(mut self) -> Self {
        self.filters.iter_mut().for_each(|s| s.options.no_local = true);
        self
    }

    fn retain_as_published(mut self) -> Self {
        self.filters.iter_mut().for_each(|s| s.options.retain_as_published = true);
        self
    }

    fn retain_handling(mut self, handling: RetainHandling) -> Self {
        self.filters.iter_mut().for_each(|s| s.options.retain_handling = handling);
        self
    }

    fn with(mut self, property: PropertyBuf) -> Self {
        self.properties.push(property);
        self
    }
}

macro_rules! into_packet {
    ($($buf:ident => $variant:ident),*) => {
        $(impl From<$buf> for super::Outgoing {
            fn from(packet: $buf) -> Self {
                Self::Packet(PacketBuf::$variant(packet))
            }
        })*
    };
}

into_packet!(
    ConnectBuf => Connect, PublishBuf => Publish, SubscribeBuf => Subscribe, UnsubscribeBuf => Unsubscribe,
    DisconnectBuf => Disconnect, AuthBuf => Auth
);

impl From<PacketBuf> for super::Outgoing {
    fn from(packet: PacketBuf) -> Self {
        Self::Packet(packet)
    }
}
