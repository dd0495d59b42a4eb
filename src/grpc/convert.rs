//! Between the messages of the contract and the values of the core.

use std::sync::Arc;

use ownerline_projections::civil::Period;
use ownerline_proto::kind::{Category, no_such_type};
use ownerline_proto::schema::{Limits, Schema};
use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::{
    ExpectedRevision, KnownAt as WireKnownAt, RecordResponse, TouchpointFilter,
    Warning as WireWarning, expected_revision::Expectation, known_at::At,
};
use ownerline_proto::{Reason, Violation, Violations};
use pbjson_types::Timestamp;
use prost::{Message, Name};

use super::problem::Problem;
use crate::command::{Outcome, Warning};
use crate::query::{Bounds, KnownAt, PositionText};
use crate::store::{EnvelopeFilter, EventFilter, Expected, Position, Revision};

/// Holds a request against the rules of the schema.
pub(super) fn check<M: Message + Name>(request: &M) -> Result<(), Problem> {
    refuse(violations(request))
}

/// What the rules of the schema say against a request.
pub(super) fn violations<M: Message + Name>(request: &M) -> Violations {
    let checked = Schema::get().check(
        &M::full_name(),
        &request.encode_to_vec(),
        "",
        Limits::default(),
    );
    checked.violations
}

/// Refuses a request that is malformed.
pub(super) fn refuse(violations: Violations) -> Result<(), Problem> {
    if violations.is_empty() {
        Ok(())
    } else {
        Err(Problem::malformed(violations))
    }
}

/// The position in a field; an empty text is absence.
pub(super) fn position(
    text: PositionText,
    field: &'static str,
    value: &str,
) -> Result<Option<Position>, Problem> {
    if value.is_empty() {
        return Ok(None);
    }
    let read = text
        .read(value)
        .map_err(|source| crate::query::QueryError::Position { field, source });
    Ok(Some(read?))
}

/// As known when; absent: now.
pub(super) fn known_at(
    text: PositionText,
    known_at: Option<WireKnownAt>,
) -> Result<KnownAt, Problem> {
    Ok(match known_at.and_then(|known_at| known_at.at) {
        None => KnownAt::Now,
        Some(At::Instant(told)) => KnownAt::Instant(instant("known_at.instant", &told)?.nearest()),
        Some(At::Position(value)) => {
            position(text, "known_at.position", &value)?.map_or(KnownAt::Now, KnownAt::Position)
        }
    })
}

/// On what an answer has to stand.
pub(super) fn bounds(
    text: PositionText,
    at_least: &str,
    known_at: Option<WireKnownAt>,
    as_of: Option<Timestamp>,
) -> Result<Bounds, Problem> {
    Ok(Bounds {
        at_least: position(text, "at_least", at_least)?,
        known_at: self::known_at(text, known_at)?,
        as_of: as_of.map(|told| instant("as_of", &told)).transpose()?,
    })
}

/// An instant that is asked about.
fn instant(field: &str, told: &Timestamp) -> Result<Instant, Problem> {
    let instant = Instant::from(told);
    if Timestamp::from(instant) == *told {
        return Ok(instant);
    }
    let violation = Violation::new(field, Reason::Range, time::NOT_IN_RANGE);
    Err(Problem::malformed(vec![violation]))
}

/// What is wrong with the period of a filter: its end is exclusive and comes after its start.
pub(super) fn period(from: Option<Timestamp>, until: Option<Timestamp>) -> Option<Violation> {
    let (from, until) = (Instant::from(&from?), Instant::from(&until?));
    let why = "must be after filter.from";
    (from >= until).then(|| Violation::new("filter.until", Reason::Range, why))
}

/// The ends of a period of a filter, which may be told by instants or by dates, as they come in.
pub(super) struct PeriodEnds<'f> {
    /// `filter.from`
    pub(super) from: Option<&'f Timestamp>,
    /// `filter.until`
    pub(super) until: Option<&'f Timestamp>,
    /// `filter.from_date`
    pub(super) from_date: &'f str,
    /// `filter.until_date`
    pub(super) until_date: &'f str,
}

/// The period of a filter, with what is wrong with it: an end is told once, and the last comes after the first. That
/// a date is one is checked by its field.
pub(super) fn civil_period(ends: &PeriodEnds<'_>, violations: &mut Violations) -> Period {
    violations.extend(period(ends.from.copied(), ends.until.copied()));
    for (is_told_twice, field, other) in [
        (
            ends.from.is_some() && !ends.from_date.is_empty(),
            "filter.from_date",
            "filter.from",
        ),
        (
            ends.until.is_some() && !ends.until_date.is_empty(),
            "filter.until_date",
            "filter.until",
        ),
    ] {
        if is_told_twice {
            let why = format!("must be unset where {other} is set");
            violations.push(Violation::new(field, Reason::Disagrees, why));
        }
    }
    let period = Period {
        from: ends.from.map(time::nanos_clamped),
        until: ends.until.map(time::nanos_clamped),
        from_date: ends.from_date.parse().ok(),
        until_date: ends.until_date.parse().ok(),
    };
    if let (Some(from), Some(until)) = (period.from_date, period.until_date)
        && from >= until
    {
        let why = "must be after filter.from_date";
        violations.push(Violation::new("filter.until_date", Reason::Range, why));
    }
    period
}

pub(super) fn expected(revision: Option<ExpectedRevision>) -> Result<Expected, Problem> {
    let Some(ExpectedRevision { expectation }) = revision else {
        return Ok(Expected::Any);
    };
    match expectation {
        Some(Expectation::NoStream(true)) => Ok(Expected::NoStream),
        Some(Expectation::StreamExists(true)) => Ok(Expected::StreamExists),
        Some(Expectation::Revision(revision)) => Ok(Expected::Exact(Revision(revision))),
        Some(Expectation::NoStream(false)) => Err(must_be_true("expected_revision.no_stream")),
        Some(Expectation::StreamExists(false)) => {
            Err(must_be_true("expected_revision.stream_exists"))
        }
        None => Err(Problem::malformed(vec![Violation::new(
            "expected_revision.expectation",
            Reason::Required,
            "must be set",
        )])),
    }
}

pub(super) fn must_be_true(field: &str) -> Problem {
    Problem::malformed(vec![Violation::new(
        field,
        Reason::Range,
        "must be true if set",
    )])
}

/// A filter, and everything that is wrong with it beyond the rules of the schema.
pub(super) fn filter(filter: Option<TouchpointFilter>) -> (EventFilter, Vec<Violation>) {
    let filter = filter.unwrap_or_default();
    let mut violations = Vec::new();
    let mut admitted = EventFilter::default();
    for (item, name) in filter.types.iter().enumerate() {
        match Schema::get().kind_by_type(name) {
            Some(kind) => {
                admitted.kinds.insert(kind.name.clone());
            }
            None => violations.push(Violation::new(
                format!("filter.types[{item}]"),
                Reason::UnknownValue,
                no_such_type(name),
            )),
        }
    }
    for (item, name) in filter.categories.into_iter().enumerate() {
        match Category::from_name(&name) {
            Some(_) => {
                admitted.categories.insert(name);
            }
            None => violations.push(Violation::new(
                format!("filter.categories[{item}]"),
                Reason::UnknownValue,
                format!("must be one of {}", Category::names().join(", ")),
            )),
        }
    }
    let set = |ids: Vec<String>| ids.into_iter().collect();
    let envelope = EnvelopeFilter {
        owners: set(filter.owner_ids),
        vins: set(filter.vins),
        orders: set(filter.order_ids),
        visits: set(filter.visit_ids),
        feedbacks: set(filter.feedback_ids),
        cases: set(filter.case_ids),
        dealers: set(filter.dealer_ids),
        sources: set(filter.sources),
        from: filter.from.as_ref().map(time::nanos_clamped),
        until: filter.until.as_ref().map(time::nanos_clamped),
    };
    if let (Some(from), Some(until)) = (&filter.from, &filter.until)
        && Instant::from(from) >= Instant::from(until)
    {
        violations.push(Violation::new(
            "filter.until",
            Reason::Range,
            "must be after from",
        ));
    }
    if !envelope.is_unrestricted() {
        admitted.envelope = Some(Arc::new(envelope));
    }
    (admitted, violations)
}

pub(super) fn response(text: PositionText, outcome: Outcome) -> RecordResponse {
    let warnings = outcome.warnings.iter().map(warning).collect();
    let stream = outcome.stream.as_str().to_owned();
    match outcome.appended {
        Some(appended) => RecordResponse {
            position: text.write(appended.last),
            stream,
            revision: appended.revision.0,
            recorded_at: Some(time::timestamp(appended.recorded_at)),
            replayed: appended.replayed,
            warnings,
        },
        None => RecordResponse {
            stream,
            warnings,
            ..RecordResponse::default()
        },
    }
}

pub(super) fn warning(warning: &Warning) -> WireWarning {
    WireWarning {
        reason: warning.reason().to_owned(),
        field: warning.field().to_owned(),
        message: warning.message().to_owned(),
    }
}
