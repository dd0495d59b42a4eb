//! `projections list`: the version, state, position and certificate of every read model.

use ownerline_proto::v1::comparison::Verdict;
use ownerline_proto::v1::projection::State;
use ownerline_proto::v1::{ListProjectionsRequest, ListProjectionsResponse, Projection};

use super::words::{self, short};
use crate::cli::report::{Column, FormatArgs, Report, Table};
use crate::cli::terminal_text::{count, one_line};
use crate::cli::{CliError, Output, clients};

/// Lists the read models.
pub(super) async fn list(
    server: &str,
    format: FormatArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut client = clients::projections(server).await?;
    let answer = client.list_projections(ListProjectionsRequest {}).await?;
    let answer = answer.into_inner();
    output.answer(&answer, format, |answer, _| report(answer))
}

type Of<'a> = Column<'a, Projection>;

fn report(answer: &ListProjectionsResponse) -> Report {
    let columns = [
        Of::of("name", "name", |it| (&it.name).into()),
        Of::of("version", "version", |it| it.version.into()).folds(3),
        Of::of("gen.", "generation", |it| it.generation.max(1).into()).folds(3),
        Of::of("state", "state", |it| state(it).into()),
        Of::of("position", "position", |it| (&it.position).into()),
        Of::shown("lag", lag)
            .field("lag_events", |it| it.lag_events.into())
            .field("lag_seconds", |it| it.lag.into())
            .field("catch_up_events", |it| it.catch_up_events.into())
            .folds(0),
        Of::of("applied", "applied", |it| it.applied_count.into()),
        Of::shown("hash", |it| short(&it.applied_hash))
            .field("applied_hash", |it| (&it.applied_hash).into())
            .folds(2),
    ];
    let mut report = Report::new()
        .table(Table::new(&columns, &answer.projections))
        .note(format!("\nThe head of the log is {}.\n", answer.head));
    for projection in &answer.projections {
        for remark in remarks(projection) {
            report = report.warning(format!("{}: {remark}\n", projection.name));
        }
    }
    report
}

fn state(projection: &Projection) -> &'static str {
    match projection.state() {
        State::Unspecified => "unknown",
        State::CatchingUp => "catching up",
        State::Live => "live",
        State::Failed => "failed",
        State::Retrying => "retrying",
    }
}

/// What failed, how a generation compares with the one before, and the rebuild that is running.
fn remarks(projection: &Projection) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(failure) = &projection.last_error {
        let since = failure.at.as_ref().map(crate::cli::time::rfc3339);
        remarks.push(format!(
            "error at {} since {}: {}",
            failure.position,
            since.unwrap_or_default(),
            one_line(&failure.message)
        ));
    }
    if projection.catch_up_events > 0 {
        remarks.push(format!(
            "catches up before it answers, {} touchpoints to go",
            count(projection.catch_up_events)
        ));
    }
    if let Some(rebuild) = &projection.rebuild {
        remarks.extend(words::remark(rebuild));
    }
    if let Some(compared) = &projection.comparison {
        let former = compared.former_generation;
        remarks.push(match compared.verdict() {
            Verdict::Equal => format!("certificate equals that of generation {former}"),
            Verdict::FormerStopped => format!("replaced generation {former}, which had stopped"),
            Verdict::Different | Verdict::Unspecified => format!(
                "CERTIFICATE DIFFERS from generation {former} ({} applied, {}), which was damaged",
                count(compared.former_count),
                short(&compared.former_hash)
            ),
        });
    }
    remarks
}

/// How far a read model is behind: the number of touchpoints, and the age of the first of them.
fn lag(projection: &Projection) -> String {
    if projection.lag_events == 0 {
        return "none".to_owned();
    }
    let events = count(projection.lag_events);
    match &projection.lag {
        Some(lag) => format!(
            "{events} ({}.{:01} s)",
            lag.seconds,
            lag.nanos / 100_000_000
        ),
        None => events,
    }
}

#[cfg(test)]
mod tests {
    use ownerline_proto::v1::projection::Failure;
    use ownerline_proto::v1::rebuild::Phase;
    use ownerline_proto::v1::{Comparison, Rebuild};

    use super::*;
    use crate::cli::report::Look;

    #[test]
    fn a_table_tells_what_is_live_and_what_failed() {
        let live = Projection {
            name: "timeline".to_owned(),
            version: 1,
            position: "00000001-0000000000009cce".to_owned(),
            state: State::Live.into(),
            applied_count: 40_142,
            applied_hash: "9f3a8c11d0e2b7745566".to_owned(),
            ..Projection::default()
        };
        let failed = Projection {
            name: "feedback".to_owned(),
            state: State::Failed.into(),
            lag_events: 1_234,
            lag: Some(pbjson_types::Duration {
                seconds: 61,
                nanos: 250_000_000,
            }),
            last_error: Some(Failure {
                position: "00000001-0000000000000010".to_owned(),
                message: "an item\nwithout a beginning".to_owned(),
                at: crate::cli::time::instant("2024-01-01").ok(),
            }),
            ..live.clone()
        };
        let rebuilding = Projection {
            name: "ownership".to_owned(),
            rebuild: Some(Rebuild {
                generation: 3,
                phase: Phase::Building.into(),
                share: 0.4321,
                events_per_second: 61_234.5,
                time_left: Some(pbjson_types::Duration {
                    seconds: 12,
                    nanos: 0,
                }),
                ..Rebuild::default()
            }),
            ..live.clone()
        };
        let damaged = Projection {
            name: "identity".to_owned(),
            generation: 2,
            comparison: Some(Comparison {
                verdict: Verdict::Different.into(),
                former_generation: 1,
                former_count: 40_141,
                former_hash: "0123456789abcdef".to_owned(),
                ..Comparison::default()
            }),
            ..live.clone()
        };
        let catching_up = Projection {
            name: "vehicles".to_owned(),
            state: State::CatchingUp.into(),
            lag_events: 1_300,
            catch_up_events: 1_234,
            ..live.clone()
        };
        let answer = ListProjectionsResponse {
            projections: vec![failed, live, rebuilding, damaged, catching_up],
            head: "00000001-0000000000009cce".to_owned(),
        };
        let aligned = |width| report(&answer).in_words(Look::Aligned(width)).out;
        insta::assert_snapshot!(aligned(120));
        insta::assert_snapshot!("a_table_of_80_columns", aligned(80));
    }
}
