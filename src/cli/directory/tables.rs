//! Lists of touchpoints, owners and dealers as tables.

use ownerline_proto::kind::of_encoded;
use ownerline_proto::v1::list_dealers_response::Dealer;
use ownerline_proto::v1::list_owners_response::Owner;
use ownerline_proto::v1::{
    ListDealersResponse, ListOwnersResponse, ListTouchpointsResponse, RecordedTouchpoint, Subjects,
};
use prost::Message as _;

use crate::cli::report::{Column, Report, Table, Value, key};

/// Printed below a list that the limit cuts.
const MORE: &str = "There are more; raise --limit to list them.\n";

pub(super) fn touchpoints(answer: &ListTouchpointsResponse) -> Report {
    type Of<'a> = Column<'a, RecordedTouchpoint>;
    let columns: [Of<'_>; 8] = [
        Of::of("occurred", "occurred_at", |it| {
            let touchpoint = it.touchpoint.as_ref();
            touchpoint.and_then(|it| it.occurred_at).into()
        })
        .folds(0),
        Of::of("type", "type", kind).folds(0),
        Of::of("owner", "owner_id", |it| subject(it, |it| &it.owner_id)).folds(0),
        Of::of("dealer", "dealer_id", |it| subject(it, |it| &it.dealer_id)).folds(0),
        Of::of("stream", "stream", |it| it.stream.as_str().into()).folds(2),
        Of::of("position", "position", |it| it.position.as_str().into()).folds(2),
        Of::hidden("source", |it| source_and_id(it).0.into()),
        Of::hidden("id", |it| source_and_id(it).1.into()),
    ];
    let mut report = Report::new();
    if answer.touchpoints.is_empty() {
        report = report.note("No matching touchpoints.\n");
    } else {
        report = report.table(Table::new(&columns, &answer.touchpoints));
    }
    if !answer.next_page_token.is_empty() {
        report = report.warning(MORE);
    }
    report
}

/// A subject that the touchpoint itself names.
fn subject(recorded: &RecordedTouchpoint, of: fn(&Subjects) -> &String) -> Value {
    let touchpoint = recorded.touchpoint.as_ref();
    let subjects = touchpoint.and_then(|it| it.subjects.as_ref());
    key(subjects.map(|subjects| of(subjects).as_str()))
}

/// The short name of the kind of a touchpoint, as `--type` takes it.
fn kind(recorded: &RecordedTouchpoint) -> Value {
    let touchpoint = recorded.touchpoint.as_ref();
    let kind = touchpoint.and_then(|it| of_encoded(&it.encode_to_vec()));
    kind.map(|kind| &*kind.name).into()
}

fn source_and_id(recorded: &RecordedTouchpoint) -> (&str, &str) {
    let touchpoint = recorded.touchpoint.as_ref();
    touchpoint.map_or(("", ""), |it| (&it.source, &it.id))
}

pub(super) fn owners(answer: &ListOwnersResponse) -> Report {
    type Of<'a> = Column<'a, Owner>;
    let columns: [Of<'_>; 4] = [
        Of::of("owner", "owner_id", |it| it.owner_id.as_str().into()).folds(0),
        Of::of("last touchpoint", "last_occurred_at", |it| {
            it.last_occurred_at.into()
        })
        .folds(0),
        Of::of("type", "last_type", |it| it.last_type.as_str().into()).folds(2),
        Of::of("dealer", "dealer_id", |it| key(Some(&it.dealer_id))),
    ];
    let mut report = Report::new();
    if answer.owners.is_empty() {
        report = report.note("No matching owners.\n");
    } else {
        report = report.table(Table::new(&columns, &answer.owners));
    }
    if !answer.next_page_token.is_empty() {
        report = report.warning(MORE);
    }
    report.known_at(&answer.position, answer.stale)
}

pub(super) fn dealers(answer: &ListDealersResponse) -> Report {
    type Of<'a> = Column<'a, Dealer>;
    let columns: [Of<'_>; 6] = [
        Of::of("dealer", "dealer_id", |it| it.dealer_id.as_str().into()).folds(0),
        Of::of("name", "name", |it| key(Some(&it.name)))
            .wraps()
            .folds(0),
        Of::of("market", "market", |it| key(Some(&it.market))).folds(0),
        Of::of("time zone", "time_zone", |it| key(Some(&it.time_zone))),
        Of::of("brands", "brands", |it| key(Some(&it.brands.join(", ")))).wraps(),
        Of::hidden("registered", |it| Value::Flag(it.registered)),
    ];
    let mut report = Report::new();
    if answer.dealers.is_empty() {
        report = report.note("No matching dealers.\n");
    } else {
        report = report.table(Table::new(&columns, &answer.dealers));
    }
    if !answer.next_page_token.is_empty() {
        report = report.warning(MORE);
    }
    report.known_at(&answer.position, answer.stale)
}
