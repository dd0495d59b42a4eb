//! Keeps the views up with the log: reads it in position order, decodes once for all views, folds in
//! batches, and commits their states and checkpoints in one atomic write.
//!
//! [`start`] opens the views and hands out a [`ProjectorHandle`]; one task owns the work until its
//! token is cancelled. A view that stops stops alone and loudly, and stays at its position.

mod applied;
mod decoder;
mod error;
mod handle;
mod options;
mod runner;
mod status;
mod view_state;
mod view_store;
mod wait;
mod worker;

pub use applied::Applied;
pub use decoder::Decoder;
pub use error::{ProjectorError, SnapshotError};
pub use handle::ProjectorHandle;
pub use options::ProjectorOptions;
pub use status::{ViewError, ViewState, ViewStatus};
pub use view_state::ViewSnapshot;
pub use wait::WaitError;

use std::sync::Arc;

use ownerline_projections::view::View;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::store::SharedStore;
use applied::Announcer;
use runner::{Publishing, Runner};
use worker::Worker;

/// Opens the views under `<data>/views/` and starts the task that keeps them up with the log until
/// `token` is cancelled. Ends its current batch first; the task ends without error.
///
/// Views of another version, log or epoch, and damaged ones, are dropped and built anew from the log.
///
/// # Errors
/// If an option is out of bounds, a name is taken twice, the directory cannot be opened, or a view has
/// seen positions that the log has lost.
pub async fn start(
    store: SharedStore,
    views: Vec<Box<dyn View>>,
    options: ProjectorOptions,
    token: CancellationToken,
) -> Result<(ProjectorHandle, JoinHandle<()>), ProjectorError> {
    options.check()?;
    let views: Vec<Arc<dyn View>> = views.into_iter().map(Arc::from).collect();
    let (log, head) = (store.identity(), store.head());
    let opening = options.clone();
    let last = head.borrow().position;
    let worker = tokio::task::spawn_blocking(move || Worker::open(&opening, log, last, views))
        .await
        .map_err(|_| ProjectorError::Interrupted)??;
    let announcer = Announcer::new();
    let (handle, progress) = ProjectorHandle::new(&worker, head.clone(), announcer.clone());
    let publishing = Publishing {
        progress,
        announcer,
    };
    let runner = Runner::new(store, head, worker, publishing, options, token);
    Ok((handle, tokio::spawn(runner.run())))
}

#[cfg(test)]
mod tests;
