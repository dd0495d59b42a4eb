//! `bookings`: what an owner booked at workshops, and what became of it.

use clap::Args;
use ownerline_proto::v1::booking::State;
use ownerline_proto::v1::{Booking, BookingFilter, ListBookingsRequest, ListBookingsResponse};
use pbjson_types::Timestamp;

use super::clients;
use super::error::CliError;
use super::filters::{applied_filters, not_blank};
use super::output::Output;
use super::pages::{Extent, collect};
use super::report::{Column, FormatArgs, Report, Table, key};
use super::terminal_text::one_line;
use super::time::{self, rfc3339};
use super::vantage::VantageArgs;

/// The long help of `bookings`.
pub(super) const ABOUT: &str = "Shows the appointments that a person booked at workshops, under any of their ids and for the cars they \
    brought: the start, how often it was moved, and whether the visit took place. An appointment whose \
    start has passed without anything known of the visit was missed, or nobody reported the visit yet.";

/// The examples of `bookings`.
pub(super) const EXAMPLES: &str = "Examples:\n  \
    ownerline bookings owner-1\n  \
    ownerline bookings owner-1 --from 2026-01-01 --dealer dealer-7\n  \
    ownerline bookings owner-1 --as-of 2026-01-01 --json | jq '.bookings[] | {startsAt, state}'";

/// The arguments of `bookings`.
#[derive(Debug, Args)]
pub struct BookingsArgs {
    /// Any id of the person
    #[arg(value_name = "OWNER", value_parser = not_blank)]
    pub owner: String,
    /// Only appointments with this dealer
    #[arg(long, value_parser = not_blank)]
    pub dealer: Option<String>,
    /// Only appointments that start at or after this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub from: Option<Timestamp>,
    /// Only appointments that start before this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub to: Option<Timestamp>,
    /// Greatest number of appointments
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

pub(super) async fn run(
    server: &str,
    args: &BookingsArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let request = ListBookingsRequest {
        owner_id: args.owner.clone(),
        filter: Some(BookingFilter {
            dealer_id: args.dealer.clone().unwrap_or_default(),
            from: args.from,
            until: args.to,
        }),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        ..ListBookingsRequest::default()
    };
    let mut client = clients::timelines(server).await?;
    let ask = async |page_size, page_token| {
        let request = ListBookingsRequest {
            page_size,
            page_token,
            ..request.clone()
        };
        Ok(client.list_bookings(request).await?.into_inner())
    };
    let extent = Extent::AtMost(args.limit);
    let answer = collect(extent, ask, |answer: &mut ListBookingsResponse| {
        (&mut answer.bookings, &mut answer.next_page_token)
    });
    let answer = answer.await?;
    output.answer(&answer, args.format, |answer, _| report(args, answer))
}

fn report(args: &BookingsArgs, answer: &ListBookingsResponse) -> Report {
    type Of<'a> = Column<'a, Booking>;
    let columns: [Of<'_>; 8] = [
        Of::of("start", "starts_at", |it| it.starts_at.into()).folds(0),
        Of::of("state", "state", |it| state(it).into()).folds(0),
        Of::of("dealer", "dealer_id", |it| key(Some(&it.dealer_id))).folds(0),
        Of::of("vehicle", "vin", |it| key(Some(&it.vin))).folds(0),
        Of::of("moves", "moves", |it| u64::from(it.moves).into()),
        Of::of("visit", "visit_id", |it| it.visit_id.as_str().into()).folds(2),
        Of::hidden("first_starts_at", |it| it.first_starts_at.into()),
        Of::hidden("booked_at", |it| {
            it.facts.first().and_then(|it| it.occurred_at).into()
        }),
    ];
    let as_of = answer.as_of.as_ref().map(rfc3339).unwrap_or_default();
    let heading = format!("Appointments of {}, as of {as_of}", one_line(&args.owner));
    let filters = applied_filters(&[
        ("dealer", args.dealer.clone()),
        ("starting from", args.from.as_ref().map(rfc3339)),
        ("starting before", args.to.as_ref().map(rfc3339)),
    ]);
    let mut report = Report::new().text(format!("{heading}{filters}\n\n"));
    if answer.bookings.is_empty() {
        report = report.note("No matching appointments.\n");
    } else {
        report = report.table(Table::new(&columns, &answer.bookings));
    }
    if !answer.next_page_token.is_empty() {
        report = report.warning("There are more; raise --limit to list them.\n");
    }
    report.known_at(&answer.position, answer.stale)
}

/// A state in one word.
fn state(booking: &Booking) -> &'static str {
    match booking.state() {
        State::Unspecified => "unknown",
        State::Booked => "booked",
        State::Passed => "passed",
        State::Cancelled => "cancelled",
        State::Attended => "attended",
    }
}
