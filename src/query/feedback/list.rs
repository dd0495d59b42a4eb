//! Pages of a dealer's inbox.

use ownerline_projections::Viewer;
use ownerline_projections::feedback::inbox::{InboxQuestion, Owed, Place, answer};

use super::reads::FeedbackReads;
use super::size::owed_bytes;
use crate::query::answer_budget::AnswerBudget;
use crate::query::basis::Answer;
use crate::query::error::QueryError;
use crate::query::needs::INBOX;
use crate::query::page::{Page, PageAsk};

/// Obligations of a page where the request does not say.
const DEFAULT_PAGE: usize = 100;

/// Some obligations of an inbox, and how many there are on all pages.
#[derive(Debug, Clone, Default)]
pub struct OwedEntries {
    /// In the order asked.
    pub items: Vec<Owed>,
    /// On all pages.
    pub total: u64,
}

impl FeedbackReads {
    /// One page of an inbox. The place and the size of the question are those of the page.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn list(
        &self,
        question: InboxQuestion,
        page: &PageAsk,
        viewer: &Viewer,
    ) -> Result<Answer<Page<OwedEntries>>, QueryError> {
        let reads = &self.reads;
        let limit = reads.page_size(page, DEFAULT_PAGE)?;
        let begin = reads.begin_at_place(page, Place::decode).await?;
        let question = InboxQuestion {
            after: begin.after,
            limit,
            ..question
        };
        let order = question.order;
        let listed = reads.ask_for(INBOX, begin.wanted, viewer, move |snapshots, vantage| {
            answer(snapshots, vantage, &question)
        });
        let listed = listed.await?;
        let basis = listed.basis;
        Ok(listed.map(|mut found| {
            if AnswerBudget::of_answer().cut(&mut found.items, owed_bytes) {
                found.next = found.items.last().map(|last| Place::of(last, order));
            }
            let next = found.next;
            Page {
                next: next.map(|place| reads.token_at_place(&page.query, basis, place.encode())),
                entries: OwedEntries {
                    items: found.items,
                    total: found.total,
                },
            }
        }))
    }
}
