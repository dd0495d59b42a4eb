//! A timeline as rows, one per touchpoint.

use ownerline_proto::cloudevents::ShortName as _;
use ownerline_proto::kind::of_encoded;
use ownerline_proto::v1::{Actor, RecordedTouchpoint, TimelineEntry, Touchpoint};
use prost::Message as _;

use crate::cli::report::{Column, Table, Value, word};

type Of<'a> = Column<'a, TimelineEntry>;

/// One row per entry.
pub(super) fn table(entries: &[TimelineEntry]) -> Table {
    let columns = [
        Of::of("occurred", "occurred_at", |it| of(it).occurred_at.into()),
        Of::of("type", "type", kind),
        Of::of("headline", "headline", |it| (&it.headline).into()).wraps(),
        Of::of("dealer", "dealer_id", |it| (&it.dealer_id).into()),
        Of::of("vehicle", "vin", |it| (&it.vin).into()),
        Of::of("channel", "channel", |it| {
            of(it).channel().short_name().into()
        }),
        Of::hidden("owner_id", |it| (&it.owner_id).into()),
        Of::hidden("actor_id", |it| actor(it).id.into()),
        Of::hidden("actor_kind", |it| actor(it).kind().short_name().into()),
        Of::hidden("actor_role", |it| actor(it).role.into()),
        Of::hidden("visibility", |it| {
            word(of(it).visibility().as_str_name(), "VISIBILITY_")
        }),
        Of::hidden("standing", |it| {
            word(it.standing().as_str_name(), "STANDING_")
        }),
        Of::hidden("source", |it| of(it).source.into()),
        Of::hidden("id", |it| of(it).id.into()),
        Of::hidden("stream", |it| recorded(it).stream.into()),
        Of::hidden("position", |it| recorded(it).position.into()),
        Of::hidden("received_at", |it| of(it).received_at.into()),
        Of::hidden("recorded_at", |it| recorded(it).recorded_at.into()),
        Of::hidden("warnings", |it| Value::Count(it.warnings.len() as u64)),
    ];
    Table::new(&columns, entries)
}

/// The short name of the kind, as `--type` takes it.
fn kind(entry: &TimelineEntry) -> Value {
    let kind = of_encoded(&of(entry).encode_to_vec());
    kind.map(|kind| &*kind.name).into()
}

fn recorded(entry: &TimelineEntry) -> RecordedTouchpoint {
    entry.recorded.clone().unwrap_or_default()
}

fn of(entry: &TimelineEntry) -> Touchpoint {
    recorded(entry).touchpoint.unwrap_or_default()
}

fn actor(entry: &TimelineEntry) -> Actor {
    of(entry).actor.unwrap_or_default()
}
