//! The one seam between a request and the pure function that answers it: resolve the position and the instant, wait for
//! the read models, take one snapshot of those that the question needs, and run the function where blocking is allowed.

use std::sync::Arc;
use std::time::Duration;

use ownerline_projections::fold::abandonable::AbandonableState;
use ownerline_projections::{AnswerError, Snapshots, Vantage, Viewer};

use super::basis::{Answer, Basis, Bounds, Wanted};
use super::error::QueryError;
use super::permits::CancelOnDrop;
use super::token::TokenKey;
use crate::projector::{ProjectorHandle, ViewSnapshot, WaitError};
use crate::runtime::Clock;
use crate::store::{Position, SharedStore};
use crate::telemetry::metrics::AnswerMetrics;

/// The names of the views that a question needs, the one that errors name first.
pub(super) type Needs = &'static [&'static str];

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
        self.wait_for(needs, wanted.reached).await?;
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
        self.wait_for(needs, wanted.reached).await?;
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
        let taken = self.projector.snapshots_of(needs);
        let taken = taken.map_err(|error| QueryError::of_view(first(needs), &error))?;
        let reached = taken.iter().map(ViewSnapshot::position).min();
        let reached = reached.unwrap_or_default();
        // Nothing in the snapshot was recorded after this, or is told to be later than this now.
        let recorded_until = self.store.head().borrow().recorded_at;
        Ok(Stand {
            basis: wanted.basis(reached, self.clock.now()),
            taken: Arc::new(Taken {
                views: needs.iter().copied().zip(taken).collect(),
                recorded_until,
            }),
            needs,
            viewer: viewer.clone(),
            metrics: self.metrics.clone(),
        })
    }

    /// Waits until each of these views has reached a position.
    pub(super) async fn wait_for(&self, views: Needs, wanted: Position) -> Result<(), QueryError> {
        let waited = self.patience;
        let arrivals = views.iter().map(|view| async move {
            let arrived = self.projector.wait_for(view, wanted, waited).await;
            arrived.map_err(|error| match error {
                WaitError::TimedOut { reached } => QueryError::NotYet {
                    wanted,
                    reached,
                    waited,
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
        answer.map_err(|error| QueryError::of_answer(first(self.needs), error))
    }
}

fn first(needs: Needs) -> &'static str {
    needs.first().copied().unwrap_or_default()
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
    computed.map_err(|error| QueryError::of_view(first(needs), &error))?
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
