//! Backups equal their log, restores begin a new epoch, and unsuitable directories are refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::types::Value;
use tempfile::TempDir;

use super::{BackupError, Extent, LogCopy, backup, restore};
use crate::store::conformance::{append, event, test_clock};
use crate::store::embedded::tests::{log_file, open};
use crate::store::embedded::{EmbeddedStore, Verification, verify};
use crate::store::{Expected, SharedStore};

mod copying;
mod refusing;
mod restoring;

/// A data directory, a backup directory, and a directory for restores.
struct Places {
    directory: TempDir,
}

impl Places {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        Self { directory }
    }

    fn named(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn data(&self) -> PathBuf {
        self.named("data")
    }

    fn backup(&self) -> PathBuf {
        self.named("backup")
    }

    fn restored(&self) -> PathBuf {
        self.named("restored")
    }

    /// A closed log with events `0..count`.
    async fn filled(count: u64) -> Self {
        let places = Self::new();
        fill(&places.data(), 0, count).await;
        places
    }

    fn back_up(&self) -> Result<LogCopy, BackupError> {
        backed_up(&self.data(), &self.backup())
    }
}

fn backed_up(data: &Path, to: &Path) -> Result<LogCopy, BackupError> {
    backup(data, to, Extent::Behind, &mut |_, _| {})
}

fn restored(from: &Path, data: &Path) -> Result<LogCopy, BackupError> {
    restore(from, data, &*test_clock(), &mut |_, _| {})
}

/// Appends events to the log of a directory, some with a personal part, and closes it.
async fn fill(data: &Path, from: u64, to: u64) {
    let store = open(data).expect("opens");
    fill_open(&store, from, to).await;
    store.close();
}

async fn fill_open(store: &Arc<EmbeddedStore>, from: u64, to: u64) {
    let shared: SharedStore = store.clone();
    for n in from..to {
        let mut event = event(n);
        if n % 3 == 0 {
            event.personal = "a telephone number".into();
        }
        let stream = format!("owner-{}", n % 4);
        let appended = append(&shared, &stream, Expected::Any, vec![event]).await;
        appended.expect("taken");
    }
}

fn verified(data: &Path) -> Verification {
    let found = verify(data, &mut |_, _| {}).expect("can be checked");
    assert!(found.is_clean(), "{found:?}");
    found
}

/// Every column of every row of a table.
fn rows(data: &Path, table: &str) -> Vec<Vec<Value>> {
    let log = log_file(data);
    let mut select = log
        .prepare(&format!("SELECT * FROM {table} ORDER BY 1"))
        .expect("prepared");
    let columns = select.column_count();
    let rows = select.query_map([], |row| (0..columns).map(|at| row.get(at)).collect());
    let rows: rusqlite::Result<_> = rows.expect("reads").collect();
    rows.expect("reads")
}

/// Tampers with a log after removing the triggers that protect it.
fn tamper(data: &Path, sql: &str) {
    let log = log_file(data);
    log.execute_batch("DROP TRIGGER events_are_not_changed; DROP TRIGGER events_are_not_deleted;")
        .expect("unprotected");
    log.execute_batch(sql).expect("tampered with");
}
