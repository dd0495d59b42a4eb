//! A case in a list, and its place there.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::Level;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use prost::Message;

use super::course::CaseState;

/// What is due in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The date, in nanoseconds since the Unix epoch.
    pub at: i64,
    /// What is owed.
    pub kind: Kind,
    /// The promise or the task; empty for what the case itself owes.
    pub subject_id: String,
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseSummary {
    /// The case.
    pub case_id: String,
    /// How it stands.
    pub state: CaseState,
    /// The earliest date by which something open is due, overdue or not.
    pub due: Option<Due>,
    /// How many obligations are overdue.
    pub overdue: usize,
    /// The first owner; empty if nobody is known.
    pub owner_id: String,
    /// The dealer responsible now; empty if nobody is named.
    pub dealer_id: String,
    /// The vehicle; empty if none is named.
    pub vin: String,
    /// How bad it is.
    pub severity: Level,
    /// How soon it needs an outcome.
    pub urgency: Level,
    /// The agents who take the owner's side, by id.
    pub advocates: Vec<String>,
    /// When it was opened, or first heard of.
    pub opened_at: Option<i64>,
    /// How many episodes it had.
    pub episodes: usize,
    /// Since when the owner has heard nothing.
    pub silent_since: Option<i64>,
    /// The owner asked for the root cause and was neither told nor refused it.
    pub root_cause_owed: bool,
}

/// The place of a case in a list: by what is due, nothing at the end; then by case.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct CasePlace {
    /// The date.
    #[prost(message, optional, tag = "1")]
    pub due_at: Option<Instant>,
    /// The case.
    #[prost(string, tag = "2")]
    pub case_id: String,
}

impl CasePlace {
    pub(super) fn rank(&self) -> (bool, Option<Instant>, &str) {
        (self.due_at.is_none(), self.due_at, &self.case_id)
    }
}

impl CaseSummary {
    /// Its place in a list.
    #[must_use]
    pub fn place(&self) -> CasePlace {
        CasePlace {
            due_at: self.due.as_ref().map(|due| due.at.into()),
            case_id: self.case_id.clone(),
        }
    }
}
