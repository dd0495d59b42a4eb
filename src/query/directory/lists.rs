//! Lists of owners and of dealers.

use std::cmp::Reverse;

use ownerline_projections::Viewer;
use ownerline_projections::directory::{
    DealerEntry, DealerFilter, DealersQuestion, OwnersQuestion, dealers, owners,
};
use ownerline_projections::timeline::{OwnerPlace, OwnerRow};
use prost::Message;

use crate::query::answer_budget::AnswerBudget;
use crate::query::basis::Answer;
use crate::query::error::QueryError;
use crate::query::needs;
use crate::query::page::{Page, PageAsk};
use crate::query::permits::CountPermits;
use crate::query::reads::Reads;

/// Owners of a page where the request does not say.
const OWNERS: usize = 50;
/// Dealers of a page where the request does not say.
const DEALERS: usize = 100;

/// Reads directories. Cheap to clone.
#[derive(Clone)]
pub struct DirectoryReads {
    pub(super) reads: Reads,
    permits: CountPermits,
}

/// The place in a page token of owners.
#[derive(Clone, PartialEq, Message)]
struct OwnerCursor {
    #[prost(sint64, tag = "1")]
    last_occurred_at: i64,
    #[prost(string, tag = "2")]
    owner_id: String,
}

/// The place in a page token of dealers.
#[derive(Clone, PartialEq, Message)]
struct DealerCursor {
    #[prost(string, tag = "1")]
    dealer_id: String,
}

impl DirectoryReads {
    /// Reads that share the permits for counts with others: listing owners keeps a core busy.
    #[must_use]
    pub fn new(reads: Reads, permits: CountPermits) -> Self {
        Self { reads, permits }
    }

    /// One page of owners: all of them, or those whose last touchpoint that names a dealer names this one.
    ///
    /// # Errors
    /// See [`QueryError`]; [`QueryError::UnknownName`] if nothing names the dealer asked for.
    pub async fn owners(
        &self,
        dealer_id: Option<String>,
        page: &PageAsk,
        viewer: &Viewer,
    ) -> Result<Answer<Page<Vec<OwnerRow>>>, QueryError> {
        let reads = &self.reads;
        let limit = reads.page_size(page, OWNERS)?;
        let decode = |bytes: &[u8]| OwnerCursor::decode(bytes).ok();
        let begin = reads.begin_at_place(page, decode).await?;
        let permit = self.permits.acquire().await?;
        let question = OwnersQuestion {
            dealer_id,
            after: begin.after.map(|cursor| OwnerPlace {
                last_occurred_at: Reverse(cursor.last_occurred_at),
                owner_id: cursor.owner_id,
            }),
            limit,
        };
        let listed = reads.ask_for(
            needs::OWNERS,
            begin.wanted,
            viewer,
            move |snapshots, vantage| {
                let _permit = permit;
                owners(snapshots, vantage, question)
            },
        );
        let listed = listed.await?;
        let basis = listed.basis;
        Ok(listed.map(|mut found| {
            let mut budget = AnswerBudget::of_answer();
            found.more |= budget.cut(&mut found.owners, owner_bytes);
            let last = found.owners.last().filter(|_| found.more);
            let cursor = last.map(|last| OwnerCursor {
                last_occurred_at: last.place.last_occurred_at.0,
                owner_id: last.place.owner_id.clone(),
            });
            let place = cursor.map(|cursor| cursor.encode_to_vec());
            Page {
                next: place.map(|place| reads.token_at_place(&page.query, basis, place)),
                entries: found.owners,
            }
        }))
    }

    /// One page of dealers.
    ///
    /// # Errors
    /// See [`QueryError`]; [`QueryError::UnknownName`] if no dealer was ever in the market asked for.
    pub async fn dealers(
        &self,
        filter: DealerFilter,
        page: &PageAsk,
        viewer: &Viewer,
    ) -> Result<Answer<Page<Vec<DealerEntry>>>, QueryError> {
        let reads = &self.reads;
        let limit = reads.page_size(page, DEALERS)?;
        let decode = |bytes: &[u8]| DealerCursor::decode(bytes).ok();
        let begin = reads.begin_at_place(page, decode).await?;
        let question = DealersQuestion {
            filter,
            after: begin.after.map(|cursor| cursor.dealer_id),
            limit,
        };
        let listed = reads.ask_for(
            needs::DEALERS,
            begin.wanted,
            viewer,
            move |snapshots, vantage| dealers(snapshots, vantage, &question),
        );
        let listed = listed.await?;
        let basis = listed.basis;
        Ok(listed.map(|mut found| {
            let mut budget = AnswerBudget::of_answer();
            found.more |= budget.cut(&mut found.dealers, dealer_bytes);
            let last = found.dealers.last().filter(|_| found.more);
            let cursor = last.map(|last| DealerCursor {
                dealer_id: last.dealer_id.clone(),
            });
            let place = cursor.map(|cursor| cursor.encode_to_vec());
            Page {
                next: place.map(|place| reads.token_at_place(&page.query, basis, place)),
                entries: found.dealers,
            }
        }))
    }
}

/// More bytes than the instant, the type and the tags of an owner take, or the tags of a dealer.
const ENTRY_BYTES: usize = 128;

/// The most bytes that an answer needs for an owner.
fn owner_bytes(row: &OwnerRow) -> usize {
    row.place.owner_id.len() + row.dealer_id.len() + ENTRY_BYTES
}

/// The most bytes that an answer needs for a dealer.
fn dealer_bytes(entry: &DealerEntry) -> usize {
    let registered = entry.registered.as_ref().map_or(0, |dealer| {
        let texts = [&dealer.name, &dealer.market, &dealer.time_zone];
        let brands = dealer
            .brands
            .iter()
            .map(|brand| brand.len() + FRAMING_BYTES);
        texts.map(String::len).into_iter().sum::<usize>() + brands.sum::<usize>()
    });
    entry.dealer_id.len() + registered + ENTRY_BYTES
}

/// Bytes of the tag and the length of a brand.
const FRAMING_BYTES: usize = 8;
