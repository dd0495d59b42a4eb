//! Which generation of each view serves and which one is being built: one record for each view, so that
//! a switch is one atomic write.

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use ownerline_projections::Checkpoint;
use ownerline_projections::fold::ViewDef;
use prost::Message;

use crate::store::Position;

/// What the first generation of a view is called: later ones carry their number.
const FIRST: u32 = 1;
/// Records of views begin like this; the rest is name and version.
const RECORD: &str = "view/";

/// What two generations of a view say about the same log, at one position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The generation that served before.
    pub former: u32,
    /// The one that was built beside it.
    pub generation: u32,
    /// Where the new one stood.
    pub position: Position,
    /// What came of it.
    pub verdict: Verdict,
    /// How many touchpoints the former had applied.
    pub former_count: u64,
    /// Its certificate, 64 lower-case hexadecimal digits.
    pub former_hash: String,
    /// How many touchpoints the new one has applied.
    pub count: u64,
    /// Its certificate, 64 lower-case hexadecimal digits.
    pub hash: String,
    /// When, in nanoseconds since the Unix epoch.
    pub at: i64,
}

/// Whether two generations agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Same count, same certificate.
    Equal,
    /// They have not applied the same: the former was damaged, for the new one follows from the log.
    Different,
    /// The former had stopped before, so that there was no position to compare at.
    FormerStopped,
}

impl Comparison {
    /// Compares a new generation with the one that served; `stopped` if that had stopped before.
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
            position: Position(after.position),
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

/// A certificate for people.
pub(super) fn hex(checkpoint: &Checkpoint) -> String {
    blake3::Hash::from_bytes(checkpoint.hash)
        .to_hex()
        .to_string()
}

/// What is kept about a view.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Record {
    #[prost(uint32, tag = "1")]
    serving: u32,
    /// The greatest number that was ever given out: none is used twice.
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
    /// The generation that answers.
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

/// The keyspaces of views and what is recorded about them. Cheap to clone; everything here may block.
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

    /// What is recorded about a view. A record that cannot be read is like none: what it named is
    /// dropped and built anew.
    pub(super) fn record(&self, view: &ViewDef) -> Result<Record, fjall::Error> {
        let Some(stored) = self.meta.get(record_key(view))? else {
            return Ok(Record::default());
        };
        Ok(Record::decode(&*stored).unwrap_or_else(|error| {
            tracing::warn!(view = view.name, %error, "record of generations is damaged");
            Record::default()
        }))
    }

    /// The keyspace of a generation; it is made if there is none.
    pub(super) fn keyspace(&self, name: &str) -> Result<Keyspace, fjall::Error> {
        let buffer = self.write_buffer_bytes;
        self.db.keyspace(name, || {
            KeyspaceCreateOptions::default().max_memtable_size(buffer)
        })
    }

    /// The generation of a view that is being built, and whether that had begun before.
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

    /// Forgets the generation that was being built, and drops it.
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

    /// Lets new generations serve: all of them or none, and synced before any former one is dropped.
    pub(super) fn switch(&self, changes: &[(&ViewDef, &Comparison)]) -> Result<(), fjall::Error> {
        let mut batch = fjall::OwnedWriteBatch::with_capacity(self.db.clone(), changes.len());
        for (view, compared) in changes {
            let record = self.record(view)?.switched(compared);
            batch.insert(&self.meta, record_key(view), record.encode_to_vec());
        }
        batch.commit()?;
        self.db.persist(PersistMode::SyncAll)
    }

    /// Drops a keyspace. Whoever still reads it keeps its files until then.
    pub(super) fn drop_keyspace(&self, keyspace: Keyspace) -> Result<(), fjall::Error> {
        self.db.delete_keyspace(keyspace)
    }
}

fn record_key(view: &ViewDef) -> String {
    format!("{RECORD}{}.v{}", view.name, view.version)
}

/// The keyspace of a generation, for example `timeline.v2` and `timeline.v2.g3`.
pub(super) fn generation_name(view: &ViewDef, generation: u32) -> String {
    let (name, version) = (view.name, view.version);
    if generation == FIRST {
        format!("{name}.v{version}")
    } else {
        format!("{name}.v{version}.g{generation}")
    }
}
