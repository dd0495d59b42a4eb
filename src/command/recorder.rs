//! Records prepared touchpoints, idempotently by key and subject to the expected state of the stream.

use std::future::ready;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::future::BoxFuture;
use ownerline_proto::v1::Touchpoint;
use tokio::time::Instant;

use super::error::CommandError;
use super::limits::RecorderLimits;
use super::prepare::{Door, Prepared, prepare};
use super::reuse::id_reused;
use super::warnings::Warning;
use crate::runtime::clock::Clock;
use crate::store::{
    Append, AppendError, Appended, Expected, Position, SharedStore, StoredEvent, StreamName,
};
use crate::telemetry::metrics::{self, AppendMetrics};

/// The result of recording a touchpoint.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The stream.
    pub stream: StreamName,
    /// The place in the log; `None` for a validate-only request about a touchpoint that is not stored.
    pub appended: Option<Appended>,
    /// Warnings about the touchpoint.
    pub warnings: Vec<Warning>,
}

/// A recording in progress. It completes when the touchpoint is on stable storage, or refused.
pub type Recording = BoxFuture<'static, Result<Outcome, CommandError>>;

/// Records touchpoints in the log. Clones share it.
#[derive(Clone)]
pub struct Recorder {
    store: SharedStore,
    clock: Arc<dyn Clock>,
    limits: RecorderLimits,
    metrics: AppendMetrics,
}

impl Recorder {
    /// A recorder into `store`.
    #[must_use]
    pub fn new(store: SharedStore, clock: Arc<dyn Clock>, limits: RecorderLimits) -> Self {
        Self {
            store,
            clock,
            limits,
            metrics: AppendMetrics::default(),
        }
    }

    /// Counts appends in these metrics.
    #[must_use]
    pub fn measured(self, metrics: AppendMetrics) -> Self {
        Self { metrics, ..self }
    }

    /// The server's clock, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Checks, stamps and encodes a touchpoint for the log.
    ///
    /// # Errors
    /// [`CommandError::Malformed`] with every violation, [`CommandError::TooLarge`].
    pub fn prepare(&self, touchpoint: Touchpoint, door: Door) -> Result<Prepared, CommandError> {
        prepare(touchpoint, door, self.clock.now(), &self.limits)
    }

    /// Hands a prepared touchpoint to the log. The returned future completes when it is on stable storage.
    /// Touchpoints are appended in the order of the calls, not in that of polling the futures.
    pub fn append(&self, prepared: Prepared, expected: Expected) -> Recording {
        let warnings = prepared.warnings.clone();
        match self.submit(append_of(prepared, expected), warnings) {
            Submitted::Decided(result) => self.decided(result),
            Submitted::Queued(recording) => recording,
        }
    }

    /// Does the same as [`append`](Self::append), but while the queue of the log is full it waits for room, as
    /// long as there is patience left. Returns when the touchpoint is queued or decided, so that sequential
    /// calls keep their order even while the queue is full.
    pub async fn append_when_room(
        &self,
        prepared: Prepared,
        expected: Expected,
        patience: &mut Patience,
    ) -> Recording {
        let warnings = prepared.warnings.clone();
        let append = append_of(prepared, expected);
        loop {
            match self.submit(append.clone(), warnings.clone()) {
                Submitted::Queued(recording) => return recording,
                Submitted::Decided(result) if queue_was_full(&result) && patience.is_left() => {
                    self.wait_for_room(patience).await;
                }
                Submitted::Decided(result) => return self.decided(result),
            }
        }
    }

    /// A recording with a final result. Counts a full queue, which [`submit`](Self::submit) does not.
    fn decided(&self, result: Result<Outcome, CommandError>) -> Recording {
        if queue_was_full(&result) {
            let outcome = metrics::Outcome {
                outcome: "queue_full",
            };
            let series = self.metrics.duration.get_or_create_owned(&outcome);
            series.observe(0.0);
        }
        Box::pin(ready(result))
    }

    fn submit(&self, append: Append, warnings: Vec<Warning>) -> Submitted {
        let (store, metrics) = (self.store.clone(), self.metrics.clone());
        let mut appending: Recording = Box::pin(async move {
            let stream = append.stream.clone();
            let given = append.events.first().cloned();
            let begun = Instant::now();
            let appended = store.append(append).await;
            // A full queue is counted only when it is the final result, because waiting for room tries often.
            if !matches!(appended, Err(AppendError::QueueFull { .. })) {
                observe(&metrics, &appended, begun);
            }
            let appended = match (appended, given) {
                (Err(AppendError::ContentConflict { key, position }), Some(given)) => {
                    return Err(id_reused(&store, &given, key, position).await);
                }
                (appended, _) => appended?,
            };
            Ok(Outcome {
                stream,
                appended: Some(appended),
                warnings,
            })
        });
        // The first poll puts the append into the queue of the writer; awaiting it polls again with a waker.
        match appending
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(result) => Submitted::Decided(result),
            Poll::Pending => Submitted::Queued(appending),
        }
    }

    /// Checks everything that recording the touchpoint would check, and stores nothing.
    ///
    /// # Errors
    /// The error that recording it now would return.
    pub async fn validate(
        &self,
        touchpoint: Touchpoint,
        expected: Expected,
        door: Door,
    ) -> Result<Outcome, CommandError> {
        let prepared = self.prepare(touchpoint, door)?;
        let warnings = prepared.warnings.clone();
        let stream = prepared.stream.clone();
        if let Some(replayed) = self.stored_before(&prepared).await? {
            return Ok(Outcome {
                stream,
                appended: Some(replayed),
                warnings,
            });
        }
        let current = self.store.last_revision(stream.clone()).await?;
        if !expected.is_met(current) {
            return Err(AppendError::WrongRevision {
                stream,
                expected,
                current,
            }
            .into());
        }
        Ok(Outcome {
            stream,
            appended: None,
            warnings,
        })
    }

    async fn stored_before(&self, prepared: &Prepared) -> Result<Option<Appended>, CommandError> {
        let Some(stored) = self.store.find(prepared.event.key.clone()).await? else {
            return Ok(None);
        };
        if !self
            .store
            .same_content(stored.position, prepared.event.content_hash)
            .await?
        {
            let StoredEvent { key, position, .. } = stored;
            return Err(id_reused(&self.store, &prepared.event, key, position).await);
        }
        Ok(Some(Appended {
            first: stored.position,
            last: stored.position,
            revision: stored.revision,
            recorded_at: stored.recorded_at,
            stream: stored.stream,
            replayed: true,
        }))
    }

    /// Waits until the head of the log moves, when its queue may have room again, but at most for [`RETRY`].
    async fn wait_for_room(&self, patience: &mut Patience) {
        let mut head = self.store.head();
        head.borrow_and_update();
        // The caller tries again in either case.
        let _ = tokio::time::timeout(RETRY, head.changed()).await;
        let position = head.borrow().position;
        if position != patience.head {
            patience.head = position;
            patience.since = Instant::now();
        }
    }
}

/// How long to wait for a log that has a full queue and does not move. A log that moves, however slowly, is waited
/// for without a limit.
#[derive(Debug)]
pub struct Patience {
    longest: Duration,
    since: Instant,
    head: Position,
}

impl Patience {
    /// Patience of this length, from now on.
    #[must_use]
    pub fn new(longest: Duration) -> Self {
        Self {
            longest,
            since: Instant::now(),
            head: Position::START,
        }
    }

    fn is_left(&self) -> bool {
        self.since.elapsed() < self.longest
    }
}

/// The longest wait for the head to move. Room is released just after a move, so that a retry is due soon anyway.
const RETRY: Duration = Duration::from_millis(5);

/// A touchpoint that was submitted to the log.
enum Submitted {
    /// It was refused, or was stored before.
    Decided(Result<Outcome, CommandError>),
    /// It is in the queue.
    Queued(Recording),
}

fn append_of(prepared: Prepared, expected: Expected) -> Append {
    Append {
        stream: prepared.stream,
        expected,
        events: vec![prepared.event],
    }
}

fn observe(metrics: &AppendMetrics, appended: &Result<Appended, AppendError>, begun: Instant) {
    let outcome = match appended {
        Ok(appended) if appended.replayed => "replayed",
        Ok(_) => "stored",
        Err(error) => error.name(),
    };
    let outcome = metrics::Outcome { outcome };
    let series = metrics.duration.get_or_create_owned(&outcome);
    series.observe(begun.elapsed().as_secs_f64());
}

/// Returns whether the queue of the log was full, so that waiting helps.
fn queue_was_full(result: &Result<Outcome, CommandError>) -> bool {
    matches!(
        result,
        Err(CommandError::Append(AppendError::QueueFull { .. }))
    )
}
