//! Turn-aways of random histories: against a plain search over everything that is known; the order of arrival does not
//! matter; and what was known at a position is what a log knows that ends there.

use ownerline_projections::assistance::{
    AssistanceQuestion, GroupBy, Link, Next, Scope, TurnedAway, answer,
};
use ownerline_projections::civil::Period;
use ownerline_projections::{Position, Recorded, Viewer};
use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{DefectLinked, DefectUnlinked, Subjects};
use proptest::prelude::*;

use super::{DAY, dealer, declined, tried, vehicle, worked};
use crate::cases::cases;
use crate::history::{TestTouchpoint, answered, change_of_life, history_of, log, shuffled};
use crate::life_model::Life;
use crate::model::{key, same_defect};
use crate::standing_model::Known;
use crate::whose_model::WhoseModel;

/// Instants so far apart that some are more than 30 days from each other.
const STEP: i64 = 10 * DAY;

const GROUPS: [GroupBy; 4] = [
    GroupBy::Dealer,
    GroupBy::Market,
    GroupBy::Brand,
    GroupBy::Month,
];

fn name(names: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(names)
}

/// A touchpoint of a visit about help.
fn help() -> impl Strategy<Value = TestTouchpoint> {
    let about = (
        name(&["1", "2", "3", "4"]),
        name(&["", "ann", "ben"]),
        name(&["", "V1", "V2"]),
    );
    let ties = (
        name(&["", "", "d1", "d2"]),
        name(&["", "", "f", "g", "h"]),
        name(&["", "", "c"]),
        name(&["", "", "k"]),
    );
    let cause = prop::option::weighted(0.2, 0_usize..12);
    (0_i64..12, 0_u8..7, about, ties, cause).prop_map(
        |(at, kind, (visit, owner, vin), (dealer, defect, case, correlation), cause)| {
            let at = at * STEP;
            let said = match kind {
                0 | 1 => declined("", at, visit, dealer, at % 2 == 0),
                2 => TestTouchpoint::new("resolved_elsewhere", "", at),
                3 => tried("", at, visit, dealer, Outcome::Fixed),
                4 => tried("", at, visit, dealer, Outcome::NotFixed),
                5 => TestTouchpoint::new("loaner_provided", "", at),
                _ => worked("", at, visit, dealer),
            };
            let mut said = said.about(|it| {
                *it = Subjects {
                    visit_id: visit.to_owned(),
                    owner_id: owner.to_owned(),
                    vin: vin.to_owned(),
                    dealer_id: dealer.to_owned(),
                    defect_id: defect.to_owned(),
                    case_id: case.to_owned(),
                    ..Subjects::default()
                };
            });
            if said.payload.is_none() {
                said.payload = Some(match kind {
                    2 => Payload::ResolvedElsewhere(Default::default()),
                    _ => Payload::LoanerProvided(Default::default()),
                });
            }
            said.correlation_id = correlation;
            said.cause = cause.map(|number| (String::new(), format!("{number}")));
            said
        },
    )
}

/// Somebody, or a program, says that two defects are the same, or are not.
fn link() -> impl Strategy<Value = TestTouchpoint> {
    let defect = || name(&["f", "g", "h"]);
    let by = prop::sample::select(vec![ActorKind::Human, ActorKind::Human, ActorKind::Bot]);
    (0_i64..12, defect(), defect(), 0_u8..3, by).prop_map(|(at, one, other, what, by)| {
        let (defect_id, same_as) = (one.to_owned(), other.to_owned());
        let payload = match what {
            0 => Payload::DefectUnlinked(DefectUnlinked { defect_id, same_as }),
            _ => Payload::DefectLinked(DefectLinked { defect_id, same_as }),
        };
        let said = TestTouchpoint::with_payload("", at * STEP, payload).by("x", by);
        said.about(|it| it.case_id = "k".to_owned())
    })
}

fn histories() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    let said = prop_oneof![8 => help(), 2 => change_of_life(), 2 => link()];
    let known = [dealer("d1", &["A"]), vehicle("V1", "A"), vehicle("V2", "B")];
    history_of(said.boxed()).prop_map(move |said| {
        let said = said.into_iter();
        known.iter().cloned().chain(said).collect()
    })
}

/// What followed: its id, its link, and the time since.
type Sequel = Option<(String, Link, i64)>;
/// A turn-away: its id, who took it up, what solved it.
type Expected = (String, Sequel, Sequel);

/// A plain search.
struct Search<'r> {
    known: &'r [Recorded],
    model: WhoseModel,
    life: Life<'r>,
}

impl<'r> Search<'r> {
    fn new(known: &'r [Recorded], as_of: i64) -> Self {
        Self {
            known,
            model: WhoseModel::new(known, as_of),
            life: Life::new(known, as_of),
        }
    }

    fn of_kind(&self, kinds: &[&str]) -> Vec<&Recorded> {
        let history = self.model.history().iter();
        history
            .filter(|it| kinds.contains(&&*it.kind.name))
            .collect()
    }

    /// Whether something counts: of the dealer asked for, and in the period.
    fn selects(&self, it: &Recorded, scope: &Scope) -> bool {
        let is_of = |dealer: &String| self.model.filled(it)[2] == *dealer;
        scope.dealer_id.as_ref().is_none_or(is_of)
            && scope.period.from.is_none_or(|from| from <= it.occurred_at)
            && scope
                .period
                .until
                .is_none_or(|until| it.occurred_at < until)
    }

    fn turn_aways(&self, scope: &Scope) -> Vec<&Recorded> {
        let mut all = self.of_kind(&["assistance_declined"]);
        all.retain(|it| self.selects(it, scope));
        all
    }

    /// The first of the ids of a defect.
    fn defect(&self, id: &str) -> String {
        let mut ids = same_defect(self.model.history(), id);
        ids.pop_first().unwrap()
    }

    fn link(&self, away: &Recorded, other: &Recorded) -> Option<Link> {
        let (one, two) = (subjects(away), subjects(other));
        let both = |one: &String, two: &String| !one.is_empty() && one == two;
        let own = self
            .known
            .iter()
            .find(|it| it.position == away.position)
            .unwrap();
        let chain = Known(self.known).chain(own);
        let cause = other.touchpoint.causation.as_ref();
        let is_cause = |it: &&Recorded| {
            cause.is_some_and(|cause| {
                let source = match cause.source.as_str() {
                    "" => &other.touchpoint.source,
                    source => source,
                };
                source == it.touchpoint.source && cause.id == it.touchpoint.id
            })
        };
        let persons = ["ann", "ben", "eve", "ann2"].map(|id| self.life.person(id));
        let is_of = |it: &Recorded, person| !self.model.belongs_to(it, person).is_empty();
        let of_both = persons.iter().any(|it| is_of(away, it) && is_of(other, it));
        let near = other.occurred_at - away.occurred_at <= 30 * DAY;
        if one.visit_id == two.visit_id {
            Some(Link::Visit)
        } else if both(&self.defect(&one.defect_id), &self.defect(&two.defect_id)) {
            Some(Link::Defect)
        } else if both(&one.case_id, &two.case_id) {
            Some(Link::Case)
        } else if both(
            &away.touchpoint.correlation_id,
            &other.touchpoint.correlation_id,
        ) {
            Some(Link::Correlation)
        } else if chain.iter().copied().any(|it| is_cause(&it)) {
            Some(Link::Causation)
        } else if of_both && near && both(&self.model.filled(away)[1], &self.model.filled(other)[1])
        {
            Some(Link::Vehicle)
        } else {
            None
        }
    }

    fn next(&self, away: &Recorded, others: &[&Recorded]) -> Sequel {
        let later = others.iter().filter(|it| key(away).is_before(&key(it)));
        let linked = later.filter_map(|it| Some((self.link(away, it)?, *it)));
        let first = linked.min_by_key(|(link, it)| (*link == Link::Vehicle, key(it)));
        first.map(|(link, it)| {
            let after = it.occurred_at - away.occurred_at;
            (it.touchpoint.id.clone(), link, after)
        })
    }

    fn is_fixed(it: &Recorded) -> bool {
        let Some(Payload::RepairAttempted(tried)) = &it.touchpoint.payload else {
            return false;
        };
        tried.outcome() == Outcome::Fixed
    }

    fn solves(&self, it: &Recorded) -> bool {
        let mut spoilt = self.of_kind(&["assistance_declined", "repair_attempted"]);
        spoilt.retain(|other| other.stream == it.stream && !Self::is_fixed(other));
        match &*it.kind.name {
            "resolved_elsewhere" => true,
            "repair_attempted" => Self::is_fixed(it),
            "work_performed" => spoilt.is_empty(),
            _ => false,
        }
    }

    /// The turn-aways that count, newest first.
    fn expected(&self, scope: &Scope) -> Vec<Expected> {
        let helps = self.of_kind(&["repair_attempted", "work_performed", "loaner_provided"]);
        let mut solving =
            self.of_kind(&["repair_attempted", "work_performed", "resolved_elsewhere"]);
        solving.retain(|it| self.solves(it));
        let away = self.turn_aways(scope).into_iter().rev();
        let expected = away.map(|away| {
            let (taken_up, solution) = (self.next(away, &helps), self.next(away, &solving));
            (away.touchpoint.id.clone(), taken_up, solution)
        });
        expected.collect()
    }

    /// The visits in which somebody helped: of another brand, of an own brand, not known.
    fn helped(&self, scope: &Scope) -> (u64, u64, u64) {
        let mut counts = (0, 0, 0);
        let helps = self.of_kind(&["repair_attempted", "work_performed", "loaner_provided"]);
        for visit in ["visit-1", "visit-2", "visit-3", "visit-4"] {
            let Some(first) = helps.iter().find(|it| &*it.stream == visit) else {
                continue;
            };
            let [_, vin, by] = self.model.filled(first);
            if !self.selects(first, scope) {
                continue;
            }
            match (&*by, &*vin) {
                ("d1", "V1") => counts.1 += 1,
                ("d1", "V2") => counts.0 += 1,
                _ => counts.2 += 1,
            }
        }
        counts
    }
}

fn subjects(recorded: &Recorded) -> &Subjects {
    recorded.touchpoint.subjects.as_ref().unwrap()
}

fn told(it: &TurnedAway) -> Expected {
    let sequel = |next: &Option<Next>| {
        let next = next.as_ref();
        next.map(|it| (it.key.id.clone(), it.link, it.after))
    };
    (
        it.key.id.clone(),
        sequel(&it.taken_up),
        sequel(&it.solution),
    )
}

/// Of a dealer or of all, in a period or ever.
fn scopes() -> impl Strategy<Value = Scope> {
    let instant = || prop::option::weighted(0.4, (0_i64..13).prop_map(|at| at * STEP));
    let dealer = prop::option::of(Just("d1".to_owned()));
    (dealer, instant(), instant()).prop_map(|(dealer_id, from, until)| Scope {
        dealer_id,
        period: Period {
            from,
            until,
            ..Period::default()
        },
        ..Scope::default()
    })
}

/// Everything that is answered, without positions, which depend on the order of arrival.
fn everything(
    said: &[TestTouchpoint],
    known_at: usize,
    as_of: i64,
    question: &AssistanceQuestion,
) -> String {
    let log = log(said);
    let viewer = Viewer::unrestricted();
    let position = Position(known_at as u64);
    let found = answered(&log, position, as_of, &viewer, |snapshots, vantage| {
        answer(snapshots, vantage, question)
    });
    // What nobody names is refused.
    let Ok(mut found) = found else {
        return "refused".to_owned();
    };
    for it in &mut found.turn_aways {
        it.key.position = Position::START;
        for next in [&mut it.taken_up, &mut it.solution] {
            next.iter_mut()
                .for_each(|it| it.key.position = Position::START);
        }
    }
    format!("{found:?}")
}

proptest! {
    #![proptest_config(cases(192))]

    #[test]
    fn the_order_of_arrival_does_not_matter(
        said in histories(), seed in any::<u64>(), as_of in 0_i64..13, scope in scopes(),
        group_by in prop::option::of(prop::sample::select(&GROUPS[..])),
    ) {
        let question = AssistanceQuestion { scope, group_by };
        let other = shuffled(&said, seed);
        let there = everything(&other, said.len(), as_of * STEP, &question);
        prop_assert_eq!(everything(&said, said.len(), as_of * STEP, &question), there);
    }

    #[test]
    fn as_known_at_a_position_is_what_a_log_knows_that_ends_there(
        said in histories(), until in any::<prop::sample::Index>(), as_of in 0_i64..13,
        scope in scopes(), group_by in prop::option::of(prop::sample::select(&GROUPS[..])),
    ) {
        let question = AssistanceQuestion { scope, group_by };
        let until = until.index(said.len() + 1);
        let there = everything(&said[..until], until, as_of * STEP, &question);
        prop_assert_eq!(everything(&said, until, as_of * STEP, &question), there);
    }

    #[test]
    fn turn_aways_and_what_became_of_them_are_those_that_a_plain_search_finds(
        said in histories(),
        as_of in 0_i64..13,
        known in 4_usize..44,
        scope in scopes(),
    ) {
        let log = log(&said);
        let known_at = known.min(log.len());
        let question = AssistanceQuestion { scope: scope.clone(), group_by: None };
        let viewer = Viewer::unrestricted();
        let position = Position(known_at as u64);
        let found = answered(&log, position, as_of * STEP, &viewer, |snapshots, vantage| {
            answer(snapshots, vantage, &question)
        }).unwrap();
        let search = Search::new(&log[..known_at], as_of * STEP);
        let right = search.expected(&scope);
        let turn_aways: Vec<Expected> = found.turn_aways.iter().map(told).collect();
        prop_assert_eq!(&turn_aways, &right);
        let total = found.total;
        let outcome = total.outcome.unwrap();
        let solved = right.iter().filter(|it| it.2.is_some()).count();
        prop_assert_eq!(outcome.solved.unwrap().count, solved as u64);
        prop_assert_eq!(outcome.solved.unwrap().of, right.len() as u64);
        let by_whom = outcome.solved_by_same_dealer
            + outcome.solved_by_other_dealer
            + outcome.settled_elsewhere
            + outcome.solved_by_unknown_dealer;
        prop_assert_eq!(by_whom, solved as u64);
        let help = total.help.unwrap();
        let helped = (help.other_brand, help.own_brand, help.brand_not_known);
        prop_assert_eq!(helped, search.helped(&scope));
    }
}
