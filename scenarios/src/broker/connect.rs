//! CONNECT: validation, refusal, acceptance (3.1.4, 3.2).

use std::time::Duration;

use mqttspec_codec::{
    ConnAckBuf, ConnectBuf, DecodeError, PacketBuf, PacketType, PropertyId, PropertyList, ProtocolVersion, ReasonCode,
};

use super::api::{Broker, ConnectionId};
use super::connection::Stage;
use super::end::Ending;
use super::session::Session;
use super::{AUTHENTICATION_METHOD, Fault, Variant, tolerance};
use crate::Time;

/// The longest client identifier that every server must allow, in bytes (MQTT-3.1.3-5).
const ALWAYS_ALLOWED_CLIENT_ID_LEN: usize = 23;

impl Broker {
    pub(super) fn take_connect_frame(&mut self, id: ConnectionId, frame: &[u8], now: Time) {
        let Some(connection) = self.connections.get(&id) else { return };
        if !matches!(connection.stage, Stage::New) {
            return self.take_second_connect(id, now);
        }
        match PacketBuf::decode(frame, ProtocolVersion::V5_0) {
            Ok(PacketBuf::Connect(connect)) => self.take_connect(id, connect, now),
            Ok(_) => self.close(id, now),
            Err(error) => match tolerance::connect(frame, error, self.config.faults) {
                Some(connect) => self.take_connect(id, connect, now),
                None if self.config.faults.contains(Fault::OpenAfterMalformedConnect) => {}
                None => self.refuse_malformed(id, frame, error, now),
            },
        }
    }

    /// MQTT-3.1.0-2.
    fn take_second_connect(&mut self, id: ConnectionId, now: Time) {
        let Some(version) = self.connections.get(&id).map(|c| c.version) else { return };
        if self.faulty(Fault::SendConnAckTwice, version) {
            let reason_code = ReasonCode::SUCCESS;
            self.send(id, PacketBuf::ConnAck(ConnAckBuf { session_present: false, reason_code, properties: vec![] }));
        } else if !self.faulty(Fault::AcceptSecondConnect, version) {
            self.fail(id, ReasonCode::PROTOCOL_ERROR, now);
        }
    }

    /// A CONNECT that cannot be parsed. 3.1.1 closes without a CONNACK (MQTT-3.1.4-1), except for the protocol level
    /// (MQTT-3.1.2-2); 5.0 may say why.
    fn refuse_malformed(&mut self, id: ConnectionId, frame: &[u8], error: DecodeError, now: Time) {
        let level = protocol_level(frame);
        let version = match error {
            // An unknown level is answered in the form of the version whose layout the packet has: a 3.1.1 server must
            // (MQTT-3.1.2-2), a 5.0 server may.
            DecodeError::UnsupportedProtocolLevel(level)
                if level > 5
                    && !tolerance::reads_as_3_1_1(frame)
                    && !self.varies(Variant::UnsupportedLevelReturnCode1) =>
            {
                ProtocolVersion::V5_0
            }
            DecodeError::UnsupportedProtocolLevel(_) => ProtocolVersion::V3_1_1,
            // Whoever speaks another protocol with a level of 5 or more may understand a CONNACK of 5.0 (3.1.2.1).
            DecodeError::UnsupportedProtocolName if level.is_some_and(|level| level >= 5) => ProtocolVersion::V5_0,
            DecodeError::UnsupportedProtocolName => return self.close(id, now),
            _ if level == Some(5) => ProtocolVersion::V5_0,
            _ => return self.close(id, now),
        };
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.version = version;
        }
        let reason = match error {
            DecodeError::UnsupportedProtocolName | DecodeError::UnsupportedProtocolLevel(_) => {
                ReasonCode::UNSUPPORTED_PROTOCOL_VERSION
            }
            _ => self.reason_for(frame, version, error),
        };
        self.refuse(id, reason, now);
    }

    fn take_connect(&mut self, id: ConnectionId, mut connect: ConnectBuf, now: Time) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let properties = connect.properties.as_slice();
        connection.version = connect.version;
        connection.receive_maximum =
            properties.integer(PropertyId::ReceiveMaximum).map_or(u16::MAX, |v| v.try_into().unwrap_or(u16::MAX));
        connection.maximum_packet_size = properties.integer(PropertyId::MaximumPacketSize).unwrap_or(u32::MAX);
        connection.topic_alias_maximum =
            properties.integer(PropertyId::TopicAliasMaximum).map_or(0, |v| v.try_into().unwrap_or(u16::MAX));
        connection.problem_information = properties.integer(PropertyId::RequestProblemInformation) != Some(0);
        connection.session_expiry_interval = properties.integer(PropertyId::SessionExpiryInterval).unwrap_or(0);
        connection.authentication_method = properties.text(PropertyId::AuthenticationMethod).map(str::to_owned);
        if let Err(reason) = self.check_connect(&connect) {
            return self.refuse(id, reason, now);
        }
        if connect.client_id.is_empty() {
            connect.client_id = self.assign_client_id();
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.assigned_client_id = true;
            }
        }
        let method = self.connections.get(&id).and_then(|c| c.authentication_method.clone());
        match method.as_deref() {
            Some(AUTHENTICATION_METHOD) if self.knows_the_challenge() => {
                if let Some(connection) = self.connections.get_mut(&id) {
                    connection.stage = Stage::Authenticating(Box::new(connect));
                }
                self.challenge(id);
            }
            Some(_) if !self.faulty(Fault::AcceptUnknownAuthenticationMethod, connect.version) => {
                self.refuse(id, ReasonCode::BAD_AUTHENTICATION_METHOD, now);
            }
            _ => self.accept(id, connect, now),
        }
    }

    /// What a sound CONNECT may still be refused for (3.1.4).
    fn check_connect(&self, connect: &ConnectBuf) -> Result<(), ReasonCode> {
        let version = connect.version;
        self.check_client_id(connect)?;
        let credentials = connect.user_name.is_some() || connect.password.is_some();
        if credentials && self.faulty(Fault::RefuseUserName, version) {
            return Err(ReasonCode::UNSUPPORTED_PROTOCOL_VERSION);
        }
        if let Some(will) = &connect.will {
            let accepts_qos = self.faulty(Fault::AcceptWillAboveMaximumQos, version);
            if will.qos > self.maximum_qos(version) && !accepts_qos {
                return Err(ReasonCode::QOS_NOT_SUPPORTED);
            }
            let accepts_retain = self.faulty(Fault::AcceptWillRetainUnavailable, version);
            if will.retain && !self.retain_available(version) && !accepts_retain {
                return Err(ReasonCode::RETAIN_NOT_SUPPORTED);
            }
        }
        if let Some(users) = &self.config.users {
            let Some(user_name) = &connect.user_name else { return Err(ReasonCode::NOT_AUTHORIZED) };
            if users.get(user_name) != Some(connect.password.as_ref().unwrap_or(&Vec::new())) {
                return Err(ReasonCode::BAD_USER_NAME_OR_PASSWORD);
            }
        }
        let is_new = !self.sessions.contains_key(&self.session_key(&connect.client_id, version));
        if is_new && self.sessions.len() >= self.config.maximum_sessions {
            return Err(ReasonCode::SERVER_BUSY);
        }
        Ok(())
    }

    fn check_client_id(&self, connect: &ConnectBuf) -> Result<(), ReasonCode> {
        let (client_id, version) = (&connect.client_id, connect.version);
        let unusual = client_id.len() > ALWAYS_ALLOWED_CLIENT_ID_LEN
            || !client_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let refused = if client_id.is_empty() {
            // 3.1 demands 1 to 23 characters; 3.1.1 allows none with Clean Session 1 only (MQTT-3.1.3-8).
            let lacks_clean = version == ProtocolVersion::V3_1_1
                && !connect.clean_start
                && !self.faulty(Fault::AcceptEmptyClientIdentifierWithoutClean, version);
            version == ProtocolVersion::V3_1 || lacks_clean || self.varies(Variant::EmptyClientIdRefused)
        } else if client_id.len() == ALWAYS_ALLOWED_CLIENT_ID_LEN
            && self.faulty(Fault::RefuseLegalClientIdentifier, version)
        {
            true
        } else if version == ProtocolVersion::V3_1 {
            client_id.chars().count() > ALWAYS_ALLOWED_CLIENT_ID_LEN
        } else {
            unusual && self.varies(Variant::LongClientIdRefused)
        };
        if unusual && self.faulty(Fault::RefuseClientIdentifierAsMalformed, version) {
            return Err(ReasonCode::MALFORMED_PACKET);
        }
        if refused { Err(ReasonCode::CLIENT_IDENTIFIER_NOT_VALID) } else { Ok(()) }
    }

    /// A client identifier that no session has (MQTT-3.2.2-16).
    fn assign_client_id(&mut self) -> String {
        loop {
            if !self.config.faults.contains(Fault::RepeatAssignedClientIdentifier) {
                self.assigned += 1;
            }
            let client_id = format!("mqttspecassigned{:07}", self.assigned);
            if self.assigned == 0 || !self.sessions.contains_key(&client_id) {
                return client_id;
            }
        }
    }

    /// Under which key a session is kept.
    fn session_key(&self, client_id: &str, version: ProtocolVersion) -> String {
        if self.faulty(Fault::FoldClientIdentifierCase, version) {
            client_id.to_lowercase()
        } else {
            client_id.to_owned()
        }
    }

    /// Refuses a CONNECT with CONNACK, where there is one for the reason, and closes (3.1.4, 3.2.2.2).
    pub(super) fn refuse(&mut self, id: ConnectionId, reason: ReasonCode, now: Time) {
        let Some(connection) = self.connections.get(&id) else { return };
        let version = connection.version;
        let mut answer = match version {
            ProtocolVersion::V5_0 if self.varies(Variant::CloseWithoutConnAck) => None,
            ProtocolVersion::V5_0 if reason.is_defined_in(version, PacketType::ConnAck) => Some(reason),
            ProtocolVersion::V5_0 => Some(ReasonCode::PROTOCOL_ERROR),
            ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 => return_code(reason),
        };
        if answer.is_some() && self.faulty(Fault::ConnAckUndefinedReason, version) {
            answer = Some(ReasonCode(0x42));
        }
        if self.faulty(Fault::DisconnectBeforeConnAck, version) {
            let disconnect = mqttspec_codec::DisconnectBuf { reason_code: reason, properties: Vec::new() };
            self.send(id, PacketBuf::Disconnect(disconnect));
        } else if let Some(reason_code) = answer {
            let session_present = self.faulty(Fault::SessionPresentOnRefusal, version);
            self.send(id, PacketBuf::ConnAck(ConnAckBuf { session_present, reason_code, properties: Vec::new() }));
        }
        if self.faulty(Fault::ProcessPacketsAfterRefusal, version) {
            self.publish_what_follows(id, version, now);
        }
        if answer.is_some() && self.faulty(Fault::OpenAfterRefusal, version) {
            self.leave_deaf(id, version, now);
        } else {
            self.close(id, now);
        }
    }

    /// Fault: the PUBLISH packets that came with a refused CONNECT are forwarded.
    fn publish_what_follows(&mut self, id: ConnectionId, version: ProtocolVersion, now: Time) {
        while let Some(connection) = self.connections.get_mut(&id) {
            let Ok(Some(frame)) = connection.frames.next_frame() else { return };
            if let Ok(PacketBuf::Publish(publish)) = PacketBuf::decode(&frame, version) {
                let message = super::message::Message::from_publish(publish, "", now);
                self.publish_message(message.into(), version, now);
            }
        }
    }

    /// Accepts a CONNECT: take-over, Clean Start, CONNACK, and what the session has waiting (3.1.4).
    pub(super) fn accept(&mut self, id: ConnectionId, connect: ConnectBuf, now: Time) {
        let version = connect.version;
        let client_id = self.session_key(&connect.client_id, version);
        self.take_over(&client_id, version, now);
        if self.faulty(Fault::LoseSessionAtClose, version) {
            self.sessions.remove(&client_id);
        }
        let existed = self.sessions.contains_key(&client_id);
        let resumes = existed && (!connect.clean_start || self.faulty(Fault::KeepSessionAtCleanStart, version));
        if resumes {
            self.session_resumed_before_will(&client_id, now);
        } else {
            self.end_session(&client_id, now);
        }
        let session_present = self.session_present(&connect, existed);
        let properties = self.connack_properties(id, &connect, now);
        let expiry_interval = self.granted_session_expiry(&connect);
        let discards = self.faulty(Fault::DiscardLiveSession, version);
        let session = self.sessions.entry(client_id.clone()).or_insert_with(|| Session::new(&client_id, version));
        session.version = version;
        session.connection = Some(id);
        session.expiry_interval = expiry_interval;
        session.expires_at = None;
        let discards_after = if version == ProtocolVersion::V5_0 { expiry_interval } else { 1 };
        session.discard_at = (discards && (1..u32::MAX).contains(&discards_after))
            .then(|| now + Duration::from_secs(discards_after.into()));
        session.will = connect.will;
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.stage = Stage::Connected;
            connection.client_id.clone_from(&client_id);
            if let Some(aliases) = self.stale_aliases.remove(&client_id) {
                connection.aliases_in = aliases;
            }
        }
        let connack = ConnAckBuf { session_present, reason_code: ReasonCode::SUCCESS, properties };
        if self.faulty(Fault::SendBeforeConnAck, version) {
            self.resume_delivery(&client_id, now);
        }
        if self.faulty(Fault::NoConnAck, version) || self.send(id, PacketBuf::ConnAck(connack)) {
            self.resume_delivery(&client_id, now);
        } else {
            self.close(id, now);
        }
    }

    /// MQTT-3.1.4-3; in 3.1.1 MQTT-3.1.4-2.
    fn take_over(&mut self, client_id: &str, version: ProtocolVersion, now: Time) {
        let Some(session) = self.sessions.get_mut(client_id) else { return };
        let Some(old) = session.connection else { return };
        if self.config.faults.contains(Fault::TakeOverKeepsOldConnection) {
            session.connection = None;
            return;
        }
        debug_assert!(self.connections.contains_key(&old), "{version} session with a dead connection");
        self.disconnect_as(old, ReasonCode::SESSION_TAKEN_OVER, Ending::TakenOver, now);
    }

    fn session_present(&self, connect: &ConnectBuf, existed: bool) -> bool {
        let version = connect.version;
        let faulty = |fault| self.faulty(fault, version);
        // 3.1 has no such flag: its place is reserved (3.1: CONNACK).
        if version == ProtocolVersion::V3_1 || faulty(Fault::SessionPresentNever) {
            return false;
        }
        match (connect.clean_start, existed) {
            (true, true) => faulty(Fault::SessionPresentAtCleanStart),
            (true, false) => false,
            (false, true) => true,
            (false, false) => faulty(Fault::SessionPresentForNewSession),
        }
    }

    /// Session Expiry Interval in force, in seconds; in 3.x Clean Session decides (3.1.2.11.2, 3.1.1: 3.1.2.4).
    pub(super) fn granted_session_expiry(&self, connect: &ConnectBuf) -> u32 {
        if connect.version != ProtocolVersion::V5_0 {
            return if connect.clean_start { 0 } else { u32::MAX };
        }
        let requested = connect.properties.integer(PropertyId::SessionExpiryInterval).unwrap_or(0);
        if self.varies(Variant::SessionExpiryShortened) { requested.min(60) } else { requested }
    }
}

/// The return code of 3.1 and 3.1.1 for a reason; `None` when none applies (MQTT-3.2.2-6).
fn return_code(reason: ReasonCode) -> Option<ReasonCode> {
    match reason {
        ReasonCode::UNSUPPORTED_PROTOCOL_VERSION => Some(ReasonCode::V3_UNACCEPTABLE_PROTOCOL_VERSION),
        ReasonCode::CLIENT_IDENTIFIER_NOT_VALID => Some(ReasonCode::V3_IDENTIFIER_REJECTED),
        ReasonCode::SERVER_UNAVAILABLE | ReasonCode::SERVER_BUSY => Some(ReasonCode::V3_SERVER_UNAVAILABLE),
        ReasonCode::BAD_USER_NAME_OR_PASSWORD => Some(ReasonCode::V3_BAD_USER_NAME_OR_PASSWORD),
        ReasonCode::NOT_AUTHORIZED => Some(ReasonCode::V3_NOT_AUTHORIZED),
        _ => None,
    }
}

/// The Protocol Level byte of a CONNECT, whatever its Protocol Name (3.1.2.2).
fn protocol_level(frame: &[u8]) -> Option<u8> {
    let (_, length_len) = mqttspec_codec::varint::decode(frame.get(1..)?).ok()??;
    let body = frame.get(1 + length_len..)?;
    let name_len = usize::from(u16::from_be_bytes([*body.first()?, *body.get(1)?]));
    body.get(2 + name_len).copied()
}
