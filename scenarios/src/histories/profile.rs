//! What histories may ask of a target.

use mqttspec_codec::{ConnAckBuf, PropertyId, PropertyList, ProtocolVersion, QoS};

/// What a target offers, so that histories stay lawful except where they break a rule on purpose.
///
/// 5.0 targets say most of it in CONNACK (3.2.2.3); what holds there is kept to in earlier versions too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Maximum QoS (3.2.2.3.4).
    pub maximum_qos: QoS,
    /// Retain Available (3.2.2.3.5).
    pub retain: bool,
    /// Wildcard Subscription Available (3.2.2.3.11).
    pub wildcards: bool,
    /// Shared Subscription Available (3.2.2.3.13).
    pub shared: bool,
    /// Subscription Identifier Available (3.2.2.3.12).
    pub subscription_identifiers: bool,
    /// Topic Alias Maximum; 0 when absent (3.2.2.3.8).
    pub topic_alias_maximum: u16,
    /// Receive Maximum; 65,535 when absent (3.2.2.3.3).
    pub receive_maximum: u16,
    /// Maximum Packet Size in bytes; `None` when absent (3.2.2.3.6).
    pub maximum_packet_size: Option<u32>,
    /// The Session Expiry Interval, in seconds, to which the target limits longer ones (3.2.2.3.2).
    pub session_expiry_limit: Option<u32>,
    /// Whether the target knows the authentication method [`AUTHENTICATION_METHOD`](crate::broker::AUTHENTICATION_METHOD).
    pub challenge: bool,
    /// Whether any User Name and Password are accepted.
    pub any_user: bool,
}

impl Default for Abilities {
    /// Everything that the standard grants a client that was told of no limit, and no authentication method.
    fn default() -> Self {
        Self {
            maximum_qos: QoS::ExactlyOnce,
            retain: true,
            wildcards: true,
            shared: true,
            subscription_identifiers: true,
            topic_alias_maximum: 0,
            receive_maximum: u16::MAX,
            maximum_packet_size: None,
            session_expiry_limit: None,
            challenge: false,
            any_user: true,
        }
    }
}

impl Abilities {
    /// What a CONNACK of 5.0 says (3.2.2.3). `asked_expiry` is the Session Expiry Interval of the CONNECT, in seconds.
    pub fn from_connack(connack: &ConnAckBuf, asked_expiry: u32) -> Self {
        let properties = connack.properties.as_slice();
        let offers = |id| properties.integer(id) != Some(0);
        let short = |id| properties.integer(id).map(|value| u16::try_from(value).unwrap_or(u16::MAX));
        Self {
            maximum_qos: properties
                .integer(PropertyId::MaximumQoS)
                .and_then(|qos| QoS::from_value(u8::try_from(qos).ok()?))
                .unwrap_or(QoS::ExactlyOnce),
            retain: offers(PropertyId::RetainAvailable),
            wildcards: offers(PropertyId::WildcardSubscriptionAvailable),
            shared: offers(PropertyId::SharedSubscriptionAvailable),
            subscription_identifiers: offers(PropertyId::SubscriptionIdentifierAvailable),
            topic_alias_maximum: short(PropertyId::TopicAliasMaximum).unwrap_or(0),
            receive_maximum: short(PropertyId::ReceiveMaximum).unwrap_or(u16::MAX),
            maximum_packet_size: properties.integer(PropertyId::MaximumPacketSize),
            session_expiry_limit: properties
                .integer(PropertyId::SessionExpiryInterval)
                .filter(|granted| *granted < asked_expiry),
            ..Self::default()
        }
    }
}

/// What kind of histories to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The versions to speak: each history speaks one of them, and some mix them. Empty is taken for 5.0.
    pub versions: Vec<ProtocolVersion>,
    /// What the target offers.
    pub abilities: Abilities,
    /// Milliseconds that one history may spend waiting (keep alive, expiry, will delay); 0 for none.
    pub time_ms: u64,
    /// In how many of a hundred histories one client breaks a rule once, on purpose.
    pub unlawful_percent: u8,
    /// In how many of a hundred histories clients of several versions meet, where there are several.
    pub mixed_percent: u8,
}

impl Default for Profile {
    /// Every version, the default abilities, up to 12 s of waiting, a rule broken in most histories.
    fn default() -> Self {
        Self {
            versions: ProtocolVersion::ALL.to_vec(),
            abilities: Abilities::default(),
            time_ms: 12_000,
            unlawful_percent: 60,
            mixed_percent: 8,
        }
    }
}

impl Profile {
    /// Histories of this version only, for a target with these abilities.
    pub fn of(version: ProtocolVersion, abilities: Abilities) -> Self {
        Self { versions: vec![version], abilities, ..Self::default() }
    }
}
