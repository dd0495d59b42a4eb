//! Which policy is in force for whom and when, and what the network is: as it was and as it was known.

use std::fmt;
use std::sync::Arc;

use ownerline_projections::policy::{
    Clocks, Flaw, Place, Policies, PolicyStates, TermsInForce, shipped,
};
use ownerline_projections::terms::{BudgetClock, InForce as _, Pause};
use ownerline_projections::view::network::{Network, NetworkView};
use ownerline_projections::view::policies::PoliciesView;
use ownerline_projections::{Corrections, Driver, MemoryState, Validity};
use ownerline_proto::time;
use ownerline_proto::v1::calendar_policy::Interval;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::sla_policy::Obligation;
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CalendarPolicy, DealerChanged, DealerRegistered, PolicyPublished, Scope, SlaPolicy,
    TouchpointRef, TouchpointRetracted,
};
use proptest::prelude::*;

use crate::history::{Said, entries, log};

/// Every instant.
const EVER: i64 = i64::MAX;

struct World {
    policies: MemoryState,
    network: MemoryState,
    corrections: MemoryState,
}

impl World {
    fn of(said: &[Said]) -> Self {
        let mut driver = Driver::default();
        driver
            .add(Arc::new(PoliciesView), MemoryState::default())
            .unwrap();
        driver
            .add(Arc::new(NetworkView), MemoryState::default())
            .unwrap();
        driver
            .add(Arc::new(Corrections), MemoryState::default())
            .unwrap();
        driver.apply(&entries(&log(said))).unwrap();
        let state = |lane: usize| {
            assert!(driver.lanes()[lane].stopped().is_none());
            driver.lanes()[lane].state().clone()
        };
        Self {
            policies: state(0),
            network: state(1),
            corrections: state(2),
        }
    }

    fn states(&self) -> PolicyStates<'_> {
        PolicyStates {
            policies: &self.policies,
            network: &self.network,
            corrections: &self.corrections,
        }
    }

    fn known(&self, as_of: i64, known_at: u64) -> Policies {
        Policies::load(self.states(), as_of, known_at).unwrap()
    }

    fn now(&self) -> Policies {
        self.known(EVER, u64::MAX)
    }

    fn dealers(&self, as_of: i64, known_at: u64) -> Network {
        let validity = Validity::new(&self.corrections, known_at).unwrap();
        Network::load(&self.network, &validity, as_of).unwrap()
    }
}

fn scope(dealer_id: &str, market: &str) -> Scope {
    Scope {
        market: market.to_owned(),
        dealer_id: dealer_id.to_owned(),
    }
}

/// An SLA of one obligation; its budget says which it is.
fn sla(name: &str, version: i32, from: i64, budget: i64) -> PolicyPublished {
    let owed = Obligation {
        kind: Owed::FirstReply.into(),
        budget_seconds: budget,
        ..Obligation::default()
    };
    PolicyPublished {
        name: name.to_owned(),
        kind: Kind::Sla.into(),
        version,
        scope: None,
        effective_from: Some(time::timestamp(from)),
        body: Some(Body::Sla(SlaPolicy {
            obligations: vec![owed],
        })),
    }
}

fn with_calendar(mut policy: PolicyPublished, calendar: &str) -> PolicyPublished {
    if let Some(Body::Sla(sla)) = &mut policy.body {
        calendar.clone_into(&mut sla.obligations[0].calendar);
    }
    policy
}

fn for_whom(mut policy: PolicyPublished, dealer_id: &str, market: &str) -> PolicyPublished {
    policy.scope = Some(scope(dealer_id, market));
    policy
}

fn calendar(name: &str, version: i32, from: i64, until_minute: i32) -> PolicyPublished {
    let weekly = vec![Interval {
        from_minute: 0,
        until_minute,
    }];
    PolicyPublished {
        kind: Kind::Calendar.into(),
        body: Some(Body::Calendar(CalendarPolicy {
            zone: "UTC".to_owned(),
            weekly,
            exceptions: Vec::new(),
        })),
        ..sla(name, version, from, 1)
    }
}

fn published(id: &str, at: i64, policy: PolicyPublished) -> Said {
    Said::saying(id, at, Payload::PolicyPublished(policy))
}

fn registered(id: &str, at: i64, dealer_id: &str, market: &str) -> Said {
    let dealer = DealerRegistered {
        market: market.to_owned(),
        time_zone: "Europe/London".to_owned(),
        brands: vec!["Marque".to_owned()],
        ..DealerRegistered::default()
    };
    Said::saying(id, at, Payload::DealerRegistered(dealer))
        .about(|subjects| subjects.dealer_id = dealer_id.to_owned())
}

fn moved(id: &str, at: i64, dealer_id: &str, market: &str) -> Said {
    let dealer = DealerChanged {
        market: market.to_owned(),
        ..DealerChanged::default()
    };
    Said::saying(id, at, Payload::DealerChanged(dealer))
        .about(|subjects| subjects.dealer_id = dealer_id.to_owned())
}

/// A clock that says by what it runs.
struct Named(String);

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl BudgetClock for Named {
    fn due(&self, start: i64, budget: i64, _: &[Pause]) -> Option<i64> {
        start.checked_add(budget)
    }

    fn spent(&self, start: i64, end: i64, _: &[Pause]) -> i64 {
        end - start
    }
}

struct NamedClocks;

impl Clocks for NamedClocks {
    fn elapsed(&self) -> Arc<dyn BudgetClock> {
        Arc::new(Named("elapsed".to_owned()))
    }

    fn business(&self, calendar: &CalendarPolicy) -> Option<Arc<dyn BudgetClock>> {
        let minutes = calendar.weekly.iter().map(|it| it.until_minute);
        Some(Arc::new(Named(minutes.sum::<i32>().to_string())))
    }
}

/// (policy, version, budget, clock) of the first obligation.
fn owed(terms: &TermsInForce, dealer_id: &str, start: i64) -> (String, i32, i64, String) {
    let terms = terms.terms(dealer_id, start);
    let term = &terms.terms[0];
    let clock = format!("{:?}", term.clock);
    (
        terms.policy.clone(),
        terms.version,
        term.budget_seconds,
        clock,
    )
}

fn budget(policies: &Policies, dealer_id: &str, start: i64) -> i64 {
    owed(&policies.terms(&NamedClocks), dealer_id, start).2
}

#[test]
fn version_0_holds_until_one_is_published_and_before_it() {
    let none = World::of(&[]).now();
    assert_eq!(none.versions(), shipped());
    let terms = none.terms(&NamedClocks).terms("anybody", 0);
    let told: Vec<_> = terms
        .terms
        .iter()
        .map(|it| (it.kind, it.budget_seconds))
        .collect();
    assert_eq!(
        told,
        [(Owed::FirstReply, 86_400), (Owed::NextReply, 86_400)]
    );
    assert_eq!((terms.policy.as_str(), terms.version), ("sla", 0));
    assert_eq!(terms.terms[0].warning_shares, [0.5, 0.75, 0.9]);
    let one = World::of(&[published("1", 5, sla("sla", 1, 10, 60))]).now();
    assert_eq!(budget(&one, "", 9), 86_400);
    assert_eq!(budget(&one, "", 10), 60);
    assert!(none.scoring(Place::NETWORK, i64::MIN).is_some());
    assert!(none.lexicon(Place::NETWORK, 0).is_some());
    assert!(none.visibility(Place::NETWORK, 0).is_some());
    assert!(none.repeat_repair(Place::NETWORK, 0).is_some());
    assert!(none.stage_mapping(Place::NETWORK, 0).is_some());
    assert!(none.survey("survey", Place::NETWORK, 0).is_some());
    assert!(none.survey("another", Place::NETWORK, 0).is_none());
}

#[test]
fn the_narrowest_scope_wins_over_a_later_date_and_then_the_date_the_version_the_history() {
    let policies = World::of(&[
        registered("d", 0, "d-1", "GB"),
        published("1", 1, sla("sla", 1, 30, 1)),
        published("2", 1, for_whom(sla("gb", 1, 20, 2), "", "GB")),
        published("3", 1, for_whom(sla("own", 1, 10, 3), "d-1", "")),
    ])
    .now();
    let told = [5, 10, 20, 30].map(|start| budget(&policies, "d-1", start));
    assert_eq!(told, [86_400, 3, 3, 3]);
    let told = [5, 10, 20, 30].map(|start| budget(&policies, "d-2", start));
    assert_eq!(told, [86_400, 86_400, 86_400, 1]);
    let tied = World::of(&[
        published("1", 1, sla("a", 1, 10, 1)),
        published("2", 1, sla("b", 2, 10, 2)),
        published("4", 1, sla("c", 2, 10, 4)),
        published("3", 1, sla("d", 2, 10, 3)),
    ]);
    assert_eq!(budget(&tied.now(), "", 10), 4);
}

#[test]
fn a_dealer_has_the_rules_of_the_market_it_was_in() {
    let said = [
        registered("d", 10, "d-1", "GB"),
        moved("m", 20, "d-1", "DE"),
        published("1", 1, for_whom(sla("gb", 1, 0, 1), "", "GB")),
        published("2", 1, for_whom(sla("de", 1, 0, 2), "", "DE")),
    ];
    let world = World::of(&said);
    let told = |policies: &Policies| [9, 10, 19, 20].map(|start| budget(policies, "d-1", start));
    assert_eq!(told(&world.now()), [86_400, 1, 1, 2]);
    assert_eq!(told(&world.known(19, u64::MAX)), [86_400, 1, 1, 1]);
    let network = world.dealers(EVER, u64::MAX);
    assert_eq!(network.dealer("d-1", 9), None);
    assert_eq!(
        network.dealer("d-1", 19).unwrap().time_zone,
        "Europe/London"
    );
    let now = network.dealer("d-1", 20).unwrap();
    assert_eq!(
        (now.market.as_str(), now.time_zone.as_str()),
        ("DE", ""),
        "all of it changed"
    );
    assert_eq!(
        world.dealers(EVER, 1).dealer("d-1", 20).unwrap().market,
        "GB"
    );
    assert_eq!(
        world
            .dealers(15, u64::MAX)
            .dealer("d-1", 20)
            .unwrap()
            .market,
        "GB"
    );
}

#[test]
fn publishing_later_with_an_earlier_date_changes_answers_from_its_position_on() {
    let world = World::of(&[
        published("1", 100, sla("sla", 1, 50, 1)),
        published("2", 200, sla("sla", 2, 20, 2)),
        published("3", 300, sla("sla", 3, 60, 3)),
    ]);
    let told = |known_at| [20, 50, 60].map(|start| budget(&world.known(EVER, known_at), "", start));
    assert_eq!(told(1), [86_400, 1, 1]);
    assert_eq!(told(2), [2, 1, 1]);
    assert_eq!(told(3), [2, 1, 3]);
    let as_it_was = [20, 50, 60].map(|start| budget(&world.known(250, 3), "", start));
    assert_eq!(
        as_it_was,
        told(2),
        "what was published after an instant was not in force at it"
    );
}

#[test]
fn a_version_never_changes_and_what_contradicts_it_is_listed() {
    let world = World::of(&[
        published("1", 100, sla("sla", 1, 0, 1)),
        published("2", 200, sla("sla", 1, 0, 2)),
        published("3", 300, calendar("sla", 2, 0, 600)),
    ]);
    let policies = world.now();
    assert_eq!(budget(&policies, "", 400), 1);
    let flaws: Vec<_> = policies
        .versions()
        .iter()
        .filter(|it| it.published.name == "sla")
        .map(|it| (it.published.version, it.flaw.clone()))
        .collect();
    let expected = [
        (0, None),
        (1, None),
        (1, Some(Flaw::VersionTaken)),
        (2, Some(Flaw::OtherKind(Kind::Sla))),
    ];
    assert_eq!(flaws, expected);
    assert_eq!(policies.version("sla", 1).unwrap().flaw, None);
    let names = policies.names("sla");
    assert_eq!((names.kind, names.next()), (Some(Kind::Sla), 3));
}

#[test]
fn an_earlier_publication_that_is_told_late_is_the_version_as_known_from_then_on() {
    let world = World::of(&[
        published("1", 100, sla("sla", 1, 0, 1)),
        published("2", 50, sla("sla", 1, 0, 2)),
    ]);
    assert_eq!(budget(&world.known(EVER, 1), "", 400), 1);
    assert_eq!(budget(&world.known(EVER, 2), "", 400), 2);
}

#[test]
fn a_body_that_cannot_be_used_is_listed_and_never_in_force() {
    let mut overlapping = calendar("hours", 1, 0, 600);
    if let Some(Body::Calendar(calendar)) = &mut overlapping.body {
        let again = calendar.weekly[0];
        calendar.weekly.push(again);
    }
    let policies = World::of(&[
        published("1", 1, overlapping),
        published("2", 1, sla("sla", 1, 0, -1)),
        published("3", 1, with_calendar(sla("sla", 2, 0, 60), "hours")),
        published("4", 1, sla("unnumbered", 0, 0, 60)),
    ])
    .now();
    let unusable: Vec<_> = policies
        .versions()
        .iter()
        .filter_map(|it| match &it.flaw {
            Some(Flaw::Unusable(problems)) => Some((&*it.published.name, &*problems[0].field)),
            _ => None,
        })
        .collect();
    let expected = [
        ("hours", "calendar.weekly[1]"),
        ("sla", "sla.obligations[0].budget_seconds"),
        ("unnumbered", "version"),
    ];
    assert_eq!(unusable, expected);
    // Its calendar is never in force, so the second version never is.
    let terms = policies.terms(&NamedClocks);
    assert_eq!(
        owed(&terms, "", 10),
        ("sla".to_owned(), 0, 86_400, "elapsed".to_owned())
    );
    assert!(policies.calendar("hours", Place::NETWORK, 10).is_none());
}

#[test]
fn a_retracted_policy_never_was_as_known_from_then_on_and_its_number_stays_used() {
    let mut corrected = published("4", 100, sla("gb", 1, 0, 7));
    corrected.corrects = Some((String::new(), "2".to_owned()));
    let retracted = Said::saying(
        "3",
        200,
        Payload::TouchpointRetracted(TouchpointRetracted {
            r#ref: Some(TouchpointRef {
                id: "1".to_owned(),
                ..TouchpointRef::default()
            }),
            policy: "sla".to_owned(),
            ..TouchpointRetracted::default()
        }),
    );
    let world = World::of(&[
        published("1", 100, sla("sla", 1, 0, 1)),
        published("2", 100, for_whom(sla("gb", 1, 0, 2), "", "GB")),
        corrected,
        retracted,
    ]);
    assert_eq!(budget(&world.known(EVER, 2), "", 300), 1);
    assert_eq!(budget(&world.now(), "", 300), 7);
    assert_eq!(world.now().names("sla").next(), 2);
    // As corrected it is for the network.
    assert!(
        world
            .now()
            .version("gb", 1)
            .unwrap()
            .published
            .scope
            .is_none()
    );
}

#[test]
fn a_calendar_is_the_version_in_force_when_an_item_begins() {
    let policies = World::of(&[
        published("1", 1, with_calendar(sla("sla", 1, 10, 60), "hours")),
        published("2", 1, calendar("hours", 1, 20, 100)),
        published("3", 1, calendar("hours", 2, 30, 200)),
        published("4", 1, for_whom(calendar("hours", 3, 40, 300), "d-1", "")),
    ])
    .now();
    let terms = policies.terms(&NamedClocks);
    let told = |dealer: &str| [15, 20, 30, 40].map(|start| owed(&terms, dealer, start).3);
    assert_eq!(told(""), ["elapsed", "100", "200", "200"]);
    assert_eq!(told("d-1"), ["elapsed", "100", "200", "300"]);
    assert_eq!(owed(&terms, "", 15).1, 0, "its calendar had not begun");
}

#[test]
fn a_supposed_sla_is_owed_everywhere_and_changes_nothing() {
    let policies = World::of(&[
        published("1", 1, for_whom(sla("own", 1, 0, 3), "d-1", "")),
        published("2", 1, calendar("hours", 1, 20, 100)),
    ])
    .now();
    let Some(Body::Sla(supposed)) = with_calendar(sla("x", 1, 0, 60), "hours").body else {
        panic!("an SLA");
    };
    let terms = policies
        .supposing("what-if", 0, &supposed, &NamedClocks)
        .unwrap();
    assert_eq!(
        owed(&terms, "d-1", 30),
        ("what-if".to_owned(), 0, 60, "100".to_owned())
    );
    assert_eq!(
        owed(&terms, "d-1", 10).0,
        "sla",
        "its calendar had not begun"
    );
    assert_eq!(budget(&policies, "d-1", 30), 3);
    let unknown = SlaPolicy {
        obligations: vec![Obligation {
            calendar: "none".to_owned(),
            ..supposed.obligations[0].clone()
        }],
    };
    let refused = policies
        .supposing("what-if", 0, &unknown, &NamedClocks)
        .unwrap_err();
    assert_eq!(refused[0].field, "sla.obligations[0].calendar");
}

/// Publications and dealers in a small world, so that they meet.
fn policy_histories() -> impl Strategy<Value = Vec<Said>> {
    let name = |names: &'static [&'static str]| prop::sample::select(names);
    let one = (
        0_u8..10,
        0_i64..12,
        (name(&["sla", "gb", "own"]), 1_i32..4, 0_i64..12, 1_i64..100),
        (name(&["", "d-1", "d-2"]), name(&["", "GB", "DE"])),
        any::<bool>(),
    )
        .prop_map(
            |(what, at, (policy, version, from, budget), (dealer, market), hours)| match what {
                0 => moved(
                    "",
                    at,
                    if dealer.is_empty() { "d-1" } else { dealer },
                    market,
                ),
                1 => published(
                    "",
                    at,
                    for_whom(calendar("hours", version, from, 100), dealer, ""),
                ),
                _ => {
                    let market = if dealer.is_empty() { market } else { "" };
                    let sla = for_whom(sla(policy, version, from, budget), dealer, market);
                    let calendar = if hours { "hours" } else { "" };
                    published("", at, with_calendar(sla, calendar))
                }
            },
        );
    prop::collection::vec(one, 0..14).prop_map(|mut all| {
        for (number, said) in all.iter_mut().enumerate() {
            said.id = number.to_string();
        }
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn terms_are_those_of_the_policy_in_force(said in policy_histories(), as_of in 0_i64..14) {
        let policies = World::of(&said).known(as_of, u64::MAX);
        let terms = policies.terms(&NamedClocks);
        for dealer_id in ["", "d-1", "d-2", "d-3"] {
            for start in 0..14 {
                let place = policies.place(dealer_id, start);
                let told = owed(&terms, dealer_id, start);
                let version = policies.version(&told.0, told.1).unwrap();
                let in_force = policies.in_force(Kind::Sla, None, place, start).unwrap();
                let calendar = policies.calendar("hours", place, start);
                let Some(Body::Sla(sla)) = &in_force.published.body else { panic!("an SLA") };
                let named = &sla.obligations[0].calendar;
                if named.is_empty() || calendar.is_some() {
                    prop_assert_eq!(version, in_force);
                    let clock = if named.is_empty() { "elapsed" } else { "100" };
                    prop_assert_eq!(told.3, clock);
                } else {
                    prop_assert_ne!(version, in_force);
                }
            }
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(
        said in policy_histories(), seed in any::<u64>(), as_of in 0_i64..14,
    ) {
        let mut shuffled: Vec<(u64, Said)> = said
            .iter()
            .enumerate()
            .map(|(at, said)| (seed.rotate_left(at as u32 * 7) ^ (at as u64 * 0x9e37_79b9), said.clone()))
            .collect();
        shuffled.sort_by_key(|(at, _)| *at);
        let shuffled: Vec<Said> = shuffled.into_iter().map(|(_, said)| said).collect();
        let told = |world: &World| {
            let policies = world.known(as_of, u64::MAX);
            let all: Vec<_> = policies
                .versions()
                .iter()
                .map(|it| (it.published.clone(), it.flaw.clone()))
                .collect();
            (all, world.dealers(as_of, u64::MAX))
        };
        prop_assert_eq!(told(&World::of(&said)), told(&World::of(&shuffled)));
    }
}
