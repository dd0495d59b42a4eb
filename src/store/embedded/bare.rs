//! The yardstick for appends: similar rows written with SQLite alone.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Result};

use super::sqlite;
use crate::store::OpenError;

/// Appends `rows` rows with payloads of `bytes` bytes to a new file in `directory`, with one synced commit per
/// `group` rows, and without look-ups, queue, digests or index. Returns how long it took.
///
/// # Errors
/// If the file cannot be created or written.
pub fn bare_log(
    directory: &Path,
    rows: u64,
    group: u64,
    bytes: usize,
) -> std::result::Result<Duration, OpenError> {
    let path = directory.join("bare.db");
    append(&path, rows, group, bytes)
        .map_err(|error| sqlite::open_error(&path.display().to_string(), &error))
}

fn append(path: &Path, rows: u64, group: u64, bytes: usize) -> Result<Duration> {
    let db = Connection::open(path)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.execute_batch(
        "CREATE TABLE events (position INTEGER PRIMARY KEY, recorded_at INTEGER, stream TEXT,
         revision INTEGER, type TEXT, source TEXT, id TEXT, clear BLOB, personal BLOB, key_id BLOB,
         content_digest BLOB, digest BLOB) STRICT",
    )?;
    let (payload, digest) = (vec![b'c'; bytes], [7_u8; 32]);
    let begun = Instant::now();
    let mut row = 0;
    while row < rows {
        db.execute_batch("BEGIN IMMEDIATE")?;
        let mut insert = db.prepare_cached(
            "INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, NULL, ?9, ?10)",
        )?;
        for _ in 0..group.min(rows - row) {
            row += 1;
            let number = sqlite::signed(row);
            insert.execute((
                number,
                number,
                format!("owner-{}", row % 1_000),
                number,
                "feedback_received",
                "bench/dealer-17",
                format!("event-{row:012}"),
                &payload,
                &digest,
                &digest,
            ))?;
        }
        drop(insert);
        db.execute_batch("COMMIT")?;
    }
    Ok(begun.elapsed())
}
