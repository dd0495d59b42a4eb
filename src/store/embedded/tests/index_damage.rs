//! Files of an index with tables, not only a journal, are damaged between runs: whatever happens to them, nothing is
//! stored twice, and a look-up never finds another event.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::options;
use crate::store::conformance::{append, event, test_clock};
use crate::store::embedded::files::INDEX;
use crate::store::embedded::{EmbeddedOptions, EmbeddedStore};
use crate::store::{EventStore as _, Expected, OpenError, SharedStore};

const EVENTS: u64 = 3_000;
/// The number of runs with damage in between, unless the environment variable sets another one.
const ROUNDS: u64 = 25;
const ROUNDS_VARIABLE: &str = "OWNERLINE_DAMAGES";

fn scarce(data: &Path) -> EmbeddedOptions {
    let mut options = options(data);
    // Small buffers, so that tables are written.
    options.index_write_buffer_bytes = 32 << 10;
    options.index_cache_bytes = 1 << 20;
    options
}

fn open(data: &Path) -> Result<Arc<EmbeddedStore>, OpenError> {
    EmbeddedStore::open(&scarce(data), test_clock()).map(Arc::new)
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(directory).expect("a directory");
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
    found.sort();
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).expect("it fits")
    }
}

fn damage(path: &Path, dice: &mut Dice) -> String {
    let mut bytes = fs::read(path).expect("readable");
    match dice.below(4) {
        0 => fs::remove_file(path).expect("removed"),
        1 => {
            bytes.truncate(dice.below(bytes.len().max(1)));
            fs::write(path, bytes).expect("written");
        }
        _ => {
            for _ in 0..=dice.below(16) {
                if !bytes.is_empty() {
                    let at = dice.below(bytes.len());
                    bytes[at] ^= 1 << dice.below(8);
                }
            }
            fs::write(path, bytes).expect("written");
        }
    }
    let name = path.strip_prefix(path.ancestors().nth(4).unwrap_or(path));
    format!("{:?}", name.unwrap_or(path))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_becomes_of_the_index_nothing_is_stored_twice() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    for first in (0..EVENTS).step_by(10) {
        let stream = format!("owner-{}", first / 10 % 7);
        let events = (first..first + 10).map(event).collect();
        append(&shared, &stream, Expected::Any, events)
            .await
            .expect("taken");
    }
    drop(shared);
    assert!(store.close());
    let rounds = std::env::var(ROUNDS_VARIABLE).ok();
    let rounds = rounds
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(ROUNDS);
    let (mut dice, mut refused, mut tables) = (Dice(3), 0, 0);
    for round in 0..rounds {
        let mut all = Vec::new();
        files(&data.path().join(INDEX), &mut all);
        tables += all
            .iter()
            .filter(|path| path.components().any(|part| part.as_os_str() == "tables"))
            .count();
        let mut done = Vec::new();
        for _ in 0..=dice.below(2) {
            let path = all.swap_remove(dice.below(all.len()));
            done.push(damage(&path, &mut dice));
        }
        let store = open(data.path()).unwrap_or_else(|error| panic!("{done:?}: {error}"));
        let shared: SharedStore = store.clone();
        for n in (round % 7..EVENTS).step_by(7) {
            let stream = format!("owner-{}", n / 10 % 7);
            match append(&shared, &stream, Expected::Any, vec![event(n)]).await {
                Ok(again) => {
                    assert!(again.replayed, "{n} is stored twice after {done:?}");
                    assert_eq!(again.first.0, n + 1, "after {done:?}");
                }
                // An error is fine; the next open rebuilds the index.
                Err(_) => refused += 1,
            }
            match store.find(event(n).key).await {
                Ok(found) => assert_eq!(
                    found.map(|found| found.position.0),
                    Some(n + 1),
                    "after {done:?}"
                ),
                Err(_) => refused += 1,
            }
        }
        assert_eq!(store.head().borrow().position.0, EVENTS, "after {done:?}");
        drop(shared);
        assert!(store.close(), "after {done:?}");
    }
    assert!(tables > 0, "the index was never more than a journal");
    println!("{rounds} rounds, {refused} refusals, {tables} tables seen");
}
