//! What is known of one network connection.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::{
    ConnectBuf, FrameDecoder, PacketType, PropertyBuf, PropertyId, PropertyList, ProtocolVersion, PublishBuf, QoS,
    SubscriptionOptions,
};

use super::published::Digest;

/// The largest packet that exists: five bytes of fixed header and the largest Remaining Length.
const MAX_FRAME: usize = 5 + 268_435_455;
/// Topic Aliases remembered on one connection at most: the target chooses how long the topics are.
pub(super) const MAX_ALIASES: usize = 1024;
/// The longest thing that does not decode and is remembered.
const MAX_UNREADABLE: usize = 65_536;

/// One network connection.
#[derive(Debug)]
pub(super) struct Connection {
    /// Its index.
    pub(super) index: usize,
    /// Event from which on it is seen, when what came before was not.
    pub(super) joined: Option<usize>,
    /// Whether its session may hold what was done on connections that are not seen.
    pub(super) past_unseen: bool,
    /// The version that its CONNECT names; before, that of the scenario.
    pub(super) version: ProtocolVersion,
    /// Cuts what we send into packets.
    pub(super) outgoing: FrameDecoder,
    /// Whether the packet that we sent last went out in several writes.
    pub(super) sent_in_pieces: bool,
    /// Whether the packet that is being sent began in an earlier write.
    pub(super) has_begun: bool,
    /// Whether we have sent what cannot be cut into packets.
    pub(super) unframeable_sent: bool,
    /// Whether we have sent anything.
    pub(super) spoke: bool,
    /// Our CONNECT, if it was the first packet and well formed.
    pub(super) connect: Option<ConnectBuf>,
    /// Event of the first CONNECT.
    pub(super) connect_event: Option<usize>,
    /// Number of CONNECTs sent.
    pub(super) connects: u32,
    /// The first CONNACK.
    pub(super) connack: Option<ConnAckSeen>,
    /// Event of the target's DISCONNECT.
    pub(super) disconnected_by_target: Option<usize>,
    /// Event of our DISCONNECT.
    pub(super) disconnected_by_us: Option<usize>,
    /// Session Expiry Interval of our DISCONNECT, in seconds.
    pub(super) expiry_at_disconnect: Option<u32>,
    /// Event of the first thing we sent that the standard does not allow: from then on the target may do as it likes,
    /// and only what depends on nothing that came after the CONNECT is judged.
    pub(super) tainted: Option<usize>,
    /// Whether the target sent something that does not decode.
    pub(super) garbled: bool,
    /// The first thing the target sent that does not decode, and its event.
    pub(super) unreadable: Option<(usize, Vec<u8>)>,
    /// Whether we ended it in order, so that all we sent arrives.
    pub(super) finished: bool,
    /// Whether it has ended.
    pub(super) closed: bool,
    /// PINGREQs sent.
    pub(super) pings: u64,
    /// PINGRESPs received.
    pub(super) pongs: u64,
    /// Whether the Server waits for our answer to its challenge (4.12).
    pub(super) challenged: bool,
    /// Whether we began a re-authentication.
    pub(super) reauthenticated: bool,
    /// Index of the client.
    pub(super) client: Option<usize>,
    /// Index of the session.
    pub(super) session: Option<usize>,
    /// Topic Aliases that the target defined.
    pub(super) aliases: BTreeMap<u16, String>,
    /// Topic Aliases that we defined.
    pub(super) own_aliases: BTreeMap<u16, String>,
    /// Packet Identifiers under which we have published on it.
    pub(super) published: BTreeSet<u16>,
    /// SUBSCRIBEs that wait for SUBACK.
    pub(super) subscribes: BTreeMap<u16, Request<(String, SubscriptionOptions)>>,
    /// UNSUBSCRIBEs that wait for UNSUBACK.
    pub(super) unsubscribes: BTreeMap<u16, Request<String>>,
    /// SUBSCRIBEs and UNSUBSCRIBEs with several filters that were answered, by type and identifier of the answer.
    pub(super) combined: BTreeMap<(PacketType, u16), Combined>,
    /// Messages above QoS 0 received here whose acknowledgement is not complete; `true` once we sent PUBREC.
    pub(super) unacknowledged: BTreeMap<u16, bool>,
    /// The last message received here under each Packet Identifier, and its event.
    pub(super) last: BTreeMap<u16, (Digest, usize)>,
    /// PUBRECs sent here less PUBRELs received here, by Packet Identifier.
    pub(super) releases_due: BTreeMap<u16, i32>,
    /// RETAIN 1 deliveries that are wrong unless the same message comes with RETAIN 0 as well.
    pub(super) suspects: Vec<Suspect>,
    /// Messages that came with RETAIN 0.
    pub(super) unretained: BTreeMap<Digest, usize>,
}

/// The first CONNACK of a connection.
#[derive(Clone, Debug)]
pub(super) struct ConnAckSeen {
    pub(super) event: usize,
    pub(super) accepted: bool,
    pub(super) session_present: bool,
    pub(super) properties: Vec<PropertyBuf>,
}

/// A SUBSCRIBE or UNSUBSCRIBE that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Request<T> {
    pub(super) event: usize,
    /// Which of the packets that we sent it is: several may share one event.
    pub(super) order: u64,
    pub(super) filters: Vec<T>,
}

/// A SUBSCRIBE or UNSUBSCRIBE with several filters that was answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Combined {
    pub(super) event: usize,
    pub(super) filters: usize,
    /// Event of its answer.
    pub(super) answer: usize,
}

/// A delivery with RETAIN 1 that looks like one to an established subscription.
#[derive(Clone, Debug)]
pub(super) struct Suspect {
    pub(super) digest: Digest,
    pub(super) event: usize,
    pub(super) published: usize,
    pub(super) topic: String,
}

impl Connection {
    /// A connection on which nothing has happened.
    pub(super) fn new(index: usize, version: ProtocolVersion) -> Self {
        Self {
            index,
            joined: None,
            past_unseen: false,
            version,
            outgoing: FrameDecoder::new(MAX_FRAME),
            sent_in_pieces: false,
            has_begun: false,
            unframeable_sent: false,
            spoke: false,
            connect: None,
            connect_event: None,
            connects: 0,
            connack: None,
            disconnected_by_target: None,
            disconnected_by_us: None,
            expiry_at_disconnect: None,
            tainted: None,
            garbled: false,
            unreadable: None,
            finished: false,
            closed: false,
            pings: 0,
            pongs: 0,
            challenged: false,
            reauthenticated: false,
            client: None,
            session: None,
            aliases: BTreeMap::new(),
            own_aliases: BTreeMap::new(),
            published: BTreeSet::new(),
            subscribes: BTreeMap::new(),
            unsubscribes: BTreeMap::new(),
            combined: BTreeMap::new(),
            unacknowledged: BTreeMap::new(),
            last: BTreeMap::new(),
            releases_due: BTreeMap::new(),
            suspects: Vec::new(),
            unretained: BTreeMap::new(),
        }
    }

    /// Whether something may be under way that was not seen.
    pub(super) const fn is_clouded(&self) -> bool {
        self.joined.is_some() || self.past_unseen
    }

    /// We sent something the standard does not allow.
    pub(super) fn taint(&mut self, event: usize) {
        self.tainted.get_or_insert(event);
    }

    /// The target sent bytes that do not decode.
    pub(super) fn garble(&mut self, event: usize, bytes: &[u8]) {
        self.garbled = true;
        if self.unreadable.is_none() && bytes.len() <= MAX_UNREADABLE {
            self.unreadable = Some((event, bytes.to_vec()));
        }
    }

    /// The answer of `event` was for all filters of `request`.
    pub(super) fn note_combined<T>(&mut self, answer: PacketType, packet_id: u16, request: &Request<T>, event: usize) {
        let combined = Combined { event: request.event, filters: request.filters.len(), answer: event };
        if combined.filters > 1 {
            self.combined.insert((answer, packet_id), combined);
        } else {
            self.combined.remove(&(answer, packet_id));
        }
    }

    /// Whether the CONNACK accepted us.
    pub(super) fn accepted(&self) -> bool {
        self.connack.as_ref().is_some_and(|connack| connack.accepted)
    }

    /// Whether the CONNACK said that a session is taken up again.
    pub(super) fn resumed_session(&self) -> bool {
        self.connack.as_ref().is_some_and(|connack| connack.accepted && connack.session_present)
    }

    /// Whether the CONNECT asked for a new session.
    pub(super) fn cleaned(&self) -> bool {
        self.connect.as_ref().is_some_and(|connect| connect.clean_start)
    }

    /// Our CONNECT, if it was well formed and the only one: what it asks for binds the target.
    pub(super) fn terms(&self) -> Option<&ConnectBuf> {
        if self.connects == 1 { self.connect.as_ref() } else { None }
    }

    /// An integer property of our CONNECT.
    pub(super) fn asked(&self, id: PropertyId) -> Option<u32> {
        self.connect.as_ref().and_then(|connect| connect.properties.integer(id))
    }

    /// An integer property of the CONNACK.
    pub(super) fn told(&self, id: PropertyId) -> Option<u32> {
        self.connack.as_ref().and_then(|connack| connack.properties.integer(id))
    }

    /// The Topic Name of a PUBLISH of the target with its Topic Alias resolved; `None` when it names none.
    pub(super) fn topic_of<'a>(&'a self, publish: &'a PublishBuf) -> Option<&'a str> {
        if !publish.topic.is_empty() {
            return Some(&publish.topic);
        }
        let alias = publish.properties.integer(PropertyId::TopicAlias)?;
        self.aliases.get(&u16::try_from(alias).ok()?).map(String::as_str)
    }

    /// The Topic Name of a PUBLISH of ours with its Topic Alias resolved.
    pub(super) fn own_topic_of<'a>(&'a self, publish: &'a PublishBuf) -> Option<&'a str> {
        if !publish.topic.is_empty() {
            return Some(&publish.topic);
        }
        let alias = publish.properties.integer(PropertyId::TopicAlias)?;
        self.own_aliases.get(&u16::try_from(alias).ok()?).map(String::as_str)
    }

    /// The highest QoS at which we may publish.
    pub(super) fn maximum_qos(&self) -> QoS {
        let told = self.told(PropertyId::MaximumQoS).and_then(|qos| QoS::from_value(qos as u8));
        told.unwrap_or(QoS::ExactlyOnce)
    }
}
