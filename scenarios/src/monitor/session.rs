//! What a session holds, as far as we can know it from outside (4.1): its subscriptions and the deliveries under way.

use std::collections::BTreeMap;

use mqttspec_codec::{ProtocolVersion, QoS, ReasonCode, SubscriptionOptions, topic};

use super::published::Digest;

/// Filters remembered in a session at most; beyond, its deliveries are not judged any more.
const MAX_FILTERS: usize = 256;
/// SUBSCRIBEs of one filter remembered at most.
const MAX_RECORDS: usize = 32;

/// How a session began on the connection that uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// There is no CONNACK yet.
    Pending,
    /// New: the server said that it held none.
    Fresh,
    /// Taken up again: the server said that it held one.
    Resumed,
    /// Nobody can say: 3.1 does not tell, or two connections overlapped.
    Unclear,
}

/// A session, from the CONNECT that began or resumed it.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// How it began.
    pub(super) origin: Origin,
    /// Whether it may hold subscriptions that we do not know.
    pub(super) unknown: bool,
    /// Every filter ever subscribed to.
    pub(super) filters: Vec<Filter>,
    /// Deliveries of QoS 1 and 2 that we have received and not yet fully acknowledged.
    pub(super) in_flight: BTreeMap<u16, InFlight>,
}

/// A Topic Filter that was subscribed to at least once.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    /// As sent.
    pub(super) text: String,
    /// What topics are compared with: without `$share/{ShareName}/`.
    pub(super) pattern: String,
    /// Whether it is a Shared Subscription.
    pub(super) shared: bool,
    /// Every SUBSCRIBE that named it, in order.
    pub(super) records: Vec<Record>,
    /// The UNSUBACK that removed it, until it is subscribed to again.
    pub(super) removed: Option<usize>,
}

/// One SUBSCRIBE of one filter.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// Options as asked.
    pub(super) options: SubscriptionOptions,
    /// Subscription Identifier.
    pub(super) identifier: Option<u32>,
    /// Event of the SUBSCRIBE.
    pub(super) asked: usize,
    /// Which of the packets that we sent the SUBSCRIBE is: several may share one event.
    pub(super) order: u64,
    /// Event and code of the SUBACK.
    pub(super) answer: Option<(usize, ReasonCode)>,
}

/// A delivery under way.
#[derive(Clone, Debug)]
pub(super) struct InFlight {
    /// Its QoS.
    pub(super) qos: QoS,
    /// Which message.
    pub(super) digest: Digest,
    /// Connection on which it came last.
    pub(super) connection: usize,
    /// Event of the PUBLISH.
    pub(super) event: usize,
    /// Event of the target's PUBREL.
    pub(super) released: Option<usize>,
    /// Whether the server may lawfully have given it up meanwhile: it expires, or a shared subscription brought it.
    pub(super) loose: bool,
}

impl Session {
    /// A session nothing is known about but its CONNECT.
    pub(super) const fn new() -> Self {
        Self { origin: Origin::Pending, unknown: false, filters: Vec::new(), in_flight: BTreeMap::new() }
    }

    /// Takes over what an earlier connection left.
    pub(super) fn absorb(&mut self, earlier: &Self) {
        self.unknown |= earlier.unknown;
        let own = std::mem::replace(&mut self.filters, earlier.filters.clone());
        for filter in own {
            match self.filters.iter_mut().find(|known| known.text == filter.text) {
                Some(known) => {
                    known.removed = filter.removed;
                    known.records.extend(filter.records);
                }
                None => self.filters.push(filter),
            }
        }
        for (id, delivery) in &earlier.in_flight {
            self.in_flight.entry(*id).or_insert_with(|| delivery.clone());
        }
    }

    /// Notes a SUBSCRIBE of `text`.
    pub(super) fn subscribe(&mut self, text: &str, version: ProtocolVersion, record: Record) {
        let known = self.filters.iter_mut().position(|filter| filter.text == text);
        let at = match known {
            Some(at) => at,
            None if self.filters.len() >= MAX_FILTERS => {
                self.unknown = true;
                return;
            }
            None => {
                self.filters.push(Filter::new(text, version));
                self.filters.len() - 1
            }
        };
        let filter = &mut self.filters[at];
        filter.removed = None;
        if filter.records.len() >= MAX_RECORDS {
            self.unknown = true;
        } else {
            filter.records.push(record);
        }
    }

    /// Notes the code that answers the SUBSCRIBE of event `asked`.
    pub(super) fn answer(&mut self, text: &str, asked: usize, event: usize, code: ReasonCode) {
        let mut records = self.filters.iter_mut().filter(|filter| filter.text == text).flat_map(|f| &mut f.records);
        if let Some(record) = records.find(|record| record.asked == asked && record.answer.is_none()) {
            record.answer = Some((event, code));
        }
    }

    /// Notes that the UNSUBSCRIBE that was packet `order` of those that we sent was answered in event `event`.
    pub(super) fn remove(&mut self, text: &str, order: u64, event: usize) {
        for filter in self.filters.iter_mut().filter(|filter| filter.text == text) {
            // Subscribed to again while the UNSUBSCRIBE was under way: then it is not removed.
            if filter.records.iter().all(|record| record.order < order) {
                filter.removed = Some(event);
            }
        }
    }

    /// The filters that match a topic and were ever granted, or may yet be.
    pub(super) fn matching<'a>(&'a self, topic_name: &'a str) -> impl Iterator<Item = &'a Filter> {
        self.matching_by(move |pattern| topic::matches(pattern, topic_name))
    }

    /// The filters ever granted, or that may yet be, whose pattern satisfies `matches`.
    pub(super) fn matching_by(&self, matches: impl Fn(&str) -> bool) -> impl Iterator<Item = &Filter> {
        self.filters.iter().filter(move |filter| matches(&filter.pattern) && filter.live_records().next().is_some())
    }
}

impl Filter {
    fn new(text: &str, version: ProtocolVersion) -> Self {
        let shared = (version == ProtocolVersion::V5_0).then(|| topic::parse_shared(text)).flatten();
        Self {
            text: text.to_owned(),
            pattern: shared.map_or(text, |shared| shared.filter).to_owned(),
            shared: shared.is_some(),
            records: Vec::new(),
            removed: None,
        }
    }

    /// The SUBSCRIBEs that were not refused.
    pub(super) fn live_records(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|record| !record.refused())
    }
}

impl Record {
    /// Whether the SUBACK refused it.
    pub(super) fn refused(&self) -> bool {
        self.answer.is_some_and(|(_, code)| code.0 >= 0x80)
    }

    /// The QoS granted; before the SUBACK, the QoS asked for.
    pub(super) fn granted(&self) -> QoS {
        let granted = self.answer.and_then(|(_, code)| QoS::from_value(code.0));
        granted.unwrap_or(self.options.qos)
    }
}
