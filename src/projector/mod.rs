//! The projector keeps the views up with the log: it reads the log in position order, decodes once for all views, folds
//! in batches, and commits states and checkpoints in one atomic write.
//!
//! [`start`] opens the views and returns a [`ProjectorHandle`]; one task owns the work until its token is cancelled. A
//! view that cannot handle a touchpoint stops alone and loudly, and stays at its position. A rebuild fills another
//! generation of a view beside the one that serves, which takes over when both are at the same position.
//!
//! A view answers nothing about the present until it has reached the head that the log had when the view was opened:
//! up to there it holds a part of a history that was acknowledged before.

mod ahead;
mod applied;
mod bulk;
mod current;
mod decoder;
mod error;
mod generations;
mod handle;
mod healing;
mod options;
mod rebuild;
mod runner;
mod status;
mod switching;
mod trouble;
mod view_error;
mod view_state;
mod view_store;
mod wait;
mod worker;

pub use applied::Applied;
pub use decoder::Decoder;
pub use error::{ProjectorError, RebuildError, SnapshotError};
pub use generations::{Comparison, Verdict};
pub use handle::ProjectorHandle;
pub use options::ProjectorOptions;
pub use rebuild::{RebuildPhase, RebuildStatus};
pub use status::{ViewState, ViewStatus};
pub use view_error::ViewError;
pub use view_state::ViewSnapshot;
pub use view_store::OpeningViews;
pub use wait::{Required, WaitError};

use std::sync::Arc;

use ownerline_projections::fold::ViewDef;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::store::SharedStore;
use applied::Announcer;
use current::Current;
use handle::Parts;
use rebuild::{HANDOVERS, Rebuilds, Workshop};
use runner::{Publishing, Runner};
use worker::Worker;

/// Opens the views under `<data>/views/` and starts the task that keeps them up with the log. When `token` is cancelled,
/// the task finishes its current batch and ends without error.
///
/// Views of another version, log or epoch, and damaged ones, are dropped and rebuilt from the log. `opening` is an
/// opening with the same options that was begun earlier.
///
/// # Errors
/// If an option is out of bounds, two views have one name, the directory cannot be opened, or a view has applied
/// positions that the log has lost.
pub async fn start(
    store: SharedStore,
    views: Vec<ViewDef>,
    options: ProjectorOptions,
    opening: Option<OpeningViews>,
    token: CancellationToken,
) -> Result<(ProjectorHandle, JoinHandle<()>), ProjectorError> {
    options.check()?;
    let (log, head) = (store.identity(), store.head());
    let last = head.borrow().position;
    let (of_views, opened) = (options.clone(), views.clone());
    let opening =
        tokio::task::spawn_blocking(move || Worker::open(&of_views, log, last, opened, opening));
    let opened = opening.await.map_err(|_| ProjectorError::Interrupted)?;
    let current = Current::closed("they are being opened");
    let (worker, records, trouble) = match opened {
        Ok((worker, records)) => {
            healing::serve(&current, &worker);
            (Some(worker), records, None)
        }
        // The server starts without the views; they are opened as soon as possible.
        Err(ProjectorError::Waiting { reason, .. }) => (None, Vec::new(), Some(reason)),
        Err(error) => return Err(error),
    };
    let announcer = Announcer::new();
    let (handing, handovers) = mpsc::channel(HANDOVERS);
    let rebuilding = TaskTracker::new();
    let workshop = Workshop {
        store: store.clone(),
        views: views.clone(),
        current: current.clone(),
        tasks: rebuilding.clone(),
        ailing: Arc::default(),
        options: options.clone(),
        token: token.clone(),
        handovers: handing,
    };
    let (changes, changed) = watch::channel(0);
    let ended = CancellationToken::new();
    let parts = Parts {
        head: head.clone(),
        announcer: announcer.clone(),
        current,
        rebuilds: Rebuilds::new(workshop.clone()),
        changes: changed,
        opened_at: last,
        ended: ended.clone(),
    };
    let (handle, progress) = ProjectorHandle::new(&views, worker.as_ref(), &records, parts);
    handle.log_catch_up(options.clock.now());
    let publishing = Publishing {
        progress,
        announcer,
        changes,
        workshop,
        handovers,
    };
    let mut runner = Runner::new(store, head, worker, publishing, options, token);
    handle.resume(&records);
    let task = tokio::spawn(async move {
        let _ended = ended.drop_guard();
        if let Some(reason) = trouble {
            runner.lose(None, reason).await;
        }
        runner.run().await;
        rebuilding.close();
        rebuilding.wait().await;
    });
    Ok((handle, task))
}

#[cfg(test)]
mod tests;
