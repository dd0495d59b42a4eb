//! Addresses to listen on, as configured: a host that is resolved at the start, and a port.

use std::fmt;
use std::net::{IpAddr, SocketAddr, SocketAddrV4};

use super::setting::Setting;

/// The value that means no address.
const OFF: &str = "off";
/// The longest name that DNS knows.
const NAME_CHARACTERS: usize = 253;

/// The host of an address to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// Every interface of this machine, over IPv6 and IPv4.
    Every,
    /// One address.
    Address(IpAddr),
    /// A name, which is resolved at the start.
    Name(String),
}

/// An address to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenAddress {
    /// Its host.
    pub host: Host,
    /// Its port; 0 lets the system choose.
    pub port: u16,
}

impl From<SocketAddr> for ListenAddress {
    fn from(address: SocketAddr) -> Self {
        Self {
            host: Host::Address(address.ip()),
            port: address.port(),
        }
    }
}

impl From<SocketAddrV4> for ListenAddress {
    fn from(address: SocketAddrV4) -> Self {
        SocketAddr::V4(address).into()
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.port;
        match &self.host {
            Host::Every => write!(f, ":{port}"),
            Host::Address(ip) => SocketAddr::new(*ip, port).fmt(f),
            Host::Name(name) => write!(f, "{name}:{port}"),
        }
    }
}

impl Setting for ListenAddress {
    type Bounds = ();

    fn parse(text: &str, (): &()) -> Option<Self> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Some(address.into());
        }
        let (host, port) = text.rsplit_once(':')?;
        // The parser of numbers would take a sign.
        let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = digits.then(|| port.parse().ok()).flatten()?;
        let host = match host {
            "" => Host::Every,
            name => Host::Name(is_name(name).then(|| name.to_owned())?),
        };
        Some(Self { host, port })
    }

    fn expected((): &()) -> String {
        "a host and port such as \"127.0.0.1:7431\", \"[::1]:7431\", \"localhost:7431\" or \":7431\" (every interface)"
            .to_owned()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// An optional address; without one nothing listens.
impl Setting for Option<ListenAddress> {
    type Bounds = ();

    fn parse(text: &str, bounds: &()) -> Option<Self> {
        match text {
            OFF => Some(None),
            text => ListenAddress::parse(text, bounds).map(Some),
        }
    }

    fn expected(bounds: &()) -> String {
        format!("{}, or \"{OFF}\"", ListenAddress::expected(bounds))
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| OFF.to_owned(), Setting::show)
    }
}

/// Returns whether a text can be the name of a host. A last label of digits alone is a mistyped IPv4 address, which a
/// resolver would read in a way of its own.
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.bytes().all(inside) && !label.starts_with('-')
    };
    let name = text.strip_suffix('.').unwrap_or(text);
    let last = name.rsplit('.').next().unwrap_or_default();
    let number = last.bytes().all(|byte| byte.is_ascii_digit());
    name.len() <= NAME_CHARACTERS && name.split('.').all(label) && !number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_names_and_a_port_alone_are_taken_and_shown_as_given() {
        for text in [
            "127.0.0.1:7431",
            "[::1]:0",
            "localhost:7431",
            "ownerline.example.:1",
            "node_1-a:65535",
            ":7431",
        ] {
            let parsed = ListenAddress::parse(text, &()).map(|address| address.show());
            assert_eq!(parsed.as_deref(), Some(text));
        }
        let every = ListenAddress::parse(":7431", &()).unwrap();
        assert_eq!(every.host, Host::Every);
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            ":",
            "localhost",
            "7431",
            "localhost:",
            "localhost:65536",
            "localhost:+1",
            "127.0.0.1.5:1",
            "999.0.0.1:1",
            "::1:7431",
            "[::1]",
            "[localhost]:1",
            "http://localhost:7431",
            "a b:1",
            "-a:1",
            "a..b:1",
            "*:7431",
        ] {
            assert_eq!(ListenAddress::parse(text, &()), None, "{text}");
        }
    }
}
