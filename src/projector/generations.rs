//! The generations of each view: which one serves and which one is being built. Each view has one record, so that a
//! switch is one atomic write.

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use ownerline_projections::Checkpoint;
use ownerline_projections::fold::ViewDef;
use prost::Message;

use crate::store::Position;

/// The number of the first generation of a view. Only later ones have their number in their name.
const FIRST: u32 = 1;
/// The prefix of the keys of records; name and version of the view follow.
const RECORD: &str = "view/";

/// The comparison of two generations of a view at one position of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The generation that served before.
    pub former: u32,
    /// The generation that was built beside it.
    pub generation: u32,
    /// The position of the new generation.
    pub position: Position,
    /// The verdict.
    pub verdict: Verdict,
    /// The number of touchpoints applied by the former generation.
    pub former_count: u64,
    /// Its certificate, 64 lower-case hexadecimal digits.
    pub former_hash: String,
    /// The number of touchpoints applied by the new generation.
    pub count: u64,
    /// Its certificate, 64 lower-case hexadecimal digits.
    pub hash: String,
    /// The instant of the comparison, in nanoseconds since the Unix epoch.
    pub at: i64,
}

/// Whether two generations agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The counts and the certificates are equal.
    Equal,
    /// They applied different touchpoints: the former was damaged, because the new one follows from the log.
    Different,
    /// The former had stopped earlier, so there was no position at which to compare.
    FormerStopped,
}

impl Comparison {
    /// Compares a new generation with the one that served; `stopped` if that one had stopped.
    pub(super) fn of(
        (former, before): (u32, &Checkpoint),
        (generation, after): (u32, &Checkpoint),
        stopped: bool,
        at: i64,
    ) -> Self {
        let same = (before.applied, before.hash) == (after.applied, after.hash);
        Self {
            former,
            generation,
            position: after.position,
            verdict: match (stopped, same) {
                (true, _) => Verdict::FormerStopped,
                (false, true) => Verdict::Equal,
                (false, false) => Verdict::Different,
            },
            former_count: before.applied,
            former_hash: hex(before),
            count: after.applied,
            hash: hex(after),
            at,
        }
    }
}

/// The certificate as hexadecimal digits.
pub(super) fn hex(checkpoint: &Checkpoint) -> String {
    blake3::Hash::from_bytes(checkpoint.hash)
        .to_hex()
        .to_string()
}

/// The stored record of a view.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Record {
    #[prost(uint32, tag = "1")]
    serving: u32,
    /// The greatest number ever given out; none is used twice.
    #[prost(uint32, tag = "2")]
    last: u32,
    #[prost(uint32, optional, tag = "3")]
    pub(super) building: Option<u32>,
    #[prost(message, optional, tag = "4")]
    compared: Option<StoredComparison>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredComparison {
    #[prost(uint32, tag = "1")]
    former: u32,
    #[prost(uint32, tag = "2")]
    generation: u32,
    #[prost(uint64, tag = "3")]
    position: u64,
    #[prost(uint32, tag = "4")]
    verdict: u32,
    #[prost(uint64, tag = "5")]
    former_count: u64,
    #[prost(string, tag = "6")]
    former_hash: String,
    #[prost(uint64, tag = "7")]
    count: u64,
    #[prost(string, tag = "8")]
    hash: String,
    #[prost(int64, tag = "9")]
    at: i64,
}

impl Record {
    /// The generation that serves.
    pub(super) fn serving(&self) -> u32 {
        self.serving.max(FIRST)
    }

    /// The last comparison, if there was one.
    pub(super) fn compared(&self) -> Option<Comparison> {
        let stored = self.compared.clone()?;
        Some(Comparison {
            former: stored.former,
            generation: stored.generation,
            position: Position(stored.position),
            verdict: match stored.verdict {
                0 => Verdict::Equal,
                1 => Verdict::Different,
                _ => Verdict::FormerStopped,
            },
            former_count: stored.former_count,
            former_hash: stored.former_hash,
            count: stored.count,
            hash: stored.hash,
            at: stored.at,
        })
    }

    fn switched(mut self, compared: &Comparison) -> Self {
        self.serving = compared.generation;
        self.building = None;
        self.compared = Some(StoredComparison {
            former: compared.former,
            generation: compared.generation,
            position: compared.position.0,
            verdict: match compared.verdict {
                Verdict::Equal => 0,
                Verdict::Different => 1,
                Verdict::FormerStopped => 2,
            },
            former_count: compared.former_count,
            former_hash: compared.former_hash.clone(),
            count: compared.count,
            hash: compared.hash.clone(),
            at: compared.at,
        });
        self
    }
}

/// The keyspaces and records of views. Cheap to clone; every method may block.
#[derive(Clone)]
pub(super) struct Generations {
    db: Database,
    meta: Keyspace,
    write_buffer_bytes: u64,
}

impl Generations {
    pub(super) fn new(db: Database, meta: Keyspace, write_buffer_bytes: u64) -> Self {
        Self {
            db,
            meta,
            write_buffer_bytes,
        }
    }

    pub(super) fn database(&self) -> &Database {
        &self.db
    }

    /// Reads the record of a view. An unreadable record counts as missing: its generations are dropped and the view is
    /// rebuilt.
    pub(super) fn record(&self, view: &ViewDef) -> Result<Record, fjall::Error> {
        let Some(stored) = self.meta.get(record_key(view))? else {
            return Ok(Record::default());
        };
        Ok(Record::decode(&*stored).unwrap_or_else(|error| {
            tracing::warn!(view = view.name, %error, "record of generations is damaged");
            Record::default()
        }))
    }

    /// Opens the keyspace of a generation, and creates it if necessary.
    pub(super) fn keyspace(&self, name: &str) -> Result<Keyspace, fjall::Error> {
        let buffer = self.write_buffer_bytes;
        self.db.keyspace(name, || {
            KeyspaceCreateOptions::default().max_memtable_size(buffer)
        })
    }

    /// Returns the generation that is being built, and whether an earlier run began it. Begins one if there is none.
    pub(super) fn begin(&self, view: &ViewDef) -> Result<(u32, bool), fjall::Error> {
        let mut record = self.record(view)?;
        if let Some(generation) = record.building {
            return Ok((generation, true));
        }
        let generation = record.last.max(record.serving()).saturating_add(1);
        record.last = generation;
        record.building = Some(generation);
        self.meta.insert(record_key(view), record.encode_to_vec())?;
        Ok((generation, false))
    }

    /// Removes the generation that is being built from the record, and drops it.
    pub(super) fn abandon(&self, view: &ViewDef) -> Result<(), fjall::Error> {
        let mut record = self.record(view)?;
        let Some(generation) = record.building.take() else {
            return Ok(());
        };
        self.meta.insert(record_key(view), record.encode_to_vec())?;
        let name = generation_name(view, generation);
        if self.db.keyspace_exists(&name) {
            self.db.delete_keyspace(self.keyspace(&name)?)?;
        }
        Ok(())
    }

    /// Records that new generations serve: all of them or none, and synced before any former one is dropped.
    pub(super) fn switch(&self, changes: &[(&ViewDef, &Comparison)]) -> Result<(), fjall::Error> {
        let mut batch = fjall::OwnedWriteBatch::with_capacity(self.db.clone(), changes.len());
        for (view, compared) in changes {
            let record = self.record(view)?.switched(compared);
            batch.insert(&self.meta, record_key(view), record.encode_to_vec());
        }
        batch.commit()?;
        self.db.persist(PersistMode::SyncAll)
    }

    /// Drops a keyspace. Its files stay until the last reader is done.
    pub(super) fn drop_keyspace(&self, keyspace: Keyspace) -> Result<(), fjall::Error> {
        self.db.delete_keyspace(keyspace)
    }
}

fn record_key(view: &ViewDef) -> String {
    format!("{RECORD}{}.v{}", view.name, view.version)
}

/// Returns the name of a generation's keyspace, for example `timeline.v2` and `timeline.v2.g3`.
pub(super) fn generation_name(view: &ViewDef, generation: u32) -> String {
    let (name, version) = (view.name, view.version);
    if generation == FIRST {
        format!("{name}.v{version}")
    } else {
        format!("{name}.v{version}.g{generation}")
    }
}
