//! The blocking half of the projector: folds and commits one batch after the other.

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

/// Why work was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WorkError {
    /// The database cannot be used for the moment: let go of what was folded, and open it again.
    Passing(String),
    /// Nothing can go on from here.
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
    /// About how many bytes were committed since the last sync.
    unsynced: usize,
}

/// The journal is synced each time about so much was committed. Nothing needs it to be safe, but a full
/// write buffer syncs whatever is left while commits wait: a little often is a short wait, all of it at
/// once a long one.
const SYNC_BYTES: usize = 2 * 1024 * 1024;

/// One view to be switched: what serves it, and what was built beside it.
pub(super) struct Change {
    /// The place of the view.
    pub(super) index: usize,
    /// The place of what was built.
    pub(super) shadow: usize,
    pub(super) former: u32,
    pub(super) generation: u32,
}

impl Worker {
    /// The worker of the views that serve, and what is recorded about each.
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

    /// A worker of these generations.
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

    /// Where to read on; `None` if every view has stopped.
    pub(super) fn position(&self) -> Option<Position> {
        self.driver.position().map(Position)
    }

    /// Folds a batch into every view. An event that cannot be decoded stops every view that has not
    /// passed it. Nothing is committed.
    ///
    /// # Errors
    /// If it does not follow, or a state cannot be read for the moment.
    pub(super) fn fold(&mut self, batch: &Batch, touched: &mut Touched) -> Result<(), WorkError> {
        let readable = self.store.faults().reads.check();
        readable.map_err(fjall::Error::from)?;
        for entry in &batch.entries {
            touched.add(entry.recorded());
        }
        // A view that was behind the others and stopped leaves behind what the others have applied.
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

    /// Commits what was folded.
    ///
    /// # Errors
    /// If nothing of it was committed and nothing can be by this worker.
    pub(super) fn commit(&mut self) -> Result<(), WorkError> {
        self.unsynced += self.uncommitted();
        self.store.commit(&mut self.driver)?;
        if self.unsynced >= SYNC_BYTES {
            self.unsynced = 0;
            self.store.sync()?;
        }
        Ok(())
    }

    /// Commits what was folded as sorted tables: for much at once.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub(super) fn ingest(&mut self) -> Result<(), WorkError> {
        Ok(self.store.ingest(&mut self.driver)?)
    }

    /// About how many bytes were folded and not committed.
    pub(super) fn uncommitted(&self) -> usize {
        let lanes = self.driver.lanes().iter();
        lanes.map(|lane| lane.state().pending().bytes()).sum()
    }

    /// Lets what was built beside serve, and drops what did. Everything folded is committed.
    ///
    /// # Errors
    /// If that cannot be written; then the former generations go on serving.
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

    /// Moves the lanes that were built beside to their places, the last first, so that none before moves.
    fn put_in_place(&mut self, changes: &[Change]) {
        let mut order: Vec<&Change> = changes.iter().collect();
        order.sort_by_key(|change| std::cmp::Reverse(change.shadow));
        for change in order {
            let built = self.driver.release(change.shadow);
            let former = built.and_then(|lane| self.driver.replace(change.index, lane));
            let Some(former) = former else { continue };
            let keyspace = former.state().keyspace().clone();
            if let Err(error) = self.store.generations().drop_keyspace(keyspace) {
                // The next start drops it: no record names it.
                tracing::warn!(view = former.view().name, %error, "former generation stays for now");
            }
        }
    }

    /// Syncs what was committed.
    pub(super) fn sync(&self) {
        if let Err(error) = self.store.sync() {
            tracing::warn!(%error, "views could not be synced, the next start replays a little");
        }
    }
}
