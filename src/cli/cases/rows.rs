//! A case as rows, one per obligation.

use ownerline_proto::v1::{Case, Obligation};

use crate::cli::report::{Column, Table, word};

type Of<'a> = Column<'a, Obligation>;

/// One row per obligation.
pub(super) fn table(case: &Case) -> Table {
    let owner = case.owners.first().map(|it| it.owner_id.as_str());
    let columns = [
        Of::of("case", "case_id", |_| (&case.case_id).into()),
        Of::of("state", "state", |_| {
            word(case.state().as_str_name(), "CASE_STATE_")
        }),
        Of::hidden("owner_id", |_| owner.into()),
        Of::hidden("vin", |_| (&case.vin).into()),
        Of::of("owed", "kind", |it| word(it.kind().as_str_name(), "KIND_")),
        Of::hidden("subject_id", |it| (&it.subject_id).into()),
        Of::of("obligation", "obligation_state", |it| {
            word(it.state().as_str_name(), "STATE_")
        }),
        Of::hidden("episode", |it| it.episode.into()),
        Of::hidden("started_at", |it| it.started_at.into()),
        Of::of("due", "due_at", |it| it.due_at.into()),
        Of::hidden("ended_at", |it| it.ended_at.into()),
        Of::hidden("responsible_dealer_id", |it| {
            (&it.responsible_dealer_id).into()
        }),
    ];
    Table::new(&columns, &case.obligations)
}
