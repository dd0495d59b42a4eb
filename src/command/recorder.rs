//! Records prepared touchpoints: idempotent by (source, id), under an expectation about the stream.

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
use super::warnings::Warning;
use crate::runtime::clock::Clock;
use crate::store::{Append, AppendError, Appended, Expected, Position, SharedStore, StreamName};
use crate::telemetry::metrics::{self, AppendMetrics};

/// What became of an accepted touchpoint.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its stream.
    pub stream: StreamName,
    /// Where it is; absent for a validate-only request about something not stored.
    pub appended: Option<Appended>,
    /// Worth knowing.
    pub warnings: Vec<Warning>,
}

/// A touchpoint with the log: answers after it is on stable storage, or is refused.
pub type Recording = BoxFuture<'static, Result<Outcome, CommandError>>;

/// The way into the log, shared.
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

    /// Counts what is appended there.
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

    /// Hands a prepared touchpoint to the log; the future answers after it is on stable storage.
    /// Touchpoints are taken in the order of the calls, not of the futures.
    pub fn append(&self, prepared: Prepared, expected: Expected) -> Recording {
        let warnings = prepared.warnings.clone();
        match self.hand_over(append_of(prepared, expected), warnings) {
            Handed::Decided(result) => self.decided(result),
            Handed::Underway(recording) => recording,
        }
    }

    /// Like [`append`](Self::append), but while the queue before the log is full it waits for room, as long
    /// as there is patience left. Comes back when the touchpoint is in the queue or decided, so that the
    /// order of calls one after the other holds also while the queue is full.
    pub async fn append_when_room(
        &self,
        prepared: Prepared,
        expected: Expected,
        patience: &mut Patience,
    ) -> Recording {
        let warnings = prepared.warnings.clone();
        let append = append_of(prepared, expected);
        loop {
            match self.hand_over(append.clone(), warnings.clone()) {
                Handed::Underway(recording) => return recording,
                Handed::Decided(result) if queue_was_full(&result) && patience.is_left() => {
                    self.wait_for_room(patience).await;
                }
                Handed::Decided(result) => return self.decided(result),
            }
        }
    }

    /// A result that nobody will try to better.
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

    fn hand_over(&self, append: Append, warnings: Vec<Warning>) -> Handed {
        let (store, metrics) = (self.store.clone(), self.metrics.clone());
        let mut appending: Recording = Box::pin(async move {
            let stream = append.stream.clone();
            let begun = Instant::now();
            let appended = store.append(append).await;
            // Whoever waits for room tries often: a full queue counts once nobody tries again.
            if !matches!(appended, Err(AppendError::QueueFull { .. })) {
                observe(&metrics, &appended, begun);
            }
            let appended = appended?;
            Ok(Outcome {
                stream,
                appended: Some(appended),
                warnings,
            })
        });
        // The first poll puts it into the writer's queue; whoever awaits it polls again with a waker.
        match appending
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(result) => Handed::Decided(result),
            Poll::Pending => Handed::Underway(appending),
        }
    }

    /// Checks everything that [`append`](Self::append) would check, and stores nothing.
    ///
    /// # Errors
    /// What recording it now would answer.
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
            return Err(AppendError::ContentConflict {
                key: stored.key,
                position: stored.position,
            }
            .into());
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

    /// Waits until the log has moved, and the queue before it so may have room again, or for [`LOOK`].
    async fn wait_for_room(&self, patience: &mut Patience) {
        let mut head = self.store.head();
        head.borrow_and_update();
        // Whether it moved or the time is up makes no difference to the caller: it tries again.
        let _ = tokio::time::timeout(LOOK, head.changed()).await;
        let position = head.borrow().position;
        if position != patience.head {
            patience.head = position;
            patience.since = Instant::now();
        }
    }
}

/// How long a log with a full queue may stand still. One that moves, however slowly, is waited for.
#[derive(Debug)]
pub struct Patience {
    longest: Duration,
    since: Instant,
    head: Position,
}

impl Patience {
    /// A patience of this length, from now on.
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

/// Room is given back just after the head has moved, so a look is due soon in any case.
const LOOK: Duration = Duration::from_millis(5);

/// What became of a touchpoint when it was handed to the log.
enum Handed {
    /// All of it.
    Decided(Result<Outcome, CommandError>),
    /// It is in the queue.
    Underway(Recording),
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

/// Whether the queue before the log was full, so that waiting helps.
fn queue_was_full(result: &Result<Outcome, CommandError>) -> bool {
    matches!(
        result,
        Err(CommandError::Append(AppendError::QueueFull { .. }))
    )
}
