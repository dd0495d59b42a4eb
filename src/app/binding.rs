//! Binds the addresses that a server listens on.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::{TcpListener, lookup_host};

use super::error::StartError;
use crate::config::{Host, ListenAddress};

/// Listens on an address. A name is resolved once; of several addresses an IPv4 one comes first, and a next one only if
/// this machine does not have the former.
///
/// # Errors
/// If a name has no address, or the address cannot be bound.
pub(super) async fn bind(address: &ListenAddress) -> Result<(TcpListener, SocketAddr), StartError> {
    let candidates = candidates(address)
        .await
        .map_err(|source| StartError::Resolve {
            address: address.clone(),
            source,
        })?;
    bind_first(&candidates)
        .await
        .map_err(|source| StartError::Listen {
            address: address.clone(),
            source,
        })
}

async fn candidates(address: &ListenAddress) -> io::Result<Vec<SocketAddr>> {
    let port = address.port;
    Ok(match &address.host {
        // A socket of IPv6 takes calls over IPv4, too, where the system does not forbid it.
        Host::Every => vec![
            (Ipv6Addr::UNSPECIFIED, port).into(),
            (Ipv4Addr::UNSPECIFIED, port).into(),
        ],
        Host::Address(ip) => vec![SocketAddr::new(*ip, port)],
        Host::Name(name) => {
            let resolved = lookup_host((name.as_str(), port)).await?;
            let mut resolved: Vec<SocketAddr> = resolved.collect();
            resolved.sort_by_key(SocketAddr::is_ipv6);
            resolved
        }
    })
}

async fn bind_first(candidates: &[SocketAddr]) -> io::Result<(TcpListener, SocketAddr)> {
    let mut missing = io::Error::new(ErrorKind::AddrNotAvailable, "it has no address");
    for candidate in candidates {
        match TcpListener::bind(candidate).await {
            Ok(listener) => {
                let bound = listener.local_addr()?;
                return Ok((listener, bound));
            }
            Err(error) if is_of_no_interface(&error) => missing = error,
            // Another address of the host would hide that this one is in use.
            Err(error) => return Err(error),
        }
    }
    Err(missing)
}

/// Returns whether this machine does not have the address, or not its family.
fn is_of_no_interface(error: &io::Error) -> bool {
    let family = Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error());
    error.kind() == ErrorKind::AddrNotAvailable || error.raw_os_error() == family
}
