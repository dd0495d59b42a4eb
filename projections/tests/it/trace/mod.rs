//! The trace of a case: what belongs to it, why, and in which order it is told.

mod cuts;
mod cycles;
mod model;
mod packs;
mod properties;
mod references;
mod stories;
mod touchpoints;

use std::collections::BTreeSet;

use ownerline_projections::trace::{Trace, TraceQuestion, TraceReading, TraceSearch};
use ownerline_projections::{AnswerError, Position, Recorded, Viewer};

use crate::history::answered;

/// So many touchpoints end a search where a test does not say.
const MOST: usize = 10_000;

/// A question about a case.
fn question(case_id: &str) -> TraceQuestion {
    TraceQuestion {
        case_id: case_id.to_owned(),
        limit: MOST,
        most_found: MOST,
    }
}

/// The trace of a case, as known at the end of a log.
fn traced(log: &[Recorded], case_id: &str, as_of: i64) -> Trace {
    let known_at = Position(log.len() as u64);
    ask(
        log,
        &question(case_id),
        known_at,
        as_of,
        &Viewer::unrestricted(),
    )
    .unwrap()
}

/// Searches in a log.
fn ask(
    log: &[Recorded],
    question: &TraceQuestion,
    known_at: Position,
    as_of: i64,
    viewer: &Viewer,
) -> Result<Trace, AnswerError> {
    answered(log, known_at, as_of, viewer, |snapshots, vantage| {
        let mut search = TraceSearch::new(question.clone());
        loop {
            let reading = search.next(snapshots, vantage)?;
            if reading.is_empty() {
                return search.finish(snapshots, vantage);
            }
            for part in read_from(log, &reading).chunks(3) {
                search.take(snapshots, vantage, part)?;
            }
        }
    })
}

fn read_from(log: &[Recorded], reading: &TraceReading) -> Vec<Recorded> {
    let TraceReading { streams, positions } = reading;
    let positions: BTreeSet<Position> = positions.iter().copied().collect();
    let read = log.iter().filter(|recorded| {
        streams.iter().any(|stream| **stream == *recorded.stream)
            || positions.contains(&recorded.position)
    });
    read.cloned().collect()
}

/// The ids of the entries.
fn ids(trace: &Trace) -> Vec<&str> {
    trace.entries.iter().map(|it| it.key.id.as_str()).collect()
}

/// The reasons of one entry, as text.
fn reasons(trace: &Trace, id: &str) -> String {
    let entry = trace.entries.iter().find(|it| it.key.id == id).unwrap();
    let reasons = entry.reasons.iter();
    let reasons = reasons.map(|reason| match &reason.through {
        Some(through) => format!("{:?} through {}", reason.kind, through.id),
        None if reason.id.is_empty() => format!("{:?}", reason.kind),
        None => format!("{:?} {}", reason.kind, reason.id),
    });
    reasons.collect::<Vec<_>>().join(", ")
}
