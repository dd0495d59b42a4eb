//! Pages of cases.

use ownerline_projections::Viewer;
use ownerline_projections::cases::{CasePlace, CaseSummary, CasesQuestion, list};
use prost::Message as _;

use super::reads::CaseReads;
use crate::query::answer_budget::AnswerBudget;
use crate::query::basis::Answer;
use crate::query::error::QueryError;
use crate::query::needs::CASES;
use crate::query::page::{Page, PageAsk};

/// Cases of a page where the request does not say.
const DEFAULT_PAGE: usize = 100;
/// More bytes than the instants, numbers and tags of a case take.
const SUMMARY_BYTES: usize = 256;

/// Some cases of a list, and how many there are on all pages.
#[derive(Debug, Clone, Default)]
pub struct CaseEntries {
    /// In the order of their places.
    pub cases: Vec<CaseSummary>,
    /// On all pages.
    pub total: usize,
}

impl CaseReads {
    /// One page of cases. The place and the size of the question are those of the page.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn list(
        &self,
        question: CasesQuestion,
        page: &PageAsk,
        viewer: &Viewer,
    ) -> Result<Answer<Page<CaseEntries>>, QueryError> {
        let reads = &self.reads;
        let limit = reads.page_size(page, DEFAULT_PAGE)?;
        let decode = |bytes: &[u8]| CasePlace::decode(bytes).ok();
        let begin = reads.begin_at_place(page, decode).await?;
        let question = CasesQuestion {
            after: begin.after,
            limit,
            ..question
        };
        let listed = reads.ask_for(CASES, begin.wanted, viewer, move |snapshots, vantage| {
            list(snapshots, vantage, &question)
        });
        let listed = listed.await?;
        let basis = listed.basis;
        Ok(listed.map(|mut found| {
            found.more |= AnswerBudget::of_answer().cut(&mut found.cases, most_bytes);
            let last = found.cases.last().filter(|_| found.more);
            let place = last.map(|last| last.place().encode_to_vec());
            Page {
                next: place.map(|place| reads.token_at_place(&page.query, basis, place)),
                entries: CaseEntries {
                    cases: found.cases,
                    total: found.total,
                },
            }
        }))
    }
}

/// The most bytes that an answer needs for a case.
fn most_bytes(case: &CaseSummary) -> usize {
    let due = case.due.as_ref().map_or(0, |due| due.subject_id.len());
    let ids = [&case.case_id, &case.owner_id, &case.dealer_id, &case.vin];
    let ids = ids.into_iter().chain(&case.advocates);
    ids.map(|id| id.len() + 8).sum::<usize>() + due + SUMMARY_BYTES
}
