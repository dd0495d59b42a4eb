//! The context pack: what to know before contacting an owner, folded from the timeline of the person.
//!
//! It is no view and keeps no state: the rows that the timeline answers with `KINDS`, oldest first, are
//! folded one by one, those in force with their touchpoint. What belongs to the person, what counts, and
//! who may see it is decided by the timeline alone. Facts are kept by their positions, and texts stay in
//! the log until the pack says which of them it shows: a fold over many touchpoints stays small.

mod avoid;
mod cases;
mod contacts;
mod defects;
mod feedback;
mod pack;
mod vehicles;
mod visits;
mod words;

use std::collections::BTreeSet;

use ownerline_proto::schema::Schema;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Subjects, Touchpoint, Visibility};

use crate::view::timeline::{Force, TimelineRow};
use avoid::Avoided;
use cases::Cases;
use contacts::Contacts;
use defects::Defects;
use feedback::Feedbacks;
use visits::Visits;

pub use pack::{
    Advocate, Attempt, Avoid, ContactRecord, ContextPack, Holder, LastFeedback, LastVisit, Listed,
    OpenCase, OpenCommitment, OpenDefect, Relationship, VisitDefect,
};
pub use vehicles::vehicles_left;
pub use words::{one_text, remedy, words};

/// At most this many items of a list are in a pack.
pub const MAX_ITEMS: usize = 20;

/// What a pack is folded from. Every kind of a case's stream is: any of them makes a case known.
const KINDS: [&str; 62] = [
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
    "order_placed",
    "handover_completed",
    "appointment_booked",
    "vehicle_dropped_off",
    "defect_reported",
    "repair_attempted",
    "work_performed",
    "loaner_provided",
    "vehicle_picked_up",
    "assistance_declined",
    "resolved_elsewhere",
    "feedback_received",
    "feedback_edited",
    "dealer_replied",
    "reply_withdrawn",
    "reply_bounced",
    "owner_message_received",
    "feedback_reassigned",
    "feedback_closed",
    "feedback_reopened",
    "feedback_excluded",
    "resolution_confirmed",
    "resolution_rejected",
    "case_opened",
    "case_acknowledged",
    "case_assessed",
    "advocate_assigned",
    "advocate_released",
    "desired_outcome_stated",
    "next_step_proposed",
    "next_step_agreed",
    "next_step_declined",
    "commitment_made",
    "commitment_kept",
    "commitment_broken",
    "commitment_withdrawn",
    "root_cause_requested",
    "root_cause_provided",
    "root_cause_declined",
    "progress_update_sent",
    "defect_linked",
    "case_paused_on_owner",
    "case_resumed",
    "case_escalated",
    "case_resolved",
    "case_closed",
    "case_reopened",
    "case_note_added",
    "task_assigned",
    "task_done",
    "manufacturer_notified",
];

/// The numbers of the kinds that a pack is folded from: a filter for the timeline.
#[must_use]
pub fn kinds() -> BTreeSet<u32> {
    let kinds = KINDS
        .iter()
        .filter_map(|name| Schema::get().kind_by_name(name));
    kinds.map(|kind| kind.number).collect()
}

/// A touchpoint that something rests on. Ordered as the history is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    /// How many were folded before it.
    pub turn: u64,
    /// When it happened, in nanoseconds since the Unix epoch.
    pub occurred_at: i64,
    /// Its place in the log.
    pub position: u64,
}

/// One touchpoint in force, with what the timeline says about it.
#[derive(Clone, Copy)]
struct Entry<'t> {
    fact: Fact,
    row: &'t TimelineRow,
    touchpoint: &'t Touchpoint,
    subjects: &'t Subjects,
}

/// Folds the timeline of one person, oldest first.
#[derive(Debug, Clone)]
pub struct ContextFold {
    turn: u64,
    as_of: i64,
    /// Nobody else's servings are hidden from who asks.
    sees_servings: bool,
    visits: Visits,
    defects: Defects,
    cases: Cases,
    feedbacks: Feedbacks,
    contacts: Contacts,
    avoided: Avoided,
    /// What names a dealer last, and which.
    dealer: Option<(Fact, String)>,
}

impl ContextFold {
    /// Nothing folded yet; `as_of` (nanoseconds since the Unix epoch) and `visible_to` as the rows were
    /// asked for.
    #[must_use]
    pub fn new(as_of: i64, visible_to: Option<Visibility>) -> Self {
        Self {
            turn: 0,
            as_of,
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

    /// Folds a row that is not in force: what names it means the whole chain of its corrections.
    pub fn pass(&mut self, row: &TimelineRow) {
        self.feedbacks.passes(row);
    }

    /// Folds the next row in force, in history order.
    pub fn apply(&mut self, row: &TimelineRow, touchpoint: &Touchpoint) {
        let none = Subjects::default();
        let entry = Entry {
            fact: Fact {
                turn: self.turn,
                occurred_at: row.key.occurred_at,
                position: row.position,
            },
            row,
            touchpoint,
            subjects: touchpoint.subjects.as_ref().unwrap_or(&none),
        };
        self.turn += 1;
        let Some(payload) = &touchpoint.payload else {
            return;
        };
        self.visits.apply(entry, payload);
        self.defects.apply(entry, payload);
        self.cases.apply(self.as_of, entry, payload);
        self.feedbacks.apply(entry, payload);
        self.contacts.apply(entry, payload);
        self.avoided.apply(entry, payload);
        self.names_dealer(entry, payload);
    }

    /// The pack; `left` are the vehicles that the person no longer holds (see [`vehicles_left`]).
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

    fn names_dealer(&mut self, entry: Entry<'_>, payload: &Payload) {
        let dealer = match payload {
            Payload::FeedbackReassigned(reassigned) => &reassigned.to_dealer_id,
            Payload::ContextPackServed(_) => return,
            _ => &entry.row.dealer_id,
        };
        let judged = [
            &entry.subjects.order_id,
            &entry.subjects.visit_id,
            &entry.subjects.feedback_id,
            &entry.subjects.case_id,
        ];
        let is_contact = matches!(payload, Payload::ContactMade(_));
        if !dealer.is_empty() && (is_contact || judged.iter().any(|id| !id.is_empty())) {
            self.dealer = Some((entry.fact, dealer.clone()));
        }
    }
}
