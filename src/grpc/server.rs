//! The server: every service with health and reflection, behind the edge, with its limits.

use std::future::Future;

use ownerline_proto::DESCRIPTOR_SET;
use ownerline_proto::replay::touchpoint_service_server::{
    SERVICE_NAME as TOUCHPOINT, TouchpointServiceServer,
};
use ownerline_proto::v1::advocacy_service_server::{
    AdvocacyServiceServer, SERVICE_NAME as ADVOCACY,
};
use ownerline_proto::v1::feedback_service_server::{
    FeedbackServiceServer, SERVICE_NAME as FEEDBACK,
};
use ownerline_proto::v1::policy_service_server::{PolicyServiceServer, SERVICE_NAME as POLICY};
use ownerline_proto::v1::projection_service_server::{
    ProjectionServiceServer, SERVICE_NAME as PROJECTION,
};
use ownerline_proto::v1::response_time_service_server::{
    ResponseTimeServiceServer, SERVICE_NAME as RESPONSE_TIME,
};
use ownerline_proto::v1::timeline_service_server::{
    SERVICE_NAME as TIMELINE, TimelineServiceServer,
};
use thiserror::Error;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::counted::Counting;
use super::incoming::connections;
use super::layer::{EdgeLayer, EdgeLimits};
use super::{
    AdvocacyApi, FeedbackApi, PolicyApi, ProjectionApi, ResponseTimeApi, TimelineApi, TouchpointApi,
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
    Reflection(#[from] tonic_reflection::server::Error),
    /// The transport failed.
    #[error("transport failed: {0}")]
    Transport(#[from] tonic::transport::Error),
}

/// Every name that health is asked about; the empty one is the server.
const ALL: [&str; 8] = [
    "",
    TOUCHPOINT,
    TIMELINE,
    ADVOCACY,
    FEEDBACK,
    POLICY,
    RESPONSE_TIME,
    PROJECTION,
];

/// Says per service whether it takes calls.
#[derive(Clone)]
pub struct Health {
    reporter: HealthReporter,
}

impl Health {
    /// Nothing is said yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            reporter: HealthReporter::new(),
        }
    }

    /// Everything takes calls.
    pub async fn serving(&self) {
        self.set(ALL, ServingStatus::Serving).await;
    }

    /// Nothing takes calls any more.
    pub async fn stopping(&self) {
        self.set(ALL, ServingStatus::NotServing).await;
    }

    /// Nothing can be recorded any more; reading goes on.
    pub async fn read_only(&self) {
        self.set(["", TOUCHPOINT], ServingStatus::NotServing).await;
    }

    async fn set(&self, services: impl IntoIterator<Item = &str>, status: ServingStatus) {
        for service in services {
            self.reporter.set_service_status(service, status).await;
        }
    }
}

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}

/// Serves until `shutdown` is ready, then until every running call has ended.
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
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let health_service =
        tonic_health::server::HealthService::from_health_reporter(health.reporter.clone());
    // The envelope of a request around its touchpoints needs some room of its own.
    let message_bytes =
        usize::try_from(limits.batch_bytes.saturating_add(4_096)).unwrap_or(usize::MAX);
    let edge_limits = EdgeLimits {
        concurrent_requests: server.concurrent_requests,
        request_timeout: server.request_timeout,
        message_bytes: limits.batch_bytes,
    };
    let edge = EdgeLayer::new(edge_limits, Counting::new(metrics));
    let touchpoint =
        TouchpointServiceServer::new(services.touchpoint).max_decoding_message_size(message_bytes);
    let timeline =
        TimelineServiceServer::new(services.timeline).max_decoding_message_size(message_bytes);
    let advocacy =
        AdvocacyServiceServer::new(services.advocacy).max_decoding_message_size(message_bytes);
    let feedback =
        FeedbackServiceServer::new(services.feedback).max_decoding_message_size(message_bytes);
    let policy = PolicyServiceServer::new(services.policy).max_decoding_message_size(message_bytes);
    let response_time = ResponseTimeServiceServer::new(services.response_time)
        .max_decoding_message_size(message_bytes);
    let projection =
        ProjectionServiceServer::new(services.projection).max_decoding_message_size(message_bytes);
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
        .add_service(tonic_health::pb::health_server::HealthServer::new(
            health_service,
        ))
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?)
        .add_service(touchpoint)
        .add_service(timeline)
        .add_service(advocacy)
        .add_service(feedback)
        .add_service(policy)
        .add_service(response_time)
        .add_service(projection)
        .serve_with_incoming_shutdown(
            connections(listener, server.connections, server.keepalive_timeout),
            shutdown,
        )
        .await?;
    Ok(())
}

/// HTTP/2 settings are 32 bits wide.
fn window(bytes: u64) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
