//! What the applications of a history want: random, and all of it lawful.

use mqttspec_codec::{
    ConnectBuf, DisconnectBuf, PropertyBuf, ProtocolVersion, PublishBuf, QoS, ReasonCode, RetainHandling, SubscribeBuf,
    SubscriptionBuf, SubscriptionOptions, UnsubscribeBuf, WillBuf,
};

use super::stage::World;
use crate::broker::AUTHENTICATION_METHOD;
use crate::client::Command;
use crate::model::{connect, publish, will};

const TOPICS: [&str; 5] = ["a", "a/b", "a/b/c", "b", "c"];
const FILTERS: [&str; 8] = ["a", "a/+", "a/#", "#", "b", "c", "$share/g/a/#", "$share/h/b"];

impl World {
    /// A random seat wants something.
    pub(super) fn wish(&mut self) {
        let seat = self.random.below(self.clients.len());
        if !self.clients[seat].has_connection() {
            if !self.one_in(3) {
                let connect = self.connect_wish(true);
                self.ask(seat, Command::Connect(Box::new(connect)));
            } else if self.one_in(2) {
                let publish = self.publish_wish();
                self.ask(seat, Command::Publish(publish));
            }
            return;
        }
        let command = match self.random.below(26) {
            0..=4 => Command::Subscribe(self.subscribe_wish()),
            5..=16 => Command::Publish(self.publish_wish()),
            17 | 18 => {
                let filters = vec![self.pick(&FILTERS).to_owned()];
                Command::Unsubscribe(UnsubscribeBuf { packet_id: 0, properties: vec![], filters })
            }
            19 | 20 => Command::Ping,
            21 => Command::Reauthenticate,
            22 => Command::Disconnect(self.disconnect_wish()),
            23 => Command::Drop,
            24 => {
                if let Some(wire) = self.wire_of(seat) {
                    self.cut(wire);
                }
                return;
            }
            // Several at once, so that something is in flight.
            _ => {
                for _ in 0..4 {
                    let publish = self.publish_wish();
                    self.ask(seat, Command::Publish(publish));
                }
                return;
            }
        };
        self.ask(seat, command);
    }

    fn v5(&self) -> bool {
        self.version == ProtocolVersion::V5_0
    }

    /// Any lawful CONNECT; with `any` its session may be clean.
    pub(super) fn connect_wish(&mut self, any: bool) -> ConnectBuf {
        let clean_start = any && self.one_in(4);
        let keep_alive = self.pick(&[0, 0, 10, 60, 300]);
        let mut packet = ConnectBuf { clean_start, keep_alive, ..connect(self.version, "") };
        if self.one_in(4) {
            packet.will = Some(self.will_wish());
        }
        if self.one_in(5) {
            packet.user_name = Some("user".to_owned());
            packet.password = self.one_in(2).then(|| b"secret".to_vec());
        }
        if !self.v5() {
            return packet;
        }
        let mut properties = Vec::new();
        let expiry = self.pick(&[None, Some(0), Some(5), Some(1_000), Some(1_000), Some(1_000)]);
        properties.extend(expiry.map(PropertyBuf::session_expiry_interval));
        let receive_maximum = self.pick(&[None, None, Some(1), Some(2), Some(20)]);
        properties.extend(receive_maximum.map(PropertyBuf::receive_maximum));
        let maximum_packet_size = self.pick(&[None, None, Some(120), Some(2_000)]);
        properties.extend(maximum_packet_size.map(PropertyBuf::maximum_packet_size));
        let topic_alias_maximum = self.pick(&[None, Some(0), Some(1), Some(5)]);
        properties.extend(topic_alias_maximum.map(PropertyBuf::topic_alias_maximum));
        if self.one_in(4) {
            properties.push(PropertyBuf::request_problem_information(self.random.below(2) as u8));
        }
        if self.one_in(6) {
            properties.push(PropertyBuf::request_response_information(1));
        }
        if self.one_in(6) {
            properties.push(PropertyBuf::user_property("name", "value"));
        }
        if self.one_in(5) {
            properties.push(PropertyBuf::authentication_method(AUTHENTICATION_METHOD));
        }
        packet.properties = properties;
        packet
    }

    fn will_wish(&mut self) -> WillBuf {
        let topic = self.pick(&TOPICS);
        self.messages += 1;
        let payload = format!("will {}", self.messages);
        let mut message = WillBuf { qos: self.pick(&QoS::ALL), retain: self.one_in(3), ..will(topic, &payload) };
        if self.v5() && self.one_in(3) {
            message.properties.push(PropertyBuf::will_delay_interval(3));
        }
        message
    }

    fn subscribe_wish(&mut self) -> SubscribeBuf {
        let filters = (0..1 + self.random.below(2)).map(|_| self.subscription_wish()).collect();
        let mut properties = Vec::new();
        if self.v5() && self.one_in(2) {
            properties.push(PropertyBuf::subscription_identifier(1 + self.random.below(5) as u32));
        }
        SubscribeBuf { packet_id: 0, properties, filters }
    }

    fn subscription_wish(&mut self) -> SubscriptionBuf {
        let filter = self.pick(&FILTERS).to_owned();
        let mut options = SubscriptionOptions::with_qos(self.pick(&QoS::ALL));
        if self.v5() {
            options.no_local = !filter.starts_with("$share") && self.one_in(4);
            options.retain_as_published = self.one_in(3);
            options.retain_handling =
                self.pick(&[RetainHandling::SendAtSubscribe, RetainHandling::SendIfNew, RetainHandling::DoNotSend]);
        }
        SubscriptionBuf { filter, options }
    }

    pub(super) fn publish_wish(&mut self) -> PublishBuf {
        self.messages += 1;
        let mut payload = format!("m{}", self.messages);
        if self.one_in(8) {
            payload.push_str(&"x".repeat(self.random.below(700)));
        }
        let qos = self.pick(&[QoS::AtMostOnce, QoS::AtLeastOnce, QoS::AtLeastOnce, QoS::ExactlyOnce, QoS::ExactlyOnce]);
        let topic = self.pick(&TOPICS);
        let mut message = PublishBuf { qos, retain: self.one_in(5), ..publish(topic, &payload) };
        if self.v5() && self.one_in(3) {
            message.properties = match self.random.below(4) {
                0 => vec![PropertyBuf::user_property("name", "value")],
                1 => vec![PropertyBuf::response_topic("answers"), PropertyBuf::correlation_data(b"7")],
                2 => vec![PropertyBuf::content_type("text/plain")],
                _ => vec![PropertyBuf::message_expiry_interval(1_000)],
            };
        }
        message
    }

    fn disconnect_wish(&mut self) -> DisconnectBuf {
        let mut disconnect = DisconnectBuf::default();
        if self.v5() {
            disconnect.reason_code =
                self.pick(&[ReasonCode::NORMAL_DISCONNECTION, ReasonCode::DISCONNECT_WITH_WILL_MESSAGE]);
            if self.one_in(4) {
                let seconds = self.pick(&[0, 5, 2_000]);
                disconnect.properties.push(PropertyBuf::session_expiry_interval(seconds));
            }
        }
        disconnect
    }
}
