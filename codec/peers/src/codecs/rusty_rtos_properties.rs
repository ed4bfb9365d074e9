//! The properties that rusty_rtos_mqtt writes, with the crate's own builder.

use mqttspec_bench::Refused;
use mqttspec_codec::{PropertyBuf, PropertyId, ValueBuf};
use rusty_rtos_mqtt::{BuilderError, PropertyBuilder};

/// Writes the properties, without their length, into the beginning of `scratch`, and returns them.
#[inline]
pub(super) fn build<'s>(scratch: &'s mut [u8], properties: &[PropertyBuf]) -> Result<&'s [u8], Refused> {
    if properties.is_empty() {
        return Ok(&[]);
    }
    let mut builder = PropertyBuilder::new(scratch).map_err(Refused::debug)?;
    for property in properties {
        add(&mut builder, property).map_err(Refused::debug)?;
    }
    let len = builder.section().len();
    Ok(&scratch[..len])
}

/// Without the type of the packet, so that the builder need not look up whether the property is allowed there.
#[inline]
fn add(builder: &mut PropertyBuilder<'_>, property: &PropertyBuf) -> Result<(), BuilderError> {
    use PropertyId as Id;
    match (property.id, &property.value) {
        (Id::SessionExpiryInterval, ValueBuf::FourByteInteger(v)) => builder.session_expiry(*v, None),
        (Id::MaximumPacketSize, ValueBuf::FourByteInteger(v)) => builder.max_packet_size(*v, None),
        (Id::MessageExpiryInterval, ValueBuf::FourByteInteger(v)) => builder.message_expiry(*v, None),
        (Id::WillDelayInterval, ValueBuf::FourByteInteger(v)) => builder.will_delay(*v, None),
        (Id::ReceiveMaximum, ValueBuf::TwoByteInteger(v)) => builder.receive_max(*v, None),
        (Id::TopicAliasMaximum, ValueBuf::TwoByteInteger(v)) => builder.topic_alias_max(*v, None),
        (Id::TopicAlias, ValueBuf::TwoByteInteger(v)) => builder.topic_alias(*v, None),
        (Id::RequestResponseInformation, ValueBuf::Byte(v)) => builder.request_response_info(*v == 1, None),
        (Id::RequestProblemInformation, ValueBuf::Byte(v)) => builder.request_problem_info(*v == 1, None),
        (Id::PayloadFormatIndicator, ValueBuf::Byte(v)) => builder.payload_format(*v == 1, None),
        (Id::SubscriptionIdentifier, ValueBuf::VariableByteInteger(v)) => builder.subscription_id(*v, None),
        (Id::ContentType, ValueBuf::Utf8String(v)) => builder.content_type(v.as_bytes(), None),
        (Id::ReasonString, ValueBuf::Utf8String(v)) => builder.reason_string(v.as_bytes(), None),
        (Id::ResponseTopic, ValueBuf::Utf8String(v)) => builder.response_topic(v.as_bytes(), None),
        (Id::AuthenticationMethod, ValueBuf::Utf8String(v)) => builder.auth_method(v.as_bytes(), None),
        (Id::AuthenticationData, ValueBuf::BinaryData(v)) => builder.auth_data(v, None),
        (Id::CorrelationData, ValueBuf::BinaryData(v)) => builder.correlation_data(v, None),
        (Id::UserProperty, ValueBuf::Utf8StringPair(name, value)) => {
            builder.user_property(name.as_bytes(), value.as_bytes(), None)
        }
        // A client sends no others.
        _ => Err(BuilderError::BadValue),
    }
}
