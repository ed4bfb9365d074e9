//! The goals that the codec was built for, held against one run.

use mqttspec_bench::{Absence, Cell, Delivery, Kind, Operation, Report, Row, Spread, packet_set};
use mqttspec_codec::{PacketType, ProtocolVersion};
use serde::Serialize;

use crate::options::Format;
use crate::score::Score;
use crate::table::{heading, table};

/// A goal, and whether this run reached it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Goal {
    /// What is compared: operation, version and packet.
    pub what: String,
    /// Whom with.
    pub with: String,
    /// Our time divided by its time.
    pub ratio: Option<Spread>,
    /// The ratio is to be at most this.
    pub limit: f64,
    /// Whether it is.
    pub verdict: Verdict,
}

/// Whether a goal was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It was.
    Ok,
    /// It was not.
    Not,
    /// The other is faster, but lets malformed packets of this type pass.
    OtherChecksLess,
    /// The other is faster, but is put together here from parts of a crate that encodes differently.
    NotItsOwnEncoder,
    /// It was not measured.
    Unknown,
}

const V3_1_1: ProtocolVersion = ProtocolVersion::V3_1_1;
const V5_0: ProtocolVersion = ProtocolVersion::V5_0;
const DECODE: Operation = Operation::Decode(Delivery::Cached);

/// Version, workload, peer, limit.
const DECODING: &[(ProtocolVersion, &str, &str, f64)] = &[
    (V3_1_1, "publish-64", "mqttrs", 0.55),
    (V5_0, "publish-64", "rumqttc 0", 0.22),
    (V5_0, "publish-64", "rusty_rtos_mqtt", 0.9),
    (V3_1_1, "mixed", "mqttrs", 0.40),
    (V5_0, "mixed", "rumqttc 0", 0.25),
    (V3_1_1, "subscribe", "rmqtt-codec", 0.5),
    (V5_0, "subscribe", "rmqtt-codec", 0.5),
];

/// No slower than a peer that checks as much.
const AHEAD: f64 = 1.0;
/// No slower than the fastest encoder, but for the noise.
const ENCODING: f64 = 1.05;
const BY_REFERENCE: f64 = 1.0;
/// How the names of those end that are put together here.
const FRAMED: &str = ", framed by us";

/// The goals that `report` has rows for.
pub fn goals(report: &Report, scores: &[Score]) -> Vec<Goal> {
    let mut goals = Vec::new();
    for &(version, workload, peer, limit) in DECODING {
        let row =
            report.rows.iter().find(|r| (r.version, r.workload.as_str(), r.operation) == (version, workload, DECODE));
        goals.extend(row.map(|row| named(report, row, peer, limit)));
    }
    for row in report.rows.iter().filter(|row| row.operation == DECODE) {
        goals.extend(ahead_of_all(report, row, scores));
    }
    for row in report.rows.iter().filter(|row| row.operation == Operation::Encode) {
        goals.extend(encoding(report, row));
    }
    for row in report.rows.iter().filter(|row| row.operation == Operation::EncodeByReference) {
        goals.push(named(report, row, "ntex-mqtt", BY_REFERENCE));
    }
    goals
}

/// The goal to be no slower than the fastest encoder: that of a crate, and one that is put together here if that is
/// faster still.
fn encoding(report: &Report, row: &Row) -> Vec<Goal> {
    let fastest_own = row.fastest_peer_that(&report.entrants, |entrant| !entrant.name.ends_with(FRAMED));
    let mut goals = Vec::new();
    if let Some(at) = row.fastest_peer(&report.entrants).filter(|at| Some(*at) != fastest_own) {
        let mut goal = goal(report, row, at, ENCODING);
        if goal.verdict == Verdict::Not {
            goal.verdict = Verdict::NotItsOwnEncoder;
        }
        goals.push(goal);
    }
    goals.extend(fastest_own.map(|at| goal(report, row, at, ENCODING)));
    goals
}

/// The goal to be ahead of a peer whose name begins so.
fn named(report: &Report, row: &Row, peer: &str, limit: f64) -> Goal {
    let measured = |at: &usize| row.cells.get(*at).is_some_and(|cell| cell.ns().is_some());
    let places = (0..report.entrants.len()).filter(|at| report.entrants[*at].name.starts_with(peer));
    match places.into_iter().find(measured) {
        Some(at) => goal(report, row, at, limit),
        None => Goal { what: what(row), with: peer.to_owned(), ratio: None, limit, verdict: Verdict::Unknown },
    }
}

/// The goal to be ahead of every peer that checks as much: the narrowest, and if no such peer is the fastest of all,
/// that one too.
fn ahead_of_all(report: &Report, row: &Row, scores: &[Score]) -> Vec<Goal> {
    let packet_type = packet_type(row);
    let strict = |at: usize| {
        let score = scores.iter().find(|s| s.version == row.version && s.codec == report.entrants[at].name);
        score.is_some_and(|score| score.is_strict(packet_type))
    };
    let fastest = row.fastest_peer(&report.entrants);
    let time = |at: &usize| row.cells.get(*at).and_then(Cell::ns).map(|ns| ns.median);
    let peers = (0..report.entrants.len()).filter(|at| report.entrants[*at].kind == Kind::Peer);
    let timed = peers.filter(|at| strict(*at)).filter_map(|at| Some((at, time(&at)?)));
    let fastest_strict = timed.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(at, _)| at);
    let mut goals = Vec::new();
    if let Some(at) = fastest.filter(|at| Some(*at) != fastest_strict) {
        let mut goal = goal(report, row, at, AHEAD);
        if goal.verdict == Verdict::Not && !scores.is_empty() {
            goal.verdict = Verdict::OtherChecksLess;
        }
        goals.push(goal);
    }
    goals.extend(fastest_strict.map(|at| {
        let mut goal = goal(report, row, at, AHEAD);
        goal.with.push_str(", as strict");
        goal
    }));
    goals
}

/// The packet type of a row; `None` for a stream of several.
fn packet_type(row: &Row) -> Option<PacketType> {
    packet_set(row.version).iter().find(|workload| workload.id == row.workload)?.packet_type()
}

fn goal(report: &Report, row: &Row, at: usize, limit: f64) -> Goal {
    let cell = row.cells.get(at);
    let ratio = cell.and_then(Cell::ratio);
    let verdict = match ratio {
        Some(ratio) if ratio.median <= limit => Verdict::Ok,
        Some(_) => Verdict::Not,
        None => Verdict::Unknown,
    };
    Goal { what: what(row), with: report.entrants[at].name.clone(), ratio, limit, verdict }
}

fn what(row: &Row) -> String {
    let verb = if row.operation.is_decode() { "decode" } else { "encode" };
    format!("{verb} {} {}", row.version, row.title)
}

/// Rows in which ours allocates, or does not do what it should.
pub fn own_faults(report: &Report) -> Vec<String> {
    let Some(ours) = report.ours() else { return vec![] };
    let fault = |row: &Row| match row.cells.get(ours)? {
        Cell::Measured { allocations: Some(count), .. } if *count > 0.0 => {
            Some(format!("{}: {count} allocations per packet", what(row)))
        }
        Cell::Absent(absence) if *absence != Absence::Missing => Some(format!("{}: {absence:?}", what(row))),
        _ => None,
    };
    report.rows.iter().filter_map(fault).collect()
}

/// The goals as a table, and below it where ours allocates or is wrong.
pub fn render(goals: &[Goal], report: &Report, format: Format) -> String {
    let mut out = heading(format, "Acceptance: our time divided by theirs");
    let lines = goals.iter().map(|goal| {
        let (ratio, spread) = match goal.ratio {
            Some(ratio) => (format!("{:.2}", ratio.median), format!("{:.2}–{:.2}", ratio.low, ratio.high)),
            None => ("·".to_owned(), "·".to_owned()),
        };
        let verdict = match goal.verdict {
            Verdict::Ok => "ok",
            Verdict::Not => "NOT",
            Verdict::OtherChecksLess => "it checks less",
            Verdict::NotItsOwnEncoder => "not its own",
            Verdict::Unknown => "not measured",
        };
        vec![goal.what.clone(), goal.with.clone(), verdict.to_owned(), ratio, format!("≤ {}", goal.limit), spread]
    });
    out.push_str(&table(format, 3, &["what", "with", "", "ratio", "limit", "5–95 %"], lines.collect()));
    let count = |verdict| goals.iter().filter(|goal| goal.verdict == verdict).count();
    out.push_str(&format!(
        "\n{} of {} ok, {} NOT, {} where the other checks less, {} where it is put together here, {} not measured\n",
        count(Verdict::Ok),
        goals.len(),
        count(Verdict::Not),
        count(Verdict::OtherChecksLess),
        count(Verdict::NotItsOwnEncoder),
        count(Verdict::Unknown)
    ));
    let faults = own_faults(report);
    let counted = report.ours().is_some_and(|at| report.rows.iter().any(|row| row.cells[at].allocations().is_some()));
    out.push_str(match (faults.is_empty(), counted) {
        (true, true) => "ours allocates nowhere\n",
        (true, false) => "allocations were not counted\n",
        (false, _) => "",
    });
    for fault in faults {
        out.push_str(&format!("NOT: {fault}\n"));
    }
    out
}
