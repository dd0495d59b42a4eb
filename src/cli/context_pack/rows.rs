//! A context pack as rows, one per fact.

use ownerline_proto::v1::{ContextPack, PackFact};
use pbjson_types::Timestamp;

use crate::cli::report::{Column, Table};

/// A fact of the pack, with its section and subjects.
#[derive(Default)]
struct Row {
    section: &'static str,
    id: String,
    case_id: String,
    dealer_id: String,
    vin: String,
    due_at: Option<Timestamp>,
    overdue: Option<bool>,
    fact: PackFact,
}

type Of<'a> = Column<'a, Row>;

/// One row per fact, in the order of the sheet.
pub(super) fn table(pack: &ContextPack) -> Table {
    let columns = [
        Of::of("section", "section", |it| it.section.into()),
        Of::of("id", "id", |it| (&it.id).into()),
        Of::hidden("case_id", |it| (&it.case_id).into()),
        Of::hidden("dealer_id", |it| (&it.dealer_id).into()),
        Of::hidden("vin", |it| (&it.vin).into()),
        Of::of("text", "text", |it| (&it.fact.text).into()),
        Of::of("occurred", "occurred_at", |it| it.fact.occurred_at.into()),
        Of::of("due", "due_at", |it| it.due_at.into()),
        Of::hidden("overdue", |it| it.overdue.into()),
        Of::hidden("position", |it| (&it.fact.position).into()),
    ];
    Table::new(&columns, &rows(pack))
}

fn rows(pack: &ContextPack) -> Vec<Row> {
    let fact = |fact: &Option<PackFact>| fact.clone().unwrap_or_default();
    let mut rows = Vec::new();
    rows.extend(pack.open_commitments.iter().map(|it| Row {
        section: "open_commitments",
        id: it.commitment_id.clone(),
        case_id: it.case_id.clone(),
        due_at: it.due_at,
        overdue: Some(it.overdue),
        fact: fact(&it.made),
        ..Row::default()
    }));
    rows.extend(pack.open_cases.iter().map(|it| Row {
        section: "open_cases",
        id: it.case_id.clone(),
        case_id: it.case_id.clone(),
        dealer_id: it.dealer_id.clone(),
        vin: it.vin.clone(),
        fact: fact(&it.opened),
        ..Row::default()
    }));
    rows.extend(pack.open_defects.iter().map(|it| Row {
        section: "open_defects",
        id: it.defect_ids.first().unwrap_or(&it.issue_id).clone(),
        vin: it.vin.clone(),
        fact: fact(&it.last_reported),
        ..Row::default()
    }));
    rows.extend(pack.last_visit.iter().map(|it| Row {
        section: "last_visit",
        id: it.visit_id.clone(),
        dealer_id: it.dealer_id.clone(),
        vin: it.vin.clone(),
        fact: fact(&it.began),
        ..Row::default()
    }));
    rows.extend(pack.last_feedback.iter().map(|it| Row {
        section: "last_feedback",
        id: it.feedback_id.clone(),
        dealer_id: it.dealer_id.clone(),
        fact: fact(&it.received),
        ..Row::default()
    }));
    rows.extend(pack.relationship.iter().map(|it| Row {
        section: "relationship",
        id: it.agent_id.clone(),
        case_id: it.case_id.clone(),
        dealer_id: it.dealer_id.clone(),
        fact: fact(&it.fact),
        ..Row::default()
    }));
    rows.extend(pack.not_to_say_again.iter().map(|it| Row {
        section: "not_to_say_again",
        id: it.id.clone(),
        case_id: it.case_id.clone(),
        fact: fact(&it.fact),
        ..Row::default()
    }));
    rows.extend(pack.contacts.iter().map(|it| Row {
        section: "contacts",
        fact: fact(&it.last),
        ..Row::default()
    }));
    rows
}
