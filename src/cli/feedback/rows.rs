//! A feedback as rows, one per obligation.

use ownerline_proto::cloudevents::ShortName as _;
use ownerline_proto::v1::{Feedback, Obligation};

use crate::cli::report::{Column, Table, Value, word};

type Of<'a> = Column<'a, Obligation>;

/// One row per obligation.
pub(super) fn table(feedback: &Feedback) -> Table {
    let columns = [
        Of::of("feedback", "feedback_id", |_| {
            (&feedback.feedback_id).into()
        }),
        Of::of("owner", "owner_id", |_| (&feedback.owner_id).into()),
        Of::hidden("vin", |_| (&feedback.vin).into()),
        Of::hidden("channel", |_| feedback.channel().short_name().into()),
        Of::hidden("survey", |_| (&feedback.survey).into()),
        Of::hidden("score", |_| feedback.score.into()),
        Of::hidden("occurred_at", |_| feedback.occurred_at.into()),
        Of::hidden("received_at", |_| feedback.received_at.into()),
        Of::of("owed", "kind", |it| word(it.kind().as_str_name(), "KIND_")),
        Of::of("state", "state", |it| {
            word(it.state().as_str_name(), "STATE_")
        }),
        Of::hidden("episode", |it| it.episode.into()),
        Of::hidden("started_at", |it| it.started_at.into()),
        Of::of("due", "due_at", |it| it.due_at.into()),
        Of::hidden("ended_at", |it| it.ended_at.into()),
        Of::hidden("spent_seconds", |it| it.spent.into()),
        Of::hidden("budget_seconds", |it| it.budget.into()),
        Of::hidden("share", |it| it.share.into()),
        Of::hidden("in_time_as_told", |it| it.in_time_as_told.into()),
        Of::hidden("in_time_as_known", |it| it.in_time_as_known.into()),
        Of::hidden("responsible_dealer_id", |it| {
            (&it.responsible_dealer_id).into()
        }),
        Of::hidden("responder_id", |it| (&it.responder_id).into()),
        Of::hidden("responder_dealer_id", |it| (&it.responder_dealer_id).into()),
        Of::hidden("policy", |it| (&it.policy).into()),
        Of::hidden("policy_version", |it| it.policy_version.into()),
        Of::hidden("flags", |it| {
            let flags = it
                .flags()
                .map(|it| it.as_str_name().trim_start_matches("FLAG_"));
            let flags: Vec<String> = flags.map(str::to_ascii_lowercase).collect();
            match flags.is_empty() {
                true => Value::Nothing,
                false => flags.join(" ").into(),
            }
        }),
    ];
    Table::new(&columns, &feedback.obligations)
}
