//! The index: the positions of the events of each stream and identity. It is derived from the log and stored in
//! fjall.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use fjall::config::{BloomConstructionPolicy, FilterPolicy, FilterPolicyEntry, PinningPolicy};
use fjall::{Database, Keyspace, KeyspaceCreateOptions};
use thiserror::Error;

use super::hashes::Hash128;
use super::options::EmbeddedOptions;
use crate::derived::{
    DatabaseLimits, DerivedFaults, Severity, empty_directory, of_fjall, open_database,
};
use crate::store::{Direction, LogIdentity, Position, Revision};

/// The key of the checkpoint in every keyspace, shorter than their other keys. If a keyspace was lost or
/// replaced by an earlier one, its checkpoint differs from the others. Writing to every keyspace also keeps
/// each of them from holding back the journal.
const CHECKPOINT: &[u8] = b"checkpoint";

/// Why the index failed.
#[derive(Debug, Clone, Error)]
pub(super) enum IndexError {
    /// A temporary failure.
    #[error("the index cannot be used at the moment: {0}")]
    Waiting(String),
    /// The index is damaged.
    #[error("the index failed: {0}")]
    Engine(String),
    /// The system denies access to the directory, so that a rebuild would not help.
    #[error("the index is refused: {0}")]
    Refused(String),
    /// A value does not have the form in which it was written.
    #[error("the index holds a malformed value")]
    Malformed,
    /// The directory is already open.
    #[error("the index is still open")]
    InUse,
}

impl From<fjall::Error> for IndexError {
    fn from(error: fjall::Error) -> Self {
        if matches!(error, fjall::Error::Locked) {
            return Self::InUse;
        }
        let reason = error.to_string();
        match of_fjall(&error) {
            Severity::Passing => Self::Waiting(reason),
            Severity::Damaged => Self::Engine(reason),
            Severity::Final => Self::Refused(reason),
        }
    }
}

impl From<io::Error> for IndexError {
    fn from(error: io::Error) -> Self {
        fjall::Error::Io(error).into()
    }
}

/// An event, as the index needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IndexEntry {
    pub(super) position: Position,
    pub(super) revision: Revision,
    pub(super) stream: Hash128,
    pub(super) identity: Hash128,
    /// Whether the index may have another event with this identity hash, whose positions must be preserved.
    pub(super) shared: bool,
}

/// The last indexed position, and the log that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub(super) log: LogIdentity,
    pub(super) position: Position,
}

/// The open index.
pub(super) struct Index {
    database: Database,
    streams: Keyspace,
    revisions: Keyspace,
    identities: Keyspace,
    log: LogIdentity,
    applied: Mutex<Position>,
    condemned: PathBuf,
    whole: bool,
    faults: DerivedFaults,
}

impl Index {
    /// Opens the index, or an empty one. A panic while opening counts as damage.
    pub(super) fn open(
        directory: &Path,
        options: &EmbeddedOptions,
        log: LogIdentity,
    ) -> Result<(Self, Option<Checkpoint>), IndexError> {
        let opened = catch_unwind(AssertUnwindSafe(|| {
            Self::open_unguarded(directory, options, log)
        }));
        opened.unwrap_or_else(|_| Err(IndexError::Engine("it panicked while opening".to_owned())))
    }

    fn open_unguarded(
        directory: &Path,
        options: &EmbeddedOptions,
        log: LogIdentity,
    ) -> Result<(Self, Option<Checkpoint>), IndexError> {
        options.seams.index_faults.writes.check()?;
        let limits = DatabaseLimits {
            cache_bytes: options.index_cache_bytes,
            journal_bytes: options.index_journal_bytes,
            cached_files: options.index_cached_files,
        };
        let database = open_database(directory, limits)?;
        let bloom = || {
            FilterPolicy::all(FilterPolicyEntry::Bloom(
                BloomConstructionPolicy::BitsPerKey(12.0),
            ))
        };
        let keyspace = |name: &str| {
            database.keyspace(name, || {
                KeyspaceCreateOptions::default()
                    .max_memtable_size(options.index_write_buffer_bytes)
                    .filter_policy(bloom())
                    .filter_block_pinning_policy(PinningPolicy::all(true))
            })
        };
        let parts = [
            keyspace("streams")?,
            keyspace("revisions")?,
            keyspace("identities")?,
        ];
        let mut found = Vec::with_capacity(parts.len());
        for part in &parts {
            let value = part.get(CHECKPOINT)?;
            found.push(value.map(|value| decode_checkpoint(&value)).transpose()?);
        }
        // The log must have everything that any of them has seen.
        let checkpoint = found.iter().flatten().max_by_key(|c| c.position).copied();
        let applied = checkpoint.map_or(Position::START, |c| c.position);
        let [streams, revisions, identities] = parts;
        let index = Self {
            streams,
            revisions,
            identities,
            database,
            log,
            applied: Mutex::new(applied),
            faults: options.seams.index_faults.clone(),
            condemned: condemned(directory),
            whole: found.iter().all(|part| *part == checkpoint),
        };
        Ok((index, checkpoint))
    }

    /// Removes the directory and opens an empty index there.
    pub(super) fn rebuild(
        directory: &Path,
        options: &EmbeddedOptions,
        log: LogIdentity,
    ) -> Result<Self, IndexError> {
        if directory.exists() {
            empty_directory(directory)?;
        }
        let index = Self::open(directory, options, log)?.0;
        // Removed last, so that a crash before this rebuilds once more. The file may not exist.
        let _ = fs::remove_file(&index.condemned);
        Ok(index)
    }

    /// Returns whether all keyspaces have the same checkpoint.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// Returns whether a read has found damage, so that the index must be rebuilt when it is opened.
    pub(super) fn is_condemned(directory: &Path) -> bool {
        condemned(directory).exists()
    }

    /// Converts the error of a read. An index that is damaged anywhere is marked, to be rebuilt when it is next
    /// opened; a temporary failure marks nothing.
    fn condemn<T>(&self, read: fjall::Result<T>) -> Result<T, IndexError> {
        let read = read.map_err(IndexError::from);
        if let Err(error @ IndexError::Engine(_)) = &read {
            let noted = fs::write(&self.condemned, error.to_string());
            tracing::error!(%error, noted = noted.is_ok(), "index is unreadable, open again to rebuild");
        }
        self.faults.reads.check()?;
        read
    }

    /// The last position in the index.
    pub(super) fn applied(&self) -> Position {
        *self.applied.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The positions of the events with this identity hash, usually none or one.
    pub(super) fn identity(&self, identity: &Hash128) -> Result<Vec<Position>, IndexError> {
        match self.condemn(self.identities.get(identity))? {
            Some(value) => decode_positions(&value),
            None => Ok(Vec::new()),
        }
    }

    /// The last revision of a stream and its position.
    pub(super) fn last_of_stream(
        &self,
        stream: &Hash128,
    ) -> Result<Option<(Revision, Position)>, IndexError> {
        let Some(value) = self.condemn(self.streams.get(stream))? else {
            return Ok(None);
        };
        match decode_positions(&value)?.as_slice() {
            [revision, position] => Ok(Some((Revision(revision.0), *position))),
            _ => Err(IndexError::Malformed),
        }
    }

    /// The position of one revision of a stream.
    pub(super) fn revision(
        &self,
        stream: &Hash128,
        revision: Revision,
    ) -> Result<Option<Position>, IndexError> {
        let key = revision_key(stream, revision.0);
        let value = self.condemn(self.revisions.get(key))?;
        value.map(|value| decode_position(&value)).transpose()
    }

    /// The positions of up to `max` events of a stream, starting at a revision.
    pub(super) fn stream_positions(
        &self,
        stream: &Hash128,
        from: Option<Revision>,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Position>, IndexError> {
        let (low, high) = match (direction, from) {
            (_, None) => (0, u64::MAX),
            (Direction::Forward, Some(from)) => (from.0, u64::MAX),
            (Direction::Backward, Some(from)) => (0, from.0),
        };
        let range = revision_key(stream, low)..=revision_key(stream, high);
        let mut positions = Vec::new();
        let mut take = |guard: fjall::Guard| -> Result<(), IndexError> {
            positions.push(decode_position(&self.condemn(guard.value())?)?);
            Ok(())
        };
        let found = self.revisions.range(range);
        match direction {
            Direction::Forward => found.take(max).try_for_each(&mut take)?,
            Direction::Backward => found.rev().take(max).try_for_each(&mut take)?,
        }
        Ok(positions)
    }

    /// Adds events and advances the checkpoint, in one atomic batch. It is not synced: after a crash some events
    /// are indexed again.
    pub(super) fn apply(&self, entries: &mut [IndexEntry]) -> Result<(), IndexError> {
        let Some(through) = entries.iter().map(|entry| entry.position).max() else {
            return Ok(());
        };
        self.faults.writes.check()?;
        let capacity = 3 * (entries.len() + 1);
        let mut batch = fjall::OwnedWriteBatch::with_capacity(self.database.clone(), capacity)
            .durability(Some(fjall::PersistMode::Buffer));
        entries.sort_unstable_by_key(|entry| (entry.stream, entry.revision));
        for entry in &*entries {
            let key = revision_key(&entry.stream, entry.revision.0);
            batch.insert(&self.revisions, key, entry.position.0.to_be_bytes());
        }
        // The table of streams has only the last revision of each.
        for of_stream in entries.chunk_by(|a, b| a.stream == b.stream) {
            if let Some(last) = of_stream.last() {
                let value = encode_positions(&[Position(last.revision.0), last.position]);
                batch.insert(&self.streams, last.stream, value);
            }
        }
        entries.sort_unstable_by_key(|entry| (entry.identity, entry.position));
        for of_identity in entries.chunk_by(|a, b| a.identity == b.identity) {
            let Some(first) = of_identity.first() else {
                continue;
            };
            let mut positions = Vec::new();
            if of_identity.iter().any(|entry| entry.shared) {
                positions = self.identity(&first.identity)?;
            }
            positions.extend(of_identity.iter().map(|entry| entry.position));
            batch.insert(
                &self.identities,
                first.identity,
                encode_positions(&positions),
            );
        }
        for part in [&self.streams, &self.revisions, &self.identities] {
            batch.insert(part, CHECKPOINT, self.checkpoint_value(through));
        }
        batch.commit()?;
        *self.applied.lock().unwrap_or_else(PoisonError::into_inner) = through;
        Ok(())
    }

    fn checkpoint_value(&self, position: Position) -> Vec<u8> {
        let mut value = self.log.to_bytes().to_vec();
        value.extend_from_slice(&position.0.to_be_bytes());
        value
    }
}

/// The file that marks a damaged index. It is beside the directory, which belongs to fjall.
fn condemned(directory: &Path) -> PathBuf {
    directory.with_extension("condemned")
}

fn revision_key(stream: &Hash128, revision: u64) -> [u8; 24] {
    let mut key = [0; 24];
    let (name, number) = key.split_at_mut(16);
    name.copy_from_slice(stream);
    number.copy_from_slice(&revision.to_be_bytes());
    key
}

fn encode_positions(positions: &[Position]) -> Vec<u8> {
    let mut value = Vec::with_capacity(8 * positions.len());
    for position in positions {
        value.extend_from_slice(&position.0.to_be_bytes());
    }
    value
}

fn decode_positions(value: &[u8]) -> Result<Vec<Position>, IndexError> {
    let (chunks, []) = value.as_chunks::<8>() else {
        return Err(IndexError::Malformed);
    };
    let positions = chunks.iter().map(|c| Position(u64::from_be_bytes(*c)));
    Ok(positions.collect())
}

fn decode_position(value: &[u8]) -> Result<Position, IndexError> {
    match <[u8; 8]>::try_from(value) {
        Ok(bytes) => Ok(Position(u64::from_be_bytes(bytes))),
        Err(_) => Err(IndexError::Malformed),
    }
}

fn decode_checkpoint(value: &[u8]) -> Result<Checkpoint, IndexError> {
    let Some((log, position)) = value.split_first_chunk::<{ LogIdentity::BYTES }>() else {
        return Err(IndexError::Malformed);
    };
    Ok(Checkpoint {
        log: LogIdentity::from_bytes(*log),
        position: decode_position(position)?,
    })
}
