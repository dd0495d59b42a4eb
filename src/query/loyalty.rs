//! Loyalty: everything told about everybody, as of one commit, read once.

use std::sync::Arc;

use ownerline_projections::corrections;
use ownerline_projections::loyalty;
use ownerline_projections::loyalty::{
    LoyaltyFigures, LoyaltyQuery, LoyaltyScope, LoyaltyStates, loyalty,
};
use ownerline_projections::person::identity;
use ownerline_projections::person::ownership;
use ownerline_projections::timeline;
use ownerline_projections::vehicles;
use tokio::sync::Semaphore;

use super::basis::{Basis, Bounds};
use super::counts::{GivenUp, Waiting};
use super::error::ViewFault;
use super::nearest::unknown;
use super::{QueryError, Timelines, views};
use crate::projector::{ProjectorHandle, ViewSnapshot};
use crate::store::Position;

/// What loyalty is read from.
const VIEWS: [&str; 6] = [
    loyalty::VIEW.name,
    vehicles::VIEW.name,
    ownership::VIEW.name,
    identity::VIEW.name,
    timeline::VIEW.name,
    corrections::VIEW.name,
];

/// Readings that run at once; more wait. Each keeps a core busy for seconds in a large store.
const READINGS: usize = 1;

/// What is asked.
#[derive(Debug, Clone)]
pub struct LoyaltyAsk {
    /// Which owners and returns.
    pub scope: LoyaltyScope,
    /// Where to read the curve, in whole days.
    pub lengths: Vec<u64>,
    /// As of and as known when.
    pub bounds: Bounds,
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct LoyaltyAnswer {
    /// The figures.
    pub figures: LoyaltyFigures,
    /// What they stand on.
    pub basis: Basis,
    /// More was recorded than they stand on, and it was asked for now.
    pub stale: bool,
}

/// Reads loyalty.
#[derive(Clone)]
pub struct LoyaltyReads {
    timelines: Timelines,
    readings: Arc<Semaphore>,
}

impl LoyaltyReads {
    /// Reads over the parts that every read stands on.
    #[must_use]
    pub fn new(timelines: Timelines) -> Self {
        let readings = Arc::new(Semaphore::new(READINGS));
        Self {
            timelines,
            readings,
        }
    }

    /// Everything that is published together.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn get(&self, ask: LoyaltyAsk) -> Result<LoyaltyAnswer, QueryError> {
        let timelines = &self.timelines;
        let (reached, asked) = timelines.basis(&ask.bounds, None).await?;
        timelines.wait_for(VIEWS, reached).await?;
        let permit = self.readings.clone().acquire_owned().await;
        let running = permit.map_err(|_| QueryError::Closing)?;
        let projector = timelines.projector.clone();
        let given_up = GivenUp::default();
        let waiting = Waiting(given_up.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let _running = running;
            let views = Views::of(&projector)?;
            let basis = asked.standing_on(views.reached());
            let query = LoyaltyQuery {
                scope: ask.scope,
                lengths: ask.lengths,
                as_of: basis.as_of,
                known_at: basis.known_at.0,
            };
            let figures = loyalty(views.states(), &query, &|| given_up.is_raised());
            let figures = figures.map_err(unreadable)?;
            refuse_unknown(&query.scope, &figures)?;
            Ok::<_, QueryError>((figures, basis))
        });
        let (figures, basis) = reading.await.map_err(unreadable)??;
        drop(waiting);
        Ok(LoyaltyAnswer {
            figures,
            stale: basis.is_stale(&timelines.store),
            basis,
        })
    }
}

/// Refuses a make or a market that nobody names.
fn refuse_unknown(scope: &LoyaltyScope, figures: &LoyaltyFigures) -> Result<(), QueryError> {
    if let Some(make) = scope.make.as_ref().filter(|it| !figures.makes.contains(it)) {
        let known = figures.makes.iter().map(String::as_str);
        return Err(unknown("filter.make", "make", make, known));
    }
    let market = scope.market.as_ref();
    match market.filter(|it| !figures.markets.contains(*it)) {
        Some(market) => {
            let known = figures.markets.iter().map(String::as_str);
            Err(unknown("filter.market", "market", market, known))
        }
        None => Ok(()),
    }
}

/// Snapshots of [`VIEWS`]. Reading them may block.
struct Views([ViewSnapshot; 6]);

impl Views {
    fn of(projector: &ProjectorHandle) -> Result<Self, QueryError> {
        projector.snapshots(VIEWS).map(Self).map_err(unreadable)
    }

    /// What an answer from all of them stands on.
    fn reached(&self) -> Position {
        views::reached(&self.0)
    }

    fn states(&self) -> LoyaltyStates<'_> {
        let [
            loyalty,
            vehicles,
            ownership,
            identity,
            timeline,
            corrections,
        ] = &self.0;
        LoyaltyStates {
            loyalty,
            vehicles,
            ownership,
            identity,
            timeline,
            corrections,
        }
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn unreadable(error: impl ViewFault) -> QueryError {
    QueryError::of_view(loyalty::VIEW.name, &error)
}
