//! Who calls: the address at the other end of the connection, and that of the client behind proxies that are trusted.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

use crate::config::Networks;

/// The header in which each proxy adds the address that it was called from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Origin {
    /// The other end of the connection.
    pub(super) peer: Option<SocketAddr>,
    /// The client, where the peer is a trusted proxy that names it.
    pub(super) client: Option<IpAddr>,
}

impl Origin {
    /// Who makes a call with these headers over a connection from `peer`.
    pub(super) fn of(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &Networks) -> Self {
        let behind = peer.filter(|peer| trusted.contains(peer.ip()));
        Self {
            peer,
            client: behind.and_then(|_| client(headers, trusted)),
        }
    }
}

/// The right-most address that is no trusted proxy: whatever stands left of it, anybody may have written. If all are
/// trusted, the left-most one. None if what stands at that place is no address.
fn client(headers: &HeaderMap, trusted: &Networks) -> Option<IpAddr> {
    let mut nearest = None;
    for value in headers.get_all(FORWARDED_FOR).iter().rev() {
        for hop in value.to_str().ok()?.rsplit(',') {
            let address = address(hop.trim())?;
            if !trusted.contains(address) {
                return Some(address);
            }
            nearest = Some(address);
        }
    }
    nearest
}

/// An address, which some proxies write with its port or in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse();
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    let address = address.or_else(|_| with_port()).ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn trusted(networks: &str) -> Networks {
        let settings = [("server.trusted_proxies", networks.into())];
        Config::load(None, [], &settings)
            .unwrap()
            .server
            .trusted_proxies
    }

    fn client_of(peer: &str, forwarded: &[&str], networks: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let peer = peer.parse().unwrap();
        let origin = Origin::of(Some(peer), &headers, &trusted(networks));
        assert_eq!(origin.peer, Some(peer));
        origin.client.map(|client| client.to_string())
    }

    #[test]
    fn the_right_most_address_that_is_no_trusted_proxy_is_the_client() {
        let proxies = "10.0.0.0/8, ::1";
        for (forwarded, client) in [
            (&["192.0.2.1"][..], Some("192.0.2.1")),
            (&["198.51.100.9, 192.0.2.1, 10.0.0.2"], Some("192.0.2.1")),
            (&["198.51.100.9", "192.0.2.1 ,10.0.0.2"], Some("192.0.2.1")),
            (&["10.0.0.3, 10.0.0.2"], Some("10.0.0.3")),
            (&["192.0.2.1:4711"], Some("192.0.2.1")),
            (&["[2001:db8::7]:4711, ::1"], Some("2001:db8::7")),
            (&["[2001:db8::7]"], Some("2001:db8::7")),
            (&["192.0.2.1, unknown, 10.0.0.2"], None),
            (&["192.0.2.1, "], None),
            (&[], None),
        ] {
            let found = client_of("10.0.0.1:5000", forwarded, proxies);
            assert_eq!(found.as_deref(), client, "{forwarded:?}");
        }
    }

    #[test]
    fn who_is_not_trusted_names_nobody_else() {
        for proxies in ["none", "10.0.0.1"] {
            assert_eq!(client_of("192.0.2.7:1", &["198.51.100.9"], proxies), None);
        }
    }
}
