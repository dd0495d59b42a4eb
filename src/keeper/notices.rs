//! Turns notices into touchpoints, with the same bytes whoever does it and whenever.

use ownerline_projections::obligation::{Notice, NoticeKind};
use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, ObligationBreached, ObligationOutcomeRevised, ObligationWarned, Subjects, Touchpoint,
    Visibility,
};

use super::clock_keeper::{SOURCE, keeper_actor};
use super::matter::Matter;

/// The touchpoint of a notice about a feedback or a case.
pub(super) fn touchpoint(matter: &Matter, notice: &Notice) -> Touchpoint {
    let (feedback_id, case_id) = match matter {
        Matter::Feedback(id) => (id.to_string(), String::new()),
        Matter::Case(id) => (String::new(), id.to_string()),
    };
    Touchpoint {
        id: notice.id.clone(),
        source: SOURCE.to_owned(),
        occurred_at: Some(time::timestamp(notice.occurred_at)),
        subjects: Some(Subjects {
            feedback_id,
            case_id,
            owner_id: notice.owner_id.clone(),
            vin: notice.vin.clone(),
            dealer_id: notice.dealer_id.clone(),
            ..Subjects::default()
        }),
        actor: Some(keeper_actor()),
        channel: Channel::Other.into(),
        visibility: Visibility::Dealer.into(),
        causation: Some(notice.opened_by.clone().into()),
        payload: Some(payload(notice)),
        ..Touchpoint::default()
    }
}

fn payload(notice: &Notice) -> Payload {
    let (policy, policy_version) = notice.policy.clone();
    // No item has so many episodes that the conversion fails.
    let episode = i32::try_from(notice.episode).unwrap_or(i32::MAX);
    let due_at = notice.due_at.map(time::timestamp);
    macro_rules! event {
        ($Event:ident { $($field:ident: $value:expr),* }) => {
            Payload::$Event($Event {
                obligation_id: notice.obligation_id.clone(),
                episode,
                kind: notice.kind.into(),
                policy,
                policy_version,
                due_at,
                level: notice.share,
                subject_id: notice.subject_id.clone(),
                $($field: $value),*
            })
        };
    }
    match &notice.event {
        NoticeKind::Warned => event!(ObligationWarned {}),
        NoticeKind::Breached => event!(ObligationBreached {}),
        NoticeKind::Revised {
            previous,
            now,
            because,
        } => event!(ObligationOutcomeRevised {
            previous: previous.clone(),
            now: (*now).to_owned(),
            because: Some(because.clone().into())
        }),
    }
}
