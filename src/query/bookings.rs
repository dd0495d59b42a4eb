//! The appointments of a person, by their start.

use ownerline_projections::Viewer;
use ownerline_projections::bookings::{Booking, BookingPlace, BookingsQuestion, answer};
use prost::Message as _;

use super::answer_budget::AnswerBudget;
use super::basis::Answer;
use super::error::QueryError;
use super::needs::BOOKINGS;
use super::page::{Page, PageAsk};
use super::timeline::page::TimelineReads;

/// Appointments of a page where the request does not say.
const DEFAULT_PAGE: usize = 100;
/// More bytes than the instants, numbers and tags of an appointment take, or those of one of its touchpoints.
const ENTRY_BYTES: usize = 128;

impl TimelineReads {
    /// One page of appointments.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn bookings(
        &self,
        question: BookingsQuestion,
        page: &PageAsk,
        viewer: &Viewer,
    ) -> Result<Answer<Page<Vec<Booking>>>, QueryError> {
        let reads = &self.reads;
        let limit = reads.page_size(page, DEFAULT_PAGE)?;
        let decode = |bytes: &[u8]| BookingPlace::decode(bytes).ok();
        let begin = reads.begin_at_place(page, decode).await?;
        let question = BookingsQuestion {
            after: begin.after,
            limit,
            ..question
        };
        let listed = reads.ask_for(BOOKINGS, begin.wanted, viewer, move |snapshots, vantage| {
            answer(snapshots, vantage, &question)
        });
        let listed = listed.await?;
        let basis = listed.basis;
        Ok(listed.map(|mut found| {
            found.more |= AnswerBudget::of_answer().cut(&mut found.bookings, most_bytes);
            let last = found.bookings.last().filter(|_| found.more);
            let place = last.map(|last| last.place.encode_to_vec());
            Page {
                next: place.map(|place| reads.token_at_place(&page.query, basis, place)),
                entries: found.bookings,
            }
        }))
    }
}

/// The most bytes that an answer needs for an appointment.
fn most_bytes(booking: &Booking) -> usize {
    let ids = [&booking.place.visit_id, &booking.vin, &booking.dealer_id];
    let facts = booking.facts.iter();
    let facts = facts.map(|it| it.source.len() + it.id.len() + ENTRY_BYTES);
    ids.map(String::len).into_iter().sum::<usize>() + facts.sum::<usize>() + ENTRY_BYTES
}
