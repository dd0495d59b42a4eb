//! The blocking half of the projector, which folds and commits one batch after the other.

use ownerline_projections::Driver;
use ownerline_projections::fold::ViewDef;
use ownerline_projections::fold::driver::Lane;

use super::ahead::Batch;
use super::applied::Touched;
use super::current::Current;
use super::generations::{Comparison, Record};
use super::view_state::PendingState;
use super::view_store::{Opened, OpeningViews, ViewStore};
use super::{ProjectorError, ProjectorOptions};
use crate::derived::{Severity, of_fjall};
use crate::store::{LogIdentity, Position};

/// Folding or committing failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WorkError {
    /// The database is unusable for the moment: drop uncommitted folds and reopen it.
    Passing(String),
    /// The views cannot go on.
    Final(String),
}

impl From<fjall::Error> for WorkError {
    fn from(error: fjall::Error) -> Self {
        match of_fjall(&error) {
            Severity::Passing => Self::Passing(error.to_string()),
            Severity::Damaged | Severity::Final => Self::Final(error.to_string()),
        }
    }
}

/// Owns some generations of views and their folds.
pub(super) struct Worker {
    store: ViewStore,
    driver: Driver<PendingState>,
    /// The approximate bytes committed since the last sync.
    unsynced: usize,
}

/// The bytes committed between syncs of the journal. Durability does not need these syncs, but a full write buffer syncs
/// everything outstanding while commits wait, so frequent small syncs keep that wait short.
const SYNC_BYTES: usize = 2 * 1024 * 1024;

/// The switch of one view to the generation built beside it.
pub(super) struct Change {
    /// The index of the view.
    pub(super) index: usize,
    /// The index of the new generation.
    pub(super) shadow: usize,
    pub(super) former: u32,
    pub(super) generation: u32,
}

impl Worker {
    /// Opens the serving views, and returns their worker with the record of each.
    pub(super) fn open(
        options: &ProjectorOptions,
        log: LogIdentity,
        head: Position,
        views: Vec<ViewDef>,
        opening: Option<OpeningViews>,
    ) -> Result<(Self, Vec<Record>), ProjectorError> {
        let opened = ViewStore::open(options, log, head, views, opening)?;
        let Opened {
            store,
            driver,
            records,
        } = opened;
        let worker = Self::of(store, driver);
        Ok((worker, records))
    }

    /// Returns a worker of these generations.
    pub(super) fn of(store: ViewStore, driver: Driver<PendingState>) -> Self {
        Self {
            store,
            driver,
            unsynced: 0,
        }
    }

    pub(super) fn store(&self) -> &ViewStore {
        &self.store
    }

    pub(super) fn lanes(&self) -> &[Lane<PendingState>] {
        self.driver.lanes()
    }

    pub(super) fn adopt(&mut self, lane: Lane<PendingState>) {
        self.driver.adopt(lane);
    }

    pub(super) fn release(&mut self, index: usize) -> Option<Lane<PendingState>> {
        self.driver.release(index)
    }

    /// The position after which to read on; `None` if every view has stopped.
    pub(super) fn position(&self) -> Option<Position> {
        self.driver.position()
    }

    /// Folds a batch into every view, without a commit. An event that cannot be decoded stops every view that has not
    /// passed it.
    ///
    /// # Errors
    /// If the batch does not follow the applied positions, or a state cannot be read for the moment.
    pub(super) fn fold(&mut self, batch: &Batch, touched: &mut Touched) -> Result<(), WorkError> {
        if let Some(gate) = &self.store.faults().folds {
            gate.pass(batch.through.0);
        }
        let readable = self.store.faults().reads.check();
        readable.map_err(fjall::Error::from)?;
        for entry in &batch.entries {
            touched.add(entry.recorded());
        }
        // When a view that was behind stops, the batch may begin with events that the others have applied.
        let applied = self.driver.position().unwrap_or_default();
        let known = batch
            .entries
            .partition_point(|entry| entry.recorded().position <= applied);
        let folded = self
            .driver
            .apply(batch.entries.get(known..).unwrap_or_default());
        folded.map_err(|error| WorkError::Final(error.to_string()))?;
        if let Some(error) = self.driver.lanes().iter().find_map(Lane::waiting) {
            return Err(WorkError::Passing(error.to_string()));
        }
        if let Some(event) = &batch.undecodable {
            self.driver.stop(event.position, &event.error);
        }
        Ok(())
    }

    /// Commits all folds.
    ///
    /// # Errors
    /// If nothing was committed; this worker cannot commit any more.
    pub(super) fn commit(&mut self) -> Result<(), WorkError> {
        self.unsynced += self.uncommitted();
        self.store.commit(&mut self.driver)?;
        if self.unsynced >= SYNC_BYTES {
            self.unsynced = 0;
            self.store.sync()?;
        }
        Ok(())
    }

    /// Commits all folds as sorted tables, for large amounts.
    ///
    /// # Errors
    /// Those of [`Self::commit`].
    pub(super) fn ingest(&mut self) -> Result<(), WorkError> {
        Ok(self.store.ingest(&mut self.driver)?)
    }

    /// The approximate bytes of uncommitted folds.
    pub(super) fn uncommitted(&self) -> usize {
        let lanes = self.driver.lanes().iter();
        lanes.map(|lane| lane.state().pending().bytes()).sum()
    }

    /// Switches to the generations built beside, and drops the former ones. Everything folded must be committed.
    ///
    /// # Errors
    /// If the switch cannot be written; then the former generations keep serving.
    pub(super) fn switch(
        &mut self,
        changes: &[Change],
        current: &Current,
        now: i64,
    ) -> Result<Vec<Comparison>, WorkError> {
        let lanes = self.driver.lanes();
        let mut compared = Vec::with_capacity(changes.len());
        for change in changes {
            let (Some(old), Some(new)) = (lanes.get(change.index), lanes.get(change.shadow)) else {
                return Err(WorkError::Final("a view is not there any more".to_owned()));
            };
            let former = (change.former, old.checkpoint());
            let built = (change.generation, new.checkpoint());
            let comparison = Comparison::of(former, built, old.stopped().is_some(), now);
            compared.push((old.view(), new.state().keyspace().clone(), comparison));
        }
        let generations = self.store.generations();
        let records: Vec<_> = compared.iter().map(|(view, _, it)| (*view, it)).collect();
        self.store
            .faults()
            .writes
            .check()
            .map_err(fjall::Error::from)?;
        generations.switch(&records)?;
        let serving = changes.iter().zip(&compared);
        current.switch(
            serving
                .map(|(change, (_, keyspace, _))| (change.index, keyspace.clone()))
                .collect(),
        );
        let compared = compared.into_iter().map(|(_, _, it)| it).collect();
        self.put_in_place(changes);
        Ok(compared)
    }

    /// Moves the new lanes to their places, from the last to the first, so that indexes stay valid.
    fn put_in_place(&mut self, changes: &[Change]) {
        let mut order: Vec<&Change> = changes.iter().collect();
        order.sort_by_key(|change| std::cmp::Reverse(change.shadow));
        for change in order {
            let built = self.driver.release(change.shadow);
            let former = built.and_then(|lane| self.driver.replace(change.index, lane));
            let Some(former) = former else { continue };
            let keyspace = former.state().keyspace().clone();
            if let Err(error) = self.store.generations().drop_keyspace(keyspace) {
                // The next start drops it, because no record names it.
                tracing::warn!(view = former.view().name, %error, "former generation stays for now");
            }
        }
    }

    /// Syncs all commits.
    pub(super) fn sync(&self) {
        if let Err(error) = self.store.sync() {
            tracing::warn!(%error, "views could not be synced, the next start replays a little");
        }
    }
}
