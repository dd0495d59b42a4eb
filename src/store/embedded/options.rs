//! Settings of the embedded engine, with their defaults.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use crate::derived::DerivedFaults;
use crate::telemetry::metrics::LogMetrics;

/// How an embedded log is opened. Every queue and buffer has its limit here.
#[derive(Debug, Clone)]
pub struct EmbeddedOptions {
    /// The data directory; made if it is not there.
    pub data: PathBuf,
    /// The protobuf descriptor set of the schema this program writes. Kept in the log for ever.
    pub descriptor_set: Bytes,
    /// Events that may wait for the writer or be written; more are refused.
    pub queue_events: usize,
    /// Events after which a commit group takes no further append.
    pub group_events: usize,
    /// Recently written events the writer remembers, to recheck appends whose look-up is that old.
    pub tail_events: usize,
    /// Events in one index batch.
    pub index_batch_events: usize,
    /// Journal of the index, in bytes, at least 64 MiB. It bounds the time to open after a kill.
    pub index_journal_bytes: u64,
    /// In-memory table of each of the three index keyspaces, in bytes.
    pub index_write_buffer_bytes: u64,
    /// Block cache of the index, in bytes.
    pub index_cache_bytes: u64,
    /// Files of index tables that stay open at once.
    pub index_cached_files: usize,
    /// How long a read waits for the index to reach the head as of the call.
    pub index_wait: Duration,
    /// Reader threads, each with a connection of its own.
    pub readers: usize,
    /// Reads that may wait for a reader; more are refused.
    pub read_queue: usize,
    /// Rows one read transaction may touch: a long one would stop the write-ahead log from resetting.
    pub rows_per_read: usize,
    /// Payload bytes after which a read over the whole log ends its batch.
    pub bytes_per_read: usize,
    /// Bytes written after which the write-ahead log is checkpointed.
    pub checkpoint_bytes: u64,
    /// Time after which it is checkpointed in any case.
    pub checkpoint_interval: Duration,
    /// Size of the write-ahead log from which a checkpoint makes the writer wait.
    pub wal_limit_bytes: u64,
    /// Room held back on the disk, in bytes: the log takes nothing while it cannot be held.
    pub reserve_bytes: u64,
    /// How long a log without room waits before it looks again by itself.
    pub room_interval: Duration,
    /// How long dropping the store waits for its threads.
    pub close_wait: Duration,
    /// What counts its commits, checkpoints and reads.
    pub metrics: LogMetrics,
    /// Places where tests and fault injection reach in.
    pub seams: Seams,
}

/// Places where tests and fault injection reach in. The default changes nothing.
#[derive(Debug, Clone, Default)]
pub struct Seams {
    /// Name of a registered SQLite VFS to use in place of the default one.
    pub vfs: Option<String>,
    /// Faults of the index.
    pub index_faults: DerivedFaults,
    /// Faults of the views, for whoever opens them.
    pub view_faults: DerivedFaults,
    /// Keep only this many bits of identity hashes, so that they collide.
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
