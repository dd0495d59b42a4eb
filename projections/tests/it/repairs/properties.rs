//! Random histories of a car: the order of arrival does not matter, and what came later was not known.

use ownerline_projections::Viewer;
use ownerline_projections::repairs::RepairStatus;
use ownerline_projections::{AnswerError, HistoryKey};
use proptest::prelude::{
    BoxedStrategy, Just, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest,
};

use super::constructed::{notation, policy, shown};
use super::{at, known};
use crate::cases::cases;
use crate::history::{TestTouchpoint, history_of};

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(words)
}

/// Some of few instants, many of them the same, at and beside the ends of days and windows.
fn when() -> impl Strategy<Value = String> + Clone {
    let days = &[
        "2024-01-15",
        "2024-02-29",
        "2024-03-01",
        "2024-03-02",
        "2024-03-10",
        "2024-03-31",
        "2024-04-01",
        "2024-07-15",
        "2024-07-16",
        "2024-09-15",
        "2024-10-27",
        "2025-01-15",
        "2025-07-15",
        "2025-07-16",
    ];
    let hours = &["T00:00Z", "T07:00Z", "T12:00Z", "T23:30Z"];
    (one_of(days), one_of(hours)).prop_map(|(day, hour)| format!("{day}{hour}"))
}

const DEFECTS: &[&str] = &["f1", "f1", "f2", "f3", "-"];
const PLACES: &[&str] = &[
    "US-CA", "US-NJ", "DE-BY", "XA", "XB", "XC", "XD", "XE", "XF", "XG", "XH", "XI", "-",
];

/// A line of a history, without an id of its own.
fn line() -> BoxedStrategy<String> {
    let visit = (
        one_of(&["v1", "v2", "v3", "v4"]),
        one_of(&["d1", "d1", "d2", "d9"]),
        when(),
        one_of(DEFECTS),
    );
    let options = one_of(&["", "", "safety", "goodwill", "m=900", "m=28968193"]);
    let work = (
        visit.clone(),
        options,
        one_of(&["fixed", "not_fixed", "part_pending"]),
    );
    let stay = (
        visit,
        one_of(&["", "goodwill", "m=900", "m=10000000"]),
        one_of(&["in", "out"]),
    );
    let link = (
        when(),
        one_of(DEFECTS),
        one_of(DEFECTS),
        one_of(&["human", "human", "bot"]),
    );
    let notice = (
        when(),
        one_of(&["certified_mail", "e-mail", "Phone"]),
        one_of(DEFECTS),
    );
    prop_oneof![
        4 => stay.prop_map(|((visit, dealer, when, _), options, what)| format!("{what} {visit} {dealer} {when} {options}")),
        3 => work.clone().prop_map(|((visit, dealer, when, defect), options, _)| {
            format!("reported {visit} {dealer} {when} {defect} {options}")
        }),
        3 => work.prop_map(|((visit, dealer, when, defect), _, outcome)| {
            format!("tried {visit} {dealer} {when} {defect} {outcome}")
        }),
        2 => notice.prop_map(|(when, means, defect)| format!("notified {when} {means} {defect}")),
        1 => link.clone().prop_map(|(when, one, other, by)| format!("linked {when} {one} {other} {by}")),
        1 => link.prop_map(|(when, one, other, by)| format!("unlinked {when} {one} {other} {by}")),
        1 => (one_of(PLACES), one_of(&["2024-01-15", "2024-02-29", "-"]), when())
            .prop_map(|(place, day, when)| format!("registered {place} {day} brand=Halcyra at={when}")),
        1 => (one_of(&["o1", "o2", "o3"]), when(), one_of(&["owner", "driver"]))
            .prop_map(|(owner, when, role)| format!("acquired {owner} {when} {role}")),
        1 => (one_of(&["new", "used"]), when()).prop_map(|(sale, when)| format!("ordered q1 {when} {sale}")),
        1 => when().prop_map(|when| format!("handed q1 d1 {when}")),
        1 => when().prop_map(|when| format!("odometer {when} 20000001")),
        1 => Just("dealer d2 Australia/Sydney".to_owned()),
    ]
    .boxed()
}

/// A car of a known dealer, registered in two places, and forty things at most that happened to it, with corrections and
/// retractions.
fn histories() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    let said = line().prop_map(|line| notation::history(&[line.as_str()]).remove(0));
    let begun = (one_of(PLACES), one_of(PLACES)).prop_map(|(one, other)| {
        let lines = [
            "dealer d1 America/New_York".to_owned(),
            format!("registered {one} 2024-01-15"),
            format!("registered {other} -"),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let mut begun = notation::history(&lines);
        for (n, said) in begun.iter_mut().enumerate() {
            said.id = format!("begun{n}");
        }
        begun.insert(0, policy());
        begun
    });
    (begun, history_of(said.boxed())).prop_map(|(begun, said)| [begun, said].concat())
}

/// The answer, without positions; the notices by their ids.
fn shown(said: &[TestTouchpoint], as_of: &str, known_at: usize) -> Result<Vec<String>, String> {
    let known_at = u64::try_from(known_at).unwrap();
    let viewer = Viewer::unrestricted();
    let status: Result<RepairStatus, AnswerError> = known(said, at(as_of), known_at, &viewer);
    let status = status.map_err(|it| it.to_string())?;
    let keys = status.notices.iter().map(|it| &it.key);
    let ids: Vec<&str> = keys.map(|key: &HistoryKey| key.id.as_str()).collect();
    let mut lines = shown::status(&status);
    lines.push(ids.join(" "));
    Ok(lines)
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn the_order_of_arrival_does_not_matter(
        said in histories(), order in any::<u64>(), as_of in when(),
    ) {
        let mut other = said.clone();
        let mut random = order;
        for place in (1..other.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            other.swap(place, usize::try_from(random >> 33).unwrap() % (place + 1));
        }
        prop_assert_eq!(shown(&said, &as_of, said.len()), shown(&other, &as_of, other.len()));
    }

    #[test]
    fn as_known_at_a_position_is_what_a_log_knows_that_ends_there(
        said in histories(), until in any::<prop::sample::Index>(), as_of in when(),
    ) {
        let until = until.index(said.len() + 1);
        prop_assert_eq!(shown(&said, &as_of, until), shown(&said[..until], &as_of, until));
    }
}
