//! Help beyond the sale by group, one row each, with n beside every figure.

use ownerline_proto::v1::{Assistance, AssistanceGroup, CountedShare};

use crate::cli::report::{Column, Table, key, key_shown};
use crate::cli::terminal_text::count;

/// A row of the table: a group, or the total.
struct Line<'a> {
    /// `None` for the total.
    key: Option<&'a str>,
    assistance: Assistance,
}

impl Line<'_> {
    fn solved(&self) -> CountedShare {
        let outcome = self.assistance.outcome.as_ref();
        outcome.and_then(|it| it.solved).unwrap_or_default()
    }

    fn told(&self) -> CountedShare {
        let turn_aways = self.assistance.turn_aways.as_ref();
        turn_aways
            .and_then(|it| it.told_next_step)
            .unwrap_or_default()
    }

    fn visits(&self) -> (u64, u64) {
        let help = self.assistance.help.as_ref();
        help.map_or((0, 0), |it| (it.visits, it.other_brand))
    }

    fn answers(&self) -> u64 {
        let experience = self.assistance.experience.as_ref();
        let nps = experience.and_then(|it| it.nps.as_ref());
        nps.map_or(0, |it| it.n)
    }

    fn goodwill(&self) -> u64 {
        self.assistance.goodwill.iter().map(|it| it.times).sum()
    }
}

/// One row per group, and the total; `group_by` names the dimension.
pub(super) fn table(
    group_by: &'static str,
    groups: &[AssistanceGroup],
    total: &Assistance,
) -> Table {
    let line = |key, assistance: Option<&Assistance>| Line {
        key,
        assistance: assistance.cloned().unwrap_or_default(),
    };
    let groups = groups.iter();
    let lines: Vec<Line<'_>> = groups
        .map(|group| line(Some(&group.key), group.assistance.as_ref()))
        .collect();
    let columns = columns(group_by);
    Table::new(&columns, &lines).with_total(&columns, &line(None, Some(total)))
}

fn columns<'a>(group_by: &'static str) -> Vec<Column<'a, Line<'a>>> {
    type Of<'a> = Column<'a, Line<'a>>;
    let of = |share: CountedShare| format!("{} of {}", count(share.count), count(share.of));
    vec![
        Of::shown(group_by, |it| key_shown(it.key)).field(group_by, |it| key(it.key)),
        Of::of("turned away", "turn_aways", |it| it.told().of.into()).folds(0),
        Of::shown("told next step", move |it| of(it.told()))
            .field("told_next_step", |it| it.told().count.into())
            .field("told_next_step_share", |it| it.told().share.into())
            .right(),
        Of::shown("solved", move |it| of(it.solved()))
            .field("solved", |it| it.solved().count.into())
            .field("solved_share", |it| it.solved().share.into())
            .right()
            .folds(0),
        Of::of("answers", "answers", |it| it.answers().into()).folds(2),
        Of::of("visits helped", "visits_helped", |it| it.visits().0.into()),
        Of::of("of other brands", "other_brand", |it| it.visits().1.into()),
        Of::of("goodwill", "goodwill", |it| it.goodwill().into()).folds(2),
    ]
}
