//! What every CONNECT gets that a scenario leaves open.

use mqttspec_codec::ConnectBuf;

/// What a target asks of every CONNECT, and a scenario does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectDefaults {
    /// User Name and Password of a CONNECT that has neither (3.1.3.5, 3.1.3.6).
    pub credentials: Option<(String, String)>,
    /// Keep Alive, in seconds, of a CONNECT that has 0 (3.1.2.10): some servers refuse 0. It should be longer than any
    /// scenario is silent.
    pub keep_alive: Option<u16>,
}

impl ConnectDefaults {
    /// Fills in what `connect` leaves open.
    pub fn fill_in(&self, connect: &mut ConnectBuf) {
        if let Some((user_name, password)) = &self.credentials
            && connect.user_name.is_none()
            && connect.password.is_none()
        {
            connect.user_name = Some(user_name.clone());
            connect.password = Some(password.clone().into_bytes());
        }
        if let Some(keep_alive) = self.keep_alive.filter(|_| connect.keep_alive == 0) {
            connect.keep_alive = keep_alive;
        }
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::ProtocolVersion;
    use mqttspec_scenarios::model::connect;

    use super::*;

    #[test]
    fn only_what_is_open_is_filled_in() {
        let defaults =
            ConnectDefaults { credentials: Some(("user".to_owned(), "secret".to_owned())), keep_alive: Some(60) };
        let mut plain = connect(ProtocolVersion::V5_0, "alice");
        defaults.fill_in(&mut plain);
        assert_eq!((plain.keep_alive, plain.user_name.as_deref()), (60, Some("user")));
        assert_eq!(plain.password.as_deref(), Some(b"secret".as_slice()));
        let mut own = connect(ProtocolVersion::V5_0, "alice");
        own.keep_alive = 1;
        own.password = Some(b"own".to_vec());
        let before = own.clone();
        defaults.fill_in(&mut own);
        assert_eq!(own, before);
    }
}
