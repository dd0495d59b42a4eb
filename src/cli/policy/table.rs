//! Policies for people.

use std::fmt::Write as _;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ColumnConstraint, ContentArrangement, Table};
use ownerline_proto::v1::policy::Standing;
use ownerline_proto::v1::{ListPoliciesResponse, Policy, PolicyPublished};

use crate::cli::text::one_line;
use crate::cli::time::rfc3339;

/// One line a version, and below what is wrong with those that cannot be in force.
pub(super) fn list(answer: &ListPoliciesResponse, width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .force_no_tty()
        .set_header([
            "policy",
            "kind",
            "for",
            "effective from",
            "published",
            "standing",
        ])
        .add_rows(answer.policies.iter().map(row));
    // Names are for copying: they stay in one piece.
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    let mut text = format!("{}\n", table.trim_fmt());
    for policy in &answer.policies {
        text.push_str(&problems(policy));
    }
    text
}

/// What stands above the body of one policy.
pub(super) fn policy(policy: &Policy) -> String {
    let [name, kind, scope, from, published, standing] = row(policy);
    let mut text = format!("{name} · {kind} · for {scope} · effective from {from}\n");
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{published} · {standing}");
    text.push_str(&problems(policy));
    text
}

fn row(policy: &Policy) -> [String; 6] {
    let nothing = PolicyPublished::default();
    let published = policy.published.as_ref().unwrap_or(&nothing);
    let kind = published.kind().as_str_name().trim_start_matches("KIND_");
    let scope = published.scope.as_ref();
    let (dealer, market) = scope.map_or(("", ""), |it| (&it.dealer_id, &it.market));
    let scope = match (dealer, market) {
        ("", "") => "the network".to_owned(),
        ("", market) => format!("market {market}"),
        (dealer, _) => format!("dealer {dealer}"),
    };
    let from = published
        .effective_from
        .as_ref()
        .filter(|_| !policy.shipped);
    let when = policy.occurred_at.as_ref().map(rfc3339);
    let standing = match policy.standing() {
        Standing::Unspecified => "unknown",
        Standing::Usable => "usable",
        Standing::Unusable => "unusable",
        Standing::VersionTaken => "version taken",
        Standing::OtherKind => "other kind",
    };
    [
        called(published),
        kind.to_lowercase().replace('_', "-"),
        scope,
        from.map_or_else(|| "ever".to_owned(), rfc3339),
        when.unwrap_or_else(|| "ships with the server".to_owned()),
        standing.to_owned(),
    ]
}

fn called(published: &PolicyPublished) -> String {
    format!("{}@{}", published.name, published.version)
}

fn problems(policy: &Policy) -> String {
    let called = policy.published.as_ref().map(called).unwrap_or_default();
    let problems = policy.problems.iter();
    problems.fold(String::new(), |mut text, problem| {
        let said = one_line(&problem.description);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{called}: {}: {said} ({})",
            problem.field, problem.reason
        );
        text
    })
}
