//! Random histories: a trace is what a plain search over the whole log finds, whatever the order of arrival.

use std::collections::BTreeSet;

use ownerline_projections::{Position, Recorded, Viewer};
use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::trace_reason::Kind;
use ownerline_proto::v1::{
    IntegritySignalRaised, OwnerMessageReceived, ResolutionConfirmed, Touchpoint,
};
use proptest::prelude::*;

use super::model::{Members, members};
use super::touchpoints::*;
use super::{ask, question};

const HORIZON: i64 = 12;

/// The choices that make one touchpoint of a small world.
#[derive(Debug, Clone)]
struct Choices {
    kind: usize,
    at: i64,
    /// Numbers of a case, visit, feedback, defect, another defect, and correlation; 0 for none.
    ids: [usize; 6],
    /// Numbers of a cause, of what is named, and of what is corrected, if any.
    others: [usize; 2],
    corrects: Option<(usize, bool)>,
    by_program: bool,
}

fn choices() -> impl Strategy<Value = Choices> {
    let others = [0_usize..24, 0_usize..24];
    let corrects = prop::option::weighted(0.25, (0_usize..24, any::<bool>()));
    (
        0_usize..16,
        0..HORIZON,
        [0_usize..3, 0..3, 0..3, 0..5, 0..5, 0..5],
        others,
        corrects,
        prop::bool::weighted(0.2),
    )
        .prop_map(|(kind, at, ids, others, corrects, by_program)| Choices {
            kind,
            at,
            ids,
            others,
            corrects,
            by_program,
        })
}

impl Choices {
    fn said(&self, number: usize, before: &[Said]) -> Said {
        let id = number.to_string();
        let [
            case,
            visit,
            feedback_number,
            defect_number,
            other,
            correlation,
        ] = self.ids;
        let [cause, named] = self.others.map(|number| number.to_string());
        let defects = [defect_number.max(1), other.max(1)].map(|it| format!("d{it}"));
        let pair = defects.each_ref().map(String::as_str);
        let (case_id, visit_id) = (format!("c{}", case.max(1)), format!("v{}", visit.max(1)));
        let feedback_id = format!("f{}", feedback_number.max(1));
        let at = self.at;
        let mut said = match self.kind {
            0 => opened(
                &id,
                at,
                &case_id,
                if feedback_number > 0 {
                    &feedback_id
                } else {
                    ""
                },
            ),
            1 | 2 => note(&id, at, &case_id),
            3 if pair[0] != pair[1] => linked(&id, at, &case_id, pair),
            4 if pair[0] != pair[1] => unlinked(&id, at, &case_id, pair),
            5 => dropped_off(&id, at, &visit_id),
            6 => defect(&id, at, &visit_id, pair[0]),
            7 => attempt(&id, at, &visit_id, pair[0]),
            8 => feedback(&id, at, &feedback_id),
            9 => replied(&id, at, &feedback_id),
            10 => notified(&id, at, &named),
            11 => viewed(&id, at, &named),
            12 => signal(&id, at, [&cause, &named]),
            13 => message(&id, at, &named).of_case(&case_id),
            14 => confirmed(&id, at).of_feedback(&feedback_id),
            _ => contact(&id, at),
        };
        let free =
            |number: usize, category: &str| (number > 0).then(|| format!("{category}{number}"));
        said = said.about(|it| {
            for (subject, id) in [
                (&mut it.case_id, free(case, "c")),
                (&mut it.visit_id, free(visit, "v")),
                (&mut it.feedback_id, free(feedback_number, "f")),
            ] {
                if let Some(id) = id.filter(|_| subject.is_empty() && other == 0) {
                    *subject = id;
                }
            }
        });
        if correlation > 2 {
            said = said.correlated(&format!("K{correlation}"));
        }
        if self.others[0].is_multiple_of(3) && cause != id {
            said = said.caused_by(&cause);
        }
        if self.by_program {
            said = said.by(ActorKind::Bot);
        }
        self.correct(said, before)
    }

    /// Corrects or retracts one of those before, in its stream.
    fn correct(&self, mut said: Said, before: &[Said]) -> Said {
        let Some((target, retracts)) = self.corrects else {
            return said;
        };
        let Some(target) = before.get(target) else {
            return said;
        };
        let corrected = &target.0;
        if retracts {
            let mut taken = retracted(&said.0.id, self.at, &corrected.id);
            taken.0.subjects.clone_from(&corrected.subjects);
            return taken;
        }
        let id = std::mem::take(&mut said.0.id);
        let [correlation_id, causation] = [said.0.correlation_id.clone(), id.clone()];
        let mut correction = Said(Touchpoint {
            id,
            occurred_at: said.0.occurred_at,
            correlation_id,
            causation: said.0.causation.filter(|it| it.id != causation),
            ..corrected.clone()
        });
        correction = correction.correcting(&corrected.id);
        if self.by_program {
            // What it leaves out of its subjects it inherits.
            return correction.about(|it| it.defect_id = String::new());
        }
        correction
    }
}

fn signal(id: &str, at: i64, evidence: [&String; 2]) -> Said {
    let raised = IntegritySignalRaised {
        evidence: evidence.iter().filter_map(|id| reference(id)).collect(),
        ..IntegritySignalRaised::default()
    };
    let said = Said::new(id, at, Payload::IntegritySignalRaised(raised));
    said.about(|it| it.dealer_id = "d1".to_owned())
}

fn message(id: &str, at: i64, answers: &str) -> Said {
    let message = OwnerMessageReceived {
        in_reply_to: reference(answers),
        ..OwnerMessageReceived::default()
    };
    Said::new(id, at, Payload::OwnerMessageReceived(message))
}

fn confirmed(id: &str, at: i64) -> Said {
    Said::new(id, at, Payload::ResolutionConfirmed(ResolutionConfirmed {}))
}

fn histories() -> impl Strategy<Value = Vec<Said>> {
    prop::collection::vec(choices(), 1..24).prop_map(|choices| {
        let mut history: Vec<Said> = Vec::new();
        for choice in choices {
            let said = choice.said(history.len(), &history);
            history.push(said);
        }
        history
    })
}

fn found(log: &[Recorded], case_id: &str, known_at: Position, as_of: i64) -> Option<Members> {
    let trace = ask(
        log,
        &question(case_id),
        known_at,
        as_of,
        &Viewer::unrestricted(),
    )
    .ok()?;
    let members = trace.entries.into_iter().map(|entry| {
        let reasons = entry.reasons.into_iter();
        let reasons = reasons.map(|reason| (reason.kind, reason.id));
        ((&entry.key).into(), reasons.collect())
    });
    Some(members.collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_trace_is_what_a_plain_search_finds(
        history in histories(),
        known_share in 0_usize..4,
        as_of in prop_oneof![Just(HORIZON), 0..HORIZON],
    ) {
        let log = log(history);
        let known_at = Position((log.len() - log.len() * known_share / 8) as u64);
        for case_id in ["c1", "c2"] {
            let found = found(&log, case_id, known_at, as_of);
            let wanted = members(&log, case_id, known_at, as_of);
            prop_assert_eq!(found, wanted, "{}", case_id);
        }
    }

    #[test]
    fn any_order_of_arrival_gives_the_same_trace(
        history in histories(),
        seed in any::<u64>(),
    ) {
        let mut shuffled = history.clone();
        let mut state = seed;
        for place in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(place, (state >> 33) as usize % (place + 1));
        }
        let trace = |said: Vec<Said>| {
            let log = log(said);
            let known_at = Position(log.len() as u64);
            let viewer = Viewer::unrestricted();
            let trace = ask(&log, &question("c1"), known_at, HORIZON, &viewer).ok()?;
            let entries = trace.entries.into_iter().map(|mut entry| {
                entry.key.position = Position::START;
                entry.not_yet_known = 0;
                entry
            });
            Some(entries.collect::<Vec<_>>())
        };
        prop_assert_eq!(trace(history), trace(shuffled));
    }

    #[test]
    fn every_entry_says_through_which_entry_it_belongs(history in histories()) {
        let log = log(history);
        let known_at = Position(log.len() as u64);
        let viewer = Viewer::unrestricted();
        let Ok(trace) = ask(&log, &question("c1"), known_at, HORIZON, &viewer) else {
            return Ok(());
        };
        let keys = trace.entries.iter().map(|it| (&it.key).into());
        let keys: BTreeSet<ownerline_projections::TouchpointKey> = keys.collect();
        for reason in trace.entries.iter().flat_map(|it| &it.reasons) {
            let needs = matches!(reason.kind, Kind::Cause | Kind::Effect | Kind::Replacement);
            prop_assert_eq!(needs, reason.through.is_some());
            prop_assert!(reason.through.iter().all(|through| keys.contains(through)));
        }
    }
}
