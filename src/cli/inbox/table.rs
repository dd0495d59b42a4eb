//! An inbox for people: one line an obligation.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle,
};
use ownerline_proto::cloudevents::ShortName as _;
use ownerline_proto::v1::list_obligations_request::Order;
use ownerline_proto::v1::{ListObligationsRequest, ListObligationsResponse, OwedItem};
use pbjson_types::Timestamp;

use super::words::{minute, owed, standing};
use crate::cli::text::{count, one_line};
use crate::cli::time::rfc3339;

/// Lines between rows would double the length of an inbox.
const STYLE: TableStyle = UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none());
/// How many characters a whole budget is wide.
const BAR: usize = 8;

/// The inbox and on what it stands.
pub(in crate::cli) fn inbox(
    request: &ListObligationsRequest,
    answer: &ListObligationsResponse,
    width: usize,
) -> String {
    let dealer = &request.dealer_id;
    let as_of = answer.as_of.unwrap_or_default();
    if answer.total == 0 {
        let stand = stand(answer, &as_of);
        return format!("Nothing in the inbox of {dealer} fits.\n{stand}");
    }
    let first = match request.order() {
        Order::Age => "oldest",
        Order::Share => "greatest share of the budget",
        Order::Due | Order::Unspecified => "most urgent",
    };
    let told = table(&answer.items, &as_of, width);
    let shown = answer.items.len() as u64;
    let how_many = match answer.total == shown {
        true => count(shown),
        false => format!("{} of {}", count(shown), count(answer.total)),
    };
    let obligations = match answer.total {
        1 => "obligation",
        _ => "obligations",
    };
    let mut text = format!(
        "The inbox of {dealer}: {how_many} {obligations}, {first} first (times are UTC)\n{told}"
    );
    text += &stand(answer, &as_of);
    if !answer.next_page_token.is_empty() {
        text += "There is more: repeat with --all.\n";
    }
    text
}

/// One line an obligation, below a head.
pub(in crate::cli) fn table(items: &[OwedItem], as_of: &Timestamp, width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .force_no_tty()
        .set_header([
            "due", "standing", "used", "owed", "owner", "channel", "feedback",
        ])
        .add_rows(items.iter().map(|item| row(item, as_of)));
    // Bars are compared, and ids are for copying: they stay in one piece.
    for column in [2, 6] {
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
            column.set_cell_alignment(CellAlignment::Left);
        }
    }
    format!("{}\n", table.trim_fmt())
}

fn row(item: &OwedItem, as_of: &Timestamp) -> [String; 7] {
    let obligation = item.obligation.clone().unwrap_or_default();
    let due = obligation.due_at.as_ref().map(minute);
    let channel = item.channel().short_name().unwrap_or_default();
    [
        due.unwrap_or_default(),
        standing(&obligation, as_of),
        bar(obligation.share),
        owed(&obligation).to_owned(),
        one_line(&item.owner_id),
        channel.replace('_', " "),
        one_line(&obligation.feedback_id),
    ]
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

fn stand(answer: &ListObligationsResponse, as_of: &Timestamp) -> String {
    let as_of = rfc3339(as_of);
    let mut text = format!("As of {as_of}, known at position {}.\n", answer.position);
    if answer.stale {
        text += "More has been recorded since.\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full_at_the_deadline_and_goes_no_further() {
        assert_eq!(bar(0.0), "░░░░░░░░ 0%");
        assert_eq!(bar(0.52), "████░░░░ 52%");
        assert_eq!(bar(0.999), "███████░ 99%");
        assert_eq!(bar(1.0), "████████ 100%");
        assert_eq!(bar(2.5), "████████ 250%");
        assert_eq!(bar(250.0), "████████ 250x");
    }
}
