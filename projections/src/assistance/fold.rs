//! View `assistance`: owners who were turned away, help that was given, goodwill, and feedback about visits, as they were
//! and as they were known.
//!
//! | table | key | value |
//! |---|---|---|
//! | `t` | visit, history key | [`Row`]: help was declined |
//! | `h` | visit, history key | [`Row`]: help was given, or the matter settled elsewhere |
//! | `g` | owner, history key | [`Goodwill`] |
//! | `f` | visit, feedback, history key | empty: a feedback names the visit |

use ownerline_proto::v1::Subjects;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use crate::Recorded;
use crate::TouchpointKey;
use crate::fold::corrections::{Inherited, Inherits, fill};
use crate::fold::state::StateMap;
use crate::fold::table::HistoryTable;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};

pub(super) static TURNED_AWAY: HistoryTable<Row> = HistoryTable::new(VIEW.name, b't');
pub(super) static HELP: HistoryTable<Row> = HistoryTable::new(VIEW.name, b'h');
pub(super) static GOODWILL: HistoryTable<Goodwill> = HistoryTable::new(VIEW.name, b'g');
pub(super) static FEEDBACK: HistoryTable<(), 2> = HistoryTable::new(VIEW.name, b'f');

/// The view. See the module documentation.
pub const VIEW: ViewDef = ViewDef {
    name: "assistance",
    version: 2,
    kinds: Kinds::Named(&[
        "assistance_declined",
        "resolved_elsewhere",
        "repair_attempted",
        "work_performed",
        "loaner_provided",
        "goodwill_granted",
        "feedback_received",
    ]),
    apply: &apply,
};

/// A step of a visit towards help, or away from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
pub enum Step {
    /// Help was declined.
    Declined = 0,
    /// The matter was settled elsewhere.
    Elsewhere = 1,
    /// A repair fixed it.
    Fixed = 2,
    /// A repair did not.
    NotFixed = 3,
    /// Work was done.
    Work = 4,
    /// A car was lent.
    Loaner = 5,
}

impl Step {
    /// Whether somebody took the matter up: tried a repair, did work or lent a car.
    pub(super) fn helps(self) -> bool {
        matches!(
            self,
            Self::Fixed | Self::NotFixed | Self::Work | Self::Loaner
        )
    }
}

/// A touchpoint of a visit about help. Unknown texts are empty.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Row {
    #[prost(enumeration = "Step", tag = "1")]
    pub(super) step: i32,
    #[prost(string, tag = "2")]
    pub(super) owner_id: String,
    #[prost(string, tag = "3")]
    pub(super) vin: String,
    #[prost(string, tag = "4")]
    pub(super) dealer_id: String,
    #[prost(string, tag = "5")]
    pub(super) defect_id: String,
    #[prost(string, tag = "6")]
    pub(super) case_id: String,
    #[prost(string, tag = "7")]
    pub(super) correlation_id: String,
    /// The touchpoint that caused it; empty texts if none is named.
    #[prost(string, tag = "8")]
    pub(super) cause_source: String,
    #[prost(string, tag = "9")]
    pub(super) cause_id: String,
    /// The reason of a turn-away, and the two facts after it; of any other step, nothing.
    #[prost(
        enumeration = "ownerline_proto::v1::assistance_declined::Reason",
        tag = "10"
    )]
    pub(super) reason: i32,
    #[prost(bool, tag = "11")]
    pub(super) safety: bool,
    #[prost(bool, tag = "12")]
    pub(super) told_next_step: bool,
}

impl Inherits for Row {
    fn inherit(&mut self, inherited: &Inherited) {
        let subjects = &inherited.subjects;
        for (mine, theirs) in [
            (&mut self.owner_id, &subjects.owner_id),
            (&mut self.vin, &subjects.vin),
            (&mut self.dealer_id, &subjects.dealer_id),
            (&mut self.defect_id, &subjects.defect_id),
            (&mut self.case_id, &subjects.case_id),
        ] {
            fill(mine, theirs);
        }
    }
}

/// Goodwill that was granted. Unknown texts are empty.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Goodwill {
    #[prost(string, tag = "1")]
    pub(super) dealer_id: String,
    /// The dealer of the actor.
    #[prost(string, tag = "2")]
    pub(super) actor_dealer_id: String,
    #[prost(string, tag = "3")]
    pub(super) vin: String,
    #[prost(string, tag = "4")]
    pub(super) visit_id: String,
    #[prost(string, tag = "5")]
    pub(super) currency: String,
    #[prost(int64, tag = "6")]
    pub(super) value_minor: i64,
}

impl Inherits for Goodwill {
    fn inherit(&mut self, inherited: &Inherited) {
        let subjects = &inherited.subjects;
        fill(&mut self.dealer_id, &subjects.dealer_id);
        fill(&mut self.vin, &subjects.vin);
        fill(&mut self.visit_id, &subjects.visit_id);
    }
}

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let touchpoint = &recorded.touchpoint;
    let (Some(subjects), Some(payload)) = (&touchpoint.subjects, &touchpoint.payload) else {
        return Ok(());
    };
    match payload {
        Payload::GoodwillGranted(granted) => {
            let actor = touchpoint.actor.as_ref();
            let goodwill = Goodwill {
                dealer_id: subjects.dealer_id.clone(),
                actor_dealer_id: actor.map_or_else(String::new, |it| it.dealer_id.clone()),
                vin: subjects.vin.clone(),
                visit_id: subjects.visit_id.clone(),
                currency: granted.currency.clone(),
                value_minor: granted.value_minor,
            };
            let tail = history_tail(recorded, &[&subjects.owner_id])?;
            GOODWILL.put(state, [&subjects.owner_id], &tail, &goodwill);
        }
        Payload::FeedbackReceived(_) if !subjects.visit_id.is_empty() => {
            let texts = [subjects.visit_id.as_str(), &subjects.feedback_id];
            let tail = history_tail(recorded, &texts)?;
            FEEDBACK.put_bytes(state, texts, &tail, Vec::new());
        }
        _ => {
            if let Some(row) = row(recorded, subjects, payload) {
                let tail = history_tail(recorded, &[&subjects.visit_id])?;
                let table = match row.step() {
                    Step::Declined => &TURNED_AWAY,
                    _ => &HELP,
                };
                table.put(state, [&subjects.visit_id], &tail, &row);
            }
        }
    }
    Ok(())
}

/// The row of a touchpoint of a visit; `None` if it says nothing about help.
fn row(recorded: &Recorded, subjects: &Subjects, payload: &Payload) -> Option<Row> {
    let touchpoint = &recorded.touchpoint;
    let mut row = Row {
        owner_id: subjects.owner_id.clone(),
        vin: subjects.vin.clone(),
        dealer_id: subjects.dealer_id.clone(),
        defect_id: subjects.defect_id.clone(),
        case_id: subjects.case_id.clone(),
        correlation_id: touchpoint.correlation_id.clone(),
        ..Row::default()
    };
    if let Some(cause) = &touchpoint.causation {
        let cause = TouchpointKey::of_reference(cause, &touchpoint.source);
        (row.cause_source, row.cause_id) = (cause.source, cause.id);
    }
    let step = match payload {
        Payload::AssistanceDeclined(declined) => {
            row.reason = declined.reason;
            row.safety = declined.safety;
            row.told_next_step = declined.owner_told_next_step;
            Step::Declined
        }
        Payload::ResolvedElsewhere(_) => Step::Elsewhere,
        Payload::RepairAttempted(it) if it.outcome() == Outcome::Fixed => Step::Fixed,
        Payload::RepairAttempted(_) => Step::NotFixed,
        Payload::WorkPerformed(_) => Step::Work,
        Payload::LoanerProvided(_) => Step::Loaner,
        _ => return None,
    };
    row.set_step(step);
    Some(row)
}
