//! Touchpoints that come in streams: RecordStream and Import. What one stream has with the log at once is
//! bounded, and so is what it holds for a client that does not read its results.

use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt as _, Stream, StreamExt as _, stream};
use ownerline_proto::v1::{
    ExpectedRevision, ImportRequest, ImportResponse, RecordResult, RecordStreamRequest,
    RecordStreamResponse, Touchpoint,
};
use ownerline_proto::{Reason, Violation};
use prost::Message as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::{Status, Streaming};
use tracing::Span;

use super::calls::Calls;
use super::results::fit_into_answer;
use crate::command::{Door, Patience, Recording};
use crate::grpc::advice::Resume;
use crate::grpc::convert;
use crate::grpc::log_lines;
use crate::grpc::paced::{Answers, paced};
use crate::grpc::problem::Problem;
use crate::grpc::status::status;
use crate::query::AnswerBudget;
use crate::store::Expected;

/// Messages of one stream that are with the log at once, however small they are.
const MESSAGES_IN_FLIGHT: usize = 1_024;
/// How long a full queue may stand still before what waits for room in it is refused.
const ROOM_PATIENCE: Duration = Duration::from_secs(10);
/// An answer takes up no further message once it has so many results.
const RESULTS_TOGETHER: usize = 1_000;

/// A touchpoint as it came, or none where one must be, and what it expects.
type Item = (Option<Touchpoint>, Option<ExpectedRevision>);

/// One message of a stream.
struct Sent {
    items: Vec<Item>,
    /// Check and store nothing.
    validate_only: bool,
}
type Results = Result<Vec<RecordResult>, Status>;

/// Records what comes, and answers what is decided, in order.
pub(super) fn record_stream(
    calls: Calls,
    requests: Streaming<RecordStreamRequest>,
) -> Answers<RecordStreamResponse> {
    let patience = calls.parts.limits.slow_reader;
    let sent = |request: RecordStreamRequest| {
        let items = request.items.into_iter();
        Sent {
            items: items
                .map(|item| (item.touchpoint, item.expected_revision))
                .collect(),
            validate_only: false,
        }
    };
    let messages = requests.map(move |request| request.map(sent));
    let settled = settled(calls, messages, "items", Door::Live);
    paced(gathered(settled), patience, Resume::WithoutResult)
}

/// Brings in history, and answers it batch by batch, in order.
pub(super) fn import(calls: Calls, requests: Streaming<ImportRequest>) -> Answers<ImportResponse> {
    let sent = |request: ImportRequest| {
        let touchpoints = request.touchpoints.into_iter();
        Sent {
            items: touchpoints
                .map(|touchpoint| (Some(touchpoint), None))
                .collect(),
            validate_only: request.validate_only,
        }
    };
    let messages = requests.map(move |request| request.map(sent));
    let settled = settled(calls, messages, "touchpoints", Door::Import);
    Box::pin(settled.map(|results| results.map(|results| ImportResponse { results })))
}

/// Hands message after message to the log while earlier ones are being written, and answers their
/// results in order. Who does not read the results is not read from either; the drain ends it.
fn settled(
    calls: Calls,
    messages: impl Stream<Item = Result<Sent, Status>> + Send + 'static,
    field: &'static str,
    door: Door,
) -> impl Stream<Item = Results> + Send + 'static {
    let drain = calls.parts.drain.clone();
    let drained = drain.clone();
    // Streams are polled outside the span of their call.
    let span = Span::current();
    let room = Arc::new(Semaphore::new(calls.parts.limits.stream_in_flight));
    let results = messages
        .take_until(drain.cancelled_owned())
        .then({
            let calls = calls.clone();
            move |message| submitted(calls.clone(), room.clone(), message, field, door)
        })
        .map(move |submitted| {
            let (calls, span) = (calls.clone(), span.clone());
            async move {
                let Message { items, place } = submitted?;
                let mut results = Vec::with_capacity(items.len());
                for item in items {
                    results.push(match item {
                        Submitted::Underway(recording) => {
                            let result = recording.await;
                            let _entered = result.is_err().then(|| span.enter());
                            calls.result(method(door), result)
                        }
                        Submitted::Refused(result) => result,
                    });
                }
                log_lines::refused_touchpoints(&span, method(door), &results);
                fit_into_answer(&mut results);
                // The place is kept until the results leave, so that they are bounded too.
                Ok((results, place))
            }
        })
        .buffered(MESSAGES_IN_FLIGHT)
        .map(|settled| settled.map(|(results, _place)| results));
    let ending = stream::once(async move {
        drained
            .is_cancelled()
            .then(|| Err(status(Problem::stopping())))
    });
    results.chain(ending.filter_map(ready))
}

/// A message that is with the log.
struct Message {
    items: Vec<Submitted>,
    place: OwnedSemaphorePermit,
}

enum Submitted {
    Underway(Recording),
    Refused(RecordResult),
}

/// Hands the touchpoints of one message to the log, in order, as soon as there is room for them.
async fn submitted(
    calls: Calls,
    room: Arc<Semaphore>,
    message: Result<Sent, Status>,
    field: &'static str,
    door: Door,
) -> Result<Message, Status> {
    let Sent {
        items,
        validate_only,
    } = message?;
    calls.batch_limit(field, items.len()).map_err(status)?;
    // A message larger than the whole bound goes alone.
    let places = items.len().min(calls.parts.limits.stream_in_flight);
    let places = u32::try_from(places).unwrap_or(u32::MAX);
    // The semaphore is never closed; if it were, the stream ends as in a drain.
    let place = room.acquire_many_owned(places).await;
    let place = place.map_err(|_| status(Problem::stopping()))?;
    let mut submitted = Vec::with_capacity(items.len());
    let mut patience = Patience::new(ROOM_PATIENCE);
    for item in items {
        let taken = if validate_only {
            validate(&calls, item, door)
        } else {
            submit(&calls, item, door, &mut patience).await
        };
        submitted.push(match taken {
            Ok(recording) => Submitted::Underway(recording),
            Err(problem) => Submitted::Refused(calls.refused(method(door), problem)),
        });
    }
    Ok(Message {
        items: submitted,
        place,
    })
}

/// What figures call the method with this door.
fn method(door: Door) -> &'static str {
    match door {
        Door::Live => "TouchpointService/RecordStream",
        Door::Import => "TouchpointService/Import",
    }
}

/// What a client must have sent to be taken.
fn complete((touchpoint, expected): Item) -> Result<(Touchpoint, Expected), Problem> {
    let Some(touchpoint) = touchpoint else {
        let missing = Violation::new("touchpoint", Reason::Required, "must be set");
        return Err(Problem::malformed(vec![missing]));
    };
    Ok((touchpoint, convert::expected(expected)?))
}

/// Checks a touchpoint when its result is asked for.
fn validate(calls: &Calls, item: Item, door: Door) -> Result<Recording, Problem> {
    let (touchpoint, expected) = complete(item)?;
    let recorder = calls.parts.recorder.clone();
    Ok(Box::pin(async move {
        recorder.validate(touchpoint, expected, door).await
    }))
}

async fn submit(
    calls: &Calls,
    item: Item,
    door: Door,
    patience: &mut Patience,
) -> Result<Recording, Problem> {
    let (touchpoint, expected) = complete(item)?;
    let recorder = &calls.parts.recorder;
    let prepared = recorder.prepare(touchpoint, door)?;
    Ok(recorder
        .append_when_room(prepared, expected, patience)
        .await)
}

/// Results on their way into answers.
struct Gathering<S> {
    settled: Pin<Box<S>>,
    answered: u64,
    /// What did not fit into the answer before, or why there are no more results.
    next: Option<Results>,
}

/// Puts the results of several messages into one answer where they are ready and fit.
fn gathered<S: Stream<Item = Results>>(
    settled: S,
) -> impl Stream<Item = Result<RecordStreamResponse, Status>> {
    let gathering = Gathering {
        settled: Box::pin(settled.fuse()),
        answered: 0,
        next: None,
    };
    stream::unfold(gathering, |mut gathering| async move {
        let first = match gathering.next.take() {
            Some(held) => held,
            None => gathering.settled.next().await?,
        };
        let mut results = match first {
            Ok(results) => results,
            Err(status) => return Some((Err(status), gathering)),
        };
        let mut budget = AnswerBudget::of_answer();
        // The first message always fits.
        let _ = budget.takes(bytes(&results));
        while results.len() < RESULTS_TOGETHER {
            match gathering.settled.next().now_or_never().flatten() {
                Some(Ok(more)) if budget.takes(bytes(&more)) => results.extend(more),
                None => break,
                held => {
                    gathering.next = held;
                    break;
                }
            }
        }
        gathering.answered += results.len() as u64;
        let answered = gathering.answered;
        Some((Ok(RecordStreamResponse { results, answered }), gathering))
    })
}

/// The encoded bytes of the results of one message.
fn bytes(results: &[RecordResult]) -> usize {
    AnswerBudget::encoded(results.iter().map(RecordResult::encoded_len))
}

#[cfg(test)]
mod tests;
