//! Response times by kind of obligation, over random histories of a case and the feedback that it came from.

use ownerline_projections::cases::{CaseReader, CaseStates};
use ownerline_projections::feedback::{OnePart, load};
use ownerline_projections::obligation::terms::CASE_KINDS;
use ownerline_projections::obligation::{ItemState, Obligation, State, case};
use ownerline_projections::person::PersonLookup;
use ownerline_projections::policy::Policies;
use ownerline_projections::response_times::{
    GroupBy, ResponseTimeFigures, ResponseTimeQuestion, answer,
};
use ownerline_projections::{Position, Recorded, Viewer};
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{DealerReplied, FeedbackReceived, ResponseTimes, dealer_replied};
use proptest::prelude::*;

use crate::case::DAY;
use crate::cases::cases;
use crate::history::{TestTouchpoint, answered, history_of, log, shuffled};
use crate::owed;

/// Every kind of obligation once.
fn kinds() -> impl Iterator<Item = Kind> {
    [Kind::FirstReply, Kind::NextReply]
        .into_iter()
        .chain(CASE_KINDS)
}

fn of_feedback() -> impl Strategy<Value = TestTouchpoint> {
    let human = DealerReplied {
        kind: dealer_replied::Kind::Human.into(),
        visible_to_owner: true,
        ..DealerReplied::default()
    };
    let payload = prop::sample::select(vec![
        Payload::FeedbackReceived(FeedbackReceived::default()),
        Payload::FeedbackReceived(FeedbackReceived::default()),
        Payload::DealerReplied(human),
        Payload::OwnerMessageReceived(Default::default()),
        Payload::FeedbackClosed(Default::default()),
        Payload::FeedbackReopened(Default::default()),
        Payload::FeedbackExcluded(Default::default()),
        Payload::ResolutionConfirmed(Default::default()),
    ]);
    (payload, -9_i64..30, 0_i64..3).prop_map(|(payload, at, late)| {
        let mut said = TestTouchpoint::with_payload("", at * DAY, payload);
        said.received_at = Some((at + late) * DAY);
        said.about(|it| {
            it.feedback_id = "f".to_owned();
            it.owner_id = "ann".to_owned();
            it.dealer_id = "d1".to_owned();
        })
    })
}

fn histories() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    let of_case = owed::random::touchpoint().prop_map(|mut said| {
        if let Some(Payload::CaseOpened(opened)) = &mut said.payload {
            opened.origin_feedback_id = "f".to_owned();
        }
        said
    });
    let said = prop_oneof![3 => of_case, 2 => of_feedback()];
    history_of(said.boxed()).prop_map(|said| {
        let mut said = owed::received(&said);
        for it in &mut said {
            // When it became known does not depend on the order of arrival.
            it.recorded_at = it.received_at;
        }
        said
    })
}

fn ask(
    log: &[Recorded],
    known_at: usize,
    as_of: i64,
    kind: Kind,
    group_by: Option<GroupBy>,
) -> ResponseTimeFigures {
    let question = ResponseTimeQuestion {
        kind: Some(kind),
        group_by,
        incidence_at: vec![86_400],
        ..ResponseTimeQuestion::default()
    };
    let (viewer, known_at) = (Viewer::unrestricted(), Position(known_at as u64));
    let found = answered(log, known_at, as_of, &viewer, |snapshots, vantage| {
        answer(snapshots, vantage, &question, &OnePart)
    });
    found.unwrap()
}

/// Open, in time, late, closed unanswered, excluded.
type Ends = [u64; 5];

fn ends(times: &ResponseTimes) -> Ends {
    let late = times.answered - times.in_time;
    [
        times.open,
        times.in_time,
        late,
        times.closed_unanswered,
        times.excluded,
    ]
}

fn place(owed: &Obligation) -> usize {
    match owed.outcome.state {
        State::Open => 0,
        State::AnsweredInTime => 1,
        State::AnsweredLate => 2,
        State::ClosedUnanswered => 3,
        State::Excluded => 4,
    }
}

/// Everything that the feedback and the case owe or owed. Of first replies, that of the first episode.
fn everything_owed(log: &[Recorded], as_of: i64) -> Vec<Obligation> {
    let terms = Policies::shipped_only().terms();
    let (viewer, known_at) = (Viewer::unrestricted(), Position(log.len() as u64));
    let found = answered(log, known_at, as_of, &viewer, |snapshots, vantage| {
        let validity = vantage.validity()?;
        let states = CaseStates::of(snapshots);
        let mut all = Vec::new();
        if let Some(item) = load(states.feedback, &validity, "f")? {
            let owed = ItemState::at(&item, &terms, as_of).obligations;
            let counts = |it: &Obligation| it.kind != Kind::FirstReply || it.episode == 0;
            all.extend(owed.into_iter().filter(counts));
        }
        let persons = PersonLookup::new(states.timeline.identity, &validity);
        let reader = CaseReader::at(states, vantage, &validity, &persons);
        if let Some(history) = reader.history("c")? {
            all.extend(case::obligations(&history, &terms));
        }
        Ok(all)
    });
    found.unwrap()
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn the_order_of_arrival_does_not_matter(
        said in histories(), seed in any::<u64>(), as_of in -9_i64..60,
    ) {
        let (here, there) = (log(&said), log(&shuffled(&said, seed)));
        for kind in kinds() {
            let [here, there] = [&here, &there].map(|log| {
                ask(log, said.len(), as_of * DAY, kind, Some(GroupBy::Dealer))
            });
            prop_assert_eq!(here, there, "{:?}", kind);
        }
    }

    #[test]
    fn as_known_at_a_position_is_what_a_log_knows_that_ends_there(
        said in histories(), until in any::<prop::sample::Index>(), as_of in -9_i64..60,
    ) {
        let until = until.index(said.len() + 1);
        let (here, there) = (log(&said), log(&said[..until]));
        for kind in kinds() {
            let [here, there] = [&here, &there].map(|log| {
                ask(log, until, as_of * DAY, kind, Some(GroupBy::Responder))
            });
            prop_assert_eq!(here, there, "{:?}", kind);
        }
    }

    #[test]
    fn the_kinds_add_up_to_everything_that_is_owed_and_their_groups_to_them(
        said in histories(), as_of in -9_i64..60,
        group_by in prop::sample::select(&[GroupBy::Dealer, GroupBy::Month, GroupBy::Channel][..]),
    ) {
        let log = log(&said);
        let mut whole = Ends::default();
        for owed in everything_owed(&log, as_of * DAY) {
            whole[place(&owed)] += 1;
        }
        let mut sum = Ends::default();
        for kind in kinds() {
            let found = ask(&log, said.len(), as_of * DAY, kind, Some(group_by));
            let total = ends(&found.total);
            let mut of_groups = Ends::default();
            for group in &found.groups {
                let of_group = ends(group.times.as_ref().unwrap());
                of_groups.iter_mut().zip(of_group).for_each(|(sum, it)| *sum += it);
            }
            prop_assert_eq!(of_groups, total, "{:?}", kind);
            sum.iter_mut().zip(total).for_each(|(sum, it)| *sum += it);
        }
        prop_assert_eq!(sum, whole);
    }
}
