use super::*;

/// A client whose session of `seconds` is left behind by connection 0, which the server closed after our DISCONNECT.
fn left_behind(version: ProtocolVersion, seconds: u32) -> Run {
    let mut run = Run::new(version);
    run.connect(9, "bob");
    run.connect_with(0, kept(version, "alice", seconds), connack());
    run.subscribe(0, 1, "a", Q1);
    run.closes(0, true);
    run
}

/// The statements of 5.0 and of 3.1.1.
const VERSIONS: [(ProtocolVersion, usize); 2] = [(V5, 0), (V4, 1)];

#[test]
fn a_session_that_is_to_be_kept_is_kept() {
    for (version, column) in VERSIONS {
        let mut run = left_behind(version, 60);
        run.connect_with(1, kept(version, "alice", 60), connack());
        run.is_silent();
        run.concludes();
        run.finds(&[["MQTT-3.1.2-23", "MQTT-4.1.0-1"][column]]);

        let mut run = left_behind(version, 60);
        run.connect_with(1, kept(version, "alice", 60), resumed());
        run.concludes();
        run.is_silent();

        // It is there, and only the flag is wrong.
        let mut run = left_behind(version, 60);
        run.connect_with(1, kept(version, "alice", 60), connack());
        run.gets(1, PacketBuf::Publish(message("a", "x", Q1, 1)));
        run.finds(&[["MQTT-3.2.2-3", "MQTT-3.2.2-2"][column]]);
        run.concludes();
        run.is_silent();
    }
}

#[test]
fn a_session_that_is_taken_over_is_kept() {
    for (version, column) in VERSIONS {
        let mut run = Run::new(version);
        run.connect_with(0, kept(version, "alice", 60), connack());
        run.connect_with(1, kept(version, "alice", 60), connack());
        run.closes(0, true);
        run.concludes();
        run.finds(&[["MQTT-3.1.2-23", "MQTT-4.1.0-1"][column]]);
    }
    // What becomes of one that ends with its connection is read in two ways.
    for session_present in [false, true] {
        let mut run = Run::new(V5);
        run.connect(0, "alice");
        run.connect_with(1, kept(V5, "alice", 60), ConnAckBuf { session_present, ..connack() });
        run.closes(0, true);
        run.concludes();
        run.is_silent();
    }
}

#[test]
fn a_session_ends_with_its_connection() {
    for (version, column) in VERSIONS {
        let ended = || {
            let mut run = Run::connected(version);
            run.connect(9, "bob");
            run.subscribe(0, 1, "a", Q1);
            run.closes(0, true);
            run.waits(1_000);
            run
        };
        let mut run = ended();
        run.connect_with(1, kept(version, "alice", 60), connack());
        run.concludes();
        run.is_silent();

        let mut run = ended();
        run.connect_with(1, kept(version, "alice", 60), resumed());
        run.is_silent();
        run.concludes();
        run.finds(&[["MQTT-4.1.0-2", "MQTT-3.1.2-6"][column]]);

        // There is none: a message that it would have brought does not come.
        let mut run = ended();
        run.connect_with(1, kept(version, "alice", 60), resumed());
        run.sends(9, PacketBuf::Publish(message("a", "x", Q1, 1)));
        run.gets(9, PacketBuf::PubAck(ack(1)));
        run.concludes();
        run.finds(&["MQTT-3.2.2-3"]);

        // It brings messages.
        let mut run = ended();
        run.connect_with(1, kept(version, "alice", 60), resumed());
        run.gets(1, PacketBuf::Publish(message("a", "x", Q1, 1)));
        run.finds(&[["MQTT-4.1.0-2", "MQTT-3.1.2-6"][column]]);
    }
}

#[test]
fn a_session_expires() {
    for (waits, session_present, findings) in [
        (1_000, true, &[][..]),
        (1_000, false, &["MQTT-3.1.2-23"]),
        // Nobody can say.
        (9_500, true, &[]),
        (9_500, false, &[]),
        (10_500, true, &[]),
        (10_500, false, &[]),
        (13_000, true, &["MQTT-4.1.0-2"]),
        (13_000, false, &[]),
    ] {
        let mut run = left_behind(V5, 10);
        run.waits(waits);
        run.connect_with(1, kept(V5, "alice", 10), ConnAckBuf { session_present, ..connack() });
        run.concludes();
        run.finds(findings);
    }
}

#[test]
fn the_server_may_shorten_the_expiry() {
    let mut run = Run::new(V5);
    let shortened = ConnAckBuf { properties: vec![PropertyBuf::session_expiry_interval(2)], ..connack() };
    run.connect_with(0, kept(V5, "alice", 300), shortened);
    run.closes(0, true);
    run.waits(10_000);
    run.connect_with(1, kept(V5, "alice", 300), resumed());
    run.concludes();
    run.finds(&["MQTT-4.1.0-2"]);
}

#[test]
fn disconnect_may_change_the_expiry() {
    for (by_server, session_present, findings) in [
        (true, true, &["MQTT-4.1.0-2"][..]),
        (true, false, &[]),
        // It is not known whether it was read.
        (false, true, &[]),
        (false, false, &[]),
    ] {
        let mut run = Run::new(V5);
        run.connect_with(0, kept(V5, "alice", 300), connack());
        let properties = vec![PropertyBuf::session_expiry_interval(0)];
        run.sends(0, PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SUCCESS, properties }));
        run.closes(0, by_server);
        run.waits(1_000);
        run.connect_with(1, kept(V5, "alice", 300), ConnAckBuf { session_present, ..connack() });
        run.concludes();
        run.finds(findings);
    }
}

#[test]
fn connections_that_overlap_leave_it_open() {
    let mut run = Run::new(V5);
    run.connect_with(0, kept(V5, "alice", 300), connack());
    run.sends(1, PacketBuf::Connect(kept(V5, "alice", 300)));
    run.sends(2, PacketBuf::Connect(ConnectBuf { clean_start: true, ..kept(V5, "alice", 300) }));
    run.gets(1, PacketBuf::ConnAck(connack()));
    run.gets(2, PacketBuf::ConnAck(connack()));
    run.closes(0, true);
    run.closes(1, true);
    run.concludes();
    run.is_silent();
}

#[test]
fn a_clean_start_leaves_nothing_of_the_session_before() {
    for (version, column) in VERSIONS {
        let mut run = left_behind(version, 60);
        run.connect_with(1, connect(version, "alice"), connack());
        run.concludes();
        run.is_silent();
        run.subscribe(1, 1, "b", Q0);
        run.gets(1, PacketBuf::Publish(message("a", "x", Q1, 1)));
        assert!(run.findings().contains(&["MQTT-3.1.2-4", "MQTT-3.1.2-6"][column].to_owned()));
        // A subscription of its own brings it, too.
        let mut run = left_behind(version, 60);
        run.connect_with(1, connect(version, "alice"), connack());
        run.subscribe(1, 1, "+", Q1);
        run.gets(1, PacketBuf::Publish(message("a", "x", Q1, 1)));
        run.concludes();
        run.is_silent();
    }
}

#[test]
fn client_identifiers_are_not_folded() {
    // The session of another.
    for version in [V5, V4] {
        let mut run = left_behind(version, 60);
        run.connect_with(1, kept(version, "ALICE", 60), resumed());
        run.concludes();
        run.is_silent();
        run.gets(1, PacketBuf::Publish(message("a", "x", Q1, 1)));
        run.finds(&["MQTT-3.1.3-2"]);
    }
    // The connection of another.
    for (id, findings) in [("ALICE", &["MQTT-3.1.3-2"][..]), ("alice", &[]), ("bob", &[])] {
        let mut run = Run::connected(V5);
        run.connect(1, id);
        run.gets(0, disconnect(ReasonCode::SESSION_TAKEN_OVER));
        run.closes(0, true);
        run.finds(findings);
    }
}

#[test]
fn a_session_may_end_by_a_disconnect_while_it_is_taken_over() {
    let taken_over = |disconnect: bool| {
        let mut run = Run::new(V5);
        run.connect_with(0, kept(V5, "alice", 60), connack());
        run.sends(1, PacketBuf::Connect(kept(V5, "alice", 60)));
        if disconnect {
            let properties = vec![PropertyBuf::session_expiry_interval(0)];
            run.sends(0, PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SUCCESS, properties }));
        }
        run.closes(0, true);
        run.gets(1, PacketBuf::ConnAck(connack()));
        run.concludes();
        run
    };
    taken_over(true).is_silent();
    taken_over(false).finds(&["MQTT-3.1.2-23"]);
}
