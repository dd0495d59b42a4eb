//! Records one touchpoint per call, with many calls in flight, and calls the echo with the same messages.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{RecordRequest, Touchpoint};
use tokio::task::JoinSet;

use crate::acknowledgements::Acknowledgements;
use crate::connection::{CONNECTIONS, connect_all};
use crate::echo::EchoClient;
use crate::error::LoadError;
use crate::latencies::Latencies;
use crate::run::Run;

/// Calls in flight at once, over all connections.
pub const IN_FLIGHT: usize = 256;

// Each connection carries as many calls.
const _: () = assert!(IN_FLIGHT.is_multiple_of(CONNECTIONS));

/// Records each touchpoint in a call of its own, with `in_flight` calls at once over [`CONNECTIONS`].
///
/// # Errors
/// If the server cannot be reached, fails, or refuses a touchpoint.
pub async fn record_unary(
    url: &str,
    touchpoints: Vec<Touchpoint>,
    in_flight: usize,
    acked: &Arc<Acknowledgements>,
) -> Result<Run, LoadError> {
    let channels = connect_all(url).await?;
    let clients = channels.into_iter().map(TouchpointServiceClient::new);
    let acked = acked.clone();
    let call = move |mut client: TouchpointServiceClient<_>, request: RecordRequest| {
        let acked = acked.clone();
        async move {
            let key = request.touchpoint.as_ref();
            let (source, id) = key
                .map(|it| (it.source.clone(), it.id.clone()))
                .unwrap_or_default();
            let recorded = client.record(request).await?.into_inner();
            acked.add(&source, &id, recorded);
            Ok(())
        }
    };
    call_all(clients.collect(), touchpoints, in_flight, call).await
}

/// Makes the calls of [`record_unary`] to the echo.
///
/// # Errors
/// If the echo cannot be reached or fails.
pub async fn echo_unary(
    url: &str,
    touchpoints: Vec<Touchpoint>,
    in_flight: usize,
) -> Result<Run, LoadError> {
    let channels = connect_all(url).await?;
    let clients = channels.into_iter().map(EchoClient::new);
    let call = |mut client: EchoClient, request: RecordRequest| async move {
        client.echo(request).await.map(|_| ())
    };
    call_all(clients.collect(), touchpoints, in_flight, call).await
}

/// Makes one call per touchpoint; each worker makes its next call as soon as it has an answer.
async fn call_all<C, F, A>(
    clients: Vec<C>,
    touchpoints: Vec<Touchpoint>,
    in_flight: usize,
    call: F,
) -> Result<Run, LoadError>
where
    C: Clone + Send + 'static,
    F: Fn(C, RecordRequest) -> A + Clone + Send + 'static,
    A: Future<Output = Result<(), LoadError>> + Send,
{
    let count = touchpoints.len() as u64;
    let rest = Arc::new(Mutex::new(touchpoints.into_iter()));
    let mut workers = JoinSet::new();
    let started = Instant::now();
    for client in clients.into_iter().cycle().take(in_flight.max(1)) {
        let (rest, call) = (rest.clone(), call.clone());
        workers.spawn(async move {
            let mut latencies = Latencies::new()?;
            loop {
                let next = rest.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(touchpoint) = next else {
                    return Ok::<_, LoadError>(latencies);
                };
                let request = RecordRequest {
                    touchpoint: Some(touchpoint),
                    ..RecordRequest::default()
                };
                let called = Instant::now();
                call(client.clone(), request).await?;
                latencies.record(called.elapsed());
            }
        });
    }
    let mut all = Vec::new();
    while let Some(ended) = workers.join_next().await {
        all.push(ended??);
    }
    let elapsed = started.elapsed();
    let mut latencies = Latencies::new()?;
    for one in &all {
        latencies.add(one);
    }
    Ok(Run {
        count,
        elapsed,
        latencies,
    })
}
