//! The database of all views: one keyspace for each generation of a view, and one that records the log they belong to.
//!
//! Everything in it is derived from the log, so unusable parts are dropped and rebuilt. Only a fault that would repeat
//! (another process, no permission, no space) is an error.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use ownerline_projections::fold::ViewDef;
use ownerline_projections::fold::driver::ResumeError;
use ownerline_projections::fold::state::StateError;
use ownerline_projections::{Checkpoint, Driver};
use thiserror::Error;

use super::generations::{Generations, Record, generation_name};
use super::view_state::PendingState;
use super::{ProjectorError, ProjectorOptions};
use crate::derived::{
    DatabaseLimits, DerivedFaults, Severity, empty_directory, holds_something, of_fjall,
    open_database,
};
use crate::runtime::private;
use crate::store::{LogIdentity, Position};

/// The folder of the views in the data directory.
pub(super) const VIEWS: &str = "views";
const META: &str = "meta";
const LOG: &[u8] = b"log";

/// Opens an existing database of views in the background, while the caller opens the log. Both replay a journal after a
/// kill, which takes most of the time until a server answers. Dropping it waits until the database is closed again.
pub struct OpeningViews(Option<JoinHandle<Result<Database, fjall::Error>>>);

impl OpeningViews {
    /// Begins opening; `None` if there are no views yet.
    #[must_use]
    pub fn begin(options: &ProjectorOptions) -> Option<Self> {
        let options = options.clone();
        // Nothing is created before there is a log: a place without views proves that there are none.
        if !holds_something(&Folder::new(&options).path) {
            return None;
        }
        let opening = thread::Builder::new().name("views-open".to_owned());
        let opening = opening.spawn(move || Folder::new(&options).open());
        Some(Self(opening.ok()))
    }

    /// Waits until the database is open, or opening failed.
    fn wait(mut self) -> Option<Result<Database, fjall::Error>> {
        self.0.take()?.join().ok()
    }
}

impl Drop for OpeningViews {
    fn drop(&mut self) {
        if let Some(opening) = self.0.take() {
            drop(opening.join());
        }
    }
}

/// The open database.
#[derive(Clone)]
pub(super) struct ViewStore {
    generations: Generations,
    faults: DerivedFaults,
}

/// The opened views.
pub(super) struct Opened {
    pub(super) store: ViewStore,
    pub(super) driver: Driver<PendingState>,
    /// The record of each view, in their order.
    pub(super) records: Vec<Record>,
}

impl ViewStore {
    /// Opens the views, each from its checkpoint or from the start.
    pub(super) fn open(
        options: &ProjectorOptions,
        log: LogIdentity,
        head: Position,
        views: Vec<ViewDef>,
        opening: Option<OpeningViews>,
    ) -> Result<Opened, ProjectorError> {
        let folder = Folder::new(options);
        let db = folder.open_of(log, opening.and_then(OpeningViews::wait))?;
        let meta = meta(&db).map_err(|error| folder.cannot_open(&error))?;
        let generations = Generations::new(db, meta, options.write_buffer_bytes);
        folder.check_head(&generations, head)?;
        let records = folder.records(&generations, &views)?;
        let driver = folder.driver(&generations, views, &records)?;
        let faults = options.faults.clone();
        let store = Self {
            generations,
            faults,
        };
        Ok(Opened {
            store,
            driver,
            records,
        })
    }

    pub(super) fn generations(&self) -> &Generations {
        &self.generations
    }

    /// The faults injected by tests.
    pub(super) fn faults(&self) -> &DerivedFaults {
        &self.faults
    }

    pub(super) fn database(&self) -> &Database {
        self.generations.database()
    }

    /// Writes the pending states and checkpoints of all views: all of it or nothing. Not synced, so after a crash a little
    /// is folded again. After an error the database takes no more writes until it is reopened.
    pub(super) fn commit(&self, driver: &mut Driver<PendingState>) -> Result<(), fjall::Error> {
        self.faults.writes.check()?;
        let mut pending = Vec::new();
        for lane in driver.lanes_mut() {
            let state = lane.state_mut();
            let keyspace = state.keyspace().clone();
            if !state.pending_mut().is_empty() {
                pending.push((
                    keyspace,
                    state.pending_mut().len(),
                    state.pending_mut().take(),
                ));
            }
        }
        let writes = pending.iter().map(|(_, writes, _)| writes).sum();
        let mut batch = fjall::OwnedWriteBatch::with_capacity(self.database().clone(), writes);
        for (keyspace, _, writes) in pending {
            for (key, value) in writes {
                match value {
                    Some(value) => batch.insert(&keyspace, key, value),
                    None => batch.remove(&keyspace, key),
                }
            }
        }
        batch.commit()
    }

    /// Writes the same as sorted tables, past journal and write buffers. Each view is written with its checkpoint
    /// atomically and synced, but one view after the other: a crash in between leaves some further than others.
    pub(super) fn ingest(&self, driver: &mut Driver<PendingState>) -> Result<(), fjall::Error> {
        self.faults.writes.check()?;
        for lane in driver.lanes_mut() {
            let state = lane.state_mut();
            if state.pending_mut().is_empty() {
                continue;
            }
            let keyspace = state.keyspace().clone();
            let mut ingestion = keyspace.start_ingestion()?;
            for (key, value) in state.pending_mut().take() {
                match value {
                    Some(value) => ingestion.write(key, value)?,
                    None => ingestion.write_tombstone(key)?,
                }
            }
            ingestion.finish()?;
        }
        Ok(())
    }

    /// Syncs all commits, so that the next start has nothing to replay.
    pub(super) fn sync(&self) -> Result<(), fjall::Error> {
        self.database().persist(PersistMode::SyncData)
    }
}

/// The directory of the database, and how to open it.
struct Folder<'o> {
    options: &'o ProjectorOptions,
    path: PathBuf,
}

impl<'o> Folder<'o> {
    fn new(options: &'o ProjectorOptions) -> Self {
        Self {
            options,
            path: options.data.join(VIEWS),
        }
    }

    /// Opens the database. Drops it first if it belongs to another log or epoch, or is damaged.
    fn open_of(
        &self,
        log: LogIdentity,
        opened: Option<Result<Database, fjall::Error>>,
    ) -> Result<Database, ProjectorError> {
        let opened = match opened {
            // The earlier attempt may have met the predecessor, which has released the data directory since.
            None | Some(Err(fjall::Error::Locked)) => self.open(),
            Some(opened) => opened,
        };
        let error = match opened.and_then(|db| Ok((stored_log(&db)?, db))) {
            Ok((Some(stored), db)) if stored == log => return Ok(db),
            Ok((Some(stored), _)) => {
                tracing::warn!(
                    stored = stored.epoch.0,
                    epoch = log.epoch.0,
                    same_log = stored.log_id == log.log_id,
                    "views are of another epoch or log"
                );
                None
            }
            // Just created, or an earlier start was cut off before it recorded the log.
            Ok((None, db)) if db.list_keyspace_names().iter().all(|name| &**name == META) => {
                set_log(&db, log).map_err(|error| self.cannot_open(&error))?;
                return Ok(db);
            }
            Ok((None, _)) => None,
            Err(error) => Some(error),
        };
        if let Some(error) = error {
            if of_fjall(&error) != Severity::Damaged {
                return Err(self.cannot_open(&error));
            }
            tracing::warn!(%error, "views are damaged");
        }
        self.drop_all()
            .map_err(|error| self.cannot_open(&fjall::Error::Io(error)))?;
        tracing::info!("views dropped, building them anew from the log");
        let db = self.open().map_err(|error| self.cannot_open(&error))?;
        set_log(&db, log).map_err(|error| self.cannot_open(&error))?;
        Ok(db)
    }

    fn open(&self) -> Result<Database, fjall::Error> {
        self.options.faults.writes.check()?;
        private::create_directory(&self.options.data)?;
        remove_if_there(&self.dropped())?;
        let limits = DatabaseLimits {
            cache_bytes: self.options.cache_bytes,
            journal_bytes: self.options.journal_bytes,
            cached_files: self.options.cached_files,
        };
        open_database(&self.path, limits)
    }

    fn dropped(&self) -> PathBuf {
        self.options.data.join("views.dropped")
    }

    /// Moves the directory away before removing it, so that half a database is never opened. A directory that is a mount
    /// point cannot be moved and is emptied.
    fn drop_all(&self) -> io::Result<()> {
        match fs::rename(&self.path, self.dropped()) {
            Err(error) if error.kind() == ErrorKind::ResourceBusy => {
                return empty_directory(&self.path);
            }
            renamed => renamed?,
        }
        remove_if_there(&self.dropped())
    }

    /// Refuses a log that ends before a position that any generation has applied, even one that is about to be dropped. A
    /// generation with an unreadable checkpoint is ignored here and rebuilt.
    fn check_head(&self, generations: &Generations, head: Position) -> Result<(), ProjectorError> {
        for name in generations.database().list_keyspace_names() {
            if &*name == META {
                continue;
            }
            let state = PendingState::new(self.keyspace(generations, &name)?);
            let seen = match Checkpoint::read(&state) {
                Ok(Some(checkpoint)) => checkpoint.position,
                Err(StateError::Waiting { reason }) => return Err(self.waiting(reason)),
                Ok(None) | Err(_) => continue,
            };
            if seen > head {
                let view = name.to_string();
                return Err(ProjectorError::LostEvents { view, seen, head });
            }
        }
        Ok(())
    }

    fn records(
        &self,
        generations: &Generations,
        views: &[ViewDef],
    ) -> Result<Vec<Record>, ProjectorError> {
        let records = views.iter().map(|view| generations.record(view));
        records
            .map(|record| record.map_err(|error| self.cannot_open(&error)))
            .collect()
    }

    /// Returns the driver of the serving generations, and drops unused generations.
    fn driver(
        &self,
        generations: &Generations,
        views: Vec<ViewDef>,
        records: &[Record],
    ) -> Result<Driver<PendingState>, ProjectorError> {
        let mut wanted = BTreeSet::new();
        for (view, record) in views.iter().zip(records) {
            for generation in [Some(record.serving()), record.building]
                .into_iter()
                .flatten()
            {
                wanted.insert(generation_name(view, generation));
            }
        }
        for name in generations.database().list_keyspace_names() {
            if &*name != META && !wanted.contains(&*name) {
                tracing::info!(generation = %name, "dropping a generation that no view asks for");
                let keyspace = self.keyspace(generations, &name)?;
                let dropped = generations.drop_keyspace(keyspace);
                dropped.map_err(|error| self.cannot_open(&error))?;
            }
        }
        let mut names = BTreeSet::new();
        let mut driver = Driver::default();
        for (view, record) in views.into_iter().zip(records) {
            let name = view.name;
            if !names.insert(name) {
                return Err(ProjectorError::NameTaken { name });
            }
            let keyspace = generation_name(&view, record.serving());
            let added = add(generations, &mut driver, view, &keyspace);
            added.map_err(|error| self.cannot_add(&error))?;
        }
        Ok(driver)
    }

    fn keyspace(&self, generations: &Generations, name: &str) -> Result<Keyspace, ProjectorError> {
        let opened = generations.keyspace(name);
        opened.map_err(|error| self.cannot_open(&error))
    }

    fn cannot_add(&self, error: &AddError) -> ProjectorError {
        match error {
            AddError::Store(error) => self.cannot_open(error),
            AddError::Resume(ResumeError::State {
                source: StateError::Waiting { reason },
                ..
            }) => self.waiting(reason.clone()),
            AddError::Resume(error) => ProjectorError::Open {
                path: self.path.display().to_string(),
                reason: error.to_string(),
            },
        }
    }

    fn waiting(&self, reason: String) -> ProjectorError {
        let path = self.path.display().to_string();
        ProjectorError::Waiting { path, reason }
    }

    fn cannot_open(&self, error: &fjall::Error) -> ProjectorError {
        let path = self.path.display().to_string();
        let reason = error.to_string();
        match (error, of_fjall(error)) {
            (fjall::Error::Locked, _) => ProjectorError::InUse { path },
            (_, Severity::Passing) => ProjectorError::Waiting { path, reason },
            (_, Severity::Damaged | Severity::Final) => ProjectorError::Open { path, reason },
        }
    }
}

/// A view cannot be added to a driver.
#[derive(Debug, Error)]
pub(super) enum AddError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] fjall::Error),
    /// Even an empty state cannot be resumed.
    #[error(transparent)]
    Resume(#[from] ResumeError),
}

impl AddError {
    /// Whether the fault is transient.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Store(error) => of_fjall(error) == Severity::Passing,
            Self::Resume(error) => error.is_waiting(),
        }
    }
}

/// Adds a view with the state in a keyspace; a state that cannot be resumed is rebuilt.
pub(super) fn add(
    generations: &Generations,
    driver: &mut Driver<PendingState>,
    view: ViewDef,
    name: &str,
) -> Result<(), AddError> {
    let keyspace = generations.keyspace(name)?;
    let Err(error) = driver.add(view, PendingState::new(keyspace.clone())) else {
        return Ok(());
    };
    if error.is_waiting() {
        return Err(error.into());
    }
    tracing::warn!(generation = %name, %error, "view is damaged, building it anew from the log");
    generations.drop_keyspace(keyspace)?;
    driver.add(view, PendingState::new(generations.keyspace(name)?))?;
    Ok(())
}

fn meta(db: &Database) -> Result<Keyspace, fjall::Error> {
    db.keyspace(META, || {
        KeyspaceCreateOptions::default().max_memtable_size(1024 * 1024)
    })
}

/// Reads the recorded log; `None` if it was never set or is unreadable.
fn stored_log(db: &Database) -> Result<Option<LogIdentity>, fjall::Error> {
    let stored = meta(db)?.get(LOG)?;
    Ok(stored
        .and_then(|bytes| <[u8; LogIdentity::BYTES]>::try_from(&*bytes).ok())
        .map(LogIdentity::from_bytes))
}

fn set_log(db: &Database, log: LogIdentity) -> Result<(), fjall::Error> {
    meta(db)?.insert(LOG, log.to_bytes())?;
    db.persist(PersistMode::SyncAll)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
