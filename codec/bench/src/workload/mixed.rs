//! The mixed stream: what passes through a broker in a moment of its day, both directions together.
//!
//! Mostly small PUBLISH of QoS 0 and 1 and what acknowledges them; some QoS 2 flows; pings; now and then a client that
//! comes, subscribes and goes. No AUTH, which half of the codecs do not know, and in 5.0 no DISCONNECT without a reason
//! code, which rumqttc refuses.

use mqttspec_codec::{AckBuf, PacketBuf, PropertyBuf, ProtocolVersion, PublishBuf, QoS, ReasonCode};

use super::single;

/// Moments of 100 in which each thing happens; what is left is a PUBLISH of QoS 0.
const QOS_1: u64 = 28;
const QOS_2: u64 = 4;
const PING: u64 = 6;
/// Everything around a client that comes, of 1000.
const CLIENT: u64 = 6;
/// Packets stop when there are as many bytes: the stream is at most 32 KiB.
const LEN: usize = 30 * 1024;

pub(super) fn packets(version: ProtocolVersion) -> Vec<PacketBuf> {
    let mut stream = Stream { version, draws: 0x9E37_79B9_7F4A_7C15, packets: Vec::new(), next_id: 1 };
    stream.client();
    let (mut len, mut counted) = (0, 0);
    while len < LEN {
        stream.moment();
        len += stream.packets[counted..].iter().filter_map(|packet| packet.encoded_len(version).ok()).sum::<usize>();
        counted = stream.packets.len();
    }
    stream.packets
}

struct Stream {
    version: ProtocolVersion,
    /// State of the generator: always the same stream.
    draws: u64,
    packets: Vec<PacketBuf>,
    next_id: u16,
}

impl Stream {
    /// A number below `bound` (xorshift64*).
    fn draw(&mut self, bound: u64) -> u64 {
        self.draws ^= self.draws >> 12;
        self.draws ^= self.draws << 25;
        self.draws ^= self.draws >> 27;
        (self.draws.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    fn moment(&mut self) {
        if self.draw(1000) < CLIENT {
            return self.client();
        }
        match self.draw(100) {
            at if at < QOS_1 => {
                let id = self.publish(QoS::AtLeastOnce);
                self.packets.push(PacketBuf::PubAck(ack(id)));
            }
            at if at < QOS_1 + QOS_2 => {
                let id = self.publish(QoS::ExactlyOnce);
                self.packets.push(PacketBuf::PubRec(ack(id)));
                self.packets.push(PacketBuf::PubRel(ack(id)));
                self.packets.push(PacketBuf::PubComp(ack(id)));
            }
            at if at < QOS_1 + QOS_2 + PING => self.packets.extend([PacketBuf::PingReq, PacketBuf::PingResp]),
            _ => {
                self.publish(QoS::AtMostOnce);
            }
        }
    }

    fn client(&mut self) {
        let v5 = self.version.has_properties();
        self.packets.extend([
            single::connect(self.version),
            single::conn_ack(v5),
            single::subscribe(v5),
            single::sub_ack(),
            single::disconnect(if v5 { single::disconnect_properties() } else { vec![] }),
        ]);
    }

    /// Adds a PUBLISH and returns its Packet Identifier.
    fn publish(&mut self, qos: QoS) -> u16 {
        let id = self.next_id;
        self.next_id = self.next_id % u16::MAX + 1;
        let plant = self.draw(40);
        let kinds =
            ["temperature/in", "temperature/out", "p", "valve/17/state", "line/3/robot/2/joint/5/angle", "wärme"];
        let kind = match self.draw(100) {
            0..2 => kinds[5],
            at => kinds[at as usize % 5],
        };
        let len = match self.draw(10) {
            0..5 => 4 + self.draw(20),
            5..9 => 16 + self.draw(80),
            _ => 100 + self.draw(300),
        };
        let properties = if self.version.has_properties() { self.properties() } else { vec![] };
        let retain = self.draw(16) == 0;
        self.packets.push(PacketBuf::Publish(PublishBuf {
            dup: false,
            qos,
            retain,
            topic: format!("plant/{plant}/{kind}"),
            packet_id: (qos != QoS::AtMostOnce).then_some(id),
            properties,
            payload: (0..len).map(|at| b"0123456789,. "[(at * 7 % 13) as usize]).collect(),
        }));
        id
    }

    /// Most PUBLISH have none.
    fn properties(&mut self) -> Vec<PropertyBuf> {
        match self.draw(10) {
            0 => vec![PropertyBuf::message_expiry_interval(60)],
            1 => vec![PropertyBuf::content_type("text/csv"), PropertyBuf::user_property("unit", "°C")],
            _ => vec![],
        }
    }
}

fn ack(packet_id: u16) -> AckBuf {
    AckBuf { packet_id, reason_code: ReasonCode::SUCCESS, properties: vec![] }
}
