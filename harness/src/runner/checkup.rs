//! After a scenario: is the target still well, and is nothing left behind in it?

use std::net::SocketAddr;
use std::time::Duration;

use mqttspec_codec::{DisconnectBuf, PacketBuf, ProtocolVersion, ReasonCode};
use mqttspec_reports::Health;
use mqttspec_scenarios::model::connect;
use tokio::time::sleep;

use crate::client::{Client, Trouble};
use crate::engine::ConnectDefaults;
use crate::engine::Leftovers;

/// The pause before a failed probe is repeated.
const BEFORE_RETRY: Duration = Duration::from_millis(100);

/// Who asks, and how long it waits.
#[derive(Clone, Debug)]
pub(super) struct Checkup {
    pub(super) address: SocketAddr,
    pub(super) version: ProtocolVersion,
    pub(super) client_id: String,
    pub(super) defaults: ConnectDefaults,
    /// Whether the target retains messages at all.
    pub(super) retain: bool,
    pub(super) patience: Duration,
}

impl Checkup {
    /// Removes what the scenario left behind, then shows on a fresh connection that the target answers. One failure may
    /// be bad luck; the second is believed.
    pub(super) async fn tidy_and_probe(&self, leftovers: &Leftovers) -> Health {
        for client_id in &leftovers.client_ids {
            self.end_session(client_id).await;
        }
        if self.retain && !leftovers.retained_topics.is_empty() {
            self.clear_retained(&leftovers.retained_topics).await;
        }
        match self.probe().await {
            Ok(()) => Health::Healthy,
            Err(_) => {
                sleep(BEFORE_RETRY).await;
                match self.probe().await {
                    Ok(()) => Health::Healthy,
                    Err(Trouble::NotAccepted(_)) => Health::Refused,
                    Err(_) => Health::Unresponsive,
                }
            }
        }
    }

    /// A clean start and a disconnect end a session and its will.
    async fn end_session(&self, client_id: &str) {
        let Ok(mut client) = Client::open(self.address, self.version, self.patience).await else { return };
        if client.connect(self.packet(client_id)).await.is_ok() {
            client.disconnect(DisconnectBuf::default()).await;
        }
    }

    /// Removes retained messages. On a connection of its own: a target may refuse a PUBLISH by closing, and is well.
    async fn clear_retained(&self, topics: &[String]) {
        let Ok(mut client) = Client::open(self.address, self.version, self.patience).await else { return };
        match client.connect(self.packet(&self.client_id)).await {
            Ok(PacketBuf::ConnAck(connack)) if connack.reason_code == ReasonCode::SUCCESS => {}
            _ => return,
        }
        for topic in topics {
            if client.clear_retained(topic).await.is_err() {
                return;
            }
        }
        if client.ping().await.is_ok() {
            client.disconnect(DisconnectBuf::default()).await;
        }
    }

    /// CONNECT, PINGREQ, DISCONNECT; a CONNACK that refuses is an answer as well.
    pub(super) async fn probe(&self) -> Result<(), Trouble> {
        let mut client = Client::open(self.address, self.version, self.patience).await?;
        match client.connect(self.packet(&self.client_id)).await? {
            PacketBuf::ConnAck(connack) if connack.reason_code == ReasonCode::SUCCESS => {}
            _ => return Ok(()),
        }
        client.ping().await?;
        client.disconnect(DisconnectBuf::default()).await;
        Ok(())
    }

    fn packet(&self, client_id: &str) -> mqttspec_codec::ConnectBuf {
        let mut packet = connect(self.version, client_id);
        self.defaults.fill_in(&mut packet);
        packet
    }
}
