//! Scores about what owners say: which views, by which surveys.

use ownerline_projections::advocacy::{self, suspected};
use ownerline_projections::feedback::{self, Part};
use ownerline_projections::network::{self, Network};
use ownerline_projections::policy;
use ownerline_projections::policy::{Policies, PolicyStates};
use ownerline_projections::scores::{Counted, GroupBy, Question, Reading, Scope, count};
use ownerline_projections::vehicles;
use ownerline_projections::{Validity, corrections};
use ownerline_proto::v1::{ScoreGroup, ScoreResults};

use super::basis::{Basis, Bounds};
use super::counts::{Counts, GivenUp, Waiting, in_parts};
use super::error::ViewFault;
use super::nearest::{Named, refuse_unknown};
use super::{QueryError, Timelines, views};
use crate::projector::{ProjectorHandle, ViewSnapshot};
use crate::store::Position;

/// What scores are read from.
const VIEWS: [&str; 6] = [
    feedback::VIEW.name,
    corrections::VIEW.name,
    policy::VIEW.name,
    network::VIEW.name,
    vehicles::VIEW.name,
    advocacy::VIEW.name,
];

/// What is asked.
#[derive(Debug, Clone)]
pub struct ScoresAsk {
    /// Which answers.
    pub scope: Scope,
    /// What is told apart.
    pub group_by: Option<GroupBy>,
    /// As of and as known when.
    pub bounds: Bounds,
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct ScoresAnswer {
    /// Of everything asked for.
    pub total: ScoreResults,
    /// By group.
    pub groups: Vec<ScoreGroup>,
    /// There are more groups.
    pub groups_cut: bool,
    /// What it stands on.
    pub basis: Basis,
    /// More was recorded than it stands on, and it was asked for now.
    pub stale: bool,
}

/// Reads scores. Cheap to clone.
#[derive(Clone)]
pub struct ScoreReads {
    timelines: Timelines,
    counts: Counts,
}

impl ScoreReads {
    /// Reads over the parts that every read stands on; counts wait for the same turn as all others.
    #[must_use]
    pub fn new(timelines: Timelines, counts: Counts) -> Self {
        Self { timelines, counts }
    }

    /// Everything that is published together.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn get(&self, ask: ScoresAsk) -> Result<ScoresAnswer, QueryError> {
        let timelines = &self.timelines;
        let (reached, asked) = timelines.basis(&ask.bounds, None).await?;
        timelines.wait_for(VIEWS, reached).await?;
        // What is asked of one dealer is little, and does not wait behind what is asked of all.
        let is_of_one = ask.scope.is_of_one_dealer(ask.group_by);
        let running = match is_of_one {
            true => None,
            false => Some(self.counts.turn().await?),
        };
        let projector = timelines.projector.clone();
        let given_up = GivenUp::default();
        let waiting = Waiting(given_up.clone());
        let counting = tokio::task::spawn_blocking(move || {
            let _running = running;
            let views = Views::of(&projector)?;
            let basis = asked.standing_on(views.reached());
            let counted = counted(&views, &ask, basis, &given_up)?;
            Ok::<_, QueryError>((counted.publish(), basis))
        });
        let ((total, groups, groups_cut), basis) = counting.await.map_err(unreadable)??;
        drop(waiting);
        Ok(ScoresAnswer {
            total,
            groups,
            groups_cut,
            stale: basis.is_stale(&timelines.store),
            basis,
        })
    }
}

/// Everything as of one commit.
struct Views([ViewSnapshot; 6]);

impl Views {
    fn of(projector: &ProjectorHandle) -> Result<Self, QueryError> {
        projector.snapshots(VIEWS).map(Self).map_err(unreadable)
    }

    /// What an answer stands on.
    fn reached(&self) -> Position {
        views::reached(&self.0)
    }
}

fn counted(
    views: &Views,
    ask: &ScoresAsk,
    basis: Basis,
    given_up: &GivenUp,
) -> Result<Counted, QueryError> {
    let Views([feedback, corrections, policies, network, vehicles, advocacy]) = views;
    let (known_at, as_of) = (basis.known_at.0, basis.as_of);
    let states = PolicyStates {
        policies,
        network,
        corrections,
    };
    let policies = Policies::load(states, as_of, known_at).map_err(unreadable)?;
    let (network, suspected) = {
        let validity = Validity::new(corrections, known_at).map_err(unreadable)?;
        let named = Named {
            dealer_id: ask.scope.dealer_id.as_deref(),
            market: ask.scope.market.as_deref(),
        };
        refuse_unknown(named, network, feedback, &validity)?;
        let network = Network::load(network, &validity, as_of).map_err(unreadable)?;
        let suspected = suspected(advocacy, &validity, as_of).map_err(unreadable)?;
        (network, suspected)
    };
    let question = Question {
        scope: &ask.scope,
        group_by: ask.group_by,
        as_of,
        policies: &policies,
        network: &network,
        suspected: &suspected,
    };
    let count_part = |part: Part| -> Result<Counted, QueryError> {
        let validity = Validity::new(corrections, known_at).map_err(unreadable)?;
        let reading = Reading {
            feedback,
            vehicles,
            validity: &validity,
            question,
            is_over: &|| given_up.is_raised(),
        };
        count(reading, part).map_err(unreadable)
    };
    if ask.scope.is_of_one_dealer(ask.group_by) {
        return count_part(Part::WHOLE);
    }
    let nothing = Counted::new(&question);
    in_parts(nothing, count_part, Counted::merge, || {
        unreadable("a count has panicked")
    })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn unreadable(error: impl ViewFault) -> QueryError {
    QueryError::of_view(feedback::VIEW.name, &error)
}
