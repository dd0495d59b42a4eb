//! The selection of rows that a pack is folded from, so that a long history costs what the pack shows of it.
//!
//! A short history is folded whole. Of a longer one these rows make the same pack:
//! - all rows of the last feedback that is not excluded, the only one that a pack shows,
//! - the last row that names a dealer, who may hold the relationship,
//! - every row of a kind that counts for ever: of visits, cases, contacts, offers, tips, consents and vehicles,
//! - every other row of feedback or an order that names a case, since it is news of that case.

use std::collections::{BTreeSet, VecDeque};

use ownerline_proto::schema::Schema;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Touchpoint, Visibility};

use super::entry::Fact;
use super::fold::{ContextFold, effective_subjects, kinds};
use super::pack::ContextPack;
use crate::HistoryKey;
use crate::timeline::{
    TimelineFilter, TimelineOrder, TimelinePage, TimelineQuestion, TimelineRow, passing_kinds,
};

/// The rows of a history that is folded whole.
const SHORT: usize = 256;
/// The most rows of a page.
const ROWS: usize = 2_048;
/// The rows of the first page where the last of something is looked for; each later one has twice as many.
const FEW: usize = 8;

/// Selects the rows that a pack is folded from, and folds them. Ask for the rows of [`Self::question`], give each of
/// them to [`Self::apply`] and end the page with [`Self::end_page`], until there is no question.
#[derive(Debug)]
pub struct PackFold {
    owner_id: String,
    visible_to: Option<Visibility>,
    /// A fold without any touchpoint.
    empty: ContextFold,
    fold: ContextFold,
    stage: Stage,
    /// The last row of the page before.
    after: Option<HistoryKey>,
    limit: usize,
    /// The most rows of a page.
    rows: usize,
    feedback: LastFeedback,
    dealer: Option<(Fact, String)>,
}

/// The part of the history that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The beginning of the history, which may be all of it.
    Beginning,
    /// Feedback, the last first.
    Feedback,
    /// All rows of one feedback.
    Item,
    /// Anything, the last first, until something names a dealer.
    Dealer,
    /// The rows that count for ever, oldest first.
    Forever,
    /// Nothing more.
    Done,
}

/// The search for the last feedback that is not excluded.
#[derive(Debug, Default)]
struct LastFeedback {
    seen: BTreeSet<String>,
    /// Found and not looked at yet, the last received first.
    waiting: VecDeque<String>,
    /// The one that is looked at, its rows so far, and whether one excludes it.
    item: String,
    fold: Option<ContextFold>,
    is_excluded: bool,
    /// The one to show, or the last that is excluded if there is no other.
    found: Option<ContextFold>,
    /// Where to go on, if there is more.
    after: Option<HistoryKey>,
    has_more: bool,
    /// The rows of the last page.
    limit: usize,
}

impl PackFold {
    /// A fold without any touchpoint yet. `as_of` and `now` are those of the answer.
    #[must_use]
    pub fn new(
        owner_id: String,
        visible_to: Option<Visibility>,
        as_of: Instant,
        now: Instant,
    ) -> Self {
        let empty = ContextFold::new(as_of, visible_to).asked_at(now);
        Self {
            owner_id,
            visible_to,
            fold: empty.clone(),
            empty,
            stage: Stage::Beginning,
            after: None,
            limit: SHORT,
            rows: ROWS,
            feedback: LastFeedback::default(),
            dealer: None,
        }
    }

    /// The same fold with another bound of a history that is folded whole, and other pages.
    #[must_use]
    pub fn in_pages(self, short: usize, rows: usize) -> Self {
        Self {
            rows,
            limit: short,
            ..self
        }
    }

    /// The rows to read next; `None` if no more are needed.
    #[must_use]
    pub fn question(&self) -> Option<TimelineQuestion> {
        let mut filter = TimelineFilter {
            kinds: kinds(),
            visible_to: self.visible_to,
            ..TimelineFilter::default()
        };
        let mut order = TimelineOrder::OldestFirst;
        match &self.stage {
            Stage::Beginning => {}
            Stage::Feedback => {
                let received = Schema::get().kind_by_name("feedback_received");
                filter.kinds = received.into_iter().map(|kind| kind.number).collect();
                order = TimelineOrder::NewestFirst;
            }
            Stage::Item => filter.stream = Some(format!("feedback-{}", self.feedback.item)),
            Stage::Dealer => order = TimelineOrder::NewestFirst,
            Stage::Forever => {
                let about_cases = kinds_about_cases();
                filter.kinds.retain(|kind| !about_cases.contains(kind));
                filter.kinds_about_cases = about_cases;
            }
            Stage::Done => return None,
        }
        Some(TimelineQuestion {
            owner_id: self.owner_id.clone(),
            filter,
            order,
            after: self.after.clone(),
            limit: self.limit,
        })
    }

    /// The question for the page after this one, if that can be asked before this one is folded.
    #[must_use]
    pub fn question_ahead(&self, page: &TimelinePage) -> Option<TimelineQuestion> {
        let last = page.rows.last()?;
        if self.stage != Stage::Forever || !page.more {
            return None;
        }
        Some(TimelineQuestion {
            after: Some(last.key.clone()),
            limit: self.next_limit(),
            ..self.question()?
        })
    }

    /// Whether the rows of a page are given to [`Self::apply`]: those at the beginning of a long history are not.
    #[must_use]
    pub fn takes(&self, page: &TimelinePage) -> bool {
        self.stage != Stage::Beginning || !page.more
    }

    /// Whether the touchpoint of a row is needed.
    #[must_use]
    pub fn needs(&self, row: &TimelineRow) -> bool {
        ContextFold::needs(row) && (self.stage != Stage::Dealer || self.dealer.is_none())
    }

    /// Takes the next row of the page, with its touchpoint if that is [needed](Self::needs).
    pub fn apply(&mut self, row: &TimelineRow, touchpoint: Option<&Touchpoint>) {
        match self.stage {
            Stage::Beginning | Stage::Forever => fold_row(&mut self.fold, row, touchpoint),
            Stage::Feedback => self.feedback.found(row, touchpoint),
            Stage::Item => {
                let fold = self.feedback.fold.get_or_insert_with(|| self.empty.clone());
                fold_row(fold, row, touchpoint);
                let payload = touchpoint.and_then(|it| it.payload.as_ref());
                self.feedback.is_excluded |= matches!(payload, Some(Payload::FeedbackExcluded(_)));
            }
            Stage::Dealer if self.dealer.is_none() => {
                let dealer = touchpoint.and_then(|it| ContextFold::named_dealer(row, it));
                self.dealer = dealer.map(|dealer| (Fact::of(row), dealer));
            }
            Stage::Dealer | Stage::Done => {}
        }
        self.after = Some(row.key.clone());
    }

    /// Ends a page. `more` says whether rows follow it.
    pub fn end_page(&mut self, more: bool) {
        match self.stage {
            Stage::Beginning if more => {
                self.feedback.has_more = true;
                self.next_feedback();
            }
            Stage::Feedback => {
                self.feedback.after = self.after.take();
                self.feedback.has_more = more;
                self.feedback.limit = self.limit;
                self.next_feedback();
            }
            Stage::Item if more => {}
            Stage::Item => match self.feedback.end_item() {
                true => self.begin(Stage::Dealer, FEW),
                false => self.next_feedback(),
            },
            Stage::Dealer if more && self.dealer.is_none() => self.limit = self.next_limit(),
            // A small first page, so that folding begins soon, beside the second.
            Stage::Dealer => self.begin(Stage::Forever, SHORT),
            Stage::Forever if more => self.limit = self.next_limit(),
            Stage::Forever => {
                let feedback = self.feedback.found.take();
                self.fold.replace_last(feedback, self.dealer.take());
                self.begin(Stage::Done, 0);
            }
            Stage::Beginning | Stage::Done => self.begin(Stage::Done, 0),
        }
    }

    /// The pack; `left` are the vehicles that the person no longer holds (see [`vehicles_left`](super::vehicles_left)).
    #[must_use]
    pub fn finish(self, left: &BTreeSet<String>) -> ContextPack {
        self.fold.finish(left)
    }

    /// The rows of the next page of a stage whose pages grow.
    fn next_limit(&self) -> usize {
        self.limit.saturating_mul(2).min(self.rows)
    }

    fn begin(&mut self, stage: Stage, limit: usize) {
        self.stage = stage;
        self.after = None;
        self.limit = limit.min(self.rows);
    }

    /// Looks at the next feedback, the last received first.
    fn next_feedback(&mut self) {
        match self.feedback.waiting.pop_front() {
            Some(feedback_id) => {
                self.feedback.item = feedback_id;
                self.begin(Stage::Item, self.rows);
            }
            None if self.feedback.has_more => {
                self.begin(
                    Stage::Feedback,
                    self.feedback.limit.saturating_mul(2).max(FEW),
                );
                self.after = self.feedback.after.take();
            }
            None => self.begin(Stage::Dealer, FEW),
        }
    }
}

impl LastFeedback {
    /// Takes the next row of received feedback.
    fn found(&mut self, row: &TimelineRow, touchpoint: Option<&Touchpoint>) {
        let id = touchpoint.map(|it| effective_subjects(row, it).feedback_id);
        if let Some(id) = id.filter(|id| !id.is_empty())
            && self.seen.insert(id.clone())
        {
            self.waiting.push_back(id);
        }
    }

    /// Ends the feedback that is looked at, and returns whether it is the one to show. One that is excluded is kept as
    /// long as no other is found: then the pack says that there is feedback.
    fn end_item(&mut self) -> bool {
        let is_excluded = std::mem::take(&mut self.is_excluded);
        let fold = self.fold.take();
        if !is_excluded || self.found.is_none() {
            self.found = fold;
        }
        !is_excluded
    }
}

fn fold_row(fold: &mut ContextFold, row: &TimelineRow, touchpoint: Option<&Touchpoint>) {
    match touchpoint {
        Some(touchpoint) => fold.apply(row, touchpoint),
        None => fold.pass(row),
    }
}

/// The numbers of the kinds of orders and feedback, of which a pack shows only the last, unless they name a case.
fn kinds_about_cases() -> BTreeSet<u32> {
    kinds().intersection(passing_kinds()).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context_pack::fold::OTHER_KINDS;

    #[test]
    fn kinds_that_count_for_ever_are_not_passing() {
        let other = OTHER_KINDS.map(|name| Schema::get().kind_by_name(name).unwrap().number);
        let about_cases = kinds_about_cases();
        let forever: BTreeSet<u32> = kinds().difference(&about_cases).copied().collect();
        assert!(other.iter().all(|kind| forever.contains(kind)));
        assert!(forever.is_disjoint(passing_kinds()));
        assert!(about_cases.is_subset(passing_kinds()));
    }
}
