//! `case list`: cases by what is due next.

use ownerline_proto::v1::{CaseSummary, ListCasesRequest, ListCasesResponse};
use pbjson_types::Timestamp;

use super::args::ListArgs;
use super::words::{level, since, state};
use crate::cli::feedback::kind_in_words;
use crate::cli::filters::applied_filters;
use crate::cli::pages::{Extent, collect};
use crate::cli::report::{Column, Report, Table, Value, key, word};
use crate::cli::time::{minute, rfc3339};
use crate::cli::{CliError, Output, clients};

pub(super) async fn run(
    server: &str,
    args: &ListArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let request = args.request();
    let mut client = clients::cases(server).await?;
    let ask = async |page_size, page_token| {
        let request = ListCasesRequest {
            page_size,
            page_token,
            ..request.clone()
        };
        Ok(client.list_cases(request).await?.into_inner())
    };
    let extent = Extent::of_all(args.all);
    let answer = collect(extent, ask, |answer: &mut ListCasesResponse| {
        (&mut answer.cases, &mut answer.next_page_token)
    });
    let answer = answer.await?;
    output.answer(&answer, args.format, |answer, _| report(args, answer))
}

fn report(args: &ListArgs, answer: &ListCasesResponse) -> Report {
    type Of<'a> = Column<'a, CaseSummary>;
    let as_of = answer.as_of.unwrap_or_default();
    let columns: [Of<'_>; 18] = [
        Of::shown("due", |it| due(it, &as_of)).folds(0),
        Of::of("case", "case_id", |it| it.case_id.as_str().into()).folds(0),
        Of::shown("state", |it| state(it.state()).to_owned()).folds(0),
        Of::of("overdue", "overdue", |it| u64::from(it.overdue).into()),
        Of::of("owner", "owner_id", |it| key(Some(&it.owner_id))).folds(1),
        Of::of("dealer", "dealer_id", |it| key(Some(&it.dealer_id))).folds(1),
        Of::shown("severity", |it| level(it.severity()).to_owned()).folds(1),
        Of::of("advocates", "advocates", |it| it.advocates.join(" ").into()).folds(2),
        Of::shown("silent", |it| {
            let silent = it.silent_since.as_ref();
            silent.map_or_else(|| "–".to_owned(), |from| since(from, &as_of))
        }),
        Of::hidden("state", |it| word(it.state().as_str_name(), "CASE_STATE_")),
        Of::hidden("due_at", |it| it.due_at.into()),
        Of::hidden("due_kind", |it| word(it.due_kind().as_str_name(), "KIND_")),
        Of::hidden("due_subject_id", |it| text(&it.due_subject_id)),
        Of::hidden("vin", |it| text(&it.vin)),
        Of::hidden("severity", |it| word(it.severity().as_str_name(), "LEVEL_")),
        Of::hidden("opened_at", |it| it.opened_at.into()),
        Of::hidden("silent_since", |it| it.silent_since.into()),
        Of::hidden("root_cause_owed", |it| it.root_cause_owed.into()),
    ];
    let filters = applied_filters(&[
        ("dealer", args.dealer.clone()),
        ("owner", args.owner.clone()),
        ("advocate", args.advocate.clone()),
        ("vehicle", args.vin.clone()),
        ("overdue", args.overdue.then(|| "yes".to_owned())),
    ]);
    let heading = format!("Cases as of {}{filters}\n\n", rfc3339(&as_of));
    let mut report = Report::new().text(heading);
    if answer.cases.is_empty() {
        report = report.note("No matching cases.\n");
    } else {
        report = report.table(Table::new(&columns, &answer.cases));
    }
    let left = answer.total.saturating_sub(answer.cases.len() as u64);
    if left > 0 {
        report = report.warning(format!("There are {left} more; list them with --all.\n"));
    }
    report.known_at(&answer.position, answer.stale)
}

fn text(text: &str) -> Value {
    match text {
        "" => Value::Nothing,
        text => text.into(),
    }
}

/// `2026-03-01 09:30 promise friday`
fn due(case: &CaseSummary, as_of: &Timestamp) -> String {
    let Some(due_at) = &case.due_at else {
        return "–".to_owned();
    };
    let kind = kind_in_words(case.due_kind());
    let late = match (due_at.seconds, due_at.nanos) < (as_of.seconds, as_of.nanos) {
        true => "! ",
        false => "",
    };
    let what = format!("{late}{} {kind} {}", minute(due_at), case.due_subject_id);
    what.trim_end().to_owned()
}
