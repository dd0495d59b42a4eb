//! A trace as rows, one per touchpoint.

use ownerline_proto::cloudevents::ShortName as _;
use ownerline_proto::kind::of_encoded;
use ownerline_proto::v1::{Actor, RecordedTouchpoint, Touchpoint, TraceEntry};
use prost::Message as _;

use crate::cli::report::{Column, Table, Value, word};

type Of<'a> = Column<'a, TraceEntry>;

/// One row per entry.
pub(super) fn table(entries: &[TraceEntry]) -> Table {
    let columns = [
        Of::of("occurred", "occurred_at", |it| of(it).occurred_at.into()),
        Of::of("type", "type", kind),
        Of::of("headline", "headline", |it| (&it.headline).into()).wraps(),
        Of::of("reasons", "reasons", |it| reasons(it).into()),
        Of::hidden("seconds_since_previous", |it| {
            it.since_previous.as_ref().map(|it| it.seconds).into()
        }),
        Of::hidden("standing", |it| {
            word(it.standing().as_str_name(), "STANDING_")
        }),
        Of::hidden("actor_id", |it| actor(it).id.into()),
        Of::hidden("actor_kind", |it| actor(it).kind().short_name().into()),
        Of::hidden("actor_role", |it| actor(it).role.into()),
        Of::hidden("operated_by", |it| of(it).operated_by.into()),
        Of::hidden("on_behalf_of", |it| of(it).on_behalf_of.into()),
        Of::hidden("pack_id", |it| {
            let pack = it.pack.as_ref().and_then(|it| it.touchpoint.clone());
            pack.map(|it| it.id).into()
        }),
        Of::hidden("not_yet_known", |it| u64::from(it.not_yet_known).into()),
        Of::hidden("source", |it| of(it).source.into()),
        Of::hidden("id", |it| of(it).id.into()),
        Of::hidden("stream", |it| recorded(it).stream.into()),
        Of::hidden("position", |it| recorded(it).position.into()),
        Of::hidden("recorded_at", |it| recorded(it).recorded_at.into()),
    ];
    Table::new(&columns, entries)
}

/// The kinds of its reasons, in words, separated by spaces.
fn reasons(entry: &TraceEntry) -> String {
    let words = entry.reasons.iter().map(|reason| {
        let name = reason.kind().as_str_name();
        name.trim_start_matches("KIND_").to_lowercase()
    });
    words.collect::<Vec<_>>().join(" ")
}

fn kind(entry: &TraceEntry) -> Value {
    let kind = of_encoded(&of(entry).encode_to_vec());
    kind.map(|kind| &*kind.name).into()
}

fn recorded(entry: &TraceEntry) -> RecordedTouchpoint {
    entry.recorded.clone().unwrap_or_default()
}

fn of(entry: &TraceEntry) -> Touchpoint {
    recorded(entry).touchpoint.unwrap_or_default()
}

fn actor(entry: &TraceEntry) -> Actor {
    of(entry).actor.unwrap_or_default()
}
