//! Starts a server: opens the log and the views, then spawns the tasks that serve them.

use std::sync::Arc;

use ownerline_projections::VIEWS;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::binding::bind;
use super::error::StartError;
use super::health::HealthWatch;
use super::options;
use super::parts::Parts;
use super::running::{Running, Supervisor};
use super::sample::Sampled;
use super::scrape::Scrapes;
use super::services::services;
use crate::config::{Config, StoreConfig};
use crate::grpc::{Health, serve};
use crate::projector::{self, OpeningViews, ProjectorOptions};
use crate::query::TokenKey;
use crate::runtime::descriptors::HeldDescriptors;
use crate::runtime::tasks::Tasks;
use crate::runtime::{Clock, SystemClock};
use crate::store::embedded::{EmbeddedOptions, EmbeddedStore, Seams};
use crate::telemetry::metrics::Metrics;

/// The file with the key of page tokens, in the data directory.
const TOKEN_KEY: &str = "token.key";

/// Opens the log and the read models of `config.store.data`, and serves on `config.server.listen`.
///
/// # Errors
/// See [`StartError`].
pub async fn start(config: Config) -> Result<Running, StartError> {
    start_with(config, Seams::default()).await
}

/// Does the same as [`start`] over a log with these seams, so that a test can put a failing disk under a whole
/// server. No configuration sets them.
///
/// # Errors
/// See [`StartError`].
pub async fn start_with(mut config: Config, seams: Seams) -> Result<Running, StartError> {
    let files = options::descriptors(&config)?;
    config.server.connections = files.connections;
    let held = HeldDescriptors::take();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let metrics = Metrics::default();
    let projector_options = ProjectorOptions {
        cached_files: files.cached_files,
        faults: seams.view_faults.clone(),
        ..options::projector_options(&config)
    };
    let store_options = EmbeddedOptions {
        seams,
        metrics: metrics.log.clone(),
        index_cached_files: files.cached_files,
        ..options::store_options(&config.store)
    };
    let (log, opening) = open(store_options, projector_options.clone(), clock.clone()).await?;

    let (listener, addr) = bind(&config.server.listen).await?;
    let scrapes = match &config.metrics.listen {
        Some(address) => Some(Scrapes::new(bind(address).await?)),
        None => None,
    };
    let key = token_key(&config.store)?;

    let tasks = Tasks::new();
    let stop_projector = CancellationToken::new();
    let (projector, projecting) = projector::start(
        log.clone(),
        VIEWS.to_vec(),
        projector_options,
        opening,
        stop_projector.clone(),
    )
    .await?;
    tasks.spawn_essential("projector", projecting);
    let parts = Parts {
        config,
        metrics,
        clock,
        log,
        projector,
    };
    let metrics_addr = scrapes.as_ref().map(Scrapes::addr);
    if let Some(scrapes) = scrapes {
        let sampled = Sampled::of(&parts, files.limit);
        let registry = parts.metrics.registry(move || sampled.now());
        tasks.spawn("metrics", scrapes.serve(registry, stop_projector.clone()));
    }
    if parts.config.keeper.enabled {
        tasks.spawn("clock-keeper", parts.keeper().run(tasks.shutdown()));
    }
    let supervisor = serve_parts(&parts, listener, key, &tasks, stop_projector, held);
    let supervisor = tokio::spawn(supervisor.run());
    tracing::info!(%addr, "serving");
    Ok(Running {
        addr,
        metrics_addr,
        tasks,
        supervisor,
    })
}

/// Opens the log, and begins to open the views.
async fn open(
    store_options: EmbeddedOptions,
    projector_options: ProjectorOptions,
    clock: Arc<dyn Clock>,
) -> Result<(Arc<EmbeddedStore>, Option<OpeningViews>), StartError> {
    let opening = tokio::task::spawn_blocking(move || {
        let views = OpeningViews::begin(&projector_options);
        EmbeddedStore::open(&store_options, clock).map(|log| (log, views))
    });
    let (log, views) = opening.await??;
    Ok((Arc::new(log), views))
}

/// Spawns the gRPC server and the task that reports its health.
fn serve_parts(
    parts: &Parts,
    listener: TcpListener,
    key: TokenKey,
    tasks: &Tasks,
    stop_projector: CancellationToken,
    held: HeldDescriptors,
) -> Supervisor {
    let drain = CancellationToken::new();
    let grpc_ended = CancellationToken::new();
    let health = Health::new();
    let watch = HealthWatch::of(parts, health.clone());
    // The first call finds it.
    let _ = watch.report();
    let services = services(parts, key, &drain);
    let serving = {
        let (health, drain, ended) = (health.clone(), drain.clone(), grpc_ended.clone());
        let (server, limits) = (parts.config.server.clone(), parts.config.limits.clone());
        let calls = parts.metrics.calls.clone();
        async move {
            let served = serve(listener, services, &health, &server, &limits, &calls, drain).await;
            ended.cancel();
            served
        }
    };
    tasks.spawn_essential("grpc", serving);
    tasks.spawn("health", watch.run(tasks.shutdown()));
    Supervisor {
        drain_timeout: parts.config.server.drain_timeout,
        health,
        drain,
        grpc_ended,
        stop_projector,
        log: parts.log.clone(),
        projector: parts.projector.clone(),
        held,
        tasks: tasks.clone(),
    }
}

fn token_key(store: &StoreConfig) -> Result<TokenKey, StartError> {
    let path = store.data.join(TOKEN_KEY);
    TokenKey::open(&path).map_err(|source| StartError::TokenKey {
        path: path.display().to_string(),
        source,
    })
}
