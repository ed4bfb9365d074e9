use super::*;

#[test]
fn session_present_after_clean_start_is_found() {
    for (version, expected) in [(V5, "MQTT-3.2.2-2"), (V4, "MQTT-3.2.2-1")] {
        let mut run = Run::new(version);
        run.connect_with(0, connect(version, "alice"), ConnAckBuf { session_present: true, ..connack() });
        run.finds(&[expected]);
        let mut run = Run::new(version);
        let kept = ConnectBuf { clean_start: false, ..connect(version, "alice") };
        run.connect_with(0, kept.clone(), ConnAckBuf { session_present: true, ..connack() });
        run.is_silent();
        let mut run = Run::new(version);
        run.connect_with(0, kept, connack());
        run.is_silent();
    }
}

#[test]
fn an_empty_client_identifier_is_answered_with_another() {
    let assigned = |id: &str| ConnAckBuf { properties: vec![PropertyBuf::assigned_client_identifier(id)], ..connack() };
    let mut run = Run::new(V5);
    run.connect_with(0, connect(V5, ""), connack());
    run.finds(&["MQTT-3.1.3-7"]);

    let mut run = Run::new(V5);
    run.connect_with(0, connect(V5, ""), assigned("auto-1"));
    run.connect_with(1, connect(V5, ""), assigned("auto-2"));
    run.is_silent();
    run.connect_with(2, connect(V5, ""), assigned("auto-1"));
    run.finds(&["MQTT-3.2.2-16"]);

    // Once the first has gone, its name is free.
    let mut run = Run::new(V5);
    run.connect_with(0, connect(V5, ""), assigned("auto-1"));
    run.closes(0, false);
    run.connect_with(1, connect(V5, ""), assigned("auto-1"));
    run.is_silent();

    let mut run = Run::new(V5);
    run.connect_with(0, connect(V5, "alice"), assigned("auto-1"));
    run.finds(&["§3.2.2.3.7"]);

    let mut run = Run::new(V4);
    run.connect_with(0, connect(V4, ""), connack());
    run.is_silent();

    let kept = ConnectBuf { clean_start: false, ..connect(V5, "") };
    let mut run = Run::new(V5);
    run.connect_with(0, kept, ConnAckBuf { session_present: true, ..assigned("auto-1") });
    run.finds(&["MQTT-3.2.2-3"]);
}

#[test]
fn response_information_must_be_requested() {
    let informed = || ConnAckBuf { properties: vec![PropertyBuf::response_information("r")], ..connack() };
    for (asked, expected) in [(None, vec!["MQTT-3.1.2-28"]), (Some(0), vec!["MQTT-3.1.2-28"]), (Some(1), vec![])] {
        let mut run = Run::new(V5);
        let properties = asked.map(PropertyBuf::request_response_information).into_iter().collect();
        run.connect_with(0, ConnectBuf { properties, ..connect(V5, "alice") }, informed());
        run.finds(&expected);
    }
}

#[test]
fn server_reference_goes_with_its_reason_codes() {
    for (reason_code, expected) in [(ReasonCode::SERVER_MOVED, vec![]), (ReasonCode::SERVER_BUSY, vec!["§4.11"])] {
        let properties = vec![PropertyBuf::server_reference("other")];
        let mut run = Run::new(V5);
        run.connect_with(
            0,
            connect(V5, "alice"),
            ConnAckBuf { reason_code, properties: properties.clone(), ..connack() },
        );
        run.finds(&expected);
        let mut run = Run::connected(V5);
        run.gets(0, PacketBuf::Disconnect(DisconnectBuf { reason_code, properties }));
        run.finds(&expected);
    }
}
