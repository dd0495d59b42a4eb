//! Addresses and networks, as a list in one value.

use std::net::IpAddr;

use ipnet::IpNet;

use super::setting::Setting;

/// A list of networks; a single address is a network of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Whether one of the networks has this address. An IPv4 address that is written as IPv6 is the same address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The value without networks.
const NONE: &str = "none";

impl Setting for Networks {
    type Bounds = ();

    fn parse(text: &str, (): &()) -> Option<Self> {
        if text.trim() == NONE {
            return Some(Self::default());
        }
        let networks: Option<Vec<_>> = text.split(',').map(|part| network(part.trim())).collect();
        networks.map(Self)
    }

    fn expected((): &()) -> String {
        format!(
            "IP addresses and networks separated by commas such as \"127.0.0.1, 10.0.0.0/8, fd00::/8\", or \"{NONE}\""
        )
    }

    fn show(&self) -> String {
        let networks: Vec<String> = self.0.iter().map(shown).collect();
        match networks.is_empty() {
            true => NONE.to_owned(),
            false => networks.join(", "),
        }
    }
}

fn network(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| address()).ok()
}

/// A network as it is written: an address without a length where that is all it has.
fn shown(network: &IpNet) -> String {
    match network.prefix_len() == network.max_prefix_len() {
        true => network.addr().to_string(),
        false => network.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(text: &str) -> Networks {
        Networks::parse(text, &()).unwrap()
    }

    #[test]
    fn addresses_and_networks_are_told_apart_from_others() {
        let trusted = networks("127.0.0.1,10.0.0.0/8 , fd00::/8");
        for inside in ["127.0.0.1", "10.255.0.1", "fd12::1", "::ffff:10.0.0.1"] {
            assert!(trusted.contains(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["127.0.0.2", "11.0.0.1", "fe80::1", "::1"] {
            assert!(!trusted.contains(outside.parse().unwrap()), "{outside}");
        }
        assert!(!networks("none").contains("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn a_list_is_shown_as_it_is_read() {
        for text in ["none", "127.0.0.1", "10.0.0.0/8, ::1, fd00::/8"] {
            assert_eq!(networks(text).show(), text);
        }
        for malformed in [
            "",
            "10.0.0.0/33",
            "localhost",
            "10.0.0.1:80",
            "127.0.0.1,",
            "none, ::1",
        ] {
            assert_eq!(Networks::parse(malformed, &()), None, "{malformed}");
        }
    }
}
