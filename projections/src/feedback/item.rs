//! The answer about one item of feedback: its state, its obligations, and the touchpoints of its history.

use std::collections::BTreeSet;

use super::fold::VIEW;
use super::load::load;
use crate::TouchpointKey;
use crate::obligation::{Detail, Fact, FactKind, Item, ItemState, details};
use crate::policy::{Supposed, terms_in_force};
use crate::{AnswerError, Position, Snapshots, Vantage};

/// A question about one item of feedback.
#[derive(Debug, Clone, Default)]
pub struct FeedbackQuestion {
    /// Its id.
    pub feedback_id: String,
    /// The policy to suppose instead of those in force.
    pub what_if: Option<Supposed>,
}

/// The answer about one item of feedback, without texts of the log.
#[derive(Debug, Clone)]
pub struct FeedbackAnswer {
    /// The state of the item.
    pub state: ItemState,
    /// The obligations, in the order in which they began.
    pub details: Vec<Detail>,
    /// Its owner, as named or filled in; empty if nobody is named.
    pub owner_id: String,
    /// Its vehicle, likewise.
    pub vin: String,
    /// The key of the event that excludes it.
    pub excluded_by: Option<TouchpointKey>,
    /// The position of the feedback itself, if it is known and in force.
    pub received_at: Option<Position>,
    /// The positions of the relevant touchpoints of linked cases, in history order.
    pub of_cases: Vec<Position>,
    /// The key of touchpoints that changed nothing, and of withdrawn and bounced replies.
    pub without_effect: BTreeSet<TouchpointKey>,
}

/// Answers a question about one item of feedback.
///
/// # Errors
/// [`AnswerError::Unknown`] if no touchpoint of its stream is known or the viewer may see none of its responsible
/// dealers. An error also if the supposed SLA cannot be applied, or a state cannot be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: &FeedbackQuestion,
) -> Result<FeedbackAnswer, AnswerError> {
    let unknown = || AnswerError::Unknown {
        what: "feedback",
        id: question.feedback_id.clone(),
    };
    let terms = terms_in_force(snapshots, vantage, question.what_if.as_ref())?;
    let validity = vantage.validity()?;
    let feedback = snapshots.state(VIEW.name);
    let item = load(feedback, &validity, &question.feedback_id)?.ok_or_else(unknown)?;
    let state = ItemState::at(&item, &terms, vantage.as_of);
    let viewer = vantage.viewer;
    let mut dealers = state.dealers.iter().map(|segment| &segment.dealer_id);
    if !viewer.sees_network() && !dealers.any(|dealer_id| viewer.sees_dealer(dealer_id)) {
        return Err(unknown());
    }
    let details = details(&item, &state, &terms, vantage.as_of);
    Ok(Facts {
        item: &item,
        vantage,
    }
    .answer(state, details))
}

/// The facts of an item that occurred by the instant of the query.
struct Facts<'f> {
    item: &'f Item,
    vantage: &'f Vantage<'f>,
}

impl Facts<'_> {
    fn answer(&self, state: ItemState, details: Vec<Detail>) -> FeedbackAnswer {
        let excluded = self.first(|fact| fact.kind() == FactKind::Excluded);
        let received = self.first(|fact| fact.kind() == FactKind::Received);
        let of_cases = self.until_now().filter(|fact| fact.case != 0);
        let subjects = self.item.subjects(self.vantage.as_of);
        FeedbackAnswer {
            owner_id: subjects.owner_id.to_owned(),
            vin: subjects.vin.to_owned(),
            excluded_by: excluded.map(|fact| self.item.key(fact)),
            received_at: received.map(|fact| fact.position()),
            of_cases: of_cases.map(|fact| fact.position()).collect(),
            without_effect: self.without_effect(&state),
            state,
            details,
        }
    }

    fn until_now(&self) -> impl Iterator<Item = &Fact> {
        let as_of = self.vantage.as_of;
        let facts = self.item.facts().iter();
        facts.take_while(move |fact| fact.occurred_at <= as_of)
    }

    /// Returns the first matching fact of the item's own stream.
    fn first(&self, passes: impl Fn(&Fact) -> bool) -> Option<&Fact> {
        self.until_now().find(|fact| fact.case == 0 && passes(fact))
    }

    fn without_effect(&self, state: &ItemState) -> BTreeSet<TouchpointKey> {
        let flags = state.flags.iter().map(|(_, key)| key.clone());
        let taken_back = self.item.replies_taken_back(self.vantage.as_of);
        flags
            .chain(taken_back.map(|fact| self.item.key(fact)))
            .collect()
    }
}
