//! The fold of a timeline into a context pack.

use std::collections::BTreeSet;

use ownerline_proto::kind::{Category, Kind};
use ownerline_proto::schema::Schema;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Subjects, Touchpoint, Visibility};

use super::avoid::Avoided;
use super::cases::Cases;
use super::contacts::Contacts;
use super::defects::Defects;
use super::entry::{Entry, Fact};
use super::feedback::Feedbacks;
use super::pack::ContextPack;
use super::visits::Visits;
use crate::Sight;
use crate::timeline::{Force, TimelineRow};

/// The kinds that a pack is folded from, besides every kind of an order, a visit, a feedback or a case.
pub(super) const OTHER_KINDS: [&str; 11] = [
    "consent_given",
    "consent_withdrawn",
    "offer_made",
    "offer_accepted",
    "offer_declined",
    "contact_made",
    "context_pack_served",
    "driving_tip_offered",
    "driving_tip_dismissed",
    "vehicle_issue_reported",
    "vehicle_issue_closed",
];

/// The numbers of the kinds that a pack is folded from: a filter for the timeline.
#[must_use]
pub fn kinds() -> BTreeSet<u32> {
    let kinds = Schema::get().kinds().iter();
    let read = kinds.filter(|kind| is_of_a_matter(kind) || OTHER_KINDS.contains(&&*kind.name));
    read.map(|kind| kind.number).collect()
}

/// Whether a kind is about one matter: an order, a visit, a feedback or a case. Kinds that may stand in any stream say
/// nothing about the matter itself.
fn is_of_a_matter(kind: &Kind) -> bool {
    let categories = &kind.categories;
    categories.iter().any(|it| it.is_one_matter())
        && !categories.contains(&Category::Dealer)
        && !kind.name.starts_with("obligation_")
}

/// Folds the timeline of one person, oldest first.
#[derive(Debug, Clone)]
pub struct ContextFold {
    turn: u64,
    as_of: Instant,
    /// What is revealed later, owners cannot notice.
    now: Instant,
    /// The viewer sees every serving of a pack.
    sees_servings: bool,
    visits: Visits,
    defects: Defects,
    cases: Cases,
    feedbacks: Feedbacks,
    contacts: Contacts,
    avoided: Avoided,
    /// The last touchpoint that names a dealer, and the dealer.
    dealer: Option<(Fact, String)>,
}

impl ContextFold {
    /// A fold without any touchpoint yet. `as_of` and `visible_to` are those of the query for the rows.
    #[must_use]
    pub fn new(as_of: Instant, visible_to: Option<Visibility>) -> Self {
        Self {
            turn: 0,
            as_of,
            now: as_of,
            sees_servings: !matches!(visible_to, Some(Visibility::Dealer | Visibility::Owner)),
            visits: Visits::default(),
            defects: Defects::default(),
            cases: Cases::default(),
            feedbacks: Feedbacks::default(),
            contacts: Contacts::default(),
            avoided: Avoided::default(),
            dealer: None,
        }
    }

    /// Whether the touchpoint of a row is needed to fold it.
    #[must_use]
    pub fn needs(row: &TimelineRow) -> bool {
        row.standing.force == Force::InForce
    }

    /// Folds a row that is not in force. A reference to it means its whole chain of corrections.
    pub fn pass(&mut self, row: &TimelineRow) {
        self.feedbacks.chains(row);
    }

    /// The same fold for a question that is asked at this instant, which may be before `as_of`.
    #[must_use]
    pub fn asked_at(self, now: Instant) -> Self {
        Self { now, ..self }
    }

    /// Folds the next row in force, in history order.
    pub fn apply(&mut self, row: &TimelineRow, touchpoint: &Touchpoint) {
        let subjects = effective_subjects(row, touchpoint);
        let mut sight = Sight::of(touchpoint);
        if let Some(inherited) = &row.standing.inherited {
            inherited.fill_sight(&mut sight);
        }
        let entry = Entry {
            fact: Fact {
                turn: self.turn,
                ..Fact::of(row)
            },
            row,
            touchpoint,
            subjects: &subjects,
            sight,
        };
        self.turn += 1;
        let Some(payload) = &touchpoint.payload else {
            return;
        };
        self.visits.apply(entry, payload);
        self.defects.apply(entry, payload);
        self.cases.apply(self.as_of.min(self.now), entry, payload);
        self.feedbacks.apply(entry, payload);
        self.contacts.apply(entry, payload);
        self.avoided.apply(entry, payload);
        if let Some(dealer) = Self::named_dealer(row, touchpoint) {
            self.dealer = Some((entry.fact, dealer));
        }
    }

    /// Replaces all feedback by that of another fold, and the last dealer.
    pub(super) fn replace_last(&mut self, feedback: Option<Self>, dealer: Option<(Fact, String)>) {
        self.feedbacks = feedback.map(|it| it.feedbacks).unwrap_or_default();
        self.dealer = dealer;
    }

    /// The pack; `left` are the vehicles that the person no longer holds (see [`vehicles_left`](super::vehicles_left)).
    #[must_use]
    pub fn finish(self, left: &BTreeSet<String>) -> ContextPack {
        let as_of = self.as_of;
        let mut pack = ContextPack::default();
        self.visits.finish(&mut pack);
        self.defects.finish(&self.visits, left, &mut pack);
        self.avoided.finish(&self.cases, &mut pack);
        self.cases.finish(as_of, self.dealer, &mut pack);
        self.feedbacks.finish(&mut pack);
        self.contacts.finish(self.sees_servings, &mut pack);
        pack.missing.sort_unstable();
        pack
    }

    /// The dealer that a touchpoint makes the holder of the relationship, if no advocate is, until another one does.
    pub(super) fn named_dealer(row: &TimelineRow, touchpoint: &Touchpoint) -> Option<String> {
        let dealer = match touchpoint.payload.as_ref()? {
            Payload::FeedbackReassigned(reassigned) => &reassigned.to_dealer_id,
            Payload::OrderReassigned(reassigned) => &reassigned.to_dealer_id,
            Payload::ContextPackServed(_) => return None,
            _ => &row.dealer_id,
        };
        if dealer.is_empty() {
            return None;
        }
        let subjects = effective_subjects(row, touchpoint);
        let judged = [
            &subjects.order_id,
            &subjects.visit_id,
            &subjects.feedback_id,
            &subjects.case_id,
        ];
        let is_contact = matches!(touchpoint.payload, Some(Payload::ContactMade(_)));
        let counts = is_contact || judged.iter().any(|id| !id.is_empty());
        counts.then(|| dealer.clone())
    }
}

/// The subjects that a touchpoint names or inherits from the one that it corrects.
pub(super) fn effective_subjects(row: &TimelineRow, touchpoint: &Touchpoint) -> Subjects {
    let mut subjects = touchpoint.subjects.clone().unwrap_or_default();
    if let Some(inherited) = &row.standing.inherited {
        inherited.fill_subjects(&mut subjects);
    }
    subjects
}
