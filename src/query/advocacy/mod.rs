//! The score of one person: by which model, pulled towards which mean, and everything it is made of.
//!
//! What is the same for everybody, the mean of the brand and the scores of everybody at the start of a month,
//! never changes and is [kept](kept).

mod advocates;
mod kept;
mod model;
mod snapshots;

use std::sync::Arc;

use ownerline_projections::Viewer;
use ownerline_projections::advocacy::{
    AdvocacyQuery, Advocates, Census, Expectation, Means, Model, OwnerAdvocacy, census, means,
    month_start, owner_advocacy,
};
use ownerline_projections::timeline::TimelineError;

use self::advocates::Listing;
pub use self::advocates::{AdvocatesAnswer, AdvocatesAsk, MarketModel};
use self::kept::Kept;
pub use self::model::{AppliedPolicy, ModelAsk};
use self::model::{Chosen, choose};
use self::snapshots::{Snapshots, VIEWS, of_view, unreadable};
use super::basis::{Basis, Bounds, KnownAt};
use super::{QueryError, Timelines};
use crate::store::Position;

/// Whose score is asked for.
#[derive(Debug, Clone)]
pub struct AdvocacyAsk {
    /// Any id of theirs.
    pub owner_id: String,
    /// As of and as known when.
    pub bounds: Bounds,
    /// What if: policies instead of those in force. They must be usable.
    pub model: ModelAsk,
}

/// A score and what it stands on.
#[derive(Debug, Clone)]
pub struct AdvocacyAnswer {
    /// The score with everything it is made of.
    pub person: OwnerAdvocacy,
    /// What was to be expected, where that is known.
    pub expectation: Option<Expectation>,
    /// The scoring policy; `None`: the one of the question.
    pub scoring: Option<AppliedPolicy>,
    /// The lexicon; `None`: the one of the question.
    pub lexicon: Option<AppliedPolicy>,
    /// What it stands on.
    pub basis: Basis,
    /// More was recorded than it stands on, and it was asked for now.
    pub stale: bool,
}

/// Reads scores. Cheap to clone; clones share what is kept.
#[derive(Clone)]
pub struct AdvocacyReads {
    timelines: Timelines,
    in_force: Everybody,
    what_if: Everybody,
    lists: Arc<Kept<Listing, Arc<Advocates>>>,
}

/// What is kept about everybody, by model and month.
#[derive(Clone)]
struct Everybody {
    means: Arc<Kept<Month, Means>>,
    census: Arc<Kept<Month, Arc<Census>>>,
}

/// The start of a month as known then, under a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Month {
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
    /// Reads what these read.
    #[must_use]
    pub fn new(timelines: Timelines) -> Self {
        Self {
            timelines,
            in_force: Everybody::new(),
            what_if: Everybody::new(),
            lists: Arc::new(Kept::new(KEPT, AT_ONCE)),
        }
    }

    /// The score of one person.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn owner(&self, ask: AdvocacyAsk) -> Result<AdvocacyAnswer, QueryError> {
        let (reached, asked) = self.timelines.basis(&ask.bounds, None).await?;
        let known_at = ask.bounds.known_at;
        self.timelines.wait_for(VIEWS, reached).await?;
        let projector = self.timelines.projector.clone();
        let AdvocacyAsk {
            owner_id, model, ..
        } = ask;
        let is_asked_about = model.is_any();
        let id = owner_id.clone();
        let (views, basis, chosen) = blocking(move || {
            let views = Snapshots::of(&projector)?;
            let basis = asked.standing_on(views.reached());
            let chosen = choose(&views, &id, basis, model)?;
            Ok((Arc::new(views), basis, chosen))
        })
        .await?;
        let Chosen {
            model,
            scoring,
            lexicon,
        } = chosen;
        let month = self.month(known_at, basis, &model).await?;
        let kept = self.kept(month, is_asked_about);
        let means = kept.means(&views, &model, month).await?;
        let person = {
            let (views, model) = (Arc::clone(&views), Arc::clone(&model));
            let query = AdvocacyQuery {
                owner_id,
                as_of: basis.as_of,
                known_at: basis.known_at.0,
            };
            blocking(move || person(&views, &query, &model, &means)).await?
        };
        let expectation = kept.expectation(&views, &model, month, &person).await?;
        Ok(AdvocacyAnswer {
            person,
            expectation,
            scoring,
            lexicon,
            basis,
            stale: basis.is_stale(&self.timelines.store),
        })
    }

    /// The month whose mean a score on this basis is pulled towards: the latest start of a month in UTC at or before
    /// `as_of` and the instant of `known_at`. `None`: nothing was recorded by then.
    ///
    /// The instant of `known_at` is the one that was asked for, that at which the position asked for was recorded, or
    /// else the clock's: never that of whatever happens to be the last touchpoint.
    async fn month(
        &self,
        known_at: KnownAt,
        basis: Basis,
        model: &Model,
    ) -> Result<Option<Month>, QueryError> {
        if basis.known_at == Position::START {
            return Ok(None);
        }
        let store = &self.timelines.store;
        let known_until = match known_at {
            KnownAt::Now => self.timelines.clock.now(),
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
    fn kept(&self, month: Option<Month>, is_asked_about: bool) -> &Everybody {
        let known = month.is_some_and(|month| self.in_force.means.has(&month));
        if is_asked_about && !known {
            &self.what_if
        } else {
            &self.in_force
        }
    }
}

impl Everybody {
    fn new() -> Self {
        Self {
            means: Arc::new(Kept::new(KEPT, AT_ONCE)),
            census: Arc::new(Kept::new(KEPT, AT_ONCE)),
        }
    }

    async fn means(
        &self,
        views: &Arc<Snapshots>,
        model: &Arc<Model>,
        month: Option<Month>,
    ) -> Result<Means, QueryError> {
        let Some(month) = month else {
            return Ok(Means::none());
        };
        let (views, model) = (Arc::clone(views), Arc::clone(model));
        let compute = move || {
            let (states, known_at) = (views.advocacy(), month.known_at.0);
            means(states, &model, month.start, known_at).map_err(unreadable)
        };
        self.means.get(month, compute).await
    }

    async fn expectation(
        &self,
        views: &Arc<Snapshots>,
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
        let (views, model, means) = (Arc::clone(views), Arc::clone(model), person.means);
        let compute = move || {
            let (states, known_at) = (views.advocacy(), month.known_at.0);
            let everybody = census(states, &model, &means, month.start.into(), known_at);
            everybody.map(Arc::new).map_err(unreadable)
        };
        let census = self.census.get(month, compute).await?;
        Ok(census.expectation(background, score))
    }
}

fn person(
    views: &Snapshots,
    query: &AdvocacyQuery,
    model: &Model,
    means: &Means,
) -> Result<OwnerAdvocacy, QueryError> {
    let answer: Result<_, TimelineError> =
        owner_advocacy(views.advocacy(), &Viewer::Unrestricted, query, model, means);
    answer.map_err(of_view)
}

/// Runs what reads views where blocking is allowed.
async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, QueryError> + Send + 'static,
) -> Result<T, QueryError> {
    tokio::task::spawn_blocking(read)
        .await
        .map_err(unreadable)?
}
