//! mqttbytes and its descendants (rumqttc, mqtt-bytes-v5, rumqttc-next): near the same types under other paths.
//!
//! The macros below put their packets into mqttspec's words, field by field. What differs, the adapters say.

pub(super) mod v4;
pub(super) mod v5;

pub(super) use v4::packets_v4;
pub(super) use v5::packets_v5;

/// User Name and Password of a peer that has an empty string for "none".
pub(super) fn login(user_name: &str, password: &str) -> (Option<String>, Option<Vec<u8>>) {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (some(user_name), some(password).map(String::into_bytes))
}
