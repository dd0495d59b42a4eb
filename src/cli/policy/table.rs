//! Policies as tables and headings.

use std::fmt::Write as _;

use ownerline_proto::v1::policy::Standing;
use ownerline_proto::v1::{ListPoliciesResponse, Policy, PolicyPublished};

use crate::cli::report::{Column, Report, Table, Value};
use crate::cli::terminal_text::one_line;
use crate::cli::time::rfc3339;

/// One row per version; below, what is wrong with unusable ones.
pub(super) fn list(answer: &ListPoliciesResponse) -> Report {
    let mut report = Report::new()
        .table(Table::new(&columns(), &answer.policies))
        .stale(answer.stale);
    for policy in &answer.policies {
        report = report.warning(problems(policy));
    }
    report
}

type Of<'a> = Column<'a, Policy>;

fn columns() -> Vec<Column<'static, Policy>> {
    fn of(policy: &Policy) -> PolicyPublished {
        policy.published.clone().unwrap_or_default()
    }
    fn scope(policy: &Policy) -> (String, String) {
        let scope = of(policy).scope.unwrap_or_default();
        (scope.dealer_id, scope.market)
    }
    vec![
        Of::shown("policy", |it| name_and_version(&of(it)))
            .field("name", |it| of(it).name.into())
            .field("version", |it| of(it).version.into()),
        Of::of("kind", "kind", |it| kind(&of(it)).into()),
        Of::shown("for", |it| for_whom(&of(it)))
            .field("dealer_id", |it| scope(it).0.into())
            .field("market", |it| scope(it).1.into()),
        Of::shown("effective from", from).field("effective_from", |it| {
            of(it).effective_from.filter(|_| !it.shipped).into()
        }),
        Of::shown("published", published)
            .field("published_at", |it| it.occurred_at.into())
            .field("shipped", |it| it.shipped.into())
            .folds(2),
        Of::of("standing", "standing", |it| standing(it).into()),
        Of::hidden("problems", |it| Value::Count(it.problems.len() as u64)),
    ]
}

/// The heading above the body of one policy.
pub(super) fn policy(policy: &Policy) -> String {
    let body = policy.published.clone().unwrap_or_default();
    let (name, kind, scope) = (name_and_version(&body), kind(&body), for_whom(&body));
    let since = match from(policy).as_str() {
        ALWAYS => ALWAYS.to_owned(),
        from => format!("in effect from {from}"),
    };
    let mut text = format!("{name} · {kind} · for {scope} · {since}\n");
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{} · {}", published(policy), standing(policy));
    text.push_str(&problems(policy));
    text
}

/// One policy as a table with one row.
pub(super) fn row(policy: &Policy) -> Table {
    Table::new(&columns(), [policy])
}

/// Shown instead of the start of a policy that ships with the server.
const ALWAYS: &str = "always in effect";

fn kind(published: &PolicyPublished) -> String {
    let kind = published.kind().as_str_name().trim_start_matches("KIND_");
    kind.to_lowercase().replace('_', "-")
}

fn for_whom(published: &PolicyPublished) -> String {
    let scope = published.scope.as_ref();
    let (dealer, market) = scope.map_or(("", ""), |it| (&it.dealer_id, &it.market));
    match (dealer, market) {
        ("", "") => "the network".to_owned(),
        ("", market) => format!("market {market}"),
        (dealer, _) => format!("dealer {dealer}"),
    }
}

fn from(policy: &Policy) -> String {
    let published = policy.published.as_ref();
    let from = published.and_then(|it| it.effective_from.as_ref());
    let from = from.filter(|_| !policy.shipped);
    from.map_or_else(|| ALWAYS.to_owned(), rfc3339)
}

fn published(policy: &Policy) -> String {
    let when = policy.occurred_at.as_ref().map(rfc3339);
    when.unwrap_or_else(|| "ships with the server".to_owned())
}

fn standing(policy: &Policy) -> &'static str {
    match policy.standing() {
        Standing::Unspecified => "unknown",
        Standing::Usable => "usable",
        Standing::Unusable => "unusable",
        Standing::VersionTaken => "version taken",
        Standing::OtherKind => "other kind",
    }
}

fn name_and_version(published: &PolicyPublished) -> String {
    format!("{}@{}", published.name, published.version)
}

fn problems(policy: &Policy) -> String {
    let name = policy.published.as_ref().map(name_and_version);
    let policy_name = name.unwrap_or_default();
    let problems = policy.problems.iter();
    problems.fold(String::new(), |mut text, problem| {
        let description = one_line(&problem.description);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{policy_name}: {}: {description} ({})",
            problem.field, problem.reason
        );
        text
    })
}
