//! Whether the Server holds a session for a Client Identifier, as far as one can know it from outside, and whether Session
//! Present says so (3.1.2.4, 3.2.2.1.1, 4.1).

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::{PacketBuf, PropertyId, PropertyList, ProtocolVersion};

use super::super::connection::Connection;
use super::super::event::{Event, What};
use super::super::report::Report;
use super::super::state::State;
use super::super::watch::Watch;
use super::survivors::{Claim, Said, Survivors};
use super::{is_clean, patience, who};
use crate::Time;

/// The sessions of all clients.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    /// By client.
    known: BTreeMap<usize, Known>,
    /// What was known of the client when the CONNECT of a connection was sent, and when that was.
    asked: BTreeMap<usize, (Known, Time)>,
    /// Clients whose connections overlapped in an order that nobody knows.
    murky: BTreeSet<usize>,
    survivors: Survivors,
}

/// What is known of the session of one client.
#[derive(Clone, Copy, Debug)]
enum Known {
    /// Nothing.
    Nothing,
    /// It belongs to this connection, which is open.
    Live { connection: usize, expiry: Expiry },
    /// Its connection has ended.
    Left(Left),
}

/// A session without a connection.
#[derive(Clone, Copy, Debug)]
struct Left {
    connection: usize,
    expiry: Expiry,
    /// The event that ended the connection.
    event: usize,
    /// The earliest and the latest moment at which the Server can have taken the connection for ended.
    from: Time,
    until: Time,
}

/// Session Expiry Interval in seconds: at least, and at most, when it is not known what the Server has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Expiry {
    least: u32,
    most: u32,
}

/// Whether the Server holds a session.
enum Presence {
    Certain,
    Impossible,
    Open,
}

impl Watch for Sessions {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        self.survivors.event(book, event, report);
        let Some(connection) = book.connections.get(&event.connection) else { return };
        let Some(client) = connection.client else { return };
        match event.what {
            What::Sent(PacketBuf::Connect(_), _) if connection.terms().is_some() => {
                let pending = self.asked.keys().filter_map(|other| book.connections.get(other));
                if pending.into_iter().any(|other| other.client == Some(client)) {
                    self.murky.insert(client);
                }
                let known = self.known.get(&client).copied().unwrap_or(Known::Nothing);
                self.asked.insert(event.connection, (known, event.at));
            }
            What::Received(PacketBuf::ConnAck(connack), _) => {
                let Some((before, asked)) = self.asked.remove(&event.connection) else { return };
                if !connection.accepted() {
                    return;
                }
                if let Some(claim) = self.judge(book, connection, event, before, asked, connack.session_present) {
                    if claim.said == Said::Absent
                        && let Some(session) = connection.session
                    {
                        // Nobody can say what the session holds.
                        book.sessions[session].unknown = true;
                    }
                    self.survivors.watch(claim);
                }
                let Some(connection) = book.connections.get(&event.connection) else { return };
                let expiry = Expiry::exactly(granted(connection));
                self.known.insert(client, Known::Live { connection: event.connection, expiry });
            }
            What::Closed { by_server } => {
                if self.asked.remove(&event.connection).is_some() {
                    // It was not answered. The Server may have taken it in nevertheless, or may yet.
                    self.murky.insert(client);
                }
                if let Some(Known::Live { connection: of, .. }) = self.known.get(&client)
                    && *of == event.connection
                {
                    let left = left(connection, event, by_server);
                    self.known.insert(client, left.map_or(Known::Nothing, Known::Left));
                }
            }
            What::Sent(PacketBuf::Disconnect(_), _) | What::Received(PacketBuf::Disconnect(_), _) => {
                // From here the time may run.
                if let Some(Known::Live { connection: of, .. }) = self.known.get(&client)
                    && *of == event.connection
                {
                    self.survivors.ended_at(event.connection, event.at);
                }
            }
            _ => {}
        }
    }

    fn settle(&mut self, book: &mut State, report: &mut Report) {
        self.survivors.settle(book, report);
    }
}

impl Sessions {
    /// Compares Session Present with what is known; a contradiction, or a session that had to be discarded, is to be
    /// watched for what survives.
    fn judge(
        &self,
        book: &State,
        connection: &Connection,
        event: &Event<'_>,
        before: Known,
        asked: Time,
        session_present: bool,
    ) -> Option<Claim> {
        let connect = connection.terms().filter(|_| is_clean(connection))?;
        let client = connection.client?;
        if book.partial || self.murky.contains(&client) || book.clients[client].unclear {
            return None;
        }
        let (of, ended) = match before {
            Known::Nothing if session_present && !connect.clean_start => return twin(book, connection, event),
            Known::Nothing => return None,
            Known::Live { connection, .. } => (connection, None),
            Known::Left(left) => (left.connection, Some(left)),
        };
        let older = book.connections.get(&of).filter(|older| older.version == connection.version)?;
        let ended =
            ended.map(|left| Left { from: self.survivors.end_of(of).unwrap_or(left.from).min(left.from), ..left });
        let (said, reason) = if connect.clean_start {
            (Said::Discarded, String::new())
        } else {
            let presence = match (&ended, before) {
                (Some(left), _) => left.presence(asked, event.at),
                // It is taken over, with a session that is to be kept.
                (None, Known::Live { expiry, .. }) if is_kept(older, expiry) => Presence::Certain,
                _ => Presence::Open,
            };
            let reason = reason(book, older, ended.as_ref(), event.at);
            match (presence, session_present, connection.version) {
                (_, _, ProtocolVersion::V3_1) => return None,
                (Presence::Certain, false, _) => (Said::Absent, reason),
                (Presence::Impossible, true, _) => (Said::Present, reason),
                _ => return None,
            }
        };
        let mut events = vec![older.connack.as_ref().map_or(event.index, |connack| connack.event)];
        events.extend(ended.map(|left| left.event));
        events.extend(connection.connect_event);
        Some(Claim {
            connection: connection.index,
            said,
            session: older.session?,
            reason,
            events,
            connack: event.index,
        })
    }
}

/// Whether the session of a connection that is taken over is to be kept, whatever the Server has read there before it
/// answered the newer CONNECT: a DISCONNECT may have ended it.
fn is_kept(older: &Connection, expiry: Expiry) -> bool {
    let shortened = older.expiry_at_disconnect.is_some_and(|seconds| seconds == 0);
    expiry.least > 0 && !shortened && older.tainted.is_none()
}

/// A session for a client that was never seen: that of another whose Client Identifier differs in case?
fn twin(book: &State, connection: &Connection, event: &Event<'_>) -> Option<Claim> {
    let own = &connection.connect.as_ref()?.client_id;
    let other = book.connections.values().rfind(|other| {
        let id = other.connect.as_ref().map(|connect| &connect.client_id);
        id.is_some_and(|id| id != own && id.to_lowercase() == own.to_lowercase()) && other.accepted()
    })?;
    let first = book.clients[connection.client?].connections == 1;
    let connack = other.connack.as_ref()?.event;
    let reason = format!(
        "{} came for the first time and was told that it has a session (event {}); {} has one (event {connack}), whose Client \
         Identifier differs in case",
        who(book, connection.index),
        event.index,
        who(book, other.index)
    );
    let session = other.session.filter(|_| first)?;
    let events = vec![connack];
    Some(Claim { connection: connection.index, said: Said::Twin, session, reason, events, connack: event.index })
}

/// Why the session must be there, or gone.
fn reason(book: &State, older: &Connection, left: Option<&Left>, now: Time) -> String {
    let accepted = older.connack.as_ref().map_or(0, |connack| connack.event);
    let client = who(book, older.index);
    let Some(left) = left else {
        return format!("{client} was connected (event {accepted}) with a session that outlives its connection");
    };
    let lasts = match left.expiry.most {
        u32::MAX => "without end".to_owned(),
        0 => "no longer than its connection".to_owned(),
        seconds => format!("for {seconds} s after its connection"),
    };
    format!(
        "the session of {client} (event {accepted}) was to last {lasts}, which ended in event {}, {} ms before",
        left.event,
        now.since(left.from).as_millis()
    )
}

/// What is left of the session of a connection that has ended.
fn left(connection: &Connection, event: &Event<'_>, by_server: bool) -> Option<Left> {
    // On a connection on which something unlawful was sent, nobody knows what the Server made of it.
    if connection.tainted.is_some() || connection.garbled {
        return None;
    }
    let granted = granted(connection);
    let mut expiry = Expiry::exactly(granted);
    if let Some(asked) = connection.expiry_at_disconnect {
        if granted == 0 && asked > 0 {
            return None;
        }
        let read = by_server && connection.disconnected_by_target.is_none();
        expiry =
            if read { Expiry::exactly(asked) } else { Expiry { least: granted.min(asked), most: granted.max(asked) } };
    }
    let until = if by_server { event.at } else { event.at + patience::NOTICED };
    Some(Left { connection: connection.index, expiry, event: event.index, from: event.at, until })
}

/// Session Expiry Interval in force, in seconds; before 5.0 Clean Session decides.
fn granted(connection: &Connection) -> u32 {
    let Some(connect) = &connection.connect else { return 0 };
    if !connection.version.has_properties() {
        return if connect.clean_start { 0 } else { u32::MAX };
    }
    let asked = connect.properties.integer(PropertyId::SessionExpiryInterval);
    connection.told(PropertyId::SessionExpiryInterval).or(asked).unwrap_or(0)
}

impl Expiry {
    const fn exactly(seconds: u32) -> Self {
        Self { least: seconds, most: seconds }
    }
}

impl Left {
    /// Whether the Server holds the session while it answers a CONNECT that was sent at `asked` and answered at `now`.
    fn presence(&self, asked: Time, now: Time) -> Presence {
        let seconds = |seconds: u32| std::time::Duration::from_secs(seconds.into());
        let Expiry { least, most } = self.expiry;
        let gone = match most {
            u32::MAX => false,
            0 => asked >= self.until + patience::NOTICED,
            _ => asked >= self.until + seconds(most) + patience::LATE,
        };
        if gone {
            Presence::Impossible
        } else if least == u32::MAX || (least > 0 && now + patience::EARLY < self.from + seconds(least)) {
            Presence::Certain
        } else {
            Presence::Open
        }
    }
}
