//! The status of a car as rows, one for each count of a test.

use ownerline_proto::v1::{
    GetRepeatRepairStatusResponse, RepairCount, RepairOutcome, RepairRule, RepairTest,
};

use super::words;
use crate::cli::report::{Column, Table, word};

/// A count with its test and rule. A rule without tests has one row.
struct Row<'a> {
    rule: &'a RepairRule,
    test: Option<&'a RepairTest>,
    count: Option<&'a RepairCount>,
}

type Of<'a> = Column<'a, Row<'a>>;

/// One row per count, in the order of the answer.
pub(super) fn table(answer: &GetRepeatRepairStatusResponse) -> Table {
    let columns: [Of<'_>; 10] = [
        Of::of("rule", "rule_id", |it| (&it.rule.rule_id).into()),
        Of::hidden("jurisdiction", |it| (&it.rule.jurisdiction).into()),
        Of::of("outcome", "outcome", |it| outcome(it.rule.outcome())),
        Of::of("test", "test", |it| match it.test {
            Some(test) => word(test.kind().as_str_name(), "KIND_"),
            None => "".into(),
        }),
        Of::of("defect", "defect_id", |it| {
            let ids = it.count.map(|it| &it.defect_ids);
            ids.and_then(|it| it.first()).map_or("", |it| it).into()
        }),
        Of::of("count", "count", |it| {
            it.count.map_or(0, |it| u64::from(it.count)).into()
        }),
        Of::of("needed", "needed", |it| {
            it.test.map_or(0, |it| u64::from(it.needed)).into()
        }),
        Of::of("distance", "distance", |it| {
            it.count.map_or(0, |it| u64::from(it.distance)).into()
        }),
        Of::hidden("count_outcome", |it| match it.count {
            Some(count) => outcome(count.outcome()),
            None => "".into(),
        }),
        Of::hidden("missing", |it| {
            let missing = it.count.into_iter().flat_map(|it| it.missing());
            let missing: Vec<&str> = missing.map(words::lack).collect();
            missing.join(", ").into()
        }),
    ];
    Table::new(&columns, &rows(answer))
}

fn outcome(outcome: RepairOutcome) -> crate::cli::report::Value {
    word(outcome.as_str_name(), "REPAIR_OUTCOME_")
}

fn rows(answer: &GetRepeatRepairStatusResponse) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for rule in &answer.rules {
        let before = rows.len();
        for test in &rule.tests {
            rows.extend(test.counts.iter().map(|count| Row {
                rule,
                test: Some(test),
                count: Some(count),
            }));
        }
        if rows.len() == before {
            rows.push(Row {
                rule,
                test: None,
                count: None,
            });
        }
    }
    rows
}
