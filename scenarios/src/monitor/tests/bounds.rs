use super::*;

#[test]
fn a_flood_of_deviations_is_cut_short() {
    let mut run = Run::connected(V4);
    run.subscribe(0, 1, "a", Q0);
    for _ in 0..10_000 {
        run.gets(0, PacketBuf::Publish(publish(&"long/".repeat(200), "x")));
    }
    let findings = run.all_findings();
    assert!(!findings.is_empty() && findings.len() < 10);
    // The text, and references to its events.
    assert!(findings.iter().all(|finding| finding.events.len() <= 8 && finding.message.chars().count() <= 600));
}

#[test]
fn every_argument_refers_to_its_events() {
    let mut run = Run::connected(V5);
    run.gets(0, PacketBuf::PingResp);
    run.gets(0, PacketBuf::PubAck(ack(7)));
    let findings = run.all_findings();
    assert!(findings.len() >= 2, "{findings:?}");
    for finding in findings {
        let deciding = finding.events.last().unwrap();
        assert!(finding.message.contains(&format!("event {deciding}")), "{finding:?}");
    }
}

#[test]
fn more_subscriptions_than_can_be_remembered_are_not_judged() {
    let mut run = Run::connected(V4);
    for index in 0..300_u16 {
        run.subscribe(0, index + 1, &format!("t/{index}"), Q0);
    }
    run.gets(0, PacketBuf::Publish(publish("elsewhere", "x")));
    run.is_silent();
}

#[test]
fn a_finding_names_the_events_that_show_it() {
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "a", Q0);
    run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    let findings = run.all_findings();
    // CONNECT 1, CONNACK 2, SUBSCRIBE 3, SUBACK 4, PUBLISH 5.
    assert_eq!(findings[0].events, [4, 5]);
    assert_eq!(findings[0].connection, Some(0));
    assert_eq!((findings[0].level, findings[0].section.as_str()), (Level::Must, "3.8.4"));
}
