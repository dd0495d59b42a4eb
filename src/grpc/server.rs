//! The server: every service with health and reflection, behind the edge, with its limits.

use std::sync::Arc;

use ownerline_proto::DESCRIPTOR_SET;
use ownerline_proto::replay::touchpoint_service_server::TouchpointServiceServer;
use ownerline_proto::v1::advocacy_service_server::AdvocacyServiceServer;
use ownerline_proto::v1::feedback_service_server::FeedbackServiceServer;
use ownerline_proto::v1::policy_service_server::PolicyServiceServer;
use ownerline_proto::v1::projection_service_server::ProjectionServiceServer;
use ownerline_proto::v1::response_time_service_server::ResponseTimeServiceServer;
use ownerline_proto::v1::timeline_service_server::TimelineServiceServer;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::codec::CompressionEncoding::Gzip;
use tonic::transport::Server;
use tonic_health::pb::health_server::HealthServer;
use tonic_reflection::pb::v1::server_reflection_server::ServerReflectionServer;
use tonic_reflection::pb::v1alpha::server_reflection_server::ServerReflectionServer as AlphaReflectionServer;

use super::counted::Counting;
use super::health::HealthApi;
use super::incoming::connections;
use super::layer::{EdgeLayer, EdgeLimits};
use super::open::Open;
use super::reflection::Reflection;
use super::{
    AdvocacyApi, FeedbackApi, Health, PolicyApi, ProjectionApi, ResponseTimeApi, TimelineApi,
    TouchpointApi,
};
use crate::config::{LimitsConfig, ServerConfig};
use crate::telemetry::metrics::CallMetrics;

/// Every service of the contract.
pub struct Services {
    /// The one way in, and the log.
    pub touchpoint: TouchpointApi,
    /// The story of one owner.
    pub timeline: TimelineApi,
    /// How much of an advocate an owner is.
    pub advocacy: AdvocacyApi,
    /// What is owed for feedback.
    pub feedback: FeedbackApi,
    /// Rules as data.
    pub policy: PolicyApi,
    /// How long owners wait.
    pub response_time: ResponseTimeApi,
    /// How far the read models are.
    pub projection: ProjectionApi,
}

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

/// Serves until `drain` is cancelled, then until every running call has ended: streams at once, health last.
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
    let reflection = Reflection::new(
        &[
            DESCRIPTOR_SET,
            tonic_health::pb::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
        ],
        drain.clone(),
    )?;
    let others = Arc::new(Open::default());
    let health = HealthApi {
        health: health.clone(),
        drain: drain.clone(),
        others: others.clone(),
    };
    // The envelope of a request around its touchpoints needs some room of its own.
    let message_bytes =
        usize::try_from(limits.batch_bytes.saturating_add(4_096)).unwrap_or(usize::MAX);
    let edge_limits = EdgeLimits {
        concurrent_requests: server.concurrent_requests,
        streams_per_connection: streams(server.streams_per_connection),
        request_timeout: server.request_timeout,
        message_bytes: limits.batch_bytes,
    };
    let edge = EdgeLayer::new(edge_limits, Counting::new(metrics), drain.clone(), others);
    // The generated servers share no trait for their settings.
    macro_rules! of {
        ($server:ident, $service:expr) => {
            $server::new($service)
                .max_decoding_message_size(message_bytes)
                .accept_compressed(Gzip)
                .send_compressed(Gzip)
        };
    }
    let incoming = connections(
        listener,
        server.connections,
        server.keepalive_timeout,
        drain.clone(),
    );
    Server::builder()
        .http2_keepalive_interval(Some(server.keepalive_interval))
        .http2_keepalive_timeout(Some(server.keepalive_timeout))
        .initial_stream_window_size(Some(window(server.stream_window_bytes)))
        .initial_connection_window_size(Some(window(server.connection_window_bytes)))
        .max_concurrent_streams(Some(
            u32::try_from(server.streams_per_connection).unwrap_or(u32::MAX),
        ))
        .http2_max_header_list_size(Some(window(server.header_bytes)))
        .layer(edge)
        .add_service(of!(HealthServer, health))
        .add_service(of!(ServerReflectionServer, reflection.clone()))
        .add_service(of!(AlphaReflectionServer, reflection))
        .add_service(of!(TouchpointServiceServer, services.touchpoint))
        .add_service(of!(TimelineServiceServer, services.timeline))
        .add_service(of!(AdvocacyServiceServer, services.advocacy))
        .add_service(of!(FeedbackServiceServer, services.feedback))
        .add_service(of!(PolicyServiceServer, services.policy))
        .add_service(of!(ResponseTimeServiceServer, services.response_time))
        .add_service(of!(ProjectionServiceServer, services.projection))
        .serve_with_incoming_shutdown(incoming, drain.cancelled())
        .await?;
    Ok(())
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
