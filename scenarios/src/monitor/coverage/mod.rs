//! Which combinations of session state and event a run reached: how much generated histories try.

mod situations;

use std::fmt;

pub(super) use situations::Situations;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name {
            $(
                #[doc = concat!("In tables: ", $text, ".")]
                $variant,
            )*
        }

        impl $name {
            /// Every one, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// A few words, for tables.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

named! {
    /// What a client's connection and session are in the middle of. Several hold at a time.
    SessionState {
        NotConnected "before CONNECT",
        Connecting "CONNECT sent",
        Authenticating "being authenticated",
        Fresh "new session",
        Resumed "resumed session",
        Subscribed "with subscriptions",
        Publishing1 "own QoS 1 unacknowledged",
        Publishing2 "own QoS 2 before PUBREC",
        Releasing "own QoS 2 before PUBCOMP",
        InFlight1 "QoS 1 delivery in flight",
        InFlight2 "QoS 2 delivery before PUBREC",
        Recorded "QoS 2 delivery after PUBREC",
        QuotaUsed "Receive Maximum used up",
        AfterError "after breaking a rule",
        AfterDisconnect "after DISCONNECT",
        TakenOver "taken over",
        Away "away, session kept",
        AwayWithQueue "away, messages waiting",
        AwayInFlight "away, deliveries in flight",
    }
}

named! {
    /// What happens.
    SessionEvent {
        Connect "CONNECT",
        ConnectClean "CONNECT, clean start",
        Publish0 "PUBLISH 0 sent",
        Publish1 "PUBLISH 1 sent",
        Publish2 "PUBLISH 2 sent",
        PublishAgain "PUBLISH sent again",
        PubAck "PUBACK sent",
        PubRec "PUBREC sent",
        Refusal "refusal sent",
        PubRel "PUBREL sent",
        PubComp "PUBCOMP sent",
        Subscribe "SUBSCRIBE",
        Unsubscribe "UNSUBSCRIBE",
        Ping "PINGREQ",
        Auth "AUTH sent",
        Disconnect "DISCONNECT sent",
        DisconnectWithWill "DISCONNECT with will",
        Broken "rule broken",
        ConnAck "CONNACK",
        ConnAckPresent "CONNACK, session present",
        Refused "CONNACK, refused",
        Message0 "PUBLISH 0 received",
        Message1 "PUBLISH 1 received",
        Message2 "PUBLISH 2 received",
        MessageAgain "PUBLISH received again",
        Acknowledged "PUBACK received",
        RecReceived "PUBREC received",
        RelReceived "PUBREL received",
        CompReceived "PUBCOMP received",
        SubAck "SUBACK",
        UnsubAck "UNSUBACK",
        Pong "PINGRESP",
        AuthReceived "AUTH received",
        DisconnectReceived "DISCONNECT received",
        ClosedByClient "closed by the client",
        ClosedByServer "closed by the server",
        Second "a second passes",
    }
}

const STATES: usize = SessionState::ALL.len();
const EVENTS: usize = SessionEvent::ALL.len();

/// How often each event came in each state.
#[derive(Clone, PartialEq, Eq)]
pub struct Coverage {
    counts: Box<[[u32; EVENTS]; STATES]>,
}

impl Default for Coverage {
    fn default() -> Self {
        Self { counts: Box::new([[0; EVENTS]; STATES]) }
    }
}

impl Coverage {
    /// Nothing reached yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what another run reached.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().flatten().zip(other.counts.iter().flatten()) {
            *mine = mine.saturating_add(*theirs);
        }
    }

    /// How often `event` came in `state`.
    pub fn count(&self, state: SessionState, event: SessionEvent) -> u32 {
        self.counts[state as usize][event as usize]
    }

    /// Combinations that came at least once.
    pub fn reached(&self) -> usize {
        all().filter(|(state, event)| self.count(*state, *event) > 0).count()
    }

    /// Combinations that never came, though they can.
    pub fn never_reached(&self) -> impl Iterator<Item = (SessionState, SessionEvent)> + '_ {
        all().filter(|(state, event)| self.count(*state, *event) == 0)
    }

    /// Combinations that there are.
    pub fn possible() -> usize {
        all().count()
    }

    fn note(&mut self, state: SessionState, event: SessionEvent) {
        let count = &mut self.counts[state as usize][event as usize];
        *count = count.saturating_add(1);
    }
}

/// Every combination that can come with a server that keeps the standard.
fn all() -> impl Iterator<Item = (SessionState, SessionEvent)> {
    SessionState::ALL
        .iter()
        .flat_map(|state| SessionEvent::ALL.iter().map(|event| (*state, *event)))
        .filter(|(state, event)| can_come(*state, *event))
}

fn can_come(state: SessionState, event: SessionEvent) -> bool {
    use SessionEvent as E;
    use SessionState as S;
    let connects = matches!(event, E::Connect | E::ConnectClean);
    let welcomes = matches!(event, E::ConnAck | E::ConnAckPresent | E::Refused);
    let first_flight = event < E::PubAck || matches!(event, E::Subscribe | E::Unsubscribe | E::Ping | E::Disconnect);
    match state {
        // Nothing is answered before CONNECT, and what is sent breaks a rule.
        S::NotConnected => connects || matches!(event, E::Broken | E::ClosedByClient | E::ClosedByServer),
        S::Connecting => {
            welcomes
                || first_flight && !connects && event != E::PublishAgain
                || matches!(event, E::AuthReceived | E::Broken | E::ClosedByClient | E::ClosedByServer)
        }
        S::Authenticating => {
            matches!(event, E::Auth | E::Broken | E::Disconnect | E::ClosedByClient | E::ClosedByServer | E::Second)
                || welcomes
        }
        S::Away | S::AwayWithQueue | S::AwayInFlight => connects || event == E::Second,
        S::AfterDisconnect => matches!(event, E::ClosedByClient | E::ClosedByServer),
        S::TakenOver => matches!(event, E::DisconnectReceived | E::ClosedByServer | E::ClosedByClient),
        // A server that ends the connection sends what was under way before, and nothing else has to come.
        S::AfterError => matches!(event, E::DisconnectReceived | E::ClosedByServer | E::ClosedByClient),
        _ if welcomes => false,
        S::QuotaUsed => !matches!(event, E::Message1 | E::Message2),
        // A refusal answers a delivery that is in flight.
        S::Publishing1 | S::Publishing2 | S::Releasing => event != E::Refusal,
        S::Fresh | S::Resumed | S::Subscribed | S::InFlight1 | S::InFlight2 | S::Recorded => true,
    }
}

impl fmt::Debug for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Coverage({} of {})", self.reached(), Self::possible())
    }
}

/// The table: a line for each event, a column for each state; what cannot come is left blank, what never came is a dash.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = SessionEvent::ALL.iter().map(|event| event.name().len()).max().unwrap_or(0);
        for (number, state) in SessionState::ALL.iter().enumerate() {
            writeln!(f, "{:>2} {}", number + 1, state.name())?;
        }
        write!(f, "\n{:width$}", "")?;
        for number in 1..=STATES {
            write!(f, " {number:>7}")?;
        }
        writeln!(f)?;
        for event in SessionEvent::ALL {
            write!(f, "{:width$}", event.name())?;
            for state in SessionState::ALL {
                match self.count(*state, *event) {
                    0 if can_come(*state, *event) => write!(f, " {:>7}", "-")?,
                    0 => write!(f, " {:>7}", "")?,
                    count => write!(f, " {count:>7}")?,
                }
            }
            writeln!(f)?;
        }
        writeln!(f, "\n{} of {} combinations reached", self.reached(), Self::possible())?;
        let missing: Vec<String> =
            self.never_reached().map(|(state, event)| format!("{} / {}", state.name(), event.name())).collect();
        if !missing.is_empty() {
            writeln!(f, "never reached: {}", missing.join("; "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_add_up() {
        let mut one = Coverage::new();
        one.note(SessionState::Fresh, SessionEvent::Ping);
        let mut other = one.clone();
        other.note(SessionState::Fresh, SessionEvent::Ping);
        other.note(SessionState::Away, SessionEvent::Connect);
        one.merge(&other);
        assert_eq!(one.count(SessionState::Fresh, SessionEvent::Ping), 3);
        assert_eq!(one.reached(), 2);
        assert_eq!(one.never_reached().count(), Coverage::possible() - 2);
    }

    #[test]
    fn the_table_lists_what_was_never_reached() {
        let text = Coverage::new().to_string();
        assert!(text.contains("never reached: before CONNECT / CONNECT;"), "{text}");
        assert!(text.contains(&format!("0 of {} combinations reached", Coverage::possible())));
    }
}
