//! An advocacy score as rows, one per piece of evidence.

use ownerline_proto::v1::advocacy_component_score::Component;
use ownerline_proto::v1::{AdvocacyContribution, GetOwnerAdvocacyResponse};

use crate::cli::report::{Column, Table, word};

/// A piece of evidence, with the component it belongs to.
type Evidence<'a> = (Component, &'a AdvocacyContribution);
type Of<'a> = Column<'a, Evidence<'a>>;

/// One row per piece of evidence; every row repeats the score of the owner.
pub(super) fn table(owner: &str, answer: &GetOwnerAdvocacyResponse) -> Table {
    let columns = [
        Of::of("owner", "owner_id", |_| owner.into()),
        Of::hidden("score", |_| answer.score.into()),
        Of::hidden("confidence", |_| answer.confidence.into()),
        Of::of("component", "component", |it| {
            word(it.0.as_str_name(), "COMPONENT_")
        }),
        Of::of("evidence", "evidence", |it| (&it.1.evidence).into()),
        Of::of("occurred", "occurred_at", |it| it.1.occurred_at.into()),
        Of::hidden("value", |it| it.1.value.into()),
        Of::hidden("strength", |it| it.1.strength.into()),
        Of::hidden("suspicion", |it| it.1.suspicion.into()),
        Of::hidden("decay", |it| it.1.decay.into()),
        Of::hidden("weight", |it| it.1.weight.into()),
        Of::hidden("points", |it| it.1.share.into()),
        Of::hidden("theme", |it| it.1.theme.as_ref().map(|it| &it.theme).into()),
        Of::hidden("words", |it| it.1.theme.as_ref().map(|it| &it.words).into()),
        Of::hidden("position", |it| (&it.1.position).into()),
    ];
    let all: Vec<Evidence<'_>> = answer
        .components
        .iter()
        .flat_map(|of| of.contributions.iter().map(|it| (of.component(), it)))
        .collect();
    Table::new(&columns, &all)
}
