//! PUBLISH and its acknowledgements (3.3 to 3.7).

use super::{Reader, reason_code};
use crate::packet::{Ack, Properties, Publish};
use crate::property_table::PropertyId;
use crate::{DecodeError, PacketType, ProtocolVersion, QoS, ReasonCode, topic};

pub(super) fn publish(flags: u8, mut body: Reader<'_>, version: ProtocolVersion) -> Result<Publish<'_>, DecodeError> {
    let dup = flags & 0b1000 != 0;
    let qos = QoS::from_value(flags >> 1 & 0b11).ok_or(DecodeError::InvalidQoS)?;
    if dup && qos == QoS::AtMostOnce {
        return Err(DecodeError::DupAtQoS0);
    }
    let topic = body.string()?;
    let packet_id = if qos == QoS::AtMostOnce { None } else { Some(body.packet_id()?) };
    let properties = body.properties(PacketType::Publish, version)?;
    check_topic(topic, properties, version)?;
    Ok(Publish { dup, qos, retain: flags & 1 != 0, topic, packet_id, properties, payload: body.rest() })
}

/// A Topic Name may be empty in 5.0 when a Topic Alias stands for it (3.3.2.1).
fn check_topic(topic: &str, properties: Properties<'_>, version: ProtocolVersion) -> Result<(), DecodeError> {
    if topic.is_empty() && version.has_properties() {
        return match properties.find(PropertyId::TopicAlias) {
            Some(_) => Ok(()),
            None => Err(DecodeError::EmptyTopicWithoutAlias),
        };
    }
    topic::check_topic_name(topic).map_err(DecodeError::TopicName)
}

/// PUBACK, PUBREC, PUBREL and PUBCOMP. In 5.0 a packet may end after the Packet Identifier, or after the Reason Code.
pub(super) fn ack(
    mut body: Reader<'_>,
    packet_type: PacketType,
    version: ProtocolVersion,
) -> Result<Ack<'_>, DecodeError> {
    let mut ack = Ack { packet_id: body.packet_id()?, reason_code: ReasonCode::SUCCESS, properties: Properties::EMPTY };
    if version.has_properties() && !body.is_empty() {
        ack.reason_code = reason_code(body.byte()?, version, packet_type)?;
        if !body.is_empty() {
            ack.properties = body.properties(packet_type, version)?;
        }
    }
    body.finish()?;
    Ok(ack)
}
