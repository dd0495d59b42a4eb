//! Response times: which views, by which terms, from kept summaries or folded on read.

use ownerline_projections::bookings::{self, BookedSoon, BookingStates};
use ownerline_projections::feedback::{self, Part};
use ownerline_projections::network::{self, Network};
use ownerline_projections::obligation::Item;
use ownerline_projections::person::WhoseStates;
use ownerline_projections::person::identity;
use ownerline_projections::person::ownership;
use ownerline_projections::policy;
use ownerline_projections::policy::{Policies, PolicyStates, Supposed};
use ownerline_projections::response_times::{Counted, GroupBy, Question, Reading, Scope, count};
use ownerline_projections::timeline;
use ownerline_projections::{Validity, corrections};
use ownerline_proto::v1::{ResponseTimeGroup, ResponseTimes};

use super::basis::{Basis, Bounds};
use super::counts::{Counts, GivenUp, Waiting, in_parts};
use super::error::ViewFault;
use super::nearest::{Named, refuse_unknown};
use super::{QueryError, Timelines, obligation_views, views};
use crate::projector::{ProjectorHandle, ViewSnapshot};
use crate::store::Position;

/// What response times are read from.
const VIEWS: [&str; 4] = [
    feedback::VIEW.name,
    corrections::VIEW.name,
    policy::VIEW.name,
    network::VIEW.name,
];

/// What bookings are read from, beside them.
const BOOKINGS: [&str; 4] = [
    bookings::VIEW.name,
    identity::VIEW.name,
    ownership::VIEW.name,
    timeline::VIEW.name,
];

/// Summaries tell what is known now. As of an instant longer ago than this (nanoseconds) so many of them
/// would have to be folded anew that all are.
const NEAR: i64 = 31 * 86_400 * 1_000_000_000;

/// What is asked.
#[derive(Debug, Clone)]
pub struct ResponseTimeAsk {
    /// Which items.
    pub scope: Scope,
    /// What is told apart.
    pub group_by: Option<GroupBy>,
    /// As of and as known when.
    pub bounds: Bounds,
    /// By other rules than those in force.
    pub what_if: Option<Supposed>,
    /// Where to read cumulative incidences, in seconds.
    pub incidence_at: Vec<u64>,
    /// Look up who booked work afterwards, too.
    pub with_bookings: bool,
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct ResponseTimeAnswer {
    /// Of everything asked for.
    pub total: ResponseTimes,
    /// By group.
    pub groups: Vec<ResponseTimeGroup>,
    /// There are more groups.
    pub groups_cut: bool,
    /// What it stands on.
    pub basis: Basis,
    /// More was recorded than it stands on, and it was asked for now.
    pub stale: bool,
}

/// Reads response times.
#[derive(Clone)]
pub struct ResponseTimeReads {
    timelines: Timelines,
    counts: Counts,
}

impl ResponseTimeReads {
    /// Reads over the parts that every read stands on; counts wait for the same turn as all others.
    #[must_use]
    pub fn new(timelines: Timelines, counts: Counts) -> Self {
        Self { timelines, counts }
    }

    /// Everything that is published together.
    ///
    /// # Errors
    /// See [`QueryError`]; [`QueryError::Supposed`] if the supposed policy cannot be used.
    pub async fn get(&self, ask: ResponseTimeAsk) -> Result<ResponseTimeAnswer, QueryError> {
        let timelines = &self.timelines;
        let (reached, asked) = timelines.basis(&ask.bounds, None).await?;
        timelines.wait_for(VIEWS, reached).await?;
        if ask.with_bookings {
            timelines.wait_for(BOOKINGS, reached).await?;
        }
        // What is asked of one dealer is little, and does not wait behind what is asked of all.
        let running = match ask.scope.dealer_id {
            Some(_) => None,
            None => Some(self.counts.turn().await?),
        };
        let (projector, now) = (timelines.projector.clone(), timelines.clock.now());
        let with_bookings = ask.with_bookings;
        let given_up = GivenUp::default();
        let waiting = Waiting(given_up.clone());
        let counting = tokio::task::spawn_blocking(move || {
            let _running = running;
            let views = Views::of(&projector)?;
            let basis = asked.standing_on(views.reached(ask.with_bookings));
            let counted = counted(&views, &ask, basis, now, &given_up)?;
            Ok::<_, QueryError>((counted, ask.incidence_at, basis))
        });
        let (counted, incidence_at, basis) = counting.await.map_err(unreadable)??;
        drop(waiting);
        let (total, groups, groups_cut) = counted.publish(&incidence_at, with_bookings);
        Ok(ResponseTimeAnswer {
            total,
            groups,
            groups_cut,
            stale: basis.is_stale(&timelines.store),
            basis,
        })
    }
}

/// Everything as of one commit.
struct Views {
    feedback: ViewSnapshot,
    corrections: ViewSnapshot,
    policies: ViewSnapshot,
    network: ViewSnapshot,
    bookings: ViewSnapshot,
    identity: ViewSnapshot,
    ownership: ViewSnapshot,
    timeline: ViewSnapshot,
}

impl Views {
    fn of(projector: &ProjectorHandle) -> Result<Self, QueryError> {
        let [one, two, three, four] = VIEWS;
        let [five, six, seven, eight] = BOOKINGS;
        let views = projector.snapshots([one, two, three, four, five, six, seven, eight]);
        let [
            feedback,
            corrections,
            policies,
            network,
            bookings,
            identity,
            ownership,
            timeline,
        ] = views.map_err(unreadable)?;
        Ok(Self {
            feedback,
            corrections,
            policies,
            network,
            bookings,
            identity,
            ownership,
            timeline,
        })
    }

    /// What bookings are read from.
    fn bookings(&self) -> BookingStates<'_> {
        BookingStates {
            bookings: &self.bookings,
            whose: WhoseStates {
                timeline: &self.timeline,
                ownership: &self.ownership,
            },
        }
    }

    /// What an answer stands on.
    fn reached(&self, with_bookings: bool) -> Position {
        let mut all = vec![
            &self.feedback,
            &self.corrections,
            &self.policies,
            &self.network,
        ];
        if with_bookings {
            all.extend([&self.bookings, &self.identity]);
            all.extend([&self.ownership, &self.timeline]);
        }
        views::reached(all)
    }
}

fn counted(
    views: &Views,
    ask: &ResponseTimeAsk,
    basis: Basis,
    now: i64,
    given_up: &GivenUp,
) -> Result<Counted, QueryError> {
    let Views {
        feedback,
        corrections,
        policies,
        network,
        ..
    } = views;
    let (known_at, as_of) = (basis.known_at.0, basis.as_of);
    let named = Named {
        dealer_id: ask.scope.dealer_id.as_deref(),
        market: ask.scope.market.as_deref(),
    };
    let validity = Validity::new(corrections, known_at).map_err(unreadable)?;
    refuse_unknown(named, network, feedback, &validity)?;
    let states = PolicyStates {
        policies,
        network,
        corrections,
    };
    let policies = Policies::load(states, as_of, known_at).map_err(unreadable)?;
    let terms = obligation_views::terms(&policies, ask.what_if.as_ref())?;
    let network = {
        let validity = Validity::new(corrections, known_at).map_err(unreadable)?;
        // Of another dealer nothing counts but the zone, where it decides about a period or a month.
        let needs_zones = ask.scope.period.is_by_date() || ask.group_by == Some(GroupBy::Month);
        let loaded = match ask.scope.dealer_id.as_ref().filter(|_| !needs_zones) {
            Some(dealer_id) => Network::load_dealer(network, &validity, as_of, dealer_id),
            None => Network::load(network, &validity, as_of),
        };
        loaded.map_err(unreadable)?
    };
    let stands = feedback.position() == known_at && corrections.position() == known_at;
    let from_summaries = stands && as_of >= now.saturating_sub(NEAR);
    let count_part = |part: Part| -> Result<Counted, QueryError> {
        let validity = Validity::new(corrections, known_at).map_err(unreadable)?;
        let lookup = BookedSoon::new(views.bookings(), &views.identity, &validity, as_of);
        let booked = |item: &Item, start: i64| lookup.after(item, start);
        let reading = Reading {
            feedback,
            validity: &validity,
            question: Question {
                scope: &ask.scope,
                group_by: ask.group_by,
                as_of,
                terms: &terms,
                network: &network,
            },
            from_summaries,
            booked: ask.with_bookings.then_some(&booked),
            is_over: &|| given_up.is_raised(),
        };
        count(reading, part).map_err(unreadable)
    };
    if ask.scope.dealer_id.is_some() {
        return count_part(Part::WHOLE);
    }
    let nothing = Counted::default();
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
