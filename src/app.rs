//! The composition root: the only place that picks engines, wires the parts together and ends them in
//! the right order.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use ownerline_projections::view::timeline::Timeline;
use ownerline_proto::DESCRIPTOR_SET;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use crate::command::{Recorder, RecorderLimits};
use crate::config::{Config, StoreConfig};
use crate::grpc::{Health, ProjectionApi, ServeError, Services, TimelineApi, TouchpointApi, TouchpointApiParts, serve};
use crate::projector::{self, ProjectorError, ProjectorHandle, ProjectorOptions};
use crate::query::{PositionText, Timelines, TokenKey};
use crate::runtime::tasks::Tasks;
use crate::runtime::{Clock, SystemClock};
use crate::store::embedded::{EmbeddedOptions, EmbeddedStore};
use crate::store::{EventStore, OpenError, SharedStore, StoreState};

/// Why a server could not be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// The log could not be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The read models could not be opened.
    #[error(transparent)]
    Projector(#[from] ProjectorError),
    /// The key of page tokens could not be read or made.
    #[error("page token key {path}: {source}")]
    TokenKey {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The address could not be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A step of the start panicked.
    #[error("start was interrupted: {0}")]
    Interrupted(#[from] JoinError),
}

/// Why a server ended other than by being asked to.
#[derive(Debug, Error)]
pub enum StopError {
    /// The transport failed.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Calls or tasks did not end within the drain deadline and were cut off.
    #[error("drain took longer than its deadline; cut off: {what}")]
    CutOff {
        /// What was still running.
        what: String,
    },
    /// The server's task panicked.
    #[error("server was interrupted: {0}")]
    Interrupted(#[from] JoinError),
}

/// A running server.
pub struct Running {
    addr: SocketAddr,
    shutdown: CancellationToken,
    supervisor: tokio::task::JoinHandle<Result<(), StopError>>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Begins the drain; [`finished`](Self::finished) says when it is over.
    pub fn begin_stop(&self) {
        self.shutdown.cancel();
    }

    /// Waits until the server has ended, by itself or because it was asked to.
    ///
    /// # Errors
    /// See [`StopError`].
    pub async fn finished(self) -> Result<(), StopError> {
        self.supervisor.await?
    }

    /// Drains and ends it.
    ///
    /// # Errors
    /// See [`StopError`].
    pub async fn stop(self) -> Result<(), StopError> {
        self.begin_stop();
        self.finished().await
    }
}

/// Opens the log and the read models of `config.store.data`, and serves on `config.server.listen`.
///
/// # Errors
/// See [`StartError`].
pub async fn start(config: Config) -> Result<Running, StartError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let options = store_options(&config.store);
    let opening = clock.clone();
    let embedded = tokio::task::spawn_blocking(move || EmbeddedStore::open(&options, opening)).await??;
    let embedded = Arc::new(embedded);
    let store: SharedStore = embedded.clone();

    let tasks = Tasks::new();
    let shutdown = tasks.shutdown().clone();
    let projector = start_projector(&config, store.clone(), &tasks).await?;
    let key = token_key(&config.store.data)?;
    let address = config.server.listen;
    let listener = TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })?;
    let addr = listener.local_addr().map_err(|source| StartError::Listen { address, source })?;
    let drain = CancellationToken::new();
    let services = services(&config, store.clone(), projector, clock, key, drain.clone());
    let server = Server { config, listener, services, drain, embedded, tasks };
    let supervisor = tokio::spawn(server.run());
    tracing::info!(%addr, "serving");
    Ok(Running { addr, shutdown, supervisor })
}
