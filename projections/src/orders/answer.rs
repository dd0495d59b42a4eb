//! The answer about one order.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::{ProductionStage, Visibility};

use super::course::{OrderCourse, OrderFlag};
use super::fact::OrderFact;
use super::find::{Found, find};
use super::fold::VIEW;
use super::history::OrderHistory;
use super::holds::Holds;
use super::kind::OrderFactKind;
use super::load::OrderReader;
use super::names::{NameSpan, commission_numbers, vins};
use super::silence::Silence;
use super::windows::{Windows, windows};
use crate::civil::CivilCalendar;
use crate::network::Network;
use crate::newest::newest;
use crate::person::identity::{self, everyone_linked};
use crate::policy::{Policies, PolicyStates};
use crate::sight::Sight;
use crate::{AnswerError, Position, Snapshots, Vantage, corrections, network, policy};

/// The views that the answer about one order is computed from.
pub const ORDER_VIEWS: [&str; 5] = [
    VIEW.name,
    corrections::VIEW.name,
    identity::VIEW.name,
    policy::VIEW.name,
    network::VIEW.name,
];

/// A question about one order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderQuestion {
    /// The id of the order, a VIN, or a commission number.
    pub name: String,
    /// The visibility of the reader; `None`: everything.
    pub visible_to: Option<Visibility>,
    /// Only orders of this person, under any of their ids.
    pub owner_id: Option<String>,
}

/// The answer about one order, without texts of the log.
#[derive(Debug, Clone)]
pub struct OrderAnswer {
    /// The order that was found, with everything that is known of it.
    pub found: Found,
    /// The order as the reader sees it.
    pub seen: OrderHistory,
    /// The stages that a mapping in force has for codes of the plant, by touchpoint.
    mapped: BTreeMap<Position, ProductionStage>,
    /// The responsible dealers as registered, which says in which zones they are.
    dealers: BTreeMap<String, Network>,
}

/// Answers a question about one order.
///
/// # Errors
/// [`AnswerError::Unknown`] if no known touchpoint is of its stream or the viewer may see none that happened, or it belongs
/// to somebody else than the person asked for, or the viewer may see none of its dealers. An error also if a state cannot be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: &OrderQuestion,
) -> Result<OrderAnswer, AnswerError> {
    let validity = vantage.validity()?;
    let reader = OrderReader {
        orders: snapshots.state(VIEW.name),
        identity: snapshots.state(identity::VIEW.name),
        validity: &validity,
        as_of: vantage.as_of,
        now: vantage.now,
    };
    let person = match &question.owner_id {
        Some(owner_id) => Some(everyone_linked(reader.identity, &validity, owner_id)?),
        None => None,
    };
    let counts = |history: &OrderHistory| {
        let is_theirs =
            |ids: &BTreeSet<String>| history.owners().iter().any(|it| ids.contains(*it));
        let mut dealers = history.dealers().into_iter();
        let is_seen = vantage.viewer.sees_network()
            || dealers.any(|(_, dealer_id)| vantage.viewer.sees_dealer(dealer_id));
        let seen_at = history.seen_at();
        let mut told = history.told().map(|fact| fact.row.sight());
        // Whoever sees everything also sees that of a known order nothing happened yet.
        let sees_all = Sight::default().admits(question.visible_to, seen_at);
        person.as_ref().is_none_or(is_theirs)
            && is_seen
            && (sees_all || told.any(|sight| sight.admits(question.visible_to, seen_at)))
    };
    let found = find(&reader, &question.name, question.visible_to, &counts)?;
    let found = found.ok_or_else(|| AnswerError::Unknown {
        what: "order",
        id: question.name.clone(),
    })?;
    let policies = PolicyStates::of(snapshots);
    let policies = Policies::load(policies, vantage.as_of, vantage.known_at)?;
    let mut dealers = BTreeMap::new();
    for (_, dealer_id) in found.history.dealers() {
        let state = snapshots.state(network::VIEW.name);
        let registered = Network::load_dealer(state, &validity, vantage.as_of, dealer_id)?;
        dealers.insert(dealer_id.to_owned(), registered);
    }
    Ok(OrderAnswer {
        mapped: mapped(&found.history, &policies),
        seen: found.history.seen_by(question.visible_to),
        dealers,
        found,
    })
}

/// The stages of touchpoints that tell a code and no stage.
fn mapped(history: &OrderHistory, policies: &Policies) -> BTreeMap<Position, ProductionStage> {
    let untold = history
        .of_kind(OrderFactKind::ProductionStageReached)
        .filter(|fact| fact.row.stage() == ProductionStage::Unspecified);
    let mapped = untold.filter_map(|fact| {
        let at = Instant::from(fact.at());
        let place = policies.place(history.dealer_at(fact.at()), at);
        let (_, mapping) = policies.stage_mapping(place, at)?;
        let mut mappings = mapping.mappings.iter();
        let stage = mappings.find(|it| it.raw_code == fact.row.name)?.stage();
        Some((fact.position(), stage))
    });
    mapped.collect()
}

/// Everything about one order that follows from its history, as far as whoever asks may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderSheet<'a> {
    /// Its state and stages.
    pub course: OrderCourse<'a>,
    /// The dealers responsible one after the other, each from an instant on, as far as whoever asks may see it.
    pub dealers: Vec<(i64, &'a str)>,
    /// Its VINs.
    pub vins: Vec<NameSpan<'a>>,
    /// Its commission numbers.
    pub commission_numbers: Vec<NameSpan<'a>>,
    /// The promised windows; `None` if none was promised.
    pub windows: Option<Windows<'a>>,
    /// Windows that were planned, which are no promises.
    pub planned: Vec<&'a OrderFact>,
    /// The holds.
    pub holds: Holds<'a>,
    /// The photographs, each with when the owner looked at it first.
    pub photographs: Vec<(&'a OrderFact, Option<i64>)>,
    /// The times at which the owner looked at something of the order.
    pub viewed: Vec<&'a OrderFact>,
    /// Changes of what is ordered.
    pub changes: Vec<&'a OrderFact>,
    /// How long the owner heard nothing: the same for everybody who asks.
    pub silence: Silence,
    /// What is odd about it.
    pub flags: BTreeSet<OrderFlag>,
}

impl OrderSheet<'_> {
    /// The positions of the touchpoints whose texts are shown.
    #[must_use]
    pub fn positions(&self) -> BTreeSet<Position> {
        let steps = newest(&self.course.steps).0.iter().map(|it| it.fact);
        let windows = self.windows.iter();
        let windows = windows.flat_map(|it| newest(&it.steps).0.iter().map(|it| it.fact));
        let holds = newest(&self.holds.all).0.iter().map(|it| it.last);
        let photographs = newest(&self.photographs).0.iter().map(|(it, _)| *it);
        let told = [newest(&self.planned).0, newest(&self.changes).0].concat();
        let last = [self.course.ordered, self.course.cancelled];
        let facts = steps.chain(windows).chain(holds).chain(photographs);
        let facts = facts.chain(told).chain(last.into_iter().flatten());
        facts.map(OrderFact::position).collect()
    }
}

impl OrderAnswer {
    /// Reads the answer.
    #[must_use]
    pub fn sheet(&self) -> OrderSheet<'_> {
        let (whole, seen) = (&self.found.history, &self.seen);
        let mapping = |fact: &OrderFact| self.mapped.get(&fact.position()).copied();
        let whole_course = OrderCourse::of(whole, &mapping);
        let mut course = OrderCourse::of(seen, &mapping);
        course.forgive_hidden(&whole_course);
        let mut calendar = CivilCalendar::default();
        let mut date_at = |at: i64| self.date(&mut calendar, at);
        let today = date_at(seen.as_of.nearest());
        let ended_at = course.ended().map(OrderFact::at);
        let until = ended_at.unwrap_or_else(|| seen.as_of.nearest());
        let windows = windows(seen, until, &mut date_at);
        let holds = Holds::of(seen, ended_at, today);
        let (vins, of_vins) = vins(seen);
        let mut flags = course.flags.clone();
        flags.extend(of_vins);
        if windows.as_ref().is_some_and(|it| it.first_from_revision) {
            flags.insert(OrderFlag::FirstWindowFromRevision);
        }
        if holds.all.iter().any(|it| it.lifted_first) {
            flags.insert(OrderFlag::HoldLiftedFirst);
        }
        if holds.all.iter().any(|it| it.never_lifted) {
            flags.insert(OrderFlag::HoldNeverLifted);
        }
        let views = seen.facts.iter();
        let viewed: Vec<_> = views
            .filter(|it| it.kind() == OrderFactKind::UpdateViewed)
            .collect();
        let photographs = seen.of_kind(OrderFactKind::StagePhotographed);
        let photographs = photographs.map(|photograph| {
            let mut views = viewed.iter();
            let view = views.find(|view| view.is_about(photograph));
            (photograph, view.map(|it| it.at()))
        });
        OrderSheet {
            dealers: seen.dealers(),
            commission_numbers: commission_numbers(seen),
            planned: seen.of_kind(OrderFactKind::DeliveryWindowPlanned).collect(),
            changes: seen.of_kind(OrderFactKind::OrderChanged).collect(),
            photographs: photographs.collect(),
            silence: Silence::of(whole, &whole_course),
            vins,
            windows,
            holds,
            viewed,
            course,
            flags,
        }
    }

    /// The date of an instant in the zone of the dealer responsible then; in UTC if no zone is known.
    fn date(&self, calendar: &mut CivilCalendar, at: i64) -> Date {
        let dealer_id = self.found.history.dealer_at(at);
        let registered = self.dealers.get(dealer_id);
        let zone = registered.map_or("", |it| it.time_zone(dealer_id, at));
        calendar.date(zone, at)
    }
}
