//! The options of the embedded engine, with their defaults.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use crate::derived::DerivedFaults;
use crate::telemetry::metrics::LogMetrics;

/// The options of an embedded log, including the limits of every queue and buffer.
#[derive(Debug, Clone)]
pub struct EmbeddedOptions {
    /// The data directory, which is created if it does not exist.
    pub data: PathBuf,
    /// The protobuf descriptor set of the schema that this program writes. It is stored in the log for ever.
    pub descriptor_set: Bytes,
    /// Events that may wait for the writer or be written; more are refused.
    pub queue_events: usize,
    /// Events after which a commit group takes no further append.
    pub group_events: usize,
    /// Recently written events that the writer keeps, to check appends whose look-up did not see them.
    pub tail_events: usize,
    /// Events in one index batch.
    pub index_batch_events: usize,
    /// Journal of the index, in bytes, at least 64 MiB. It bounds the time to open after a crash.
    pub index_journal_bytes: u64,
    /// In-memory table of each of the three keyspaces of the index, in bytes.
    pub index_write_buffer_bytes: u64,
    /// Block cache of the index, in bytes.
    pub index_cache_bytes: u64,
    /// Table files of the index that stay open.
    pub index_cached_files: usize,
    /// How long a read waits for the index to reach the head at the time of the call.
    pub index_wait: Duration,
    /// Reader threads, each with its own connection.
    pub readers: usize,
    /// Reads that may wait for a reader; more are refused.
    pub read_queue: usize,
    /// Rows that one read transaction may touch. A long transaction keeps the write-ahead log from being reset.
    pub rows_per_read: usize,
    /// Payload bytes after which a read over the whole log ends its batch.
    pub bytes_per_read: usize,
    /// Bytes written after which the write-ahead log is checkpointed.
    pub checkpoint_bytes: u64,
    /// Time after which it is checkpointed in any case.
    pub checkpoint_interval: Duration,
    /// Size of the write-ahead log above which a checkpoint blocks the writer.
    pub wal_limit_bytes: u64,
    /// Reserved disk space, in bytes. The log accepts no appends while it cannot be reserved.
    pub reserve_bytes: u64,
    /// How often a log on a full disk checks for room.
    pub room_interval: Duration,
    /// How long closing the store waits for its threads.
    pub close_wait: Duration,
    /// The metrics of commits, checkpoints and reads.
    pub metrics: LogMetrics,
    /// Seams for tests and fault injection.
    pub seams: Seams,
}

/// Seams for tests and fault injection. The default changes nothing.
#[derive(Debug, Clone, Default)]
pub struct Seams {
    /// The name of a registered SQLite VFS to use instead of the default one.
    pub vfs: Option<String>,
    /// Faults of the index.
    pub index_faults: DerivedFaults,
    /// Faults of the views.
    pub view_faults: DerivedFaults,
    /// The number of bits of identity hashes to use, so that they collide.
    pub identity_hash_bits: Option<u32>,
}

impl EmbeddedOptions {
    /// The defaults for a data directory.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>, descriptor_set: Bytes) -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            data: data.into(),
            descriptor_set,
            queue_events: 65_536,
            group_events: 1_024,
            tail_events: 32_768,
            index_batch_events: 8_192,
            index_journal_bytes: 64 * MIB,
            index_write_buffer_bytes: 16 * MIB,
            index_cache_bytes: 128 * MIB,
            index_cached_files: 256,
            index_wait: Duration::from_secs(10),
            readers: 4,
            read_queue: 4_096,
            rows_per_read: 4_096,
            bytes_per_read: 8 << 20,
            checkpoint_bytes: 16 * MIB,
            checkpoint_interval: Duration::from_secs(1),
            wal_limit_bytes: 128 * MIB,
            reserve_bytes: 8 * MIB,
            room_interval: Duration::from_secs(1),
            close_wait: Duration::from_secs(30),
            metrics: LogMetrics::default(),
            seams: Seams::default(),
        }
    }
}
