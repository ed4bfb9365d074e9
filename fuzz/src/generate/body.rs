//! The packets with much in them: CONNECT, PUBLISH and SUBSCRIBE.

use arbitrary::Result;
use mqttspec_codec::{
    ConnectBuf, PacketType, PropertyContext, PropertyId, PropertyList, PublishBuf, QoS, RetainHandling, SubscribeBuf,
    SubscriptionBuf, SubscriptionOptions, WillBuf,
};

use super::Generator;

impl Generator<'_, '_> {
    pub(super) fn connect(&mut self) -> Result<ConnectBuf> {
        let mut properties = self.properties_of(PacketType::Connect)?;
        if properties.find(PropertyId::AuthenticationMethod).is_none() {
            properties.retain(|property| property.id != PropertyId::AuthenticationData);
        }
        let user_name = if self.flag()? { Some(self.text()?) } else { None };
        // Only 5.0 allows a Password without a User Name (3.1.2.9).
        let password = if self.flag()? { Some(self.binary()?) } else { None };
        let password = password.filter(|_| self.v5() || user_name.is_some());
        Ok(ConnectBuf {
            version: self.version,
            clean_start: self.flag()?,
            keep_alive: self.choices.arbitrary()?,
            properties,
            client_id: self.text()?,
            will: if self.flag()? { Some(self.will()?) } else { None },
            user_name,
            password,
        })
    }

    fn will(&mut self) -> Result<WillBuf> {
        Ok(WillBuf {
            qos: self.qos()?,
            retain: self.flag()?,
            properties: self.properties(PropertyContext::Will)?,
            topic: self.topic_name()?,
            payload: self.binary()?,
        })
    }

    pub(super) fn publish(&mut self) -> Result<PublishBuf> {
        let qos = self.qos()?;
        let acknowledged = qos != QoS::AtMostOnce;
        let properties = self.properties_of(PacketType::Publish)?;
        let by_alias = self.flag()? && properties.find(PropertyId::TopicAlias).is_some();
        Ok(PublishBuf {
            dup: self.flag()? && acknowledged,
            qos,
            retain: self.flag()?,
            topic: if by_alias { String::new() } else { self.topic_name()? },
            packet_id: if acknowledged { Some(self.packet_id()?) } else { None },
            properties,
            payload: self.payload()?,
        })
    }

    pub(super) fn subscribe(&mut self) -> Result<SubscribeBuf> {
        Ok(SubscribeBuf {
            packet_id: self.packet_id()?,
            properties: self.properties_of(PacketType::Subscribe)?,
            filters: self.list(Self::subscription)?,
        })
    }

    fn subscription(&mut self) -> Result<SubscriptionBuf> {
        let filter = self.topic_filter()?;
        let qos = self.qos()?;
        if !self.v5() {
            return Ok(SubscriptionBuf { filter, options: SubscriptionOptions::with_qos(qos) });
        }
        let handling = [RetainHandling::SendAtSubscribe, RetainHandling::SendIfNew, RetainHandling::DoNotSend];
        let options = SubscriptionOptions {
            qos,
            no_local: self.flag()? && !filter.starts_with("$share/"),
            retain_as_published: self.flag()?,
            retain_handling: *self.choices.choose(&handling)?,
        };
        Ok(SubscriptionBuf { filter, options })
    }
}
