//! ListBookings: what a person booked at workshops, and what became of it.

use ownerline_projections::bookings::{Booking, BookingState, BookingsQuestion};
use ownerline_projections::{HistoryKey, Viewer};
use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::booking::State;
use ownerline_proto::v1::{
    Booking as WireBooking, BookingFact, ListBookingsRequest, ListBookingsResponse, TouchpointRef,
};

use super::asking::{based, non_empty, page};
use super::convert;
use super::problem::Problem;
use super::timeline::TimelineApi;
use crate::query::PositionText;

impl TimelineApi {
    /// One page of appointments.
    pub(super) async fn bookings(
        &self,
        request: ListBookingsRequest,
        viewer: &Viewer,
    ) -> Result<ListBookingsResponse, Problem> {
        let text = self.parts.text;
        let mut violations = convert::violations(&request);
        let page = page(text, &request);
        let filter = request.filter.unwrap_or_default();
        violations.extend(convert::period(filter.from, filter.until));
        convert::refuse(violations)?;
        let question = BookingsQuestion {
            owner_id: request.owner_id,
            dealer_id: non_empty(filter.dealer_id),
            starts_from: filter.from.as_ref().map(Instant::from),
            starts_until: filter.until.as_ref().map(Instant::from),
            ..BookingsQuestion::default()
        };
        let page = page?;
        let answer = self.parts.timelines.bookings(question, &page, viewer);
        Ok(based(text, answer.await?, |page| ListBookingsResponse {
            bookings: page
                .entries
                .into_iter()
                .map(|it| booking(text, it))
                .collect(),
            next_page_token: page.next.unwrap_or_default(),
            ..ListBookingsResponse::default()
        }))
    }
}

fn booking(text: PositionText, booking: Booking) -> WireBooking {
    let state = match booking.state {
        BookingState::Booked => State::Booked,
        BookingState::Passed => State::Passed,
        BookingState::Cancelled => State::Cancelled,
        BookingState::Attended => State::Attended,
    };
    WireBooking {
        visit_id: booking.place.visit_id,
        vin: booking.vin,
        dealer_id: booking.dealer_id,
        starts_at: booking.place.starts_at.map(time::timestamp),
        first_starts_at: booking.first_starts_at.map(time::timestamp),
        moves: booking.moves,
        state: state.into(),
        facts: booking.facts.into_iter().map(|it| fact(text, it)).collect(),
    }
}

fn fact(text: PositionText, key: HistoryKey) -> BookingFact {
    BookingFact {
        position: text.write(key.position),
        occurred_at: Some(time::timestamp(key.occurred_at)),
        touchpoint: Some(TouchpointRef {
            source: key.source,
            id: key.id,
        }),
    }
}
