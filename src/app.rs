//! The composition root: the only place that picks engines, wires the parts together and ends them in
//! the right order.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ownerline_projections::VIEWS;
use ownerline_proto::DESCRIPTOR_SET;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::command::{Recorder, RecorderLimits};
use crate::config::{Config, StoreConfig};
use crate::grpc::{Health, serve};
use crate::projector::{self, OpeningViews, ProjectorError, ProjectorOptions};
use crate::query::TokenKey;
use crate::runtime::descriptors::{
    DescriptorBudget, HeldDescriptors, TooFewDescriptors, raise_limit,
};
use crate::runtime::tasks::{TaskFailure, Tasks};
use crate::runtime::{Clock, SystemClock};
pub use crate::store::embedded::{
    BackupError, Certificate, Damage, Extent, Finding, IndexVerdict, LogCopy, LogFigures,
    LogReader, LogRole, Seams, Verification, backup as backup_log, bare_log, verify as verify_log,
};
use crate::store::embedded::{EmbeddedOptions, EmbeddedStore};
use crate::store::{OpenError, Position, SharedStore, embedded};
use crate::telemetry::metrics::Metrics;
use health::HealthWatch;
use sample::Sampled;
use scrape::Scrapes;
use services::services;

mod health;
mod keeping;
mod sample;
mod scrape;
mod services;

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
    /// The process may not open enough files.
    #[error(transparent)]
    Descriptors(#[from] TooFewDescriptors),
    /// A step of the start panicked.
    #[error("start was interrupted: {0}")]
    Interrupted(#[from] JoinError),
}

/// Why a server ended other than by being asked to.
#[derive(Debug, Error)]
pub enum StopError {
    /// A part without which it is of no use went away.
    #[error("server ended by itself: {}", .failures.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Failed {
        /// Which parts, the first of which began the end.
        failures: Vec<TaskFailure>,
    },
    /// The task that ends everything panicked.
    #[error("server was interrupted: {0}")]
    Interrupted(#[from] JoinError),
}

/// A running server.
pub struct Running {
    addr: SocketAddr,
    metrics_addr: Option<SocketAddr>,
    tasks: Tasks,
    supervisor: JoinHandle<Result<(), StopError>>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where its figures are answered, if they are.
    #[must_use]
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_addr
    }

    /// What runs in it; beginning the shutdown there begins the drain.
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

    /// Drains and ends it, within `server.drain_timeout`.
    ///
    /// # Errors
    /// See [`StopError`].
    pub async fn stop(self) -> Result<(), StopError> {
        self.tasks.begin_shutdown();
        self.finished().await
    }
}

/// Opens the log and the read models of `config.store.data`, and serves on `config.server.listen`.
///
/// # Errors
/// See [`StartError`].
pub async fn start(config: Config) -> Result<Running, StartError> {
    start_with(config, Seams::default()).await
}

/// [`start`] over a log with these seams, so that a test can put a failing disk under a whole server. No
/// configuration reaches them.
///
/// # Errors
/// See [`StartError`].
pub async fn start_with(mut config: Config, seams: Seams) -> Result<Running, StartError> {
    let files = descriptors(&config)?;
    config.server.connections = files.connections;
    let view_faults = seams.view_faults.clone();
    let held = HeldDescriptors::take();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let metrics = Metrics::default();
    let options = EmbeddedOptions {
        seams,
        metrics: metrics.log.clone(),
        index_cached_files: files.cached_files,
        ..store_options(&config.store)
    };
    let of_views = ProjectorOptions {
        cached_files: files.cached_files,
        faults: view_faults,
        ..projector_options(&config)
    };
    let (ahead, told) = (of_views.clone(), clock.clone());
    let opening = tokio::task::spawn_blocking(move || {
        let views = OpeningViews::begin(&ahead);
        EmbeddedStore::open(&options, told).map(|log| (log, views))
    });
    let (embedded, opening) = opening.await??;
    let embedded = Arc::new(embedded);
    let store: SharedStore = embedded.clone();

    let address = config.server.listen;
    let listen = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let addr = listener.local_addr().map_err(listen)?;
    let scrapes = bind_scrapes(config.metrics.listen).await?;
    let key_path = config.store.data.join(TOKEN_KEY);
    let key = TokenKey::open(&key_path).map_err(|source| StartError::TokenKey {
        path: key_path.display().to_string(),
        source,
    })?;

    let tasks = Tasks::new();
    let stop_projector = CancellationToken::new();
    let projecting = projector::start(
        store.clone(),
        VIEWS.to_vec(),
        of_views,
        opening,
        stop_projector.clone(),
    );
    let (projector, projecting) = projecting.await?;
    tasks.spawn_essential("projector", projecting);
    let metrics_addr = scrapes.as_ref().map(Scrapes::addr);
    if let Some(scrapes) = scrapes {
        let sampled = Sampled {
            store: embedded.clone(),
            projector: projector.clone(),
            clock: clock.clone(),
            open_files_limit: files.limit,
        };
        let registry = metrics.registry(move || sampled.now());
        tasks.spawn("metrics", scrapes.serve(registry, stop_projector.clone()));
    }

    if config.keeper.enabled {
        let recorder = recorder(&config, &store, clock.clone(), &metrics);
        let keeper = keeping::keeper(&config.keeper, &store, projector.clone(), recorder);
        tasks.spawn("clock-keeper", keeper.run(tasks.shutdown()));
    }

    let drain = CancellationToken::new();
    let (watched, watched_by) = (projector.clone(), clock.clone());
    let services = services(
        &config,
        &metrics,
        &store,
        projector,
        clock,
        key,
        drain.clone(),
    );
    let health = Health::new();
    health.serving();
    let grpc_ended = CancellationToken::new();
    let serving = {
        let (health, drain, ended) = (health.clone(), drain.clone(), grpc_ended.clone());
        let (server, limits) = (config.server.clone(), config.limits.clone());
        let calls = metrics.calls.clone();
        async move {
            let served = serve(listener, services, &health, &server, &limits, &calls, drain).await;
            ended.cancel();
            served
        }
    };
    tasks.spawn_essential("grpc", serving);
    let watch = HealthWatch {
        store: embedded.clone(),
        projector: watched,
        clock: watched_by,
        health: health.clone(),
    };
    tasks.spawn("health", watch.run(tasks.shutdown()));
    let server = Server {
        drain_timeout: config.server.drain_timeout,
        health,
        drain,
        grpc_ended,
        stop_projector,
        embedded,
        held,
        tasks: tasks.clone(),
    };
    let supervisor = tokio::spawn(server.supervise());
    tracing::info!(%addr, "serving");
    Ok(Running {
        addr,
        metrics_addr,
        tasks,
        supervisor,
    })
}

/// Raises what the process may open as far as it may, and shares it out; says so if that is less than what is
/// configured.
fn descriptors(config: &Config) -> Result<DescriptorBudget, StartError> {
    let wanted = config.server.connections;
    let files = DescriptorBudget::share_out(raise_limit(), wanted, config.store.readers)?;
    let DescriptorBudget {
        limit, connections, ..
    } = files;
    if connections < wanted {
        tracing::warn!(
            connections,
            configured = wanted,
            open_files = limit,
            "fewer connections are accepted than server.connections, because the process may not open more files"
        );
    } else {
        tracing::info!(connections, open_files = limit, "connections are accepted");
    }
    Ok(files)
}

async fn bind_scrapes(listen: Option<SocketAddr>) -> Result<Option<Scrapes>, StartError> {
    let Some(address) = listen else {
        return Ok(None);
    };
    let bound = Scrapes::bind(address).await;
    bound
        .map(Some)
        .map_err(|source| StartError::Listen { address, source })
}

/// Makes a store from a backup; see [`embedded::restore`].
///
/// # Errors
/// See [`BackupError`].
pub fn restore_log(
    from: &Path,
    data: &Path,
    progress: &mut dyn FnMut(Position, Position),
) -> Result<LogCopy, BackupError> {
    embedded::restore(from, data, &SystemClock, progress)
}

/// The file with the key of page tokens, in the data directory.
const TOKEN_KEY: &str = "token.key";

fn store_options(store: &StoreConfig) -> EmbeddedOptions {
    EmbeddedOptions {
        queue_events: store.queue_events,
        group_events: store.group_events,
        tail_events: store.tail_events,
        readers: store.readers,
        wal_limit_bytes: store.wal_bytes,
        index_cache_bytes: store.index_cache_bytes,
        index_journal_bytes: store.index_journal_bytes,
        ..EmbeddedOptions::new(&store.data, Bytes::from_static(DESCRIPTOR_SET))
    }
}

fn projector_options(config: &Config) -> ProjectorOptions {
    ProjectorOptions {
        batch_events: config.projector.batch_events,
        cache_bytes: config.projector.cache_bytes,
        journal_bytes: config.projector.journal_bytes,
        ..ProjectorOptions::new(&config.store.data)
    }
}

fn recorder(
    config: &Config,
    store: &SharedStore,
    clock: Arc<dyn Clock>,
    metrics: &Metrics,
) -> Recorder {
    let limits = RecorderLimits {
        touchpoint_bytes: config.limits.touchpoint_bytes,
        text_characters: config.limits.text_characters,
        future_tolerance: config.limits.future_tolerance,
    };
    let recorder = Recorder::new(store.clone(), clock, limits);
    recorder.measured(metrics.appends.clone())
}

/// What has to be ended, in this order.
struct Server {
    drain_timeout: Duration,
    health: Health,
    drain: CancellationToken,
    grpc_ended: CancellationToken,
    stop_projector: CancellationToken,
    tasks: Tasks,
    embedded: Arc<EmbeddedStore>,
    held: HeldDescriptors,
}

impl Server {
    async fn supervise(self) -> Result<(), StopError> {
        self.tasks.shutdown().cancelled().await;
        let deadline = Instant::now() + self.drain_timeout;
        tracing::info!(timeout = ?self.drain_timeout, "draining");
        // Index and views open files while they are closed.
        self.held.release();
        // Whoever balances load hears it before the first stream is ended.
        self.health.stopping();
        self.drain.cancel();
        // Past the deadline it is cut off with the rest, below.
        let _ = tokio::time::timeout_at(deadline, self.grpc_ended.cancelled()).await;
        self.stop_projector.cancel();
        let left = deadline
            .saturating_duration_since(Instant::now())
            .max(LAST_GRACE);
        let ended = self.tasks.close(left).await;
        let embedded = self.embedded;
        tokio::task::spawn_blocking(move || embedded.close()).await?;
        if !ended.cut_off.is_empty() {
            tracing::warn!(tasks = ?ended.cut_off, "cut off at the drain deadline");
        }
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

/// What the projector gets to commit its last batch, even when calls used up the drain.
const LAST_GRACE: Duration = Duration::from_millis(500);
