//! The one seam between a request and the pure function that answers it: resolve the position and the instant, wait for
//! the read models, take one snapshot of those that the question needs, and run the function where blocking is allowed.

use std::sync::Arc;
use std::time::Duration;

use ownerline_projections::fold::abandonable::AbandonableState;
use ownerline_projections::{AnswerError, Snapshots, Vantage, Viewer};
use tokio::sync::Semaphore;

use super::basis::{Answer, Basis, Bounds, Wanted};
use super::error::{NotYet, QueryError};
use super::needs::Needs;
use super::permits::CancelOnDrop;
use super::position::PositionText;
use super::token::TokenKey;
use crate::projector::{ProjectorHandle, Required, SnapshotError, ViewSnapshot, WaitError};
use crate::runtime::Clock;
use crate::store::{Position, SharedStore};
use crate::telemetry::metrics::AnswerMetrics;

/// Everything that reads are made of. Cheap to clone.
#[derive(Clone)]
pub struct Reads {
    /// The log.
    pub store: SharedStore,
    /// The read models.
    pub projector: ProjectorHandle,
    /// Fills in an omitted `as_of`.
    pub clock: Arc<dyn Clock>,
    /// Seals page tokens.
    pub key: TokenKey,
    /// Entries of a page at most.
    pub page_entries: usize,
    /// Longest wait for a read model.
    pub patience: Duration,
    /// What counts the computations.
    pub metrics: AnswerMetrics,
    /// Permits to wait for one, shared by all reads: while a read model catches up, the calls that wait must leave room
    /// for those that record. Without a permit a question is not waited with.
    pub waiting: Arc<Semaphore>,
}

/// The states of several views as of one commit. Reading them may block.
struct Taken {
    views: Vec<(&'static str, ViewSnapshot)>,
    recorded_until: i64,
}

impl Taken {
    /// The states, which can be read as long as somebody waits for the answer.
    fn until<'t>(
        &'t self,
        is_cancelled: &'t (dyn Fn() -> bool + Sync),
    ) -> Vec<(&'static str, AbandonableState<'t>, Position)> {
        let views = self.views.iter();
        let views = views.map(|(name, view)| {
            let state = AbandonableState::new(view, is_cancelled);
            (*name, state, view.position())
        });
        views.collect()
    }
}

/// One snapshot and the basis of all answers that are computed from it. Cheap to clone.
#[derive(Clone)]
pub(super) struct Stand {
    taken: Arc<Taken>,
    needs: Needs,
    viewer: Viewer,
    pub(super) basis: Basis,
    metrics: AnswerMetrics,
}

impl Reads {
    /// Computes an answer by `answer`, as a request bounds it.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub(super) async fn ask<A: Send + 'static>(
        &self,
        needs: Needs,
        bounds: &Bounds,
        viewer: &Viewer,
        answer: impl FnOnce(&Snapshots<'_>, &Vantage<'_>) -> Result<A, AnswerError> + Send + 'static,
    ) -> Result<Answer<A>, QueryError> {
        let wanted = Wanted::by(bounds, &self.store).await?;
        self.ask_for(needs, wanted, viewer, answer).await
    }

    /// As [`Self::ask`], where what is wanted is resolved already.
    pub(super) async fn ask_for<A: Send + 'static>(
        &self,
        needs: Needs,
        wanted: Wanted,
        viewer: &Viewer,
        answer: impl FnOnce(&Snapshots<'_>, &Vantage<'_>) -> Result<A, AnswerError> + Send + 'static,
    ) -> Result<Answer<A>, QueryError> {
        self.wait_for(needs, wanted.required()).await?;
        let (reads, viewer) = (self.clone(), viewer.clone());
        let (basis, value) = blocking(needs, &self.metrics, move |is_cancelled| {
            let stand = reads.take(needs, wanted, &viewer)?;
            Ok((stand.basis, stand.compute(is_cancelled, answer)?))
        })
        .await?;
        Ok(self.answer(basis, value))
    }

    /// Takes the snapshot of a question that is answered in several steps.
    pub(super) async fn stand(
        &self,
        needs: Needs,
        bounds: &Bounds,
        viewer: &Viewer,
    ) -> Result<Stand, QueryError> {
        let wanted = Wanted::by(bounds, &self.store).await?;
        self.wait_for(needs, wanted.required()).await?;
        let (reads, viewer) = (self.clone(), viewer.clone());
        blocking(needs, &self.metrics, move |_| {
            reads.take(needs, wanted, &viewer)
        })
        .await
    }

    /// An answer on a basis, and whether more was recorded meanwhile.
    pub(super) fn answer<A>(&self, basis: Basis, value: A) -> Answer<A> {
        Answer {
            value,
            basis,
            stale: basis.is_stale(&self.store),
        }
    }

    /// Takes a snapshot. May block.
    fn take(&self, needs: Needs, wanted: Wanted, viewer: &Viewer) -> Result<Stand, QueryError> {
        let taken = self
            .projector
            .snapshots_of(needs.views(), wanted.required());
        let taken = taken.map_err(|error| match error {
            SnapshotError::Behind {
                view,
                reached,
                wanted,
            } => self.not_yet(&view, reached, wanted),
            error => QueryError::of_view(needs.first(), &error),
        })?;
        let reached = taken.iter().map(ViewSnapshot::position).min();
        let reached = reached.unwrap_or_default();
        // Nothing in the snapshot was recorded after this, or is told to be later than this now.
        let recorded_until = self.store.head().borrow().recorded_at;
        Ok(Stand {
            basis: wanted.basis(reached, self.clock.now()),
            taken: Arc::new(Taken {
                views: needs.views().iter().copied().zip(taken).collect(),
                recorded_until,
            }),
            needs,
            viewer: viewer.clone(),
            metrics: self.metrics.clone(),
        })
    }

    /// Waits until each view holds what is required.
    pub(super) async fn wait_for(
        &self,
        needs: Needs,
        required: Required,
    ) -> Result<(), QueryError> {
        let permit = self.waiting.try_acquire();
        let patience = match &permit {
            Ok(_) => self.patience,
            Err(_) => Duration::ZERO,
        };
        let arrivals = needs.views().iter().map(|view| async move {
            let arrived = self.projector.wait_for(view, required, patience).await;
            arrived.map_err(|error| match error {
                WaitError::TimedOut { reached, wanted } => self.not_yet(view, reached, wanted),
                WaitError::Retrying { reason } => QueryError::ViewWaiting {
                    view: (*view).to_owned(),
                    reason,
                },
                WaitError::Failed { reason, .. } => QueryError::ViewFailed {
                    view: (*view).to_owned(),
                    reason,
                },
                WaitError::Closing => QueryError::Closing,
            })
        });
        futures::future::try_join_all(arrivals).await?;
        Ok(())
    }

    fn not_yet(&self, view: &str, reached: Position, wanted: Position) -> QueryError {
        let not_yet = NotYet {
            view: view.to_owned(),
            wanted,
            reached,
            text: PositionText(self.store.epoch()),
            waited: self.patience,
        };
        not_yet.into()
    }
}

impl Stand {
    /// Computes one more answer from the same snapshot.
    pub(super) async fn ask<A: Send + 'static>(
        &self,
        answer: impl FnOnce(&Snapshots<'_>, &Vantage<'_>) -> Result<A, AnswerError> + Send + 'static,
    ) -> Result<A, QueryError> {
        let stand = self.clone();
        blocking(self.needs, &self.metrics, move |is_cancelled| {
            stand.compute(is_cancelled, answer)
        })
        .await
    }

    /// Computes an answer here and now, for whoever waits for it. Once `is_cancelled` says yes, the next read of a state
    /// fails, so every computation ends soon. May block.
    pub(super) fn compute<A>(
        &self,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        answer: impl FnOnce(&Snapshots<'_>, &Vantage<'_>) -> Result<A, AnswerError>,
    ) -> Result<A, QueryError> {
        let states = self.taken.until(is_cancelled);
        let snapshots = Snapshots::default().with_recorded_until(self.taken.recorded_until);
        let states = states.iter();
        let snapshots = states.fold(snapshots, |snapshots, (name, state, position)| {
            snapshots.with(name, state, *position)
        });
        let Basis {
            known_at,
            as_of,
            asked_at,
            ..
        } = self.basis;
        let vantage = Vantage::new(&snapshots, as_of, known_at, &self.viewer);
        let vantage = vantage.asked_at(asked_at);
        let answer = answer(&snapshots, &vantage.until(is_cancelled));
        answer.map_err(|error| QueryError::of_answer(self.needs.first(), error))
    }
}

/// Runs a computation where blocking is allowed; it is told when nobody waits for it any more.
async fn blocking<A: Send + 'static>(
    needs: Needs,
    metrics: &AnswerMetrics,
    compute: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> Result<A, QueryError> + Send + 'static,
) -> Result<A, QueryError> {
    let cancel = CancelOnDrop::default();
    let (cancelled, running) = (cancel.flag(), Running::begin(metrics));
    let computing = tokio::task::spawn_blocking(move || {
        let computed = compute(&|| cancelled.is_raised());
        if matches!(computed, Err(QueryError::Abandoned)) {
            running.0.abandoned.inc();
        }
        computed
    });
    let computed = computing.await;
    drop(cancel);
    computed.map_err(|error| QueryError::of_view(needs.first(), &error))?
}

/// A computation that runs, for the metrics.
struct Running(AnswerMetrics);

impl Running {
    fn begin(metrics: &AnswerMetrics) -> Self {
        metrics.running.inc();
        Self(metrics.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.dec();
    }
}
