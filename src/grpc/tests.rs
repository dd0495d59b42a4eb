//! The whole table of errors as callers see them, held by a snapshot.

use std::fmt::Write as _;
use std::time::Duration;

use ownerline_projections::policy::decide::Refusal;
use ownerline_proto::v1::policy_published::Kind;
use ownerline_proto::{Reason, Violation};
use tonic_types::StatusExt as _;

use super::advice::{Effect, Resume};
use super::problem::Problem;
use super::status::{refusal, status};
use crate::command::CommandError;
use crate::query::{NotYet, PositionError, PositionText, QueryError, TokenError};
use crate::store::{
    AppendError, Epoch, EventKey, Expected, Position, ReadError, Revision, StreamName,
};

fn key() -> EventKey {
    EventKey {
        source: "//crm".into(),
        id: "4711".into(),
    }
}

fn damaged() -> String {
    "digest does not match".to_owned()
}

fn append_errors() -> Vec<AppendError> {
    vec![
        AppendError::WrongRevision {
            stream: StreamName::new("case-7"),
            expected: Expected::Exact(Revision(2)),
            current: Some(Revision(3)),
        },
        AppendError::WrongRevision {
            stream: StreamName::new("case-7"),
            expected: Expected::StreamExists,
            current: None,
        },
        AppendError::ContentConflict {
            key: key(),
            position: Position(9),
        },
        AppendError::PartlyStored {
            key: key(),
            position: Position(9),
        },
        AppendError::Malformed { what: "no events" },
        AppendError::QueueFull { limit: 16 },
        AppendError::Poisoned {
            reason: "fsync: EIO".to_owned(),
        },
        AppendError::WriteFailed {
            reason: "fsync: EIO".to_owned(),
        },
        AppendError::NoSpace,
        AppendError::Damaged {
            position: Position(9),
            reason: damaged(),
        },
        AppendError::Unchecked {
            reason: "index: EIO".to_owned(),
        },
        AppendError::Closing,
    ]
}

fn read_errors() -> Vec<ReadError> {
    vec![
        ReadError::NoSuchPosition {
            position: Position(9),
        },
        ReadError::Damaged {
            position: Position(9),
            reason: damaged(),
        },
        ReadError::Busy { limit: 16 },
        ReadError::Waiting {
            reason: "Too many open files at /secret/path".to_owned(),
        },
        ReadError::Failed {
            reason: "disk I/O error at /secret/path".to_owned(),
        },
        ReadError::Closing,
    ]
}

fn query_errors() -> Vec<QueryError> {
    let view = || "timeline".to_owned();
    vec![
        QueryError::Unknown {
            what: "owner",
            id: "owner-22".to_owned(),
        },
        QueryError::Position {
            field: "at_least",
            source: PositionError::Malformed,
        },
        QueryError::Position {
            field: "at_least",
            source: PositionError::OtherEpoch {
                given: 1,
                current: 2,
            },
        },
        QueryError::UnknownName {
            field: "filter.dealer_id",
            what: "dealer",
            name: "dealer-11".to_owned(),
            nearest: vec!["dealer-1".to_owned(), "dealer-2".to_owned()],
        },
        QueryError::BeforeLog {
            begins_at: 1_700_000_000_000_000_000,
        },
        QueryError::BehindEnd { field: "at_least" },
        QueryError::Token(TokenError::Foreign),
        QueryError::Token(TokenError::OtherQuery),
        QueryError::Token(TokenError::OtherEpoch),
        QueryError::PageTooLarge {
            given: 1_001,
            limit: 1_000,
        },
        QueryError::Supposed {
            violations: vec![Violation::new(
                "what_if.obligations[0].calendar",
                Reason::UnknownValue,
                "must be a calendar that is published",
            )],
        },
        QueryError::OutOfScope { what: "loyalty" },
        QueryError::TooManyIdentities {
            owner_id: "owner-22".to_owned(),
            limit: 100,
        },
        QueryError::TooManyModels {
            given: 17,
            limit: 16,
        },
        QueryError::Busy {
            what: "models and months of scores",
            limit: 2,
        },
        QueryError::NotYet(NotYet {
            view: view(),
            wanted: Position(9),
            reached: Position(7),
            text: PositionText(Epoch(1)),
            waited: Duration::from_secs(10),
        }),
        QueryError::ViewFailed {
            view: view(),
            reason: damaged(),
        },
        QueryError::ViewWaiting {
            view: "timeline".to_owned(),
            reason: "Too many open files at /secret/path".to_owned(),
        },
        QueryError::ViewUnreadable {
            view: view(),
            reason: "disk I/O error at /secret/path".to_owned(),
        },
        QueryError::Undecodable {
            position: Position(9),
            reason: damaged(),
        },
        QueryError::Closing,
    ]
}

fn refusals() -> Vec<Refusal> {
    let name = || "sla".to_owned();
    vec![
        Refusal::VersionExists {
            name: name(),
            version: 2,
            next: 4,
        },
        Refusal::OtherKind {
            name: name(),
            kind: Kind::Sla,
            given: Kind::Survey,
        },
        Refusal::UnknownCalendar {
            calendar: "workshop".to_owned(),
        },
    ]
}

fn problems() -> Vec<Problem> {
    let malformed = vec![
        Violation::new("touchpoint.id", Reason::Required, "must be set"),
        Violation::new("touchpoint.subjects.vin", Reason::Characters, "no I, O, Q"),
    ];
    let mut problems = vec![
        Problem::from(CommandError::Malformed {
            violations: malformed.into(),
        }),
        Problem::from(CommandError::IdReused {
            key: key(),
            position: Position(9),
            fields: vec![
                "touchpoint.occurred_at".to_owned(),
                "touchpoint.feedback_received.score".to_owned(),
            ],
        }),
        Problem::from(CommandError::TooLarge {
            given: 70_000,
            limit: 65_536,
        }),
    ];
    problems.extend(refusals().into_iter().map(Problem::from));
    problems.extend(append_errors().into_iter().map(Problem::from));
    problems.extend(read_errors().into_iter().map(Problem::from));
    problems.extend(query_errors().into_iter().map(Problem::from));
    problems.extend([
        Problem::deadline(Effect::Reads),
        Problem::deadline(Effect::Records),
        Problem::deadline(Effect::Rebuilds),
        Problem::stopping(),
        Problem::cancelled(Effect::Reads),
        Problem::cancelled(Effect::Records),
        Problem::full_connection(75),
        Problem::not_framed("nothing was sent"),
        Problem::not_grpc("CONTENT_TYPE", "only application/grpc is answered"),
        Problem::not_grpc("METHOD_NOT_ALLOWED", "only POST is answered"),
        Problem::unknown_method(),
        Problem::unknown_encoding(),
        Problem::slow_reader(Duration::from_secs(30), Resume::FromPosition),
        Problem::slow_reader(Duration::from_secs(30), Resume::WithoutResult),
        Problem::slow_reader(Duration::from_secs(30), Resume::SameCall),
        Problem::internal(),
    ]);
    problems
}

#[test]
fn every_error_has_its_code_reason_and_advice() {
    let mut table = String::new();
    for problem in problems() {
        let status = status(problem);
        let details = status.get_error_details();
        let info = details.error_info().expect("every status has ErrorInfo");
        assert_eq!(info.domain, "ownerline");
        let mut metadata: Vec<String> = info
            .metadata
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        metadata.sort();
        let _ = writeln!(
            table,
            "{:?} {}: {}",
            status.code(),
            info.reason,
            status.message()
        );
        if !metadata.is_empty() {
            let _ = writeln!(table, "    {}", metadata.join(" "));
        }
        for violation in details
            .bad_request()
            .iter()
            .flat_map(|request| &request.field_violations)
        {
            let _ = writeln!(
                table,
                "    {} {}: {}",
                violation.field, violation.reason, violation.description
            );
        }
        if let Some(delay) = details.retry_info().and_then(|retry| retry.retry_delay) {
            let _ = writeln!(table, "    retry after {delay:?}");
        }
        if let Some(resource) = details.resource_info() {
            let _ = writeln!(
                table,
                "    resource {} {}",
                resource.resource_type, resource.resource_name
            );
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn what_is_exhausted_says_when_to_try_again_and_nothing_else_is() {
    for problem in problems() {
        let exhausted = problem.code == tonic::Code::ResourceExhausted;
        let advised = problem.retry_after.is_some();
        assert!(!exhausted || advised, "{problem:?}");
        let never = [
            tonic::Code::InvalidArgument,
            tonic::Code::FailedPrecondition,
        ];
        assert!(!(advised && never.contains(&problem.code)), "{problem:?}");
    }
}

#[test]
fn who_is_told_when_to_try_again_is_told_so_in_the_way_of_retry_policies_too() {
    for problem in problems() {
        let advised = problem
            .retry_after
            .map(|after| after.as_millis().to_string());
        let status = status(problem);
        let pushback = status.metadata().get("grpc-retry-pushback-ms");
        let pushback = pushback.map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(pushback, advised, "{status:?}");
    }
}

#[test]
fn nothing_of_the_inside_is_told_to_callers() {
    for problem in problems() {
        let status = status(problem);
        for secret in ["/secret", "EIO", "digest"] {
            assert!(!status.message().contains(secret), "{status:?}");
        }
    }
}

#[test]
fn every_reason_is_in_the_documentation() {
    let documented = include_str!("../../docs/errors.md");
    for problem in problems() {
        let reason = problem.reason;
        assert!(
            documented.contains(&format!("`{reason}`")),
            "{reason} is not in docs/errors.md"
        );
    }
}

#[test]
fn a_refused_touchpoint_of_a_batch_says_what_record_would_have_said() {
    for problem in problems() {
        let alone = status(problem.clone());
        let in_batch = refusal(problem);
        assert_eq!(in_batch.code, i32::from(alone.code()));
        let details = alone.get_error_details();
        assert_eq!(
            Some(&in_batch.reason),
            details.error_info().map(|info| &info.reason)
        );
        let violations = details
            .bad_request()
            .map_or(0, |request| request.field_violations.len());
        assert_eq!(in_batch.violations.len(), violations);
        let metadata = details.error_info().map(|info| info.metadata.clone());
        let metadata = metadata.map(|all| all.into_iter().collect());
        assert_eq!(Some(in_batch.metadata), metadata);
        let retry = details.retry_info().and_then(|retry| retry.retry_delay);
        assert_eq!(in_batch.retry_delay, retry.map(Into::into));
        assert_eq!(in_batch.message, alone.message());
    }
}
