//! One Topic Filter of a session: since when it is certainly subscribed to, and at which QoS (3.8.4, 3.10.4).

use mqttspec_codec::{ProtocolVersion, QoS, SubscriptionOptions, topic};

/// Changes of one filter remembered at most; the oldest are forgotten together, at the lowest QoS of them.
const MAX_GRANTS: usize = 16;

/// A Topic Filter that was named in a SUBSCRIBE.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    /// As sent.
    pub(super) text: String,
    /// What topics are compared with: without `$share/{ShareName}/`.
    pub(super) pattern: String,
    /// Whether it is a Shared Subscription.
    pub(super) shared: bool,
    /// Step of the SUBACK since which it has been in force without interruption.
    pub(super) since: Option<u64>,
    /// Event of the SUBACK.
    pub(super) granted_in: usize,
    /// Event of the last SUBSCRIBE.
    pub(super) asked_in: usize,
    /// Place of the filter in the last SUBSCRIBE.
    pub(super) place: usize,
    /// SUBSCRIBEs that are not answered.
    pub(super) waiting: u32,
    /// Step and event of the last UNSUBSCRIBE.
    pub(super) ended: Option<(u64, usize)>,
    /// Whether the Server may hold it.
    pub(super) possible: bool,
    /// Step of the UNSUBACK since which it certainly does not.
    pub(super) gone: Option<u64>,
    /// Step and event of the last SUBSCRIBE that replaced it.
    pub(super) replaced: Option<(u64, usize)>,
    /// Step at which something came that this filter, and no other, matches.
    pub(super) served: Option<u64>,
    grants: Vec<Grant>,
    /// Every grant, and whether an UNSUBSCRIBE ended it.
    history: Vec<(Grant, bool)>,
}

/// The terms of a subscription from some step on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    /// Step from which on.
    from: u64,
    /// QoS granted.
    pub(super) qos: QoS,
    /// No Local.
    pub(super) no_local: bool,
    /// Retain As Published.
    pub(super) retain_as_published: bool,
    /// Subscription Identifier.
    pub(super) identifier: Option<u32>,
    /// Whether these are the terms; otherwise the lowest that may hold.
    certain: bool,
}

/// What a SUBSCRIBE asks for one filter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// Its options.
    pub(super) options: SubscriptionOptions,
    /// Its Subscription Identifier.
    pub(super) identifier: Option<u32>,
}

/// What a subscription certainly entitles to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    /// The lowest QoS it may have had.
    pub(super) qos: QoS,
    /// Whether it may have had No Local.
    pub(super) no_local: bool,
}

impl Subscription {
    /// One that nothing is known of.
    pub(super) fn new(text: &str, version: ProtocolVersion) -> Self {
        let shared = (version == ProtocolVersion::V5_0).then(|| topic::parse_shared(text)).flatten();
        Self {
            text: text.to_owned(),
            pattern: shared.map_or(text, |shared| shared.filter).to_owned(),
            shared: shared.is_some(),
            since: None,
            granted_in: 0,
            asked_in: 0,
            place: 0,
            waiting: 0,
            ended: None,
            possible: false,
            gone: None,
            replaced: None,
            served: None,
            grants: Vec::new(),
            history: Vec::new(),
        }
    }

    /// SUBSCRIBE was sent: until the SUBACK, the old terms or the new ones hold.
    pub(super) fn ask(&mut self, step: u64, event: usize, place: usize, options: SubscriptionOptions) {
        if self.since.is_some() {
            self.replaced = Some((step, event));
        }
        self.asked_in = event;
        self.place = place;
        self.waiting += 1;
        self.possible = true;
        self.either(step, options.qos, options.no_local);
    }

    /// SUBACK granted what was asked for at step `asked`.
    pub(super) fn grant(&mut self, asked: u64, step: u64, event: usize, qos: QoS, terms: Asked) {
        let no_local = terms.options.no_local;
        self.waiting = self.waiting.saturating_sub(1);
        if self.ended.is_some_and(|(ended, _)| ended > asked) {
            return;
        }
        if self.waiting > 0 {
            return self.either(step, qos, no_local);
        }
        if self.since.is_none() {
            self.since = Some(step);
            self.granted_in = event;
        }
        let retain_as_published = terms.options.retain_as_published;
        let identifier = terms.identifier;
        let grant = Grant { from: step, qos, no_local, retain_as_published, identifier, certain: true };
        self.push(grant);
        if self.history.len() < MAX_GRANTS {
            self.history.push((grant, false));
        }
    }

    /// SUBACK refused, or cannot be read.
    pub(super) fn refuse(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
        self.since = None;
    }

    /// The connection ended before the SUBACK: nobody knows which terms hold.
    pub(super) fn leave_open(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// UNSUBSCRIBE was sent.
    pub(super) fn end(&mut self, step: u64, event: usize) {
        self.since = None;
        self.ended = Some((step, event));
        for (_, ended) in &mut self.history {
            *ended = true;
        }
    }

    /// UNSUBACK confirmed, at `step`, the UNSUBSCRIBE of step `asked`.
    pub(super) fn ended_at(&mut self, asked: u64, step: u64) {
        if self.ended.is_none_or(|(ended, _)| ended != asked) {
            return;
        }
        // A later SUBSCRIBE that was answered before it: no sentence says in which order the two were carried out.
        let answered_before = self.since.take().is_some();
        if !answered_before && self.waiting == 0 {
            self.possible = false;
            self.gone = Some(step);
            self.grants.clear();
        }
    }

    /// What it certainly entitles to, of something published at `published` and later.
    pub(super) fn terms(&self, published: u64) -> Option<Terms> {
        if self.since? >= published {
            return None;
        }
        let before = self.grants.iter().rposition(|grant| grant.from <= published)?;
        let relevant = &self.grants[before..];
        let qos = relevant.iter().map(|grant| grant.qos).min()?;
        Some(Terms { qos, no_local: relevant.iter().any(|grant| grant.no_local) })
    }

    /// The terms that certainly hold for something published at `published`.
    pub(super) fn exact(&self, published: u64) -> Option<Grant> {
        let last = self.grants.last().filter(|last| last.certain && last.from < published)?;
        (self.waiting == 0 && self.since.is_some_and(|since| since < published)).then_some(*last)
    }

    /// Earlier terms that satisfy `is_it`: whether an UNSUBSCRIBE ended the last of them.
    pub(super) fn formerly(&self, is_it: impl Fn(&Grant) -> bool) -> Option<bool> {
        let (_, former) = self.history.split_last()?;
        former.iter().rev().find(|(grant, _)| is_it(grant)).map(|(_, ended)| *ended)
    }

    fn either(&mut self, from: u64, qos: QoS, no_local: bool) {
        let last = self.grants.last().copied();
        let qos = last.map_or(qos, |last| last.qos.min(qos));
        let no_local = no_local || last.is_some_and(|last| last.no_local);
        self.push(Grant { from, qos, no_local, retain_as_published: false, identifier: None, certain: false });
    }

    fn push(&mut self, grant: Grant) {
        if self.grants.len() >= MAX_GRANTS {
            let first = self.grants.remove(0);
            self.grants[0].qos = self.grants[0].qos.min(first.qos);
            self.grants[0].no_local |= first.no_local;
        }
        self.grants.push(grant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(qos: QoS) -> SubscriptionOptions {
        SubscriptionOptions { qos, ..Default::default() }
    }

    fn asked(no_local: bool) -> Asked {
        Asked { options: SubscriptionOptions { no_local, ..Default::default() }, identifier: None }
    }

    #[test]
    fn it_holds_from_the_suback_on() {
        let mut subscription = Subscription::new("a", ProtocolVersion::V5_0);
        subscription.ask(1, 1, 0, options(QoS::ExactlyOnce));
        assert_eq!(subscription.terms(9), None);
        subscription.grant(1, 3, 3, QoS::AtLeastOnce, asked(false));
        assert_eq!(subscription.terms(3), None);
        assert_eq!(subscription.terms(4), Some(Terms { qos: QoS::AtLeastOnce, no_local: false }));
    }

    #[test]
    fn while_it_is_replaced_the_lower_terms_are_certain() {
        let mut subscription = Subscription::new("a", ProtocolVersion::V5_0);
        subscription.ask(1, 1, 0, options(QoS::ExactlyOnce));
        subscription.grant(1, 2, 2, QoS::ExactlyOnce, asked(false));
        subscription.ask(5, 5, 0, options(QoS::AtMostOnce));
        assert_eq!(subscription.terms(4).map(|terms| terms.qos), Some(QoS::AtMostOnce));
        subscription.grant(5, 6, 6, QoS::AtLeastOnce, asked(true));
        assert_eq!(subscription.terms(7), Some(Terms { qos: QoS::AtLeastOnce, no_local: true }));
        assert_eq!(subscription.terms(4).map(|terms| terms.qos), Some(QoS::AtMostOnce));
    }

    #[test]
    fn an_unsubscribe_ends_it_and_what_was_asked_before() {
        let mut subscription = Subscription::new("a", ProtocolVersion::V3_1_1);
        subscription.ask(1, 1, 0, options(QoS::AtLeastOnce));
        subscription.end(2, 2);
        subscription.grant(1, 3, 3, QoS::AtLeastOnce, asked(false));
        assert_eq!(subscription.terms(4), None);
        subscription.ended_at(2, 4);
        assert!(!subscription.possible);
        subscription.ask(5, 5, 0, options(QoS::AtLeastOnce));
        subscription.grant(5, 6, 6, QoS::AtLeastOnce, asked(false));
        assert!(subscription.terms(7).is_some());
    }
}
