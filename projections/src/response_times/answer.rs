//! The answer about response times: from the states of the views to the figures that are published together.

use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::{ResponseTimeGroup, ResponseTimes};

use super::by_kind::count_kind;
use super::{Counted, GroupBy, Question, Reading, Scope, count};
use crate::bookings::{self, BookedSoon, BookingStates};
use crate::cases::{self, CaseList, cases_in};
use crate::feedback::{self, OnePart, Part, RunParts};
use crate::fold::corrections;
use crate::network::{self, FilterNames, Network};
use crate::obligation::Item;
use crate::person::WhoseStates;
use crate::person::identity;
use crate::person::ownership;
use crate::policy;
use crate::policy::{Supposed, terms_in_force};
use crate::timeline;
use crate::{AnswerError, Snapshots, Vantage};

/// The views that response times are read from.
pub const VIEWS: [&str; 4] = [
    feedback::VIEW.name,
    corrections::VIEW.name,
    policy::VIEW.name,
    network::VIEW.name,
];

/// The views that response times with bookings are read from.
pub const VIEWS_WITH_BOOKINGS: [&str; 8] = [
    feedback::VIEW.name,
    corrections::VIEW.name,
    policy::VIEW.name,
    network::VIEW.name,
    bookings::VIEW.name,
    identity::VIEW.name,
    ownership::VIEW.name,
    timeline::VIEW.name,
];

/// Summaries say what is known now. As of an instant longer ago than this (nanoseconds) so many of them would have to be
/// folded anew that all are.
const NEAR: i64 = 31 * 86_400 * 1_000_000_000;

/// A question about response times.
#[derive(Debug, Clone, Default)]
pub struct ResponseTimeQuestion {
    /// Which items.
    pub scope: Scope,
    /// The dimension to group by.
    pub group_by: Option<GroupBy>,
    /// The policy to suppose instead of those in force.
    pub what_if: Option<Supposed>,
    /// Where to read cumulative incidences, in seconds.
    pub incidence_at: Vec<u64>,
    /// The kind of obligation; `None`: first replies.
    pub kind: Option<Kind>,
    /// Look up who booked work afterwards, too.
    pub with_bookings: bool,
    /// The time of the question, in nanoseconds since the Unix epoch: kept summaries are used for what is near.
    pub asked_at: i64,
}

/// The figures that are published together.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseTimeFigures {
    /// Over everything in the scope.
    pub total: ResponseTimes,
    /// By group, in the order of their keys.
    pub groups: Vec<ResponseTimeGroup>,
    /// There are more groups than are kept.
    pub groups_cut: bool,
}

impl ResponseTimeQuestion {
    /// Whether what cases owe, or single obligations of feedback, are counted instead of first replies.
    #[must_use]
    pub fn is_of_other_kind(&self) -> bool {
        self.kind.is_some_and(|kind| kind != Kind::FirstReply)
    }

    /// Whether only the items of one dealer are read, which are few.
    #[must_use]
    pub fn is_of_one_dealer(&self) -> bool {
        self.scope.dealer_id.is_some()
    }
}

/// Answers a question about response times.
///
/// # Errors
/// If the scope names an unknown dealer or market, the supposed policy cannot be applied, the viewer may not see the whole
/// network and the scope names no dealer, or a state cannot be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: &ResponseTimeQuestion,
    parts: &impl RunParts,
) -> Result<ResponseTimeFigures, AnswerError> {
    if !vantage.viewer.sees_network() && !question.is_of_one_dealer() {
        let what = "response times of every dealer";
        return Err(AnswerError::OutOfScope { what });
    }
    let feedback = snapshots.state(feedback::VIEW.name);
    let network = network(snapshots, vantage, question)?;
    let terms = terms_in_force(snapshots, vantage, question.what_if.as_ref())?;
    let as_of = vantage.as_of;
    let of_kind = question.kind.filter(|kind| *kind != Kind::FirstReply);
    if let Some(kind) = of_kind {
        let counting = Question {
            scope: &question.scope,
            group_by: question.group_by,
            as_of,
            terms: &terms,
            network: &network,
        };
        let counted = count_kind(snapshots, vantage, counting, kind)?;
        let (total, groups, groups_cut) = counted.publish(&question.incidence_at, false);
        return Ok(ResponseTimeFigures {
            total,
            groups,
            groups_cut,
        });
    }
    let count_part = |part: Part| -> Result<Counted, AnswerError> {
        let validity = vantage.validity()?;
        let identity = snapshots.state(identity::VIEW.name);
        let lookup = BookedSoon::new(booking_states(snapshots), identity, &validity, as_of);
        let booked = |item: &Item, start: i64| lookup.after(item, start);
        let reading = Reading {
            feedback,
            validity: &validity,
            question: Question {
                scope: &question.scope,
                group_by: question.group_by,
                as_of,
                terms: &terms,
                network: &network,
            },
            from_summaries: has_summaries(snapshots, vantage, question.asked_at),
            booked: question.with_bookings.then_some(&booked),
            is_over: vantage.cancellation(),
        };
        Ok(count(reading, part)?)
    };
    let counted = match question.is_of_one_dealer() {
        true => OnePart.run(&count_part)?,
        false => parts.run(&count_part)?,
    };
    let mut whole = Counted::default();
    for part in counted {
        whole.merge(part);
    }
    let (total, groups, groups_cut) = whole.publish(&question.incidence_at, question.with_bookings);
    Ok(ResponseTimeFigures {
        total,
        groups,
        groups_cut,
    })
}

fn booking_states<'s>(snapshots: &Snapshots<'s>) -> BookingStates<'s> {
    BookingStates {
        bookings: snapshots.state(bookings::VIEW.name),
        whose: WhoseStates {
            timeline: snapshots.state(timeline::VIEW.name),
            ownership: snapshots.state(ownership::VIEW.name),
        },
    }
}

/// Whether the kept summaries say what the question asks for: they are those of the position asked for, and of now.
fn has_summaries(snapshots: &Snapshots<'_>, vantage: &Vantage<'_>, asked_at: i64) -> bool {
    let reflect = |view: &str| snapshots.position(view) == vantage.known_at;
    reflect(feedback::VIEW.name)
        && reflect(corrections::VIEW.name)
        && vantage.as_of >= asked_at.saturating_sub(NEAR)
}

/// The dealers that the question needs, after a check of the names in its filter.
fn network(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: &ResponseTimeQuestion,
) -> Result<Network, AnswerError> {
    let scope = &question.scope;
    let [feedback, _, _, network] = VIEWS.map(|view| snapshots.state(view));
    let validity = vantage.validity()?;
    let dealer_id = scope.dealer_id.as_deref();
    // What cases owe may be owed by a dealer whom only cases name.
    let is_named_by_a_case = match dealer_id.filter(|_| question.is_of_other_kind()) {
        Some(dealer_id) => {
            let state = snapshots.state(cases::VIEW.name);
            !cases_in(state, CaseList::Dealer(dealer_id))?.is_empty()
        }
        None => false,
    };
    let names = FilterNames {
        dealer_id: dealer_id.filter(|_| !is_named_by_a_case),
        market: scope.market.as_deref(),
    };
    names.refuse_unknown(network, feedback, &validity, vantage.viewer)?;
    // Of other dealers nothing counts but the zone, where it decides about a period or a month.
    let needs_zones = scope.period.is_by_date() || question.group_by == Some(GroupBy::Month);
    let loaded = match scope.dealer_id.as_ref().filter(|_| !needs_zones) {
        Some(dealer_id) => Network::load_dealer(network, &validity, vantage.as_of, dealer_id),
        None => Network::load(network, &validity, vantage.as_of),
    };
    Ok(loaded?)
}
