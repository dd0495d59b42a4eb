//! Every answer for a viewer who may see one dealer: what is another's is as unknown as what does not exist, and figures
//! of a whole network are refused.

use std::collections::BTreeSet;

use ownerline_projections::advocacy::{self, Means, Model};
use ownerline_projections::directory::{DealersQuestion, OwnersQuestion, dealers, owners};
use ownerline_projections::feedback::OnePart;
use ownerline_projections::feedback::inbox::{self, Inbox, InboxQuestion};
use ownerline_projections::feedback::item::{self, FeedbackQuestion};
use ownerline_projections::loyalty::{self, LoyaltyQuestion};
use ownerline_projections::response_times::{self, ResponseTimeQuestion};
use ownerline_projections::scores::{self, ScoresQuestion};
use ownerline_projections::timeline::{self, TimelineQuestion};
use ownerline_projections::vantage::DealerScope;
use ownerline_projections::{AnswerError, Position, Recorded, Snapshots, Vantage, Viewer};
use ownerline_proto::time::Instant;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{DealerRegistered, FeedbackReceived};

use crate::history::{TestTouchpoint, answered, log};

const AS_OF: i64 = 100;

fn registered(dealer_id: &str) -> TestTouchpoint {
    let payload = Payload::DealerRegistered(DealerRegistered {
        market: "GB".to_owned(),
        ..DealerRegistered::default()
    });
    TestTouchpoint::with_payload(dealer_id, 1, payload)
        .about(|it| it.dealer_id = dealer_id.to_owned())
}

fn feedback(id: &str, owner: &str, dealer: &str) -> TestTouchpoint {
    let payload = Payload::FeedbackReceived(FeedbackReceived::default());
    TestTouchpoint::with_payload(id, 5, payload).about(|it| {
        it.feedback_id = id.to_owned();
        it.owner_id = owner.to_owned();
        it.dealer_id = dealer.to_owned();
    })
}

/// Ann is a customer of one dealer, Ben of another.
fn history() -> Vec<Recorded> {
    log(&[
        registered("dealer-1"),
        registered("dealer-2"),
        feedback("f1", "ann", "dealer-1"),
        feedback("f2", "ben", "dealer-2"),
    ])
}

fn of_dealer_1() -> Viewer {
    Viewer {
        dealers: DealerScope::Only(BTreeSet::from(["dealer-1".to_owned()])),
        ..Viewer::unrestricted()
    }
}

/// Answers a question from the states of every view.
fn ask<A>(
    viewer: &Viewer,
    answer: impl FnOnce(&Snapshots<'_>, &Vantage<'_>) -> Result<A, AnswerError>,
) -> Result<A, AnswerError> {
    let log = history();
    answered(&log, Position(log.len() as u64), AS_OF, viewer, answer)
}

fn is_unknown<A>(answer: &Result<A, AnswerError>) -> bool {
    let unknown = |error: &AnswerError| {
        matches!(
            error,
            AnswerError::Unknown { .. } | AnswerError::UnknownName { .. }
        )
    };
    answer.as_ref().err().is_some_and(unknown)
}

fn is_refused<A>(answer: &Result<A, AnswerError>) -> bool {
    matches!(answer, Err(AnswerError::OutOfScope { .. }))
}

#[test]
fn a_timeline_shows_matters_of_the_viewers_dealers_and_other_owners_are_unknown() {
    let timeline = |viewer: &Viewer, owner: &str| {
        let question = TimelineQuestion {
            owner_id: owner.to_owned(),
            limit: 10,
            ..TimelineQuestion::default()
        };
        ask(viewer, |snapshots, vantage| {
            timeline::answer(snapshots, vantage, question)
        })
    };
    assert_eq!(timeline(&of_dealer_1(), "ann").unwrap().rows.len(), 1);
    assert!(is_unknown(&timeline(&of_dealer_1(), "ben")));
    assert!(is_unknown(&timeline(&of_dealer_1(), "nobody")));
    let everything = Viewer::unrestricted();
    assert_eq!(timeline(&everything, "ben").unwrap().rows.len(), 1);
}

#[test]
fn feedback_and_inboxes_of_other_dealers_are_unknown() {
    let item = |viewer: &Viewer, feedback_id: &str| {
        let question = FeedbackQuestion {
            feedback_id: feedback_id.to_owned(),
            what_if: None,
        };
        ask(viewer, |snapshots, vantage| {
            item::answer(snapshots, vantage, &question)
        })
    };
    assert_eq!(item(&of_dealer_1(), "f1").unwrap().owner_id, "ann");
    assert!(is_unknown(&item(&of_dealer_1(), "f2")));
    assert!(item(&Viewer::unrestricted(), "f2").is_ok());
    let inbox = |viewer: &Viewer, dealer_id: &str| {
        let question = InboxQuestion {
            inbox: Inbox {
                dealer_id: dealer_id.to_owned(),
                ..Inbox::default()
            },
            limit: 10,
            ..InboxQuestion::default()
        };
        ask(viewer, |snapshots, vantage| {
            inbox::answer(snapshots, vantage, &question)
        })
    };
    assert!(inbox(&of_dealer_1(), "dealer-1").unwrap().total > 0);
    assert!(is_unknown(&inbox(&of_dealer_1(), "dealer-2")));
    assert!(inbox(&Viewer::unrestricted(), "dealer-2").unwrap().total > 0);
}

#[test]
fn directories_list_the_viewers_dealers_and_their_owners() {
    let listed = |viewer: &Viewer| {
        let question = DealersQuestion {
            limit: 10,
            ..DealersQuestion::default()
        };
        let found = ask(viewer, |snapshots, vantage| {
            dealers(snapshots, vantage, &question)
        });
        let ids = found.unwrap().dealers.into_iter();
        ids.map(|dealer| dealer.dealer_id).collect::<Vec<_>>()
    };
    assert_eq!(listed(&of_dealer_1()), ["dealer-1"]);
    assert_eq!(listed(&Viewer::unrestricted()), ["dealer-1", "dealer-2"]);
    let listed = |viewer: &Viewer| {
        let question = OwnersQuestion {
            limit: 10,
            ..OwnersQuestion::default()
        };
        let found = ask(viewer, |snapshots, vantage| {
            owners(snapshots, vantage, question)
        });
        let rows = found.unwrap().owners.into_iter();
        rows.map(|row| row.place.owner_id).collect::<BTreeSet<_>>()
    };
    assert_eq!(listed(&of_dealer_1()), BTreeSet::from(["ann".to_owned()]));
    assert_eq!(listed(&Viewer::unrestricted()).len(), 2);
}

#[test]
fn figures_are_those_of_a_dealer_of_the_viewer_and_never_of_the_network() {
    let scores = |viewer: &Viewer, dealer: Option<&str>| {
        let mut question = ScoresQuestion::default();
        question.scope.dealer_id = dealer.map(str::to_owned);
        ask(viewer, |snapshots, vantage| {
            scores::answer(snapshots, vantage, &question, &OnePart)
        })
    };
    assert!(is_refused(&scores(&of_dealer_1(), None)));
    assert!(is_unknown(&scores(&of_dealer_1(), Some("dealer-2"))));
    assert_eq!(
        scores(&of_dealer_1(), Some("dealer-1"))
            .unwrap()
            .total
            .received,
        1
    );
    assert_eq!(
        scores(&Viewer::unrestricted(), None)
            .unwrap()
            .total
            .received,
        2
    );
    let times = |viewer: &Viewer, dealer: Option<&str>| {
        let mut question = ResponseTimeQuestion::default();
        question.scope.dealer_id = dealer.map(str::to_owned);
        ask(viewer, |snapshots, vantage| {
            response_times::answer(snapshots, vantage, &question, &OnePart)
        })
    };
    assert!(is_refused(&times(&of_dealer_1(), None)));
    assert!(is_unknown(&times(&of_dealer_1(), Some("dealer-2"))));
    assert!(times(&of_dealer_1(), Some("dealer-1")).is_ok());
    assert!(times(&Viewer::unrestricted(), None).is_ok());
}

#[test]
fn loyalty_and_advocacy_are_for_those_who_see_the_network() {
    let loyalty = |viewer: &Viewer| {
        ask(viewer, |snapshots, vantage| {
            loyalty::answer(snapshots, vantage, LoyaltyQuestion::default())
        })
    };
    assert!(is_refused(&loyalty(&of_dealer_1())));
    assert!(loyalty(&Viewer::unrestricted()).is_ok());
    let advocacy = |viewer: &Viewer| {
        ask(viewer, |snapshots, vantage| {
            let supposed = advocacy::SupposedModel::default();
            let chosen = advocacy::choose(snapshots, vantage, "ann", &supposed)?;
            let model: &Model = &chosen.model;
            advocacy::answer(snapshots, vantage, "ann".to_owned(), model, &Means::none())
        })
    };
    assert!(is_refused(&advocacy(&of_dealer_1())));
    assert!(advocacy(&Viewer::unrestricted()).is_ok());
}

#[test]
fn a_read_of_a_view_that_the_question_does_not_name_fails() {
    let viewer = Viewer::unrestricted();
    let snapshots = Snapshots::default();
    let vantage = Vantage::new(&snapshots, Instant::from(AS_OF), Position::START, &viewer);
    assert!(vantage.validity().is_err());
}
