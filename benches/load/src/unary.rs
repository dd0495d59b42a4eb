//! One touchpoint a call, many calls in flight: Record, and the echo of the same message.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{RecordRequest, Touchpoint};
use tokio::task::JoinSet;

use super::echo::EchoClient;
use super::{Acked, BenchError, CONNECTIONS, Run, Spread, connections};

/// Records each touchpoint with a call of its own, `in_flight` at once over [`CONNECTIONS`].
///
/// # Errors
/// If the server cannot be reached, fails, or refuses one.
pub async fn record_unary(
    url: &str,
    touchpoints: Vec<Touchpoint>,
    in_flight: usize,
    acked: &Arc<Acked>,
) -> Result<Run, BenchError> {
    let channels = connections(url).await?;
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
            acked.book(&source, &id, recorded);
            Ok(())
        }
    };
    unary(clients.collect(), touchpoints, in_flight, call).await
}

/// The same calls, answered by the echo.
///
/// # Errors
/// If the echo cannot be reached or fails.
pub async fn echo_unary(
    url: &str,
    touchpoints: Vec<Touchpoint>,
    in_flight: usize,
) -> Result<Run, BenchError> {
    let channels = connections(url).await?;
    let clients = channels.into_iter().map(EchoClient::new);
    let call = |mut client: EchoClient, request: RecordRequest| async move {
        client.same(request).await.map(|_| ())
    };
    unary(clients.collect(), touchpoints, in_flight, call).await
}

async fn unary<C, F, A>(
    clients: Vec<C>,
    touchpoints: Vec<Touchpoint>,
    in_flight: usize,
    call: F,
) -> Result<Run, BenchError>
where
    C: Clone + Send + 'static,
    F: Fn(C, RecordRequest) -> A + Clone + Send + 'static,
    A: Future<Output = Result<(), BenchError>> + Send,
{
    let count = touchpoints.len() as u64;
    let rest = Arc::new(Mutex::new(touchpoints.into_iter()));
    let mut workers = JoinSet::new();
    let begun = Instant::now();
    for client in clients.into_iter().cycle().take(in_flight.max(1)) {
        let (rest, call) = (rest.clone(), call.clone());
        workers.spawn(async move {
            let mut spread = Spread::new()?;
            loop {
                let next = rest.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(touchpoint) = next else {
                    return Ok::<_, BenchError>(spread);
                };
                let request = RecordRequest {
                    touchpoint: Some(touchpoint),
                    ..RecordRequest::default()
                };
                let asked = Instant::now();
                call(client.clone(), request).await?;
                spread.record(asked.elapsed());
            }
        });
    }
    let mut spreads = Vec::new();
    while let Some(ended) = workers.join_next().await {
        spreads.push(ended??);
    }
    let took = begun.elapsed();
    let mut spread = Spread::new()?;
    for one in &spreads {
        spread.add(one);
    }
    Ok(Run {
        count,
        took,
        spread,
    })
}

const _: () = assert!(super::IN_FLIGHT.is_multiple_of(CONNECTIONS));
