//! The database of all views: one keyspace for each generation of a view, one that says which
//! log they are of.
//!
//! Everything in it is derived from the log, so what cannot be used is dropped and built anew; only
//! what would fail again (another process, no permission, no space) is an error.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use ownerline_projections::view::View;
use ownerline_projections::{Checkpoint, Driver};

use super::view_state::PendingState;
use super::{ProjectorError, ProjectorOptions};
use crate::store::{LogIdentity, Position};

const META: &str = "meta";
const LOG: &[u8] = b"log";

/// The open database.
pub(super) struct ViewStore {
    db: Database,
}

impl ViewStore {
    /// Opens the views, each from its checkpoint or from the start.
    pub(super) fn open(
        options: &ProjectorOptions,
        log: LogIdentity,
        head: Position,
        views: Vec<Arc<dyn View>>,
    ) -> Result<(Self, Driver<PendingState>), ProjectorError> {
        let folder = Folder::new(options);
        let db = folder.open_of(log)?;
        folder.check_head(&db, head)?;
        let driver = folder.driver(&db, views)?;
        Ok((Self { db }, driver))
    }

    pub(super) fn database(&self) -> &Database {
        &self.db
    }

    /// Writes the pending states and checkpoints of all views: all of it or nothing. Not synced; a
    /// crash replays a little. After an error the database takes no more writes until opened again.
    pub(super) fn commit(&self, driver: &mut Driver<PendingState>) -> Result<(), fjall::Error> {
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
        let mut batch = fjall::OwnedWriteBatch::with_capacity(self.db.clone(), writes);
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

    /// Syncs what was committed, so that the next start has nothing to replay.
    pub(super) fn sync(&self) -> Result<(), fjall::Error> {
        self.db.persist(PersistMode::SyncData)
    }
}

/// The keyspace of a generation.
fn generation(view: &dyn View) -> String {
    format!("{}.v{}", view.name(), view.version())
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
            path: options.data.join("views"),
        }
    }

    /// Opens the database; drops it first if it is of another log or epoch, or damaged.
    fn open_of(&self, log: LogIdentity) -> Result<Database, ProjectorError> {
        let error = match self.open().and_then(|db| Ok((stored_log(&db)?, db))) {
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
            // Created now, or a start was cut off before it said which log it is of.
            Ok((None, db)) if db.list_keyspace_names().iter().all(|name| &**name == META) => {
                set_log(&db, log).map_err(|error| self.cannot_open(&error))?;
                return Ok(db);
            }
            Ok((None, _)) => None,
            Err(error) => Some(error),
        };
        if let Some(error) = error {
            if !can_be_dropped(&error) {
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
        fs::create_dir_all(&self.options.data)?;
        remove_if_there(&self.dropped())?;
        Database::builder(&self.path)
            .cache_size(self.options.cache_bytes)
            .max_journaling_size(self.options.journal_bytes)
            // Of two or more, one hands every compaction that is waiting back to the queue, and takes it out
            // again, until another one has time for it: a core is busy with that alone.
            .worker_threads(1)
            .open()
    }

    fn dropped(&self) -> PathBuf {
        self.options.data.join("views.dropped")
    }

    /// Moves the directory away before removing it: half a database is never opened.
    fn drop_all(&self) -> io::Result<()> {
        fs::rename(&self.path, self.dropped())?;
        remove_if_there(&self.dropped())
    }

    /// Refuses a log that ends before what any generation has seen, also one that is about to be
    /// dropped. A checkpoint that cannot be read says nothing; its generation is built anew.
    fn check_head(&self, db: &Database, head: Position) -> Result<(), ProjectorError> {
        for name in db.list_keyspace_names() {
            if &*name == META {
                continue;
            }
            let state = PendingState::new(self.keyspace(db, &name)?);
            let seen = match Checkpoint::read(&state) {
                Ok(Some(checkpoint)) => Position(checkpoint.position),
                Ok(None) | Err(_) => continue,
            };
            if seen > head {
                let view = name.to_string();
                return Err(ProjectorError::LostEvents { view, seen, head });
            }
        }
        Ok(())
    }

    /// The views with their states; generations that no view asks for are dropped.
    fn driver(
        &self,
        db: &Database,
        views: Vec<Arc<dyn View>>,
    ) -> Result<Driver<PendingState>, ProjectorError> {
        let wanted: BTreeSet<String> = views.iter().map(|view| generation(&**view)).collect();
        for name in db.list_keyspace_names() {
            if &*name != META && !wanted.contains(&*name) {
                tracing::info!(generation = %name, "dropping a generation that no view asks for");
                let keyspace = self.keyspace(db, &name)?;
                db.delete_keyspace(keyspace)
                    .map_err(|error| self.cannot_open(&error))?;
            }
        }
        let mut names = BTreeSet::new();
        let mut driver = Driver::default();
        for view in views {
            let name = view.name();
            if !names.insert(name) {
                return Err(ProjectorError::NameTaken { name });
            }
            self.add(db, &mut driver, view)?;
        }
        Ok(driver)
    }

    /// Adds a view; a generation that cannot be resumed is built anew.
    fn add(
        &self,
        db: &Database,
        driver: &mut Driver<PendingState>,
        view: Arc<dyn View>,
    ) -> Result<(), ProjectorError> {
        let name = generation(&*view);
        let keyspace = self.keyspace(db, &name)?;
        let Err(error) = driver.add(view.clone(), PendingState::new(keyspace.clone())) else {
            return Ok(());
        };
        tracing::warn!(generation = %name, %error, "view is damaged, building it anew from the log");
        db.delete_keyspace(keyspace)
            .map_err(|error| self.cannot_open(&error))?;
        let fresh = PendingState::new(self.keyspace(db, &name)?);
        match driver.add(view, fresh) {
            Ok(_) => Ok(()),
            Err(error) => Err(ProjectorError::Open {
                path: self.path.display().to_string(),
                reason: error.to_string(),
            }),
        }
    }

    fn keyspace(&self, db: &Database, name: &str) -> Result<Keyspace, ProjectorError> {
        let buffer = self.options.write_buffer_bytes;
        db.keyspace(name, || {
            KeyspaceCreateOptions::default().max_memtable_size(buffer)
        })
        .map_err(|error| self.cannot_open(&error))
    }

    fn cannot_open(&self, error: &fjall::Error) -> ProjectorError {
        let path = self.path.display().to_string();
        match error {
            fjall::Error::Locked => ProjectorError::InUse { path },
            error => ProjectorError::Open {
                path,
                reason: error.to_string(),
            },
        }
    }
}

/// Whether building anew may help: not if the place itself refuses.
fn can_be_dropped(error: &fjall::Error) -> bool {
    match error {
        fjall::Error::Locked => false,
        fjall::Error::Io(error) => !matches!(
            error.kind(),
            ErrorKind::PermissionDenied
                | ErrorKind::StorageFull
                | ErrorKind::QuotaExceeded
                | ErrorKind::ReadOnlyFilesystem
                | ErrorKind::ResourceBusy
                | ErrorKind::OutOfMemory
        ),
        _ => true,
    }
}

fn meta(db: &Database) -> Result<Keyspace, fjall::Error> {
    db.keyspace(META, || {
        KeyspaceCreateOptions::default().max_memtable_size(1024 * 1024)
    })
}

/// `None` if it was never set or cannot be understood.
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
