//! A running server, and the order in which its parts are stopped.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::error::StopError;
use crate::grpc::Health;
use crate::projector::ProjectorHandle;
use crate::runtime::descriptors::HeldDescriptors;
use crate::runtime::tasks::Tasks;
use crate::store::embedded::EmbeddedStore;
use crate::telemetry;

/// The time for the projector's last batch, and for closing views and log, even if calls used up the drain.
const LAST_GRACE: Duration = Duration::from_millis(500);

/// A running server.
pub struct Running {
    pub(super) addr: SocketAddr,
    pub(super) metrics_addr: Option<SocketAddr>,
    pub(super) tasks: Tasks,
    pub(super) supervisor: JoinHandle<Result<(), StopError>>,
}

impl Running {
    /// The address that it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The address that serves its metrics, if any.
    #[must_use]
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_addr
    }

    /// The tasks of the server. Beginning their shutdown begins the drain.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Waits until the server has ended, by itself or because it was asked to.
    ///
    /// # Errors
    /// See [`StopError`].
    pub async fn finished(self) -> Result<(), StopError> {
        self.supervisor.await?
    }

    /// Drains and stops the server, within `server.drain_timeout`.
    ///
    /// # Errors
    /// See [`StopError`].
    pub async fn stop(self) -> Result<(), StopError> {
        self.tasks.begin_shutdown();
        self.finished().await
    }
}

/// The parts that must be stopped in order.
pub(super) struct Supervisor {
    pub(super) drain_timeout: Duration,
    pub(super) health: Health,
    pub(super) drain: CancellationToken,
    pub(super) grpc_ended: CancellationToken,
    pub(super) stop_projector: CancellationToken,
    pub(super) tasks: Tasks,
    pub(super) log: Arc<EmbeddedStore>,
    pub(super) projector: ProjectorHandle,
    pub(super) held: HeldDescriptors,
}

impl Supervisor {
    /// Waits for the shutdown, then drains the calls, stops the projector and the other tasks, and closes the
    /// log.
    pub(super) async fn run(self) -> Result<(), StopError> {
        self.tasks.shutdown().cancelled().await;
        let deadline = Instant::now() + self.drain_timeout;
        tracing::info!(timeout = ?self.drain_timeout, "draining");
        // Index and views open files while they are closed.
        self.held.release();
        // A load balancer must learn of it before the first stream ends.
        self.health.stopping();
        self.drain.cancel();
        // A server that is not done by the deadline is cut off with the other tasks.
        let grace = LAST_GRACE.min(self.drain_timeout / 4);
        let _ = tokio::time::timeout_at(deadline - grace, self.grpc_ended.cancelled()).await;
        self.stop_projector.cancel();
        let left = deadline
            .saturating_duration_since(Instant::now())
            .max(LAST_GRACE);
        let ended = self.tasks.close(left).await;
        close_all(self.log, self.projector, deadline).await;
        if !ended.cut_off.is_empty() {
            tracing::warn!(tasks = ?ended.cut_off, "cut off at the drain deadline");
        }
        telemetry::tell_repeats();
        tracing::info!("stopped");
        if ended.failures.is_empty() {
            Ok(())
        } else {
            Err(StopError::Failed {
                failures: ended.failures,
            })
        }
    }
}

/// Closes the views, then the log, and releases the data directory last, so that whoever can open one of them can open
/// all. An answer that is still being computed, although nobody waits for it, holds the views; then the directory stays
/// locked until that has ended, or the process has.
async fn close_all(log: Arc<EmbeddedStore>, projector: ProjectorHandle, deadline: Instant) {
    let until = deadline.max(Instant::now() + LAST_GRACE);
    let released = tokio::time::timeout_at(until, projector.release(LAST_GRACE)).await;
    let released = released.unwrap_or(false);
    let closing = tokio::task::spawn_blocking(move || log.close_under_lock());
    let until = deadline.max(Instant::now() + LAST_GRACE);
    let lock = match tokio::time::timeout_at(until, closing).await {
        Ok(Ok(closed)) => closed.lock,
        // The closing thread holds the lock.
        Ok(Err(_)) | Err(_) => {
            tracing::error!("log was not closed by the drain deadline");
            None
        }
    };
    if !released {
        tracing::warn!(
            "answers are still being computed, the data directory stays locked meanwhile"
        );
        tokio::spawn(async move {
            while !projector.release(LAST_GRACE).await {}
            drop(lock);
        });
    }
}
