//! The contract on the embedded engine, and the guarantees of this engine alone.

use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use proptest::prelude::ProptestConfig;

use super::{EmbeddedOptions, EmbeddedStore};
use crate::store::OpenError;
use crate::store::conformance::{self, Harness, Setup, test_clock};

mod concurrent;
mod damage;
#[cfg(unix)]
mod faulty_disk;
mod formats;
mod index_damage;
mod limits;
mod model;
mod opening;
mod pages;
mod passing;
mod verifying;

/// This number of cases of a property, or the value of `PROPTEST_CASES`.
fn cases(default: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => ProptestConfig {
            cases: default,
            ..config
        },
    }
}

fn options(data: &Path) -> EmbeddedOptions {
    EmbeddedOptions::new(data, Bytes::from_static(b"descriptors"))
}

pub(super) fn open(data: &Path) -> Result<Arc<EmbeddedStore>, OpenError> {
    EmbeddedStore::open(&options(data), test_clock()).map(Arc::new)
}

pub(super) fn log_file(data: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(data.join(super::files::LOG)).expect("the log opens")
}

/// A harness that closes the store before it reopens it.
fn harness(setup: &Setup, change: impl Fn(&mut EmbeddedOptions)) -> Harness {
    let directory = tempfile::tempdir().expect("a directory");
    let mut options = options(directory.path());
    options.queue_events = setup.queue_events;
    change(&mut options);
    let clock = test_clock();
    let opening = clock.clone();
    let open = move || Arc::new(EmbeddedStore::open(&options, opening.clone()).expect("opens"));
    let store = open();
    let current = Mutex::new(store.clone());
    Harness::durable(store, clock, move || {
        let _kept_until_the_end = &directory;
        let mut current = current.lock().expect("not poisoned");
        assert!(current.close(), "every thread ends");
        *current = open();
        current.clone()
    })
}

mod with_defaults {
    use super::*;

    fn engine(setup: &Setup) -> Harness {
        harness(setup, |_| {})
    }

    conformance::suite!(engine);
    conformance::durable_suite!(engine);
}

/// Identity hashes collide, the tail is short, groups and reads are small, and the write-ahead log is reset
/// constantly.
mod with_everything_scarce {
    use super::*;

    fn engine(setup: &Setup) -> Harness {
        harness(setup, |options| {
            options.seams.identity_hash_bits = Some(3);
            options.tail_events = 2;
            options.group_events = 4;
            options.index_batch_events = 3;
            options.rows_per_read = 3;
            options.bytes_per_read = 100;
            options.readers = 1;
            options.checkpoint_bytes = 1;
            options.wal_limit_bytes = 1;
        })
    }

    conformance::suite!(engine);
    conformance::durable_suite!(engine);
}
