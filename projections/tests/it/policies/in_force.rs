//! Which version is in force: by scope, date, market and calendar.

use ownerline_projections::Position;
use ownerline_projections::obligation::terms::InForce as _;
use ownerline_projections::policy::{Place, Policies, Supposed, shipped, supposed};
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::sla_policy::Obligation;
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;
use ownerline_proto::v1::{CalendarPolicy, LexiconPolicy, SlaPolicy};

use super::{
    EVER, World, budget, calendar, for_whom, moved, owed, published, registered, sla, with_calendar,
};

#[test]
fn version_0_holds_until_one_is_published_and_before_it() {
    let none = World::of(&[]).now();
    assert_eq!(none.versions(), shipped());
    let terms = none.terms().terms("anybody", 0);
    let found_terms: Vec<_> = terms
        .terms
        .iter()
        .map(|it| (it.kind, it.budget_seconds()))
        .collect();
    assert_eq!(
        found_terms,
        [
            (Owed::FirstReply, 86_400),
            (Owed::NextReply, 86_400),
            (Owed::Acknowledgement, 86_400),
            (Owed::ProgressUpdate, 7 * 86_400),
            (Owed::Resolution, 30 * 86_400),
            (Owed::Commitment, 0),
            (Owed::Task, 0),
            (Owed::OrderProgress, 14 * 86_400),
            (Owed::AlertContact, 86_400),
        ]
    );
    let warned = |kind| terms.of(kind).map(|it| it.warning_shares.clone());
    assert_eq!(warned(Owed::OrderProgress), Some(vec![0.75]));
    let (version, tips) = none.tips(Place::NETWORK, 0.into()).unwrap();
    assert_eq!((version.published.version, tips.cap, tips.days), (0, 4, 30));
    assert_eq!(tips.quiet_days, 30);
    assert_eq!((terms.policy.as_str(), terms.version), ("sla", 0));
    assert_eq!(terms.terms[0].warning_shares, [0.5, 0.75, 0.9]);
    let one = World::of(&[published("1", 5, sla("sla", 1, 10, 60))]).now();
    assert_eq!(budget(&one, "", 9), 86_400);
    assert_eq!(budget(&one, "", 10), 60);
    assert!(none.scoring(Place::NETWORK, i64::MIN.into()).is_some());
    assert!(none.lexicon(Place::NETWORK, 0.into()).is_some());
    assert!(none.visibility(Place::NETWORK, 0.into()).is_some());
    assert!(none.repeat_repair(Place::NETWORK, 0.into()).is_some());
    assert!(none.stage_mapping(Place::NETWORK, 0.into()).is_some());
    assert!(none.survey("survey", Place::NETWORK, 0.into()).is_some());
    assert!(none.survey("another", Place::NETWORK, 0.into()).is_none());
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
    let found_terms = [5, 10, 20, 30].map(|start| budget(&policies, "d-1", start));
    assert_eq!(found_terms, [86_400, 3, 3, 3]);
    let found_terms = [5, 10, 20, 30].map(|start| budget(&policies, "d-2", start));
    assert_eq!(found_terms, [86_400, 86_400, 86_400, 1]);
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
    let found_terms =
        |policies: &Policies| [9, 10, 19, 20].map(|start| budget(policies, "d-1", start));
    assert_eq!(found_terms(&world.now()), [86_400, 1, 1, 2]);
    assert_eq!(
        found_terms(&world.known(19, Position::MAX)),
        [86_400, 1, 1, 1]
    );
    let network = world.dealers(EVER, Position::MAX);
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
        world
            .dealers(EVER, Position(1))
            .dealer("d-1", 20)
            .unwrap()
            .market,
        "GB"
    );
    assert_eq!(
        world
            .dealers(15, Position::MAX)
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
    let found_terms =
        |known_at| [20, 50, 60].map(|start| budget(&world.known(EVER, known_at), "", start));
    assert_eq!(found_terms(Position(1)), [86_400, 1, 1]);
    assert_eq!(found_terms(Position(2)), [2, 1, 1]);
    assert_eq!(found_terms(Position(3)), [2, 1, 3]);
    let as_it_was = [20, 50, 60].map(|start| budget(&world.known(250, Position(3)), "", start));
    assert_eq!(
        as_it_was,
        found_terms(Position(2)),
        "what was published after an instant was not in force at it"
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
    let terms = policies.terms();
    let found_terms = |dealer: &str| [15, 20, 30, 40].map(|start| owed(&terms, dealer, start).3);
    assert_eq!(found_terms(""), ["elapsed", "100", "200", "200"]);
    assert_eq!(found_terms("d-1"), ["elapsed", "100", "200", "300"]);
    assert_eq!(owed(&terms, "", 15).1, 0, "its calendar had not begun");
}

#[test]
fn budgets_run_by_all_time_or_by_the_calendar_that_ships() {
    let hour = 3_600_000_000_000;
    // Friday, 2026-01-02T17:00:00Z.
    let start = 1_767_373_200_000_000_000;
    let business = with_calendar(sla("sla", 1, 0, 7_200), "calendar");
    let policies = World::of(&[published("1", 1, business)]).now();
    let due = |policies: &Policies| {
        let terms = policies.terms().terms("", start);
        let term = &terms.terms[0];
        term.clock.due(start, term.budget, &[])
    };
    assert_eq!(
        due(&policies),
        Some(start + (7 + 48 + 9) * hour),
        "Monday at 9"
    );
    assert_eq!(due(&Policies::shipped_only()), Some(start + 24 * hour));
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
    let terms = Supposed::from(supposed.clone()).terms(&policies).unwrap();
    assert_eq!(
        owed(&terms, "d-1", 30),
        ("what_if".to_owned(), 1, 60, "100".to_owned())
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
    let refused = Supposed::from(unknown).terms(&policies).unwrap_err();
    assert_eq!(refused[0].field, "what_if.obligations[0].calendar");
}

#[test]
fn supposed_open_hours_count_instead_of_those_of_any_calendar_published_or_not() {
    let policies = World::of(&[published("1", 1, calendar("hours", 1, 20, 100))]).now();
    let Some(Body::Calendar(hours)) = calendar("x", 1, 0, 300).body else {
        panic!("a calendar");
    };
    for named in ["hours", "nobody-published-it"] {
        let Some(Body::Sla(sla)) = with_calendar(sla("x", 1, 0, 60), named).body else {
            panic!("an SLA");
        };
        let calendar = Some(hours.clone());
        let terms = Supposed { sla, calendar }.terms(&policies).unwrap();
        for start in [EVER, 10] {
            let expected = ("what_if".to_owned(), 1, 60, "300".to_owned());
            assert_eq!(owed(&terms, "d-1", start), expected, "{named}");
        }
    }
}

#[test]
fn violations_of_a_supposed_policy_name_the_field_of_the_request() {
    let policies = World::of(&[]).now();
    let Some(Body::Sla(useless)) = with_calendar(sla("x", 1, 0, 0), "none").body else {
        panic!("an SLA");
    };
    let refused = Supposed::from(useless.clone()).terms(&policies);
    let fields: Vec<_> = refused
        .unwrap_err()
        .into_iter()
        .map(|it| it.field)
        .collect();
    let budget = "what_if.obligations[0].budget_seconds";
    assert_eq!(fields, [budget, "what_if.obligations[0].calendar"]);
    let problems = supposed::problems("what_if", Body::Sla(useless));
    assert_eq!(problems[0].field, budget, "known before any policy is read");
    let empty = CalendarPolicy::default();
    let problems = supposed::problems("what_if_calendar", Body::Calendar(empty));
    assert!(
        problems
            .iter()
            .any(|it| it.field == "what_if_calendar.zone")
    );
    let problems = supposed::problems("model.lexicon", Body::Lexicon(LexiconPolicy::default()));
    assert!(
        problems
            .iter()
            .all(|it| it.field.starts_with("model.lexicon"))
    );
}
