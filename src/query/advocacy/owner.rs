//! The score of one person: by which model, pulled towards which mean, and everything it is made of.
//!
//! What is the same for everybody, the mean of the brand and the scores of everybody at the start of a month,
//! never changes and is [cached](super::cache).

use std::sync::Arc;

use ownerline_projections::Viewer;
use ownerline_projections::advocacy::{
    AdvocacyStates, Advocates, AppliedPolicy, Census, ChosenModel, Expectation, Means, Model,
    OwnerAdvocacy, SupposedModel, answer, census, choose, means, month_start,
};

use super::cache::Cache;
use super::listing::Listing;
use crate::query::basis::{Answer, Basis, Bounds, KnownAt};
use crate::query::error::QueryError;
use crate::query::needs::ADVOCACY;
use crate::query::reads::Reads;
use crate::query::reads::Stand;
use crate::store::Position;

/// A score and what it is made of.
#[derive(Debug, Clone)]
pub struct AdvocacyAnswer {
    /// The score with everything it is made of.
    pub person: OwnerAdvocacy,
    /// What was to be expected, where that is known.
    pub expectation: Option<Expectation>,
    /// The scoring policy; `None`: the supposed one.
    pub scoring: Option<AppliedPolicy>,
    /// The lexicon; `None`: the supposed one.
    pub lexicon: Option<AppliedPolicy>,
}

/// Reads scores. Cheap to clone; clones share what is kept.
#[derive(Clone)]
pub struct AdvocacyReads {
    pub(super) reads: Reads,
    in_force: Everybody,
    what_if: Everybody,
    pub(super) lists: Arc<Cache<Listing, Arc<Advocates>>>,
}

/// What is kept about everybody, by model and month.
#[derive(Clone)]
pub(super) struct Everybody {
    means: Arc<Cache<Month, Means>>,
    census: Arc<Cache<Month, Arc<Census>>>,
}

/// The start of a month as known then, under a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Month {
    model: [u8; 32],
    /// In nanoseconds since the Unix epoch.
    start: i64,
    /// The last position recorded by then.
    known_at: Position,
}

/// Answers about everybody that are kept: of the models in force, and of those asked about.
const KEPT: usize = 16;

/// Of these, so many are computed at once: each reads all evidence and keeps a core busy for seconds.
const AT_ONCE: usize = 2;

impl AdvocacyReads {
    /// Reads that share what is kept with their clones.
    #[must_use]
    pub fn new(reads: Reads) -> Self {
        Self {
            reads,
            in_force: Everybody::new(),
            what_if: Everybody::new(),
            lists: Arc::new(Cache::new(KEPT, AT_ONCE)),
        }
    }

    /// The score of one person.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn owner(
        &self,
        owner_id: String,
        supposed: SupposedModel,
        bounds: &Bounds,
        viewer: &Viewer,
    ) -> Result<Answer<AdvocacyAnswer>, QueryError> {
        let stand = self.reads.stand(ADVOCACY, bounds, viewer).await?;
        let is_supposed = supposed.is_any();
        let id = owner_id.clone();
        let chosen =
            stand.ask(move |snapshots, vantage| choose(snapshots, vantage, &id, &supposed));
        let ChosenModel {
            model,
            scoring,
            lexicon,
        } = chosen.await?;
        let month = self.month(bounds.known_at, stand.basis, &model).await?;
        let everybody = self.cached_for(month, is_supposed);
        let means = everybody.means(&stand, &model, month).await?;
        let of_person = Arc::clone(&model);
        let person = stand.ask(move |snapshots, vantage| {
            answer(snapshots, vantage, owner_id, &of_person, &means)
        });
        let person = person.await?;
        let expectation = everybody
            .expectation(&stand, &model, month, &person)
            .await?;
        let found = AdvocacyAnswer {
            person,
            expectation,
            scoring,
            lexicon,
        };
        Ok(self.reads.answer(stand.basis, found))
    }

    /// The month whose mean a score on this basis is pulled towards: the latest start of a month in UTC at or before
    /// `as_of` and the instant of `known_at`. `None`: nothing was recorded by then.
    ///
    /// The instant of `known_at` is the one that was asked for, that at which the position asked for was recorded, or
    /// else the clock's: never that of whatever happens to be the last touchpoint.
    pub(super) async fn month(
        &self,
        known_at: KnownAt,
        basis: Basis,
        model: &Model,
    ) -> Result<Option<Month>, QueryError> {
        if basis.known_at == Position::START {
            return Ok(None);
        }
        let store = &self.reads.store;
        let known_until = match known_at {
            KnownAt::Now => self.reads.clock.now(),
            KnownAt::Instant(instant) => instant,
            KnownAt::Position(position) => {
                let last = store.read_positions(vec![position]).await?;
                last.first().map_or(i64::MIN, |event| event.recorded_at)
            }
        };
        let Some(start) = month_start(known_until.min(basis.as_of.nearest())) else {
            return Ok(None);
        };
        // What else was recorded at that very instant is not known at this position.
        let known_at = store.position_at(start).await?.min(basis.known_at);
        let month = Month {
            model: model.digest(),
            start,
            known_at,
        };
        Ok((known_at > Position::START).then_some(month))
    }

    /// Where it is kept: whoever asks about models does not displace what everybody needs, and who asks
    /// about the one in force finds it.
    pub(super) fn cached_for(&self, month: Option<Month>, is_supposed: bool) -> &Everybody {
        let known = month.is_some_and(|month| self.in_force.means.has(&month));
        if is_supposed && !known {
            &self.what_if
        } else {
            &self.in_force
        }
    }
}

impl Everybody {
    fn new() -> Self {
        Self {
            means: Arc::new(Cache::new(KEPT, AT_ONCE)),
            census: Arc::new(Cache::new(KEPT, AT_ONCE)),
        }
    }

    pub(super) async fn means(
        &self,
        stand: &Stand,
        model: &Arc<Model>,
        month: Option<Month>,
    ) -> Result<Means, QueryError> {
        let Some(month) = month else {
            return Ok(Means::none());
        };
        let (stand, model) = (stand.clone(), Arc::clone(model));
        let compute = move || {
            stand.compute(&|| false, |snapshots, _| {
                let states = AdvocacyStates::of(snapshots);
                Ok(means(states, &model, month.start, month.known_at)?)
            })
        };
        self.means.get(month, compute).await
    }

    async fn expectation(
        &self,
        stand: &Stand,
        model: &Arc<Model>,
        month: Option<Month>,
        person: &OwnerAdvocacy,
    ) -> Result<Option<Expectation>, QueryError> {
        let (background, score) = (&person.background, person.score.score);
        // Without peers it says whether anything is to be expected at all.
        let nobody = Census::default().expectation(background, score);
        let Some(month) = month.filter(|_| nobody.is_some()) else {
            return Ok(nobody);
        };
        let (stand, model, means) = (stand.clone(), Arc::clone(model), person.means);
        let compute = move || {
            stand.compute(&|| false, |snapshots, _| {
                let states = AdvocacyStates::of(snapshots);
                let (start, known_at) = (month.start.into(), month.known_at);
                Ok(Arc::new(census(states, &model, &means, start, known_at)?))
            })
        };
        let census = self.census.get(month, compute).await?;
        Ok(census.expectation(background, score))
    }
}
