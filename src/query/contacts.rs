//! Contacts with owners, with the touchpoints that are shown.

use std::collections::BTreeMap;

use ownerline_projections::Viewer;
use ownerline_projections::contacts::{
    ContactPlace, ContactTotals, ContactsPage, ContactsQuestion, FoundContact, answer,
};
use ownerline_proto::v1::Touchpoint;
use prost::Message as _;

use super::answer_budget::AnswerBudget;
use super::basis::Answer;
use super::error::QueryError;
use super::needs::CONTACTS;
use super::page::{Page, PageAsk};
use super::permits::CountPermits;
use super::reads::Reads;
use super::recorded::decode;
use crate::store::Position;

/// Contacts of a page where the request does not say.
const DEFAULT_PAGE: usize = 100;
/// More bytes than the instants, numbers, flags and tags of a contact and its pack take.
const ENTRY_BYTES: usize = 256;

/// Reads contacts. Cheap to clone.
#[derive(Clone)]
pub struct ContactReads {
    reads: Reads,
    permits: CountPermits,
}

/// One page of contacts.
pub struct ContactsFound {
    /// The contacts of the page, and the token of the next one.
    pub page: Page<Vec<(FoundContact, Touchpoint)>>,
    /// The totals of the whole selection.
    pub totals: ContactTotals,
}

impl ContactReads {
    /// Reads that share the permits for counts with others.
    #[must_use]
    pub fn new(reads: Reads, permits: CountPermits) -> Self {
        Self { reads, permits }
    }

    /// One page of contacts, and the totals.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn list(
        &self,
        question: ContactsQuestion,
        page: &PageAsk,
        viewer: &Viewer,
    ) -> Result<Answer<ContactsFound>, QueryError> {
        let reads = &self.reads;
        let limit = reads.page_size(page, DEFAULT_PAGE)?;
        let decoded = |bytes: &[u8]| ContactPlace::decode(bytes).ok();
        let begin = reads.begin_at_place(page, decoded).await?;
        // The contacts of one person are few, and do not wait behind those of everybody.
        let permit = match question.filter.owner_id {
            Some(_) => None,
            None => Some(self.permits.acquire().await?),
        };
        let question = ContactsQuestion {
            after: begin.after,
            limit,
            ..question
        };
        let listed = reads.ask_for(CONTACTS, begin.wanted, viewer, move |snapshots, vantage| {
            let _permit = permit;
            answer(snapshots, vantage, &question)
        });
        let listed = listed.await?;
        let basis = listed.basis;
        let ContactsPage {
            contacts,
            mut more,
            totals,
        } = listed.value;
        let mut said = self.touchpoints(&contacts).await?;
        let contacts = contacts.into_iter();
        let mut contacts: Vec<_> = contacts
            .map(|it| {
                let touchpoint = said.remove(&it.key.position).unwrap_or_default();
                (it, touchpoint)
            })
            .collect();
        more |= AnswerBudget::of_answer().cut(&mut contacts, most_bytes);
        let last = contacts.last().filter(|_| more);
        let place = last.map(|(last, _)| ContactPlace::from(&last.key).encode_to_vec());
        let page = Page {
            next: place.map(|place| reads.token_at_place(&page.query, basis, place)),
            entries: contacts,
        };
        Ok(reads.answer(basis, ContactsFound { page, totals }))
    }

    /// The touchpoints of contacts, by position.
    async fn touchpoints(
        &self,
        contacts: &[FoundContact],
    ) -> Result<BTreeMap<Position, Touchpoint>, QueryError> {
        let mut positions: Vec<Position> = contacts.iter().map(|it| it.key.position).collect();
        positions.sort_unstable();
        let mut found = BTreeMap::new();
        for event in self.reads.store.read_positions(positions).await? {
            found.insert(event.position, decode(&event)?);
        }
        Ok(found)
    }
}

/// The most bytes that an answer needs for a contact: no more than the touchpoint itself, and its pack.
fn most_bytes((contact, touchpoint): &(FoundContact, Touchpoint)) -> usize {
    let pack = contact.pack.as_ref();
    let pack = pack.map_or(0, |it| it.key.source.len() + it.key.id.len());
    touchpoint.encoded_len() + pack + ENTRY_BYTES
}
