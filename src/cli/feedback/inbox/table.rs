//! An inbox as a table, one row per obligation.

use ownerline_proto::cloudevents::ShortName as _;
use ownerline_proto::v1::list_obligations_request::Order;
use ownerline_proto::v1::{ListObligationsRequest, ListObligationsResponse, Obligation, OwedItem};
use pbjson_types::Timestamp;

use crate::cli::feedback::words::{kind, state};
use crate::cli::report::{Column, Report, Table, word};
use crate::cli::terminal_text::count;
use crate::cli::time::rfc3339;

/// The width of a whole budget, in characters.
const BAR: usize = 8;

/// The inbox with its heading and the position that it reflects.
pub(super) fn report(request: &ListObligationsRequest, answer: &ListObligationsResponse) -> Report {
    let whose = match request.unassigned {
        true => "the obligations without a responsible dealer".to_owned(),
        false => format!("the inbox of {}", request.dealer_id),
    };
    let as_of = answer.as_of.unwrap_or_default();
    let table = table(&answer.items, &as_of);
    if answer.total == 0 {
        let text = format!("No matching obligations in {whose}.\n");
        return with_basis(Report::new().note(text), answer, &as_of).for_programs(table);
    }
    let first = match request.order() {
        Order::Age => "oldest",
        Order::Share => "greatest share of the budget",
        Order::Due | Order::Unspecified => "most urgent",
    };
    let shown = answer.items.len() as u64;
    let how_many = match answer.total == shown {
        true => count(shown),
        false => format!("{} of {}", count(shown), count(answer.total)),
    };
    let obligations = match answer.total {
        1 => "obligation",
        _ => "obligations",
    };
    let text = format!(
        "{}: {how_many} {obligations}, {first} first (times are UTC)\n",
        capitalized(&whose)
    );
    let mut report = with_basis(Report::new().note(text).table(table), answer, &as_of);
    if !answer.next_page_token.is_empty() {
        report = report.warning("There are more; use --all to list them.\n");
    }
    report
}

type Of<'a> = Column<'a, OwedItem>;

/// One row per obligation.
pub(in crate::cli) fn table(items: &[OwedItem], as_of: &Timestamp) -> Table {
    fn of(item: &OwedItem) -> Obligation {
        item.obligation.clone().unwrap_or_default()
    }
    let columns = [
        Of::of("due", "due_at", |it| of(it).due_at.into()),
        Of::shown("state", |it| state(&of(it), as_of))
            .field("state", |it| word(of(it).state().as_str_name(), "STATE_"))
            .wraps(),
        Of::shown("used", |it| bar(of(it).share))
            .field("share", |it| of(it).share.into())
            .field("spent_seconds", |it| of(it).spent.into())
            .field("budget_seconds", |it| of(it).budget.into()),
        Of::shown("owed", |it| kind(&of(it)).to_owned())
            .field("kind", |it| word(of(it).kind().as_str_name(), "KIND_"))
            .wraps(),
        Of::of("owner", "owner_id", |it| (&it.owner_id).into()),
        Of::shown("channel", |it| channel(it).replace('_', " "))
            .field("channel", |it| channel(it).into())
            .folds(2),
        Of::shown("for", |it| matter(&of(it)))
            .field("feedback_id", |it| of(it).feedback_id.into())
            .field("case_id", |it| of(it).case_id.into())
            .field("subject_id", |it| of(it).subject_id.into())
            .folds(0),
        Of::hidden("obligation_id", |it| of(it).obligation_id.into()),
        Of::hidden("responsible_dealer_id", |it| {
            of(it).responsible_dealer_id.into()
        }),
    ];
    Table::new(&columns, items)
}

/// The feedback or case, and the promise or task of the case.
pub(super) fn matter(obligation: &Obligation) -> String {
    let matter = match obligation.case_id.as_str() {
        "" => &obligation.feedback_id,
        case_id => case_id,
    };
    match obligation.subject_id.as_str() {
        "" => matter.to_owned(),
        subject_id => format!("{matter} {subject_id}"),
    }
}

fn channel(item: &OwedItem) -> String {
    item.channel().short_name().unwrap_or_default().to_string()
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// `████░░░░ 52%`
fn bar(share: f64) -> String {
    let used = (share * BAR as f64).clamp(0.0, BAR as f64) as usize;
    let (full, free) = ("█".repeat(used), "░".repeat(BAR - used));
    match share {
        10.0.. => format!("{full}{free} {:.0}x", share.min(99_999.0)),
        share => format!("{full}{free} {:.0}%", (share * 100.0).floor()),
    }
}

/// Adds the instant and the position that the inbox reflects.
fn with_basis(report: Report, answer: &ListObligationsResponse, as_of: &Timestamp) -> Report {
    let as_of = rfc3339(as_of);
    let report = report.note(format!(
        "As of {as_of}, known at position {}.\n",
        answer.position
    ));
    report.stale(answer.stale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full_at_the_deadline_and_grows_no_further() {
        assert_eq!(bar(0.0), "░░░░░░░░ 0%");
        assert_eq!(bar(0.52), "████░░░░ 52%");
        assert_eq!(bar(0.999), "███████░ 99%");
        assert_eq!(bar(1.0), "████████ 100%");
        assert_eq!(bar(2.5), "████████ 250%");
        assert_eq!(bar(250.0), "████████ 250x");
    }
}
