//! Traces as the contract shows them.

use ownerline_projections::contacts::PackOfContact;
use ownerline_projections::trace::{Trace, TraceReason};
use ownerline_proto::time;
use ownerline_proto::v1::timeline_entry::Standing;
use ownerline_proto::v1::{
    TouchpointRef, TraceCaseResponse, TraceEntry as WireEntry, TracePack, TraceReason as WireReason,
};
use pbjson_types::Duration;

use crate::command::{Warning, warnings_of};
use crate::grpc::convert;
use crate::query::{PositionText, TracedEntry, around};

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// One message: the figures of the trace, and the next entries.
pub(super) fn part(
    text: PositionText,
    figures: &Trace,
    entries: Vec<TracedEntry>,
) -> TraceCaseResponse {
    let (first_at, last_at) = figures.period.unzip();
    TraceCaseResponse {
        entries: entries.into_iter().map(|it| entry(text, it)).collect(),
        total: count(figures.total),
        in_force: count(figures.in_force),
        first_at: first_at.map(time::timestamp),
        last_at: last_at.map(time::timestamp),
        cut: figures.is_cut,
        search_ended_early: !figures.is_complete,
        ..TraceCaseResponse::default()
    }
}

fn entry(text: PositionText, traced: TracedEntry) -> WireEntry {
    let entry = traced.entry;
    let mut warnings = warnings_of(&traced.touchpoint);
    if entry.without_effect {
        warnings.push(Warning::ReferenceWithoutEffect);
    }
    // A touchpoint whose correction counts may be retracted as well.
    let standing = match (entry.in_force, &entry.corrected_by) {
        (true, _) => Standing::InForce,
        (false, Some(_)) => Standing::Corrected,
        (false, None) => Standing::Retracted,
    };
    WireEntry {
        headline: traced.headline,
        reasons: entry.reasons.into_iter().map(reason).collect(),
        standing: standing.into(),
        corrected_by: entry.corrected_by.map(Into::into),
        retracted_by: entry.retracted_by.map(Into::into),
        since_previous: entry.since_previous.map(duration),
        not_yet_known: count(entry.not_yet_known),
        pack: entry.pack.map(|it| pack(text, it)),
        warnings: warnings.iter().map(convert::warning).collect(),
        rank: entry.key.rank.byte().into(),
        recorded: Some(around(text, &traced.event, traced.touchpoint)),
    }
}

fn reason(reason: TraceReason) -> WireReason {
    WireReason {
        kind: reason.kind.into(),
        shared_id: reason.id,
        through: reason.through.map(Into::into),
    }
}

fn pack(text: PositionText, pack: PackOfContact) -> TracePack {
    TracePack {
        position: text.write(pack.key.position),
        served_at: Some(time::timestamp(pack.key.occurred_at)),
        age: Some(duration(pack.age)),
        to_actor: pack.same_actor,
        touchpoint: Some(TouchpointRef {
            source: pack.key.source,
            id: pack.key.id,
        }),
    }
}

fn duration(nanos: i64) -> Duration {
    Duration {
        seconds: nanos.div_euclid(NANOS_PER_SECOND),
        // A remainder of nanoseconds is less than a second.
        nanos: i32::try_from(nanos.rem_euclid(NANOS_PER_SECOND)).unwrap_or_default(),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
