//! The file descriptors of the process: their limit, their budget, and a few that are reserved so that the process
//! can always shut down in order.

use std::fs::File;
use std::sync::{Mutex, PoisonError};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use thiserror::Error;

/// Descriptors for everything but connections, readers of the log and cached tables: standard streams, the runtime,
/// the log, journals, tables opened by compactions and ingestions, the metrics endpoint, and [`HELD_BACK`].
const OWN: usize = 192;
/// Descriptors that are held open from the start and released for the drain.
const HELD_BACK: usize = 16;
/// The minimum and the maximum number of tables that index and views, each, keep open.
const CACHED: (usize, usize) = (16, 900);
/// The cached tables of index or views take at most one in this many descriptors.
const CACHED_SHARE: usize = 16;
/// The minimum number of connections with which a server is useful.
const LEAST_CONNECTIONS: usize = 16;

/// The limit of open files is too low for a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the process may open {limit} files, but needs at least {least}: raise its limit (ulimit -n)"
)]
pub struct TooFewDescriptors {
    /// The limit.
    pub limit: usize,
    /// The minimum that is needed.
    pub least: usize,
}

/// The budget of file descriptors of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DescriptorBudget {
    /// The number of files that the process may open.
    pub limit: usize,
    /// The number of connections that are accepted at once.
    pub connections: usize,
    /// The number of table files that the index keeps open, and the views as many again.
    pub cached_files: usize,
}

impl DescriptorBudget {
    /// Divides `limit` descriptors for a server that wants `connections` connections and has `readers` readers of
    /// the log, each with up to three files.
    ///
    /// # Errors
    /// If nothing is left for connections.
    pub fn share_out(
        limit: usize,
        connections: usize,
        readers: usize,
    ) -> Result<Self, TooFewDescriptors> {
        let (fewest, most) = CACHED;
        let cached_files = (limit / CACHED_SHARE).clamp(fewest, most);
        let own = OWN + 3 * readers + 2 * cached_files;
        let left = limit.saturating_sub(own);
        if left < LEAST_CONNECTIONS.min(connections) {
            return Err(TooFewDescriptors {
                limit,
                least: OWN + 3 * readers + 2 * fewest + LEAST_CONNECTIONS,
            });
        }
        Ok(Self {
            limit,
            connections: connections.min(left),
            cached_files,
        })
    }
}

/// Raises the soft limit of open files to the hard limit, and returns the resulting limit.
#[must_use]
pub fn raise_limit() -> usize {
    let before = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: before.maximum,
        maximum: before.maximum,
    };
    if before.current != before.maximum
        && let Err(error) = setrlimit(Resource::Nofile, raised)
    {
        tracing::warn!(%error, "limit of open files could not be raised");
    }
    // No limit at all counts as the largest one.
    let current = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(current).unwrap_or(usize::MAX)
}

/// Descriptors that are held open for the shutdown of the server, however many connections took the others.
#[derive(Debug, Default)]
pub struct HeldDescriptors(Mutex<Vec<File>>);

impl HeldDescriptors {
    /// Takes the descriptors, or fewer if there are not enough.
    #[must_use]
    pub fn take() -> Self {
        let held = (0..HELD_BACK).map_while(|_| File::open("/dev/null").ok());
        Self(Mutex::new(held.collect()))
    }

    /// Releases all of them.
    pub fn release(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_get_what_tables_and_log_leave() {
        let shared = DescriptorBudget::share_out(1_024, 10_000, 4).unwrap();
        assert_eq!((shared.cached_files, shared.connections), (64, 692));
        let plenty = DescriptorBudget::share_out(524_288, 10_000, 4).unwrap();
        assert_eq!((plenty.cached_files, plenty.connections), (900, 10_000));
    }

    #[test]
    fn too_few_descriptors_are_refused_with_the_number_that_is_needed() {
        let refused = DescriptorBudget::share_out(128, 10_000, 4).unwrap_err();
        let least = DescriptorBudget::share_out(refused.least, 10_000, 4).unwrap();
        assert_eq!((refused.least, least.connections), (252, 16));
        assert!(DescriptorBudget::share_out(refused.least - 1, 10_000, 4).is_err());
    }

    #[test]
    fn the_soft_limit_is_raised_to_the_hard_one() {
        let raised = raise_limit();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
        assert!(raised > 0);
    }
}
