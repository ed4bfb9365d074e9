//! A small client for the runner's own business: discovery, health probes, and tidying up. It judges nothing.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use mqttspec_codec::{
    ConnAckBuf, ConnectBuf, DisconnectBuf, FrameDecoder, PacketBuf, ProtocolVersion, PublishBuf, QoS,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

/// Packets of other kinds that are passed over while waiting for one kind; a target that sends more is flooding.
const PASSED_OVER: usize = 10_000;
const MAXIMUM_FRAME: usize = 1 << 20;

/// A connection with a deadline for everything.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    frames: FrameDecoder,
    version: ProtocolVersion,
    patience: Duration,
}

/// What a target did instead of answering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It accepts no connection; why, as a fragment.
    NotAccepted(String),
    /// It sent nothing more within this time.
    Silent(Duration),
    /// It closed the connection.
    Closed,
    /// It sent something that is not the packet that was due: the bytes, shortened.
    Strange(Vec<u8>),
    /// It sent packets without end.
    Flood,
    /// mqttspec could not put its own packet into bytes.
    Own(String),
}

impl Client {
    /// Opens a connection; every later wait is bounded by `patience`.
    ///
    /// # Errors
    /// When the target does not accept it in time.
    pub async fn open(address: SocketAddr, version: ProtocolVersion, patience: Duration) -> Result<Self, Trouble> {
        let stream = timeout(patience, TcpStream::connect(address))
            .await
            .map_err(|_| Trouble::NotAccepted(format!("no answer within {patience:?}")))?
            .map_err(|error| Trouble::NotAccepted(error.to_string()))?;
        let _ = stream.set_nodelay(true);
        Ok(Self { stream, frames: FrameDecoder::new(MAXIMUM_FRAME), version, patience })
    }

    /// Sends CONNECT and returns the CONNACK, or the AUTH of an enhanced authentication.
    ///
    /// # Errors
    /// When anything else comes of it.
    pub async fn connect(&mut self, connect: ConnectBuf) -> Result<PacketBuf, Trouble> {
        self.send(&PacketBuf::Connect(connect)).await?;
        match self.next().await? {
            packet @ (PacketBuf::ConnAck(_) | PacketBuf::Auth(_)) => Ok(packet),
            other => Err(Trouble::Strange(other.encode(self.version).unwrap_or_default())),
        }
    }

    /// Sends PINGREQ and waits for PINGRESP, passing over everything else.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn ping(&mut self) -> Result<(), Trouble> {
        self.send(&PacketBuf::PingReq).await?;
        for _ in 0..PASSED_OVER {
            if matches!(self.next().await?, PacketBuf::PingResp) {
                return Ok(());
            }
        }
        Err(Trouble::Flood)
    }

    /// Removes the retained message of `topic`. A [`ping`](Self::ping) afterwards shows that it was taken in.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub async fn clear_retained(&mut self, topic: &str) -> Result<(), Trouble> {
        let publish = PublishBuf {
            dup: false,
            qos: QoS::AtMostOnce,
            retain: true,
            topic: topic.to_owned(),
            packet_id: None,
            properties: Vec::new(),
            payload: Vec::new(),
        };
        self.send(&PacketBuf::Publish(publish)).await
    }

    /// Sends DISCONNECT and ends the connection.
    pub async fn disconnect(mut self, disconnect: DisconnectBuf) {
        if self.send(&PacketBuf::Disconnect(disconnect)).await.is_ok() {
            let _ = self.stream.shutdown().await;
        }
    }

    /// Sends a packet.
    ///
    /// # Errors
    /// When the target does not take it.
    pub async fn send(&mut self, packet: &PacketBuf) -> Result<(), Trouble> {
        let bytes = packet.encode(self.version).map_err(|error| Trouble::Own(error.to_string()))?;
        match timeout(self.patience, self.stream.write_all(&bytes)).await {
            Ok(Ok(())) => Ok(()),
            // What it said before it closed is more telling; the next read shows the close.
            Ok(Err(_)) => Ok(()),
            Err(_) => Err(Trouble::Silent(self.patience)),
        }
    }

    async fn next(&mut self) -> Result<PacketBuf, Trouble> {
        let deadline = Instant::now() + self.patience;
        let mut buffer = vec![0; 16 * 1024];
        loop {
            match self.frames.next_frame() {
                Ok(Some(frame)) => return self.decode(&frame),
                Ok(None) => {}
                Err(_) => return Err(Trouble::Strange(shortened(self.frames.buffered()))),
            }
            match timeout_at(deadline, self.stream.read(&mut buffer)).await {
                Ok(Ok(0) | Err(_)) if self.frames.buffered().is_empty() => return Err(Trouble::Closed),
                Ok(Ok(0) | Err(_)) => return Err(Trouble::Strange(shortened(self.frames.buffered()))),
                Ok(Ok(count)) => self.frames.push(&buffer[..count]),
                Err(_) if self.frames.buffered().is_empty() => return Err(Trouble::Silent(self.patience)),
                Err(_) => return Err(Trouble::Strange(shortened(self.frames.buffered()))),
            }
        }
    }

    /// Strict, but a refusal in the words of another version is understood: a target that does not speak this version
    /// may answer in its own.
    fn decode(&self, frame: &[u8]) -> Result<PacketBuf, Trouble> {
        if let Ok(packet) = PacketBuf::decode(frame, self.version) {
            return Ok(packet);
        }
        let other = if self.version.has_properties() { ProtocolVersion::V3_1_1 } else { ProtocolVersion::V5_0 };
        match PacketBuf::decode(frame, other) {
            Ok(PacketBuf::ConnAck(ConnAckBuf { session_present, reason_code, properties })) if reason_code.0 != 0 => {
                Ok(PacketBuf::ConnAck(ConnAckBuf { session_present, reason_code, properties }))
            }
            _ => Err(Trouble::Strange(shortened(frame))),
        }
    }
}

fn shortened(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len().min(64)].to_vec()
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAccepted(why) => write!(f, "accepts no connection: {why}"),
            Self::Silent(patience) => write!(f, "accepted the connection but sent nothing within {patience:?}"),
            Self::Closed => f.write_str("closed the connection without an answer"),
            Self::Strange(bytes) if bytes.starts_with(b"HTTP/") => {
                let line = bytes.split(|b| *b == b'\r' || *b == b'\n').next().unwrap_or_default();
                write!(f, "answered with HTTP: '{}'", String::from_utf8_lossy(line).escape_default())
            }
            Self::Strange(bytes) if bytes.len() >= 4 && bytes[..4].iter().all(|b| (0x20..0x7F).contains(b)) => {
                let text: String = String::from_utf8_lossy(bytes).chars().take(40).collect();
                write!(f, "answered with something that is not MQTT: '{}'", text.escape_default())
            }
            Self::Strange(bytes) => {
                f.write_str("answered with something that is not the MQTT packet that was due:")?;
                bytes.iter().take(16).try_for_each(|byte| write!(f, " {byte:02x}"))?;
                if bytes.len() > 16 { f.write_str(" …") } else { Ok(()) }
            }
            Self::Flood => f.write_str("sends packets without end"),
            Self::Own(why) => write!(f, "mqttspec could not encode its own packet: {why}"),
        }
    }
}
