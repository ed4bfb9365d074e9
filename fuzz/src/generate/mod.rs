//! Packets from a source of choices, so that a fuzzer that changes bytes changes packets.

mod body;
mod property;
mod spoil;
mod text;

use arbitrary::{Result, Unstructured};
use mqttspec_codec::{
    AckBuf, AuthBuf, ConnAckBuf, DisconnectBuf, PacketBuf, PacketType, PropertyBuf, PropertyContext, PropertyId,
    PropertyList, ProtocolVersion, QoS, ReasonCode, SubAckBuf, UnsubAckBuf, UnsubscribeBuf,
};

pub use spoil::spoiled;

/// The bytes given to a target, read as choices. When they run out, the simplest choice is taken.
pub type Choices<'a> = Unstructured<'a>;

/// The most elements of a list.
const MAX_ELEMENTS: usize = 8;

/// A version, and a valid packet of any type that it has.
///
/// # Errors
/// Those of the source of choices.
pub fn packet(choices: &mut Choices<'_>) -> Result<(ProtocolVersion, PacketBuf)> {
    let version = *choices.choose(&[ProtocolVersion::V5_0, ProtocolVersion::V3_1_1, ProtocolVersion::V3_1])?;
    let packet_type = PacketType::ALL[choices.choose_index(PacketType::ALL.len())?];
    // AUTH exists in 5.0 only.
    let packet_type = if packet_type.exists_in(version) { packet_type } else { PacketType::Publish };
    Ok((version, Generator { choices, version, may_be_long: true }.packet(packet_type)?))
}

struct Generator<'c, 'a> {
    choices: &'c mut Choices<'a>,
    version: ProtocolVersion,
    /// One field of a packet may be long: more of them would only cost time.
    may_be_long: bool,
}

impl Generator<'_, '_> {
    fn packet(&mut self, packet_type: PacketType) -> Result<PacketBuf> {
        let packet = match packet_type {
            PacketType::Connect => PacketBuf::Connect(self.connect()?),
            PacketType::ConnAck => PacketBuf::ConnAck(self.conn_ack()?),
            PacketType::Publish => PacketBuf::Publish(self.publish()?),
            PacketType::PubAck => PacketBuf::PubAck(self.ack(packet_type)?),
            PacketType::PubRec => PacketBuf::PubRec(self.ack(packet_type)?),
            PacketType::PubRel => PacketBuf::PubRel(self.ack(packet_type)?),
            PacketType::PubComp => PacketBuf::PubComp(self.ack(packet_type)?),
            PacketType::Subscribe => PacketBuf::Subscribe(self.subscribe()?),
            PacketType::SubAck => PacketBuf::SubAck(SubAckBuf {
                packet_id: self.packet_id()?,
                properties: self.properties_of(packet_type)?,
                reason_codes: self.list(|this| this.reason_code(packet_type))?,
            }),
            PacketType::Unsubscribe => PacketBuf::Unsubscribe(UnsubscribeBuf {
                packet_id: self.packet_id()?,
                properties: self.properties_of(packet_type)?,
                filters: self.list(Self::topic_filter)?,
            }),
            PacketType::UnsubAck => PacketBuf::UnsubAck(UnsubAckBuf {
                packet_id: self.packet_id()?,
                properties: self.properties_of(packet_type)?,
                reason_codes: if self.v5() { self.list(|this| this.reason_code(packet_type))? } else { vec![] },
            }),
            PacketType::PingReq => PacketBuf::PingReq,
            PacketType::PingResp => PacketBuf::PingResp,
            PacketType::Disconnect => PacketBuf::Disconnect(DisconnectBuf {
                reason_code: self.reason_code(packet_type)?,
                properties: self.properties_of(packet_type)?,
            }),
            PacketType::Auth => PacketBuf::Auth(self.auth()?),
        };
        Ok(packet)
    }

    fn conn_ack(&mut self) -> Result<ConnAckBuf> {
        let reason_code = self.reason_code(PacketType::ConnAck)?;
        // Session Present says nothing in a refusal (3.2.2.1.1), and 3.1 has no such flag.
        let may_be_present = reason_code == ReasonCode::SUCCESS && self.version != ProtocolVersion::V3_1;
        Ok(ConnAckBuf {
            session_present: self.flag()? && may_be_present,
            reason_code,
            properties: self.properties_of(PacketType::ConnAck)?,
        })
    }

    fn ack(&mut self, packet_type: PacketType) -> Result<AckBuf> {
        Ok(AckBuf {
            packet_id: self.packet_id()?,
            reason_code: self.reason_code(packet_type)?,
            properties: self.properties_of(packet_type)?,
        })
    }

    fn auth(&mut self) -> Result<AuthBuf> {
        let reason_code = self.reason_code(PacketType::Auth)?;
        let mut properties = self.properties_of(PacketType::Auth)?;
        // Only the AUTH that leaves out everything may leave out the method (3.15.2.2.2).
        let leaves_out = reason_code == ReasonCode::SUCCESS && properties.is_empty();
        if !leaves_out && properties.find(PropertyId::AuthenticationMethod).is_none() {
            properties.push(PropertyBuf::authentication_method(self.text()?));
        }
        Ok(AuthBuf { reason_code, properties })
    }

    fn v5(&self) -> bool {
        self.version.has_properties()
    }

    fn flag(&mut self) -> Result<bool> {
        self.choices.arbitrary()
    }

    /// Whether the next field is a long one: about one in a hundred.
    fn long(&mut self) -> Result<bool> {
        let long = self.may_be_long && self.choices.arbitrary::<u8>()? == 0xD5;
        self.may_be_long &= !long;
        Ok(long)
    }

    fn qos(&mut self) -> Result<QoS> {
        self.choices.choose(&QoS::ALL).copied()
    }

    fn packet_id(&mut self) -> Result<u16> {
        self.choices.int_in_range(1..=u16::MAX)
    }

    /// A code that the packet may carry, or success where it has none.
    fn reason_code(&mut self, packet_type: PacketType) -> Result<ReasonCode> {
        let codes: Vec<_> = ReasonCode::rows(self.version, packet_type).map(|row| row.code).collect();
        if codes.is_empty() { Ok(ReasonCode::SUCCESS) } else { self.choices.choose(&codes).copied() }
    }

    fn properties_of(&mut self, packet_type: PacketType) -> Result<Vec<PropertyBuf>> {
        self.properties(PropertyContext::Packet(packet_type))
    }

    /// One element at least.
    fn list<T>(&mut self, mut element: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut list = vec![element(self)?];
        while list.len() < MAX_ELEMENTS && self.flag()? {
            list.push(element(self)?);
        }
        Ok(list)
    }
}
