//! Unique names for every run of a scenario, so that scenarios running side by side never meet.

use mqttspec_codec::{PacketBuf, PropertyBuf, ValueBuf};

/// The text that [`Namespace`] replaces in topics, filters, Client Identifiers and string properties.
pub const PLACEHOLDER: &str = "{ns}";

/// A short alphanumeric name that no other scenario of the run uses.
///
/// At most 8 characters, so that with a connection name of up to 15 a Client Identifier stays within the 23 characters
/// that every server must accept (3.1.3.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Namespace(String);

impl Namespace {
    /// The namespace number `index` of the run with this seed.
    pub fn new(seed: u64, index: u32) -> Self {
        // Different runs against one target must not meet either: 4 characters of seed, 4 of index, base 36.
        let mut text = base36(scramble(seed), 4);
        text.push_str(&base36(u64::from(index), 4));
        Self(text)
    }

    /// The name itself, 8 characters of `[0-9a-z]`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `text` with the placeholder replaced.
    pub fn expand(&self, text: &str) -> String {
        text.replace(PLACEHOLDER, &self.0)
    }

    /// Whether a topic belongs to this scenario: it has the namespace as one of its levels.
    pub fn owns_topic(&self, topic: &str) -> bool {
        topic.split('/').any(|level| level == self.0)
    }

    /// `packet` with the placeholder replaced in every string.
    pub fn expand_packet(&self, packet: &PacketBuf) -> PacketBuf {
        let mut packet = packet.clone();
        match &mut packet {
            PacketBuf::Connect(p) => {
                self.replace(&mut p.client_id);
                self.replace_properties(&mut p.properties);
                if let Some(user_name) = &mut p.user_name {
                    self.replace(user_name);
                }
                if let Some(will) = &mut p.will {
                    self.replace(&mut will.topic);
                    self.replace_properties(&mut will.properties);
                }
            }
            PacketBuf::Publish(p) => {
                self.replace(&mut p.topic);
                self.replace_properties(&mut p.properties);
            }
            PacketBuf::Subscribe(p) => p.filters.iter_mut().for_each(|s| self.replace(&mut s.filter)),
            PacketBuf::Unsubscribe(p) => p.filters.iter_mut().for_each(|filter| self.replace(filter)),
            PacketBuf::PubAck(p) | PacketBuf::PubRec(p) | PacketBuf::PubRel(p) | PacketBuf::PubComp(p) => {
                self.replace_properties(&mut p.properties);
            }
            PacketBuf::Disconnect(p) => self.replace_properties(&mut p.properties),
            PacketBuf::Auth(p) => self.replace_properties(&mut p.properties),
            PacketBuf::ConnAck(_)
            | PacketBuf::SubAck(_)
            | PacketBuf::UnsubAck(_)
            | PacketBuf::PingReq
            | PacketBuf::PingResp => {}
        }
        packet
    }

    /// `property` with the placeholder replaced in its string value.
    pub fn expand_property(&self, property: &PropertyBuf) -> PropertyBuf {
        let mut property = property.clone();
        self.replace_property(&mut property);
        property
    }

    fn replace_properties(&self, properties: &mut [PropertyBuf]) {
        properties.iter_mut().for_each(|property| self.replace_property(property));
    }

    fn replace_property(&self, property: &mut PropertyBuf) {
        if let ValueBuf::Utf8String(text) = &mut property.value {
            self.replace(text);
        }
    }

    fn replace(&self, text: &mut String) {
        if text.contains(PLACEHOLDER) {
            *text = self.expand(text);
        }
    }
}

/// One round of splitmix64, so that neighbouring seeds give unlike names.
fn scramble(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn base36(mut value: u64, digits: usize) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut text = vec!['0'; digits];
    for place in text.iter_mut().rev() {
        *place = char::from(DIGITS[(value % 36) as usize]);
        value /= 36;
    }
    text.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_alphanumeric_and_distinct() {
        let names: std::collections::BTreeSet<_> =
            (0..2000).map(|i| Namespace::new(7, i).as_str().to_owned()).collect();
        assert_eq!(names.len(), 2000);
        assert!(names.iter().all(|n| n.len() == 8 && n.bytes().all(|b| b.is_ascii_alphanumeric())));
        assert_ne!(Namespace::new(7, 0), Namespace::new(8, 0));
    }

    #[test]
    fn a_topic_is_owned_by_its_level() {
        let ns = Namespace::new(1, 1);
        assert!(ns.owns_topic(&ns.expand("{ns}/a")));
        assert!(ns.owns_topic(&ns.expand("/{ns}")));
        assert!(!ns.owns_topic("other/a"));
    }
}
