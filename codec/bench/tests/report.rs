//! What a report looks like, made of figures that nobody measured.

use mqttspec_bench::{
    Absence, Cell, Delivery, Kind, Machine, Operation, Participant, Report, Row, SCHEMA_VERSION, Spread,
};
use mqttspec_codec::ProtocolVersion;

fn participant(name: &str, kind: Kind, lax: &[&str]) -> Participant {
    Participant {
        name: name.into(),
        kind,
        by_reference: false,
        lax: lax.iter().map(|line| (*line).to_owned()).collect(),
    }
}

fn spread(median: f64) -> Spread {
    Spread { low: median * 0.9, median, high: median * 1.5 }
}

/// Ours takes 20 ns, every other what is said.
fn timed(ns: f64, allocations: Option<f64>) -> Cell {
    let ours_divided_by_it = (ns != 20.0).then(|| spread(20.0 / ns));
    Cell::Measured { ns: spread(ns), ours_divided_by_it, allocations }
}

fn row(operation: Operation, title: &str, cells: [Cell; 6]) -> Row {
    Row {
        version: ProtocolVersion::V5_0,
        operation,
        workload: "workload".into(),
        title: title.into(),
        bytes_per_packet: 91.0,
        rounds: 101,
        cells: cells.into(),
    }
}

/// With `peers`, or the beginning and the end of it only.
fn report(peers: bool) -> Report {
    let missing = || Cell::Absent(Absence::Missing);
    let wrong = || Cell::Absent(Absence::Wrong("PUBLISH: expected 1, got 2".into()));
    let refused = || Cell::Absent(Absence::Refused("CONNECT: too long".into()));
    let panicked = || Cell::Absent(Absence::Panicked("index out of bounds".into()));
    let decode = Operation::Decode(Delivery::Cached);
    let mut report = Report {
        schema_version: SCHEMA_VERSION,
        machine: Machine {
            cpu: "Some Processor".into(),
            target: "some-target".into(),
            rustc: "rustc 1.2.3".into(),
            opt_level: "3".into(),
            debug_assertions: false,
            incremental: false,
            largest_cache: None,
        },
        entrants: vec![
            participant("mqttspec-codec 0.1.0", Kind::Ours, &[]),
            participant("ours, every field read", Kind::Variant, &[]),
            participant("quick 1.0.0", Kind::Peer, &["does not check UTF-8", "leaves properties unparsed"]),
            participant("careful 2.0.0", Kind::Peer, &[]),
            participant("fixed header + skip", Kind::Bound, &[]),
            participant("memcpy", Kind::Bound, &[]),
        ],
        rows: vec![
            row(
                decode,
                "PUBLISH 64 B",
                [
                    timed(20.0, Some(0.0)),
                    timed(30.0, Some(0.0)),
                    timed(40.0, Some(0.0)),
                    timed(400.0, Some(3.5)),
                    timed(2.5, None),
                    timed(5.0, None),
                ],
            ),
            row(
                decode,
                "CONNECT full",
                [
                    timed(20.0, Some(0.0)),
                    timed(25.0, Some(0.0)),
                    refused(),
                    panicked(),
                    timed(2.5, None),
                    timed(5.0, None),
                ],
            ),
            row(
                Operation::Encode,
                "PUBLISH 64 B",
                [timed(20.0, Some(0.0)), missing(), wrong(), timed(10.0, Some(1.0)), missing(), timed(5.0, None)],
            ),
        ],
    };
    if !peers {
        let is_peer: Vec<bool> = report.entrants.iter().map(|entrant| entrant.kind == Kind::Peer).collect();
        report.entrants.retain(|entrant| entrant.kind != Kind::Peer);
        for row in &mut report.rows {
            let mut at = is_peer.iter();
            row.cells.retain(|_| at.next() == Some(&false));
        }
    }
    report
}

#[test]
fn text_beside_peers() {
    insta::assert_snapshot!(report(true).to_text());
}

#[test]
fn text_without_peers() {
    let mut report = report(false);
    report.machine.opt_level = "0".into();
    insta::assert_snapshot!(report.to_text());
}

#[test]
fn markdown_beside_peers() {
    insta::assert_snapshot!(report(true).to_markdown());
}

#[test]
fn json_of_one_row() {
    let mut report = report(true);
    report.rows.truncate(1);
    insta::assert_snapshot!(report.to_json());
}

#[test]
fn the_chart_has_a_mark_for_every_figure() {
    let svg = report(true).to_svg().unwrap();
    assert!(svg.starts_with("<svg") && svg.contains(Report::CHART_TITLE));
    // Circles: one for ours, two for each ring, one for a peer; fixed header + skip is a stroke. First the legend:
    // ours, variant, fastest, peer, memcpy. Then the three rows.
    let (legend, rows) = (1 + 2 + 1 + 1 + 2, (1 + 2 + 1 + 1 + 2) + (1 + 2 + 2) + (1 + 1 + 2));
    assert_eq!(svg.matches("<circle").count(), legend + rows, "{svg}");
    for text in ["MQTT 5.0 · decode", "MQTT 5.0 · encode", "20.0 ns", "0.50× quick", "2.00× careful", "Some Processor"]
    {
        assert!(svg.contains(text), "{text}: {svg}");
    }
    let alone = report(false).to_svg().unwrap();
    assert!(!alone.contains("quick") && !alone.contains("another codec"), "{alone}");
}

#[test]
fn there_is_no_chart_of_nothing() {
    let mut report = report(true);
    report.rows.clear();
    assert_eq!(report.to_svg().map_err(|error| error.to_string()), Err("nothing was timed".to_owned()));
}
