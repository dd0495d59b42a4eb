//! The server: every service with health and reflection, behind the edge, with its limits.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use ownerline_proto::DESCRIPTOR_SET;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::{Routes, RoutesBuilder};
use tonic::transport::Server;
use tonic_health::pb::health_server::HealthServer;
use tonic_reflection::pb::v1::server_reflection_server::ServerReflectionServer;
use tonic_reflection::pb::v1alpha::server_reflection_server::ServerReflectionServer as AlphaReflectionServer;

use super::counted::Counting;
use super::health::{Health, HealthApi};
use super::incoming::Door;
use super::layer::{EdgeLayer, EdgeLimits};
use super::open::Open;
use super::reflection::Reflection;
use super::services::{Services, with_limits};
use crate::config::{LimitsConfig, ServerConfig};
use crate::telemetry::metrics::CallMetrics;

/// Why the server could not be started or stopped.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The descriptors cannot be served by reflection.
    #[error("reflection cannot be served: {0}")]
    Reflection(#[from] prost::DecodeError),
    /// The transport failed.
    #[error("transport failed: {0}")]
    Transport(#[from] tonic::transport::Error),
}

/// How long a connection that is opened during the drain may send calls before it is told to go: each is answered.
const LATE_AGE: Duration = Duration::from_millis(100);

/// Serves until `drain` is cancelled, then until every running call has ended: streams at once, health last. Connections
/// that come meanwhile are taken, and their calls answered with `STOPPING`.
///
/// # Errors
/// If the transport fails.
pub async fn serve(
    listener: TcpListener,
    services: Services,
    health: &Health,
    server: &ServerConfig,
    limits: &LimitsConfig,
    metrics: &CallMetrics,
    drain: CancellationToken,
) -> Result<(), ServeError> {
    let others = Arc::new(Open::default());
    let edge_limits = EdgeLimits {
        concurrent_requests: server.concurrent_requests,
        streams_per_connection: streams(server.streams_per_connection),
        request_timeout: server.request_timeout,
        message_bytes: limits.batch_bytes,
    };
    let counting = Counting::new(metrics);
    let edge = EdgeLayer::new(
        edge_limits,
        Arc::new(server.trusted_proxies.clone()),
        counting,
        drain.clone(),
        others.clone(),
    );
    let health = HealthApi {
        health: health.clone(),
        drain: drain.clone(),
        others,
    };
    let routes = routes(services, health, limits, &drain)?;
    let door = Door::new(
        listener,
        server.connections,
        server.keepalive_timeout,
        drain.clone(),
    );
    let all_ended = CancellationToken::new();
    let connections = door.clone().connections(drain.clone());
    let serving = async {
        let served = transport(server)
            .layer(edge.clone())
            .add_routes(routes.clone())
            .serve_with_incoming_shutdown(connections, drain.cancelled())
            .await;
        all_ended.cancel();
        served
    };
    let late_connections = door.connections(all_ended.clone());
    let refusing = async {
        tokio::select! {
            () = drain.cancelled() => {}
            () = all_ended.cancelled() => return Ok(()),
        }
        transport(server)
            .max_connection_age(LATE_AGE)
            .layer(edge.clone())
            .add_routes(routes.clone())
            // The connections end by themselves; without a shutdown the others would not be waited for.
            .serve_with_incoming_shutdown(late_connections, pending())
            .await
    };
    let (served, refused) = tokio::join!(serving, refusing);
    Ok(served.and(refused)?)
}

/// Every service with health and reflection.
fn routes(
    services: Services,
    health: HealthApi,
    limits: &LimitsConfig,
    drain: &CancellationToken,
) -> Result<Routes, ServeError> {
    let reflection = Reflection::new(
        &[
            DESCRIPTOR_SET,
            tonic_health::pb::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
        ],
        drain.clone(),
    )?;
    // The envelope of a request around its touchpoints needs some room of its own.
    let message_bytes =
        usize::try_from(limits.batch_bytes.saturating_add(4_096)).unwrap_or(usize::MAX);
    let mut routes = RoutesBuilder::default();
    routes.add_service(with_limits!(HealthServer::new(health), message_bytes));
    let of_version_1 = ServerReflectionServer::new(reflection.clone());
    routes.add_service(with_limits!(of_version_1, message_bytes));
    let of_alpha = AlphaReflectionServer::new(reflection);
    routes.add_service(with_limits!(of_alpha, message_bytes));
    services.add_to(&mut routes, message_bytes);
    Ok(routes.routes())
}

/// The transport, with its limits of connections.
fn transport(server: &ServerConfig) -> Server {
    Server::builder()
        .http2_keepalive_interval(Some(server.keepalive_interval))
        .http2_keepalive_timeout(Some(server.keepalive_timeout))
        .initial_stream_window_size(Some(window(server.stream_window_bytes)))
        .initial_connection_window_size(Some(window(server.connection_window_bytes)))
        .max_concurrent_streams(Some(
            u32::try_from(server.streams_per_connection).unwrap_or(u32::MAX),
        ))
        .http2_max_header_list_size(Some(window(server.header_bytes)))
}

/// How many streams of gRPC one connection may hold: three quarters of its HTTP/2 streams, so that unary calls always
/// find room beside them. At least one.
fn streams(of_connection: usize) -> usize {
    let quarter = of_connection.div_ceil(4);
    of_connection.saturating_sub(quarter).max(1)
}

/// HTTP/2 settings are 32 bits wide.
fn window(bytes: u64) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
