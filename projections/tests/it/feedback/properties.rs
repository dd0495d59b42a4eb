//! Properties over random histories of two feedbacks and two cases.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use ownerline_projections::Position;
use ownerline_projections::feedback::{
    OpenScope, items, items_of_dealer, load, open_items, summaries,
};
use ownerline_projections::obligation::terms::{InForce, Terms};
use ownerline_projections::obligation::{FirstReply, Item, ItemState, Names, State, levels};
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CaseClosed, CaseOpened, CasePausedOnOwner, CaseReopened, CaseResolved, CaseResumed,
    ResolutionConfirmed, ResolutionRejected, SurveyInvited,
};
use proptest::prelude::*;

use super::touchpoints::*;
use crate::cases::cases;

/// Different terms for different dealers, so that it matters who is responsible when.
#[derive(Debug)]
pub(crate) struct Mixed;

impl InForce for Mixed {
    fn terms(&self, dealer_id: &str, start: i64) -> Arc<Terms> {
        let mut terms = vec![
            term(Kind::FirstReply, 6),
            term(Kind::NextReply, 4),
            term(Kind::Resolution, 9),
        ];
        terms[0].responsible_only = dealer_id == "d1";
        terms[1].responsible_only = dealer_id == "d2";
        terms[2].pauses_on_owner = dealer_id != "d2";
        if dealer_id == "d2" && start > 20 * HOUR {
            terms.remove(1);
        }
        rules(terms).0
    }
}

fn kinds(id: &str, at: i64, other: &str, dealer: &str, flag: bool) -> Vec<FeedbackTouchpoint> {
    let plain = |payload| FeedbackTouchpoint::new(id, at, payload);
    let feedback = || {
        let mut touchpoints = received(at).at_dealer(if flag { dealer } else { "" });
        touchpoints.touchpoint.id = id.to_owned();
        touchpoints
    };
    vec![
        feedback(),
        feedback(),
        reply(id, at).by("amy", dealer),
        reply(id, at).by("bob", ""),
        no_reply(id, at, |it| it.bounced = true),
        withdrawn(id, at, other),
        bounced(id, at, other),
        message(id, at),
        message(id, at).of_case("c1"),
        edited(id, at, flag).at_dealer(dealer),
        reassigned(id, at, if flag { "d1" } else { "d2" }),
        closed(id, at),
        closed(id, at),
        reopened(id, at),
        excluded(id, at),
        plain(Payload::ResolutionConfirmed(ResolutionConfirmed {})),
        plain(Payload::ResolutionRejected(ResolutionRejected {})),
        plain(Payload::SurveyInvited(SurveyInvited::default())).at_dealer(dealer),
        retracted(id, at, other),
        plain(Payload::CaseOpened(CaseOpened {
            origin_feedback_id: "f".to_owned(),
            ..CaseOpened::default()
        }))
        .of_case("c1"),
        plain(Payload::CasePausedOnOwner(CasePausedOnOwner {})).of_case("c1"),
        plain(Payload::CaseResumed(CaseResumed {})).of_case("c1"),
        plain(Payload::CaseResolved(CaseResolved::default())).of_case("c1"),
        plain(Payload::CaseClosed(CaseClosed::default())).of_case("c1"),
        plain(Payload::CaseReopened(CaseReopened {}))
            .of_case("c1")
            .of(if flag { "f" } else { "" }),
    ]
}

fn touchpoint() -> impl Strategy<Value = (FeedbackTouchpoint, Option<usize>)> {
    let select = |names: &'static [&'static str]| prop::sample::select(names);
    (
        (0_usize..25, 0_usize..14, any::<bool>()),
        0_i64..40,
        select(&["f", "f", "f", "g"]),
        select(&["", "d1", "d2", "d3"]),
        (0_i64..6, -2_i64..6, prop::bool::weighted(0.2)),
        prop::option::weighted(0.06, 0_usize..40),
    )
        .prop_map(|(what, at, feedback, dealer, clocks, corrects)| {
            let (kind, other, flag) = what;
            let mut touchpoints =
                kinds("", at, &format!("t{other}"), dealer, flag).swap_remove(kind);
            let subjects = touchpoints.touchpoint.subjects.get_or_insert_default();
            if subjects.case_id.is_empty() {
                subjects.feedback_id = feedback.to_owned();
            }
            let (received, recorded, imported) = clocks;
            touchpoints.received_at += received * HOUR;
            touchpoints.recorded_at = (at + recorded) * HOUR;
            if imported {
                touchpoints = touchpoints.imported(at + recorded + 20);
            }
            (touchpoints, corrects)
        })
}

/// Histories in an order of arrival that is not theirs. Some are longer than a segment.
pub(crate) fn histories() -> impl Strategy<Value = Vec<FeedbackTouchpoint>> {
    let length = prop_oneof![9 => 1_usize..30, 1 => 60_usize..150];
    let made = length.prop_flat_map(|length| prop::collection::vec(touchpoint(), length));
    made.prop_map(|made| {
        let (mut touchpoints, corrects): (Vec<FeedbackTouchpoint>, Vec<_>) =
            made.into_iter().unzip();
        for (at, it) in touchpoints.iter_mut().enumerate() {
            it.touchpoint.id = format!("t{at}");
        }
        for (at, target) in corrects.into_iter().enumerate() {
            let Some(target) = target.map(|target| target % touchpoints.len()) else {
                continue;
            };
            let corrected = touchpoints[target].touchpoint.clone();
            let touchpoint = &mut touchpoints[at].touchpoint;
            touchpoint.subjects = corrected.subjects;
            touchpoint.payload = corrected.payload;
            touchpoint.corrects = named(&corrected.id);
        }
        touchpoints
    })
}

fn state_of(folded: &Folded, known_at: Position, id: &str, as_of: i64) -> Option<ItemState> {
    let item = load(&folded.feedback, &folded.known_at(known_at), id).unwrap();
    item.map(|item| ItemState::at(&item, &Mixed, as_of))
}

/// The same first reply with its names numbered in one way, from whatever table.
type Canonical = BTreeMap<String, (Names, FirstReply)>;

fn canonical(names: &Names, summary: &FirstReply) -> (Names, FirstReply) {
    let mut own = Names::default();
    let summary = summary.renamed(names, &mut own);
    (own, summary)
}

fn kept(folded: &Folded, as_of: i64) -> Canonical {
    let mut found = Canonical::new();
    summaries(
        &folded.feedback,
        &folded.validity(),
        as_of.into(),
        &mut |touchpoints| {
            let summary = canonical(touchpoints.names, touchpoints.summary);
            let before = found.insert(touchpoints.feedback_id.to_owned(), summary);
            assert!(before.is_none(), "{} comes twice", touchpoints.feedback_id);
            ControlFlow::Continue(())
        },
    )
    .unwrap();
    found
}

fn all(folded: &Folded) -> Vec<Item> {
    let mut found = Vec::new();
    items(&folded.feedback, &folded.validity(), &mut |item| {
        found.push(item);
        ControlFlow::Continue(())
    })
    .unwrap();
    found
}

fn open(folded: &Folded, dealer: Option<&str>, scope: OpenScope, as_of: i64) -> Vec<String> {
    let (state, validity) = (&folded.feedback, folded.validity());
    let mut found = Vec::new();
    open_items(state, &validity, dealer, scope, as_of.into(), &mut |item| {
        found.push(item.feedback_id);
        ControlFlow::Continue(())
    })
    .unwrap();
    found
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn the_order_of_arrival_changes_no_answer(
        (touchpoints, other) in histories().prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
        as_of in 0_i64..45,
    ) {
        let (one, other) = (folded(&touchpoints), folded(&other));
        for id in ["f", "g"] {
            let at = as_of * HOUR;
            prop_assert_eq!(state_of(&one, one.head, id, at), state_of(&other, other.head, id, at));
        }
        prop_assert_eq!(kept(&one, as_of * HOUR), kept(&other, as_of * HOUR));
    }

    #[test]
    fn kept_summaries_are_those_folded_on_read(touchpoints in histories(), as_of in 0_i64..60) {
        let folded = folded(&touchpoints);
        let as_of = as_of * HOUR;
        let mut read = Canonical::new();
        for item in all(&folded) {
            if let Some(summary) = FirstReply::of(&item, as_of.into()) {
                read.insert(item.feedback_id.clone(), canonical(item.names(), &summary));
            }
        }
        prop_assert_eq!(kept(&folded, as_of), read);
    }

    #[test]
    fn as_known_at_a_position_is_the_fold_of_the_log_up_to_it(
        touchpoints in histories(), known_at in 0_usize..30, as_of in 0_i64..45,
    ) {
        let known_at = known_at.min(touchpoints.len());
        let (whole, prefix) = (folded(&touchpoints), folded(&touchpoints[..known_at]));
        for id in ["f", "g"] {
            let then = state_of(&whole, Position(known_at as u64), id, as_of * HOUR);
            prop_assert_eq!(then, state_of(&prefix, Position(known_at as u64), id, as_of * HOUR));
        }
    }

    #[test]
    fn a_summary_agrees_with_the_detail(touchpoints in histories(), as_of in 0_i64..45) {
        let folded = folded(&touchpoints);
        let as_of = as_of * HOUR;
        for item in all(&folded) {
            let state = ItemState::at(&item, &Mixed, as_of);
            let summary = FirstReply::of(&item, as_of.into());
            prop_assert_eq!(summary.is_some(), state.received.is_some());
            let Some(summary) = summary else { continue };
            let first = first(&state);
            let dealer = item.text(summary.dealer_at_start);
            let terms = Mixed.terms(dealer, summary.start);
            let only = terms.of(Kind::FirstReply).unwrap().responsible_only;
            prop_assert_eq!(dealer, first.dealer_at_start.as_str());
            prop_assert_eq!(summary.outcome(&terms, as_of.into()), Some(first.outcome));
            prop_assert_eq!(item.text(summary.dealer_at_end(only)), first.dealer_at_end.as_str());
            let total = summary.answer_of_any_episode(false).map(|it| it.occurred_at);
            let mut replies = state.episodes.iter().filter_map(|it| it.first_reply.as_ref());
            prop_assert_eq!(total, replies.next().map(|it| it.1));
        }
    }

    #[test]
    fn no_open_obligation_is_missing_among_the_open_items(touchpoints in histories()) {
        let folded = folded(&touchpoints);
        let as_of = touchpoints.iter().map(|it| it.recorded_at).max().unwrap();
        let scopes = [OpenScope::Replies, OpenScope::RepliesAndResolutions];
        let network = scopes.map(|scope| open(&folded, None, scope, as_of));
        for item in all(&folded) {
            let state = ItemState::at(&item, &Mixed, as_of);
            let is_open = |kinds: &[Kind]| {
                let mut owed = state.obligations.iter().filter(|it| kinds.contains(&it.kind));
                owed.any(|it| it.outcome.state == State::Open)
            };
            let replies = is_open(&[Kind::FirstReply, Kind::NextReply]);
            let id = &item.feedback_id;
            prop_assert!(!replies || network[0].contains(id));
            prop_assert!(!is_open(&[Kind::Resolution]) || network[1].contains(id));
            let dealer = Some(state.dealer_id.as_str());
            prop_assert!(!replies || open(&folded, dealer, OpenScope::Replies, as_of).contains(id));
        }
    }

    #[test]
    fn an_item_is_found_under_every_dealer_it_counts_for(touchpoints in histories(), as_of in 0_i64..45) {
        let folded = folded(&touchpoints);
        for item in all(&folded) {
            let state = ItemState::at(&item, &Mixed, as_of * HOUR);
            let Some(received) = state.received else { continue };
            let segments = state.dealers.iter().map(|it| it.dealer_id.clone());
            let ends = state.obligations.iter().map(|it| it.dealer_at_end.clone());
            for dealer in segments.chain(ends) {
                let mut found = Vec::new();
                let starts = received.start..received.start + 1;
                items_of_dealer(&folded.feedback, &folded.validity(), &dealer, starts, &mut |it| {
                    found.push(it.feedback_id);
                    ControlFlow::Continue(())
                }).unwrap();
                prop_assert!(found.contains(&item.feedback_id), "{dealer}");
            }
        }
    }

    #[test]
    fn extreme_instants_never_panic(
        mut touchpoints in histories(),
        instants in prop::collection::vec(prop::sample::select(&[i64::MIN, -1, 0, 1, i64::MAX]), 450),
        as_of in prop::sample::select(&[i64::MIN, 0, i64::MAX]),
    ) {
        for (touchpoints, instants) in touchpoints.iter_mut().zip(instants.chunks(3)) {
            (touchpoints.occurred_at, touchpoints.received_at, touchpoints.recorded_at) =
                (instants[0], instants[1], instants[2]);
        }
        let folded = folded(&touchpoints);
        kept(&folded, as_of);
        open(&folded, None, OpenScope::RepliesAndResolutions, as_of);
        for item in all(&folded) {
            for owed in ItemState::at(&item, &Mixed, as_of).obligations {
                let terms = Mixed.terms(&owed.dealer_at_start, owed.start);
                let levels = levels(&item, &owed, terms.of(owed.kind).unwrap());
                prop_assert_eq!(levels.len(), 4);
            }
        }
    }
}
