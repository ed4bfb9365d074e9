//! The address of a target: `mqtt://host:port`, and clear words for everything else.

use std::fmt;
use std::str::FromStr;

/// The port that IANA assigned to MQTT over TCP.
pub const DEFAULT_PORT: u16 = 1883;

/// Where a target listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Name or IP address; an IPv6 address without its brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// What is wrong with an address, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError(String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let refuse = |what: &str| {
            Err(AddressError(format!(
                "{what} in '{text}': expected mqtt://host:port, for example mqtt://127.0.0.1:1883"
            )))
        };
        let rest = match text.split_once("://") {
            Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
                "mqtt" | "tcp" => rest,
                scheme @ ("mqtts" | "ssl" | "tls" | "ws" | "wss") => {
                    return Err(AddressError(format!(
                        "{scheme}:// is not supported yet: use mqtt://host:port with a plain TCP listener of the target"
                    )));
                }
                "" => return refuse("no scheme"),
                scheme => return refuse(&format!("unknown scheme '{scheme}'")),
            },
            None => text,
        };
        let authority = match rest.split_once(['/', '?', '#']) {
            Some((authority, "")) => authority,
            Some(_) => return refuse("a path makes no sense"),
            None => rest,
        };
        if authority.contains('@') {
            return Err(AddressError(
                "user and password do not belong into the address: use --user and --password".to_owned(),
            ));
        }
        let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
            let Some((host, after)) = bracketed.split_once(']') else { return refuse("no closing bracket") };
            if host.parse::<std::net::Ipv6Addr>().is_err() {
                return refuse("no IPv6 address between the brackets");
            }
            match after.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if after.is_empty() => (host, None),
                None => return refuse("something other than a port follows the brackets"),
            }
        } else {
            match authority.split_once(':') {
                Some((_, port)) if port.contains(':') => {
                    return refuse("an IPv6 address without brackets");
                }
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            }
        };
        if host.is_empty() || host.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return refuse("no host");
        }
        let port = match port {
            None => DEFAULT_PORT,
            Some(port) => match port.parse() {
                Ok(0) => return refuse("port 0"),
                Ok(port) if port_is_plain(authority) => port,
                _ => return refuse(&format!("port '{port}' is no number from 1 to 65535")),
            },
        };
        Ok(Self { host: host.to_owned(), port })
    }
}

/// `u16::from_str` takes a leading plus sign, which no port has.
fn port_is_plain(authority: &str) -> bool {
    !authority.contains(":+")
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "mqtt://[{host}]:{port}") } else { write!(f, "mqtt://{host}:{port}") }
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AddressError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_understood() {
        for (text, shown) in [
            ("mqtt://localhost:1884", "mqtt://localhost:1884"),
            ("tcp://10.0.0.1:1883/", "mqtt://10.0.0.1:1883"),
            ("MQTT://broker", "mqtt://broker:1883"),
            ("broker:8883", "mqtt://broker:8883"),
            ("mqtt://[::1]:1885", "mqtt://[::1]:1885"),
            ("[fe80::1]", "mqtt://[fe80::1]:1883"),
        ] {
            assert_eq!(text.parse::<Address>().map(|a| a.to_string()), Ok(shown.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_be_right() {
        for (text, part) in [
            ("mqtts://h:8883", "not supported yet"),
            ("wss://h/mqtt", "not supported yet"),
            ("http://h:80", "unknown scheme 'http'"),
            ("://h", "no scheme"),
            ("mqtt://", "no host"),
            ("mqtt://:1883", "no host"),
            ("mqtt://h:0", "port 0"),
            ("mqtt://h:70000", "port '70000'"),
            ("mqtt://h:+5", "port '+5'"),
            ("mqtt://h:", "port ''"),
            ("mqtt://::1:1883", "without brackets"),
            ("mqtt://[::1", "no closing bracket"),
            ("mqtt://[zz]:1", "no IPv6 address"),
            ("mqtt://[::1]x", "follows the brackets"),
            ("mqtt://h:1/topic", "a path makes no sense"),
            ("mqtt://u:p@h:1", "--user"),
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
            assert!(!error.contains('\n'));
        }
    }
}
