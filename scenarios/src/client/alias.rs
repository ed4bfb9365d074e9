//! Topic aliases in both directions (3.3.2.3.4).

use mqttspec_codec::{PacketBuf, PropertyBuf, PropertyId, PropertyList, PublishBuf, ReasonCode};

use super::api::Client;
use super::{ClientFault, ClientVariant};

/// Topic aliases that the client uses at most.
const OWN_ALIASES: u16 = 16;

impl Client {
    /// Sends a PUBLISH, with a topic alias where the server allows it. Returns whether it was sent: not when it is too
    /// large for the server.
    pub(super) fn send_publish(&mut self, publish: PublishBuf) -> bool {
        let aliases = self.link.as_ref().map(|link| link.aliases_out.clone());
        let mut aliased = publish.clone();
        self.add_alias(&mut aliased);
        if self.send(PacketBuf::Publish(aliased)) {
            return true;
        }
        // With the alias it was too large: then nothing was said of the alias either.
        if let (Some(link), Some(aliases)) = (&mut self.link, aliases) {
            link.aliases_out = aliases;
        }
        self.send(PacketBuf::Publish(publish))
    }

    fn add_alias(&mut self, publish: &mut PublishBuf) {
        if !self.v5() || !self.is_connected() {
            return;
        }
        let forced = self.forced_alias(&publish.topic);
        let varies = self.varies(ClientVariant::TopicAliases);
        let stale = self.faulty(ClientFault::KeepAliasesAcrossConnections);
        let choice = self.random.below(4);
        let Some(link) = &mut self.link else { return };
        let maximum = link.limits.topic_alias_maximum.min(OWN_ALIASES);
        if let Some(alias) = forced {
            publish.properties.push(PropertyBuf::topic_alias(alias));
            return;
        }
        if !(varies || stale) || maximum == 0 {
            return;
        }
        let known = link.aliases_out.get(&publish.topic).copied();
        let stale = self.stale_aliases.get(&publish.topic).copied().filter(|alias| stale && *alias <= maximum);
        match known.or(stale) {
            Some(alias) => {
                // Three times in four the alias stands for the topic name; else both are sent.
                if choice > 0 {
                    publish.topic.clear();
                }
                publish.properties.push(PropertyBuf::topic_alias(alias));
            }
            None => {
                let used = link.aliases_out.len() as u16;
                let alias = if used < maximum { used + 1 } else { 1 + choice as u16 % maximum };
                link.aliases_out.retain(|_, other| *other != alias);
                link.aliases_out.insert(publish.topic.clone(), alias);
                publish.properties.push(PropertyBuf::topic_alias(alias));
            }
        }
    }

    /// The alias that a fault makes the client send.
    fn forced_alias(&self, topic: &str) -> Option<u16> {
        let maximum = self.link.as_ref()?.limits.topic_alias_maximum;
        debug_assert!(!topic.is_empty(), "messages keep their whole topic name");
        if self.faulty(ClientFault::AliasZero) {
            Some(0)
        } else if self.faulty(ClientFault::AliasAboveMaximum) && maximum > 0 {
            maximum.checked_add(1)
        } else if self.faulty(ClientFault::UninvitedAlias) && maximum == 0 {
            Some(1)
        } else {
            None
        }
    }

    /// Resolves the topic alias of a PUBLISH of the server.
    ///
    /// # Errors
    /// The reason code with which the connection is to be closed.
    pub(super) fn resolve_alias(&mut self, publish: &mut PublishBuf) -> Result<(), ReasonCode> {
        let refuses_highest = self.faulty(ClientFault::RefuseHighestAlias);
        let tolerates = self.faulty(ClientFault::OpenAfterInvalidAlias);
        let Some(alias) = publish.properties.integer(PropertyId::TopicAlias) else { return Ok(()) };
        let Some(link) = &mut self.link else { return Ok(()) };
        let maximum = link.asked(PropertyId::TopicAliasMaximum).unwrap_or(0);
        let maximum = if refuses_highest { maximum.saturating_sub(1) } else { maximum };
        let alias = u16::try_from(alias).unwrap_or(0);
        if (alias == 0 || u32::from(alias) > maximum) && !tolerates {
            return Err(ReasonCode::TOPIC_ALIAS_INVALID);
        }
        if publish.topic.is_empty() {
            match link.aliases_in.get(&alias) {
                Some(topic) => publish.topic.clone_from(topic),
                None if tolerates => {}
                None => return Err(ReasonCode::PROTOCOL_ERROR),
            }
        } else {
            link.aliases_in.insert(alias, publish.topic.clone());
        }
        publish.properties.retain(|property| property.id != PropertyId::TopicAlias);
        Ok(())
    }
}
