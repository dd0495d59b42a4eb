//! Answers about the timeline of one person: a page of it, and its changes since an earlier answer.

use super::changes::{AnswerBasis, ChangePage, ChangesQuery, changes};
use super::page::{Detail, page_now};
use super::query::{TimelineFilter, TimelineOrder, TimelinePage, TimelineQuery};
use super::states::TimelineStates;
use crate::fold::reach::Reach;
use crate::{AnswerError, HistoryKey, Recorded, Snapshots, Vantage};

/// A question about the timeline of one person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimelineQuestion {
    /// Any id of the person.
    pub owner_id: String,
    /// The part of the timeline.
    pub filter: TimelineFilter,
    /// The direction.
    pub order: TimelineOrder,
    /// Continue after this key: that of the last row of the previous page.
    pub after: Option<HistoryKey>,
    /// At most this many rows. The caller bounds it.
    pub limit: usize,
}

/// A question about the changes of a timeline since an earlier answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangesQuestion {
    /// Any id of the person.
    pub owner_id: String,
    /// The part of the timeline.
    pub filter: TimelineFilter,
    /// The basis of the previous answer; `None` if there was none, so that every row is added.
    pub from: Option<AnswerBasis>,
    /// Continue after this key: that of the last change of the previous page.
    pub after: Option<HistoryKey>,
    /// At most this many changes. The caller bounds it.
    pub limit: usize,
}

/// Answers one page of a timeline.
///
/// # Errors
/// If no touchpoint that the viewer may see names the owner, too many ids are linked to theirs, or a state cannot be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: TimelineQuestion,
) -> Result<TimelinePage, AnswerError> {
    page_in_detail(snapshots, vantage, question, Detail::Full)
}

/// Answers one page of a timeline for a computation that needs neither effects nor falls of an odometer: its rows name
/// none.
///
/// # Errors
/// Those of [`answer`].
pub fn answer_in_brief(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: TimelineQuestion,
) -> Result<TimelinePage, AnswerError> {
    page_in_detail(snapshots, vantage, question, Detail::Brief)
}

fn page_in_detail(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: TimelineQuestion,
    detail: Detail,
) -> Result<TimelinePage, AnswerError> {
    let query = TimelineQuery {
        owner_id: question.owner_id,
        filter: question.filter,
        order: question.order,
        as_of: vantage.as_of,
        known_at: vantage.known_at,
        after: question.after,
        limit: question.limit,
    };
    let states = TimelineStates::of(snapshots);
    let (viewer, now) = (vantage.viewer, vantage.now);
    Ok(page_now(states, viewer, &query, now, detail)?)
}

/// Answers one page of changes; `touched` and `reach` are those of [`changes`].
///
/// # Errors
/// Those of [`answer`].
pub fn answer_changes(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: ChangesQuestion,
    touched: Option<&[Recorded]>,
    reach: &mut Reach,
) -> Result<ChangePage, AnswerError> {
    let query = ChangesQuery {
        owner_id: question.owner_id,
        filter: question.filter,
        from: question.from,
        to: AnswerBasis {
            known_at: vantage.known_at,
            as_of: vantage.as_of,
        },
        after: question.after,
        limit: question.limit,
    };
    let states = TimelineStates::of(snapshots);
    Ok(changes(states, vantage.viewer, &query, touched, reach)?)
}
