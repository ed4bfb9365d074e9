//! Scenarios in words: what `mqttspec explain` prints, and what a failure says was accepted.

use std::fmt;

use mqttspec_codec::{PropertyBuf, ReasonCode, ValueBuf, render};

use super::expect::{Alternative, Ending, Expect, Field, Pattern};
use super::outgoing::Outgoing;
use super::scenario::{Answering, CloseHow, Due, Need, Scenario, Step};

impl Scenario {
    /// The scenario as a dialogue, one step a line.
    pub fn to_text(&self) -> String {
        let width = self.steps.iter().map(|step| step.connection().len()).max().unwrap_or(0);
        let mut text = String::new();
        for step in &self.steps {
            text.push_str(&format!("{:width$}  {}\n", step.connection(), self.words(step)));
        }
        text
    }

    fn words(&self, step: &Step) -> String {
        match step {
            Step::Open { .. } => "opens a connection".to_owned(),
            Step::Send { outgoing, .. } => format!("sends {}", self.outgoing(outgoing)),
            Step::Expect(expect) => format!("expects {expect}  [{}]", expect.cite.0),
            Step::Quiet(quiet) => {
                let types: Vec<_> = quiet.packet_types.iter().map(|t| t.name()).collect();
                if quiet.packet_types.is_empty() {
                    let permitted: Vec<_> = quiet.permitted.iter().map(ToString::to_string).collect();
                    return format!("may have received {}", permitted.join(" and "));
                }
                let permitted: String = quiet.permitted.iter().map(|p| format!(", except perhaps {p}")).collect();
                format!("must have received no {}{permitted}  [{}]", types.join(" and no "), quiet.cite.0)
            }
            Step::Elect(elect) => {
                let others = elect.others.join(", ");
                format!(
                    "is one of {}: {}; the rest: {others}  [{}]",
                    elect.among.join(", "),
                    elect.pattern,
                    elect.cite.0
                )
            }
            Step::Fence { cite, .. } => format!("sends PINGREQ and expects PINGRESP  [{}]", cite.0),
            Step::Close { how: CloseHow::Finish, .. } => "closes the connection without DISCONNECT".to_owned(),
            Step::Close { how: CloseHow::Reset, .. } => "resets the connection".to_owned(),
            Step::Answering { answering: Answering::AtOnce, .. } => "answers at once from now on".to_owned(),
            Step::Answering { answering: Answering::Never, .. } => "answers nothing from now on".to_owned(),
            Step::Acknowledge { which, reason_code, .. } => {
                let which = match which {
                    Due::Oldest => "the oldest acknowledgement due".to_owned(),
                    Due::Newest => "the newest acknowledgement due".to_owned(),
                    Due::Nth(place) => format!("the acknowledgement due at place {place}"),
                    Due::Again => "its last acknowledgement again".to_owned(),
                };
                let reason = reason_code.map_or_else(String::new, |code| format!(" with reason code 0x{:02X}", code.0));
                format!("sends {which}{reason}")
            }
            Step::Resend { .. } => "sends again what is unacknowledged in its session".to_owned(),
            Step::Await { .. } => "waits until everything it asked is answered".to_owned(),
            Step::Drain => "everything due is acknowledged, and nothing more comes".to_owned(),
            Step::Wait { ms } => format!("{ms} ms pass"),
        }
    }

    fn outgoing(&self, outgoing: &Outgoing) -> String {
        match outgoing {
            Outgoing::Packet(packet) => render::one_line(packet, self.version),
            Outgoing::Mutated { packet, mutation } => {
                format!("{}, broken by {}", render::one_line(packet, self.version), mutation.id())
            }
            Outgoing::Bytes(bytes) => format!("the bytes {}", render::hex(bytes)),
            Outgoing::Answer { packet_type, to, reason_code, .. } => {
                let code = if *reason_code == ReasonCode::SUCCESS { String::new() } else { format!(" {reason_code}") };
                format!("{packet_type}{code} for {to}")
            }
            Outgoing::MutatedAnswer { packet_type, to, mutation } => {
                format!("{packet_type} for {to}, broken by {}", mutation.id())
            }
            Outgoing::AnswerChallenge { to, wrong: false } => format!("AUTH with the right answer to {to}"),
            Outgoing::AnswerChallenge { to, wrong: true } => format!("AUTH with a wrong answer to {to}"),
            Outgoing::ConnectAsAssigned { packet, to } => {
                format!("{} under the identifier assigned in {to}", render::one_line(packet, self.version))
            }
            Outgoing::Together(all) => {
                let all: Vec<_> = all.iter().map(|one| self.outgoing(one)).collect();
                format!("in one write: {}", all.join("; "))
            }
            Outgoing::InPieces { outgoing, size } => format!("in pieces of {size} bytes: {}", self.outgoing(outgoing)),
        }
    }
}

impl Step {
    /// The connection that the step is about; empty for the passing of time.
    pub fn connection(&self) -> &str {
        match self {
            Self::Open { connection }
            | Self::Send { connection, .. }
            | Self::Answering { connection, .. }
            | Self::Acknowledge { connection, .. }
            | Self::Resend { connection }
            | Self::Await { connection }
            | Self::Fence { connection, .. }
            | Self::Close { connection, .. } => connection,
            Self::Expect(expect) => &expect.connection,
            Self::Quiet(quiet) => &quiet.connection,
            Self::Elect(elect) => &elect.chosen,
            Self::Drain | Self::Wait { .. } => "",
        }
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, alternative) in self.one_of.iter().enumerate() {
            if index > 0 {
                f.write_str(", or ")?;
            }
            write!(f, "{alternative}")?;
        }
        match self.window {
            Some(window) => write!(f, ", {} to {} ms after the last mark", window.not_before_ms, window.not_after_ms),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Alternative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Packet(pattern) => write!(f, "{pattern}"),
            Self::AnyOrder(patterns) => {
                f.write_str("in any order: ")?;
                for (index, pattern) in patterns.iter().enumerate() {
                    write!(f, "{}{pattern}", if index > 0 { "; " } else { "" })?;
                }
                Ok(())
            }
            Self::End(ending) => write!(f, "{ending}"),
            Self::Stop { pattern, why, .. } => write!(f, "{pattern} (no judgement then: {why})"),
            Self::StopAtSilence { why, .. } => write!(f, "nothing (then no judgement: {why})"),
            Self::StopAtEnd { why, .. } => write!(f, "the end of the connection (no judgement then: {why})"),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for pattern in &self.farewell {
            write!(f, "{pattern} and the connection closed, ")?;
        }
        match (self.farewell.is_empty(), self.bare) {
            (true, _) => f.write_str("the connection closed"),
            (false, true) => f.write_str("or just the connection closed"),
            (false, false) => f.write_str("not just the connection closed"),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.packet_type.name())?;
        for (index, check) in self.checks.iter().enumerate() {
            write!(f, "{} {}", if index > 0 { "," } else { "" }, check.field)?;
        }
        if let Some(var) = &self.bind {
            write!(f, " (remembered as {var})")?;
        }
        Ok(())
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReasonIn(codes) => write!(f, "code {}", code_list(codes, " or ")),
            Self::ReasonsIn(sets) => {
                let sets: Vec<_> = sets.iter().map(|set| code_list(set, "|")).collect();
                write!(f, "codes [{}]", sets.join(", "))
            }
            Self::SessionPresent(value) => write!(f, "Session Present {}", u8::from(*value)),
            Self::Dup(value) => write!(f, "DUP {}", u8::from(*value)),
            Self::QosIn(qos) => write!(f, "QoS {}", list(qos, " or ")),
            Self::Retain(value) => write!(f, "RETAIN {}", u8::from(*value)),
            Self::Topic(topic) => write!(f, "topic {topic:?}"),
            Self::Payload(payload) => write!(f, "payload {:?}", shorten(&String::from_utf8_lossy(payload))),
            Self::PacketId(id) => write!(f, "Packet Identifier {id}"),
            Self::SamePacketId(var) => write!(f, "Packet Identifier of {var}"),
            Self::OtherPacketId(var) => write!(f, "Packet Identifier other than that of {var}"),
            Self::Property(property) => write!(f, "{} {}", property.id, value(property)),
            Self::PropertyPresent(id) => write!(f, "{id} present"),
            Self::PropertyAbsent(id) => write!(f, "no {id}"),
            Self::PropertyBetween(id, low, high) => write!(f, "{id} from {low} to {high}"),
            Self::PropertyAbsentOrBetween(id, low, high) => write!(f, "no {id}, or one from {low} to {high}"),
            Self::UserProperties(pairs) => write!(f, "User Properties {pairs:?} in this order"),
            Self::SubscriptionIdentifiers(ids) => write!(f, "Subscription Identifiers {ids:?}"),
            Self::PropertyNotEmpty(id) => write!(f, "{id} not empty"),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retain => f.write_str("retained messages"),
            Self::Qos(qos) => write!(f, "Maximum QoS of at least {qos}"),
            Self::WildcardSubscription => f.write_str("wildcard subscriptions"),
            Self::SubscriptionIdentifier => f.write_str("subscription identifiers"),
            Self::SharedSubscription => f.write_str("shared subscriptions"),
            Self::TopicAliasMaximum(n) => write!(f, "Topic Alias Maximum of at least {n}"),
            Self::ReceiveMaximumAtLeast(n) => write!(f, "Receive Maximum of at least {n}"),
            Self::ReceiveMaximumAtMost(n) => write!(f, "Receive Maximum of at most {n}"),
            Self::MaximumPacketSizeAtMost(n) => write!(f, "Maximum Packet Size of at most {n} bytes"),
            Self::MaximumPacketSizeAtLeast(n) => write!(f, "Maximum Packet Size of at least {n} bytes"),
            Self::AuthenticationMethod(method) => write!(f, "Authentication Method {method}"),
            Self::SessionExpiry(seconds) => write!(f, "sessions kept for {seconds} s"),
            Self::Lacks(need) => write!(f, "a target without: {need}"),
        }
    }
}

fn list<T: fmt::Display>(items: &[T], separator: &str) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
}

/// Codes in full, unless there are so many that nobody would read them.
fn code_list(codes: &[ReasonCode], separator: &str) -> String {
    const READABLE: usize = 6;
    match codes {
        [first, .., last] if codes.len() > READABLE => {
            format!("one of {} from {first} to {last}", codes.len())
        }
        _ => list(codes, separator),
    }
}

fn value(property: &PropertyBuf) -> String {
    match &property.value {
        ValueBuf::Byte(v) => v.to_string(),
        ValueBuf::TwoByteInteger(v) => v.to_string(),
        ValueBuf::FourByteInteger(v) | ValueBuf::VariableByteInteger(v) => v.to_string(),
        ValueBuf::Utf8String(v) => format!("{:?}", shorten(v)),
        ValueBuf::BinaryData(v) => render::hex(v),
        ValueBuf::Utf8StringPair(name, value) => format!("{name:?}: {value:?}"),
    }
}

fn shorten(text: &str) -> String {
    const LIMIT: usize = 60;
    if text.chars().count() <= LIMIT { text.to_owned() } else { text.chars().take(LIMIT).chain(['…']).collect() }
}
