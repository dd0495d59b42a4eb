//! Random histories: the order of arrival does not matter, and what was known at a position is what a log knows that ends
//! there.

use ownerline_projections::orders::OrderAnswer;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    ContactMade, OrderReassigned, ProductionStage as Stage, ProductionStageReached, Visibility,
};
use proptest::prelude::*;

use super::{
    Ask, DAY, Said, and_told, ask, assigned, at, cancelled, handed_over, held, lifted, notified,
    photographed, placed, placed_as, promised, revised, said, shown, stage, viewed, withdrawn,
};
use crate::cases::cases;
use crate::history::{TestTouchpoint, history_of};

const WHEN: &str = "2025-03-01T00:00:00Z";
const VINS: [&str; 2] = ["1G4AH59H45G118341", "1M8GDM9AXKP042788"];
const DATES: [&str; 4] = ["2025-03-01", "2025-03-03", "2025-03-05", "2025-03-08"];

/// Everything that follows from a history, without positions and stamps.
fn answer(asked: &Ask, said: &[TestTouchpoint]) -> Option<String> {
    asked.read(said, |answer: &OrderAnswer, sheet| {
        let (found, course) = (&answer.found, &sheet.course);
        let facts = answer.seen.facts.iter();
        let facts: Vec<_> = facts.map(|it| (&it.key.id, it.in_stream)).collect();
        let stretches = course.stretches.iter();
        let stretches: Vec<_> = stretches
            .map(|it| (it.from.at(), it.until.map(|it| it.at())))
            .collect();
        let photographs = sheet.photographs.iter();
        let photographs: Vec<_> = photographs.map(|(it, seen)| (&it.key.id, seen)).collect();
        let shown = [
            format!("{} {:?} {:?}", found.history.order_id, found.by, found.also),
            format!("{:?} {:?} {:?}", course.state, sheet.flags, stretches),
            format!("{} {:?}", shown::stage(sheet), shown::steps(sheet)),
            format!("{} {:?}", shown::sums(sheet), shown::statements(sheet)),
            format!("{:?} {:?}", shown::holds(sheet), sheet.dealers),
            // What was known when differs between orders of arrival.
            format!("{:?} {:?}", sheet.silence.last_word_at, sheet.silence.age),
            format!("{} {photographs:?}", sheet.silence.longest),
            format!("{:?}", shown::names(&sheet.vins)),
            format!("{:?} {facts:?}", shown::names(&sheet.commission_numbers)),
        ];
        shown.join("\n")
    })
}

fn of_stream() -> impl Strategy<Value = TestTouchpoint> {
    let vin = || prop::sample::select(&VINS[..]);
    let date = || prop::sample::select(&DATES[..]);
    let hold = || prop::sample::select(&["h1", "h2"][..]);
    let any_stage = || (1..23_i32).prop_map(|it| Stage::try_from(it).unwrap());
    let code = prop::sample::select(&["A1", "B1"][..]).prop_map(|code| {
        said(
            WHEN,
            Payload::ProductionStageReached(ProductionStageReached {
                raw_code: code.to_owned(),
                ..ProductionStageReached::default()
            }),
        )
    });
    let moved = prop::sample::select(&["d1", "d2"][..]).prop_map(|to| {
        let to_dealer_id = to.to_owned();
        said(
            WHEN,
            Payload::OrderReassigned(OrderReassigned {
                to_dealer_id,
                ..OrderReassigned::default()
            }),
        )
    });
    let number = prop::sample::select(&["", "C-1", "C-2"][..]);
    prop_oneof![
        2 => Just(placed(WHEN)),
        2 => number.prop_map(|it| placed_as(WHEN, it, Default::default())),
        6 => any_stage().prop_map(|it| stage(WHEN, it)),
        1 => code,
        2 => Just(cancelled(WHEN)),
        1 => vin().prop_map(|it| handed_over(WHEN, it)),
        2 => vin().prop_map(|it| assigned(WHEN, it)),
        2 => vin().prop_map(|it| withdrawn(WHEN, it)),
        2 => hold().prop_map(|it| held(WHEN, it, "2025-03-04")),
        2 => hold().prop_map(|it| lifted(WHEN, it)),
        2 => (date(), date()).prop_map(|(a, b)| promised(WHEN, a.min(b), a.max(b))),
        3 => (date(), date(), any::<bool>()).prop_map(|(previous, date, is_told)| {
            let revision = revised(WHEN, previous, date, "");
            if is_told { and_told(revision) } else { revision }
        }),
        1 => Just(photographed(WHEN, "")),
        1 => moved,
    ]
}

/// Notices and looks, at what may have an id of the history, and calls.
fn elsewhere() -> impl Strategy<Value = TestTouchpoint> {
    let target =
        (0..12_usize).prop_map(|number| stage(WHEN, Stage::Body).named(&format!("{number}")));
    let order = prop::sample::select(&["o1", "o1", "o2", ""][..]);
    (target, 0..4_u8, order).prop_map(|(target, what, order_id)| {
        let said = match what {
            0 => notified(WHEN, &target, true),
            1 => notified(WHEN, &target, false),
            2 => viewed(WHEN, &target),
            _ => said(WHEN, Payload::ContactMade(ContactMade::default()))
                .about(|it| it.owner_id = "ann".to_owned()),
        };
        said.of_order(order_id)
    })
}

fn touchpoint() -> impl Strategy<Value = TestTouchpoint> {
    let of_stream = (of_stream(), 0..8_u8).prop_map(|(said, other)| match other {
        0 => said.of_order("o2"),
        _ => said,
    });
    let said = prop_oneof![4 => of_stream, 1 => elsewhere()];
    let visibility = prop::sample::select(vec![
        Visibility::Owner,
        Visibility::Owner,
        Visibility::Dealer,
        Visibility::Internal,
        Visibility::Unspecified,
    ]);
    let reveal = prop::option::weighted(0.2, 0_i64..9);
    (said, 0_i64..9, visibility, reveal).prop_map(|(mut said, day, visibility, reveal)| {
        said.id = String::new();
        said.occurred_at = at(WHEN) + day * DAY;
        said.visibility = visibility.into();
        said.visible_from = reveal.map(|day| at(WHEN) + day * DAY);
        said
    })
}

fn histories() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    history_of(touchpoint().boxed())
}

/// Somebody asks for an order by any of its names.
fn questions() -> impl Strategy<Value = Ask> {
    let name = prop::sample::select(&["o1", "o1", "o1", "C-1", VINS[0]][..]);
    (name, 0..5_u8, 0_i64..10).prop_map(|(name, who, day)| {
        let asked = ask(name, WHEN).at_nanos(at(WHEN) + day * DAY);
        match who {
            0 => asked.of_dealer(),
            1 => asked.of_owner("ann"),
            2 => asked.of_dealer().seeing(&["d2"]),
            _ => asked,
        }
    })
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn the_order_of_arrival_does_not_matter(
        said in histories(), seed in any::<u64>(), asked in questions(),
    ) {
        let mut other: Vec<_> = said.clone();
        let mut random = seed;
        for place in (1..other.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            other.swap(place, usize::try_from(random >> 33).unwrap() % (place + 1));
        }
        prop_assert_eq!(answer(&asked, &said), answer(&asked, &other));
    }

    #[test]
    fn as_known_at_a_position_is_what_a_log_knows_that_ends_there(
        said in histories(), until in any::<prop::sample::Index>(), asked in questions(),
    ) {
        let until = until.index(said.len() + 1);
        let whole = answer(&asked.clone().known_at(until), &said);
        prop_assert_eq!(whole, answer(&asked, &said[..until]));
    }

    #[test]
    fn the_silence_is_the_owners_whoever_asks(said in histories(), day in 0_i64..10) {
        let asked = ask("o1", WHEN).at_nanos(at(WHEN) + day * DAY);
        let silence = |asked: Ask| asked.read(&said, |_, sheet| sheet.silence);
        let whole = silence(asked.clone());
        for seen in [silence(asked.clone().of_dealer()), silence(asked.of_owner("ann"))] {
            prop_assert!(seen.is_none() || seen == whole);
        }
    }
}
