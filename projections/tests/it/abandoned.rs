//! Answers that nobody waits for any more: each ends with its next read of a state, wherever that is, and says so.

use std::sync::atomic::{AtomicUsize, Ordering};

use ownerline_projections::advocacy::{self, Means};
use ownerline_projections::assistance::{self, AssistanceQuestion};
use ownerline_projections::bookings::{self, BookingsQuestion};
use ownerline_projections::contacts::{self, ContactsQuestion};
use ownerline_projections::directory::{DealersQuestion, OwnersQuestion, dealers, owners};
use ownerline_projections::feedback::OnePart;
use ownerline_projections::feedback::inbox::{self, Inbox, InboxQuestion};
use ownerline_projections::feedback::item::{self, FeedbackQuestion};
use ownerline_projections::fold::abandonable::AbandonableState;
use ownerline_projections::fold::reach::Reach;
use ownerline_projections::fold::state::StateError;
use ownerline_projections::loyalty::{self, LoyaltyQuestion};
use ownerline_projections::response_times::{self, ResponseTimeQuestion};
use ownerline_projections::scores::{self, ScoresQuestion};
use ownerline_projections::timeline::{self, ChangesQuestion, TimelineQuestion};
use ownerline_projections::{
    AnswerError, Driver, MemoryState, Position, Recorded, Snapshots, VIEWS, Vantage, Viewer,
};

use crate::history::entries;
use crate::invented;

/// Behind every touchpoint of the history.
const AS_OF: i64 = i64::MAX;
/// Each answer is abandoned after so many different numbers of reads.
const CUTS: usize = 40;

type Answer = dyn Fn(&Snapshots<'_>, &Vantage<'_>) -> Result<(), AnswerError>;

fn one(
    answer: impl Fn(&Snapshots<'_>, &Vantage<'_>) -> Result<(), AnswerError> + 'static,
) -> Box<Answer> {
    Box::new(answer)
}

/// An answer of every capability, about an owner and a feedback of the history.
fn answers(owner: &str, feedback: &str) -> Vec<(&'static str, Box<Answer>)> {
    let (page, changed, booked) = (owner.to_owned(), owner.to_owned(), owner.to_owned());
    let (scored, feedback) = (owner.to_owned(), feedback.to_owned());
    vec![
        (
            "timeline",
            one(move |snapshots, vantage| {
                let question = TimelineQuestion {
                    owner_id: page.clone(),
                    limit: 1_000,
                    ..TimelineQuestion::default()
                };
                timeline::answer(snapshots, vantage, question).map(drop)
            }),
        ),
        (
            "changes",
            one(move |snapshots, vantage| {
                let question = ChangesQuestion {
                    owner_id: changed.clone(),
                    limit: 1_000,
                    ..ChangesQuestion::default()
                };
                let mut reach = Reach::default();
                timeline::answer_changes(snapshots, vantage, question, None, &mut reach).map(drop)
            }),
        ),
        (
            "bookings",
            one(move |snapshots, vantage| {
                let question = BookingsQuestion {
                    owner_id: booked.clone(),
                    limit: 1_000,
                    ..BookingsQuestion::default()
                };
                bookings::answer(snapshots, vantage, &question).map(drop)
            }),
        ),
        (
            "assistance",
            one(|snapshots, vantage| {
                let question = AssistanceQuestion::default();
                assistance::answer(snapshots, vantage, &question).map(drop)
            }),
        ),
        (
            "contacts",
            one(|snapshots, vantage| {
                let question = ContactsQuestion {
                    limit: 1_000,
                    ..ContactsQuestion::default()
                };
                contacts::answer(snapshots, vantage, &question).map(drop)
            }),
        ),
        (
            "feedback",
            one(move |snapshots, vantage| {
                let question = FeedbackQuestion {
                    feedback_id: feedback.clone(),
                    what_if: None,
                };
                item::answer(snapshots, vantage, &question).map(drop)
            }),
        ),
        (
            "inbox",
            one(|snapshots, vantage| {
                let question = InboxQuestion {
                    inbox: Inbox::default(),
                    limit: 1_000,
                    ..InboxQuestion::default()
                };
                inbox::answer(snapshots, vantage, &question).map(drop)
            }),
        ),
        (
            "owners",
            one(|snapshots, vantage| {
                let question = OwnersQuestion {
                    limit: 1_000,
                    ..OwnersQuestion::default()
                };
                owners(snapshots, vantage, question).map(drop)
            }),
        ),
        (
            "dealers",
            one(|snapshots, vantage| {
                let question = DealersQuestion {
                    limit: 1_000,
                    ..DealersQuestion::default()
                };
                dealers(snapshots, vantage, &question).map(drop)
            }),
        ),
        (
            "scores",
            one(|snapshots, vantage| {
                scores::answer(snapshots, vantage, &ScoresQuestion::default(), &OnePart).map(drop)
            }),
        ),
        (
            "response times",
            one(|snapshots, vantage| {
                let question = ResponseTimeQuestion::default();
                response_times::answer(snapshots, vantage, &question, &OnePart).map(drop)
            }),
        ),
        (
            "loyalty",
            one(|snapshots, vantage| {
                loyalty::answer(snapshots, vantage, LoyaltyQuestion::default()).map(drop)
            }),
        ),
        (
            "advocacy",
            one(move |snapshots, vantage| {
                let supposed = advocacy::SupposedModel::default();
                let chosen = advocacy::choose(snapshots, vantage, &scored, &supposed)?;
                let (model, means) = (&chosen.model, Means::none());
                advocacy::answer(snapshots, vantage, scored.clone(), model, &means).map(drop)
            }),
        ),
    ]
}

/// A subject that most touchpoints of a history name.
fn most_named(log: &[Recorded], name: impl Fn(&Recorded) -> String) -> String {
    let named: Vec<String> = log
        .iter()
        .map(name)
        .filter(|name| !name.is_empty())
        .collect();
    let count = |name: &&String| named.iter().filter(|other| other == name).count();
    named.iter().max_by_key(count).unwrap().clone()
}

#[test]
fn an_abandoned_answer_ends_with_its_next_read_whatever_it_is_computing() {
    let log = invented::history(3, 6);
    let subject = |pick: fn(&ownerline_proto::v1::Subjects) -> &String| {
        most_named(&log, |recorded| {
            let subjects = recorded.touchpoint.subjects.as_ref();
            subjects.map(pick).cloned().unwrap_or_default()
        })
    };
    let (owner, feedback) = (subject(|it| &it.owner_id), subject(|it| &it.feedback_id));
    let mut driver = Driver::default();
    for view in VIEWS {
        driver.add(view, MemoryState::default()).unwrap();
    }
    driver.apply(&entries(&log)).unwrap();
    let last = Position(log.len() as u64);
    let viewer = Viewer::unrestricted();
    for (name, answer) in answers(&owner, &feedback) {
        let reads = AtomicUsize::new(0);
        let ask = |most: usize| {
            reads.store(0, Ordering::Relaxed);
            let is_abandoned = || reads.fetch_add(1, Ordering::Relaxed) >= most;
            let lanes = driver.lanes().iter();
            let states: Vec<_> = lanes
                .map(|lane| {
                    (
                        lane.view().name,
                        AbandonableState::new(lane.state(), &is_abandoned),
                    )
                })
                .collect();
            let snapshots = states
                .iter()
                .fold(Snapshots::default(), |snapshots, (view, state)| {
                    snapshots.with(view, state, last)
                });
            let vantage = Vantage::new(&snapshots, AS_OF.into(), last, &viewer);
            answer(&snapshots, &vantage)
        };
        let whole = ask(usize::MAX);
        assert!(whole.is_ok(), "{name}: {whole:?}");
        let needed = reads.load(Ordering::Relaxed);
        assert!(needed > 3, "{name} reads {needed} times");
        for most in (0..needed).step_by(needed.div_ceil(CUTS)) {
            let ended = ask(most);
            let said = matches!(ended, Err(AnswerError::State(StateError::Abandoned)));
            assert!(said, "{name} after {most} of {needed} reads: {ended:?}");
            let more = reads.load(Ordering::Relaxed) - most;
            assert_eq!(more, 1, "{name} reads on after {most} of {needed}");
        }
    }
}
