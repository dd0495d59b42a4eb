//! Earned growth: its figures, and the reasons for missing ones.

use ownerline_proto::v1::earned_growth::{Missing, OfCurrency};
use ownerline_proto::v1::repurchased::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{AcquisitionSourceStated, EarnedGrowth, Money, WorkPerformed};

use super::{DAY, Story};
use crate::history::TestTouchpoint;

/// 2024-01-01, in days since the Unix epoch: the 12 months before begin with 2022.
const NOW: i64 = 19_723;

fn work(
    day: i64,
    owner: &str,
    vin: &str,
    visit: &str,
    euros: i64,
    currency: &str,
) -> TestTouchpoint {
    let payload = Payload::WorkPerformed(WorkPerformed {
        amount: (euros != 0).then(|| Money {
            minor_units: euros * 100,
            currency: currency.to_owned(),
        }),
        ..WorkPerformed::default()
    });
    TestTouchpoint::with_payload(&format!("{visit}-{day}-{owner}"), day * DAY, payload).about(
        |it| {
            it.owner_id = owner.to_owned();
            it.vin = vin.to_owned();
            it.visit_id = visit.to_owned();
        },
    )
}

fn source(earned: bool) -> Payload {
    Payload::AcquisitionSourceStated(AcquisitionSourceStated {
        earned,
        ..AcquisitionSourceStated::default()
    })
}

/// Ann pays 1,000 the year before and 1,200 now, and was there before; Ben is new with 300 by a recommendation, Cid new
/// with 500 by advertising.
fn story() -> Story {
    Story::default()
        .says(work(NOW - 900, "ann", "", "v0", 10, "EUR"))
        .says(work(NOW - 400, "ann", "", "v1", 1_000, "EUR"))
        .says(work(NOW - 200, "ann", "", "v2", 1_200, "EUR"))
        .says(work(NOW - 100, "ben", "", "v3", 300, "EUR"))
        .owner(NOW - 90, "ben", source(true))
        .placed(NOW - 90, "cid", "o1", "Halden", 500)
        .handed(NOW - 50, "cid", "o1", "C1")
        .owner(NOW - 90, "cid", source(false))
}

fn growth(story: &Story) -> EarnedGrowth {
    story.world().on(NOW).earned_growth
}

fn only(growth: &EarnedGrowth) -> &OfCurrency {
    assert_eq!(growth.currencies.len(), 1);
    &growth.currencies[0]
}

fn figures(it: &OfCurrency) -> [Option<f64>; 3] {
    [
        it.net_revenue_retention,
        it.earned_new_customers,
        it.earned_growth,
    ]
}

fn missing(codes: &[i32]) -> Vec<Missing> {
    codes
        .iter()
        .map(|it| Missing::try_from(*it).unwrap())
        .collect()
}

#[test]
fn retention_and_earned_new_customers_are_of_the_revenue_before() {
    let growth = growth(&story());
    let euros = only(&growth);
    assert_eq!(figures(euros), [Some(1.2), Some(0.3), Some(0.5)]);
    assert_eq!(
        [euros.revenue_before, euros.revenue, euros.revenue_retained],
        [100_000, 200_000, 120_000]
    );
    assert_eq!(
        [euros.revenue_earned, euros.revenue_source_known],
        [30_000, 80_000]
    );
    assert_eq!(
        [
            euros.new_customers,
            euros.new_customers_source_known,
            euros.new_customers_earned
        ],
        [2, 2, 1]
    );
    assert!(euros.missing.is_empty() && growth.missing.is_empty());
    assert_eq!((growth.orders, growth.work), (1, 3));
}

#[test]
fn years_are_calendar_years_in_utc_and_their_starts_are_exclusive() {
    let growth = growth(&story());
    let seconds = [&growth.before_from, &growth.from].map(|it| it.as_ref().unwrap().seconds);
    assert_eq!(seconds, [1_640_995_200, 1_672_531_200], "2022 and 2023");
    let on_the_border = story().says(work(NOW - 365, "ann", "", "v9", 50, "EUR"));
    assert_eq!(only(&self::growth(&on_the_border)).revenue_before, 105_000);
}

#[test]
fn a_figure_from_some_sources_says_the_share_that_is_known() {
    let story = story().says(work(NOW - 10, "dan", "", "v4", 100, "EUR"));
    let growth = growth(&story);
    let euros = only(&growth);
    assert_eq!(missing(&euros.missing), [Missing::SomeSources]);
    assert_eq!(figures(euros), [Some(1.2), Some(0.3), Some(0.5)]);
    assert_eq!(
        (euros.new_customers, euros.new_customers_source_known),
        (3, 2)
    );
}

#[test]
fn without_any_source_there_is_retention_and_nothing_earned() {
    let mut story = story();
    story
        .0
        .retain(|said| said.kind != "acquisition_source_stated");
    let growth = growth(&story);
    let euros = only(&growth);
    assert_eq!(missing(&euros.missing), [Missing::Sources]);
    assert_eq!(figures(euros), [Some(1.2), None, None]);
}

#[test]
fn without_a_year_before_that_is_known_from_its_start_there_is_no_figure() {
    let mut story = story();
    story.0.remove(0);
    let short = growth(&story);
    assert_eq!(missing(&only(&short).missing), [Missing::EarlierHistory]);
    assert_eq!(figures(only(&short)), [None; 3]);
    story.0.remove(0);
    let none = growth(&story);
    assert_eq!(
        missing(&only(&none).missing),
        [
            Missing::RevenueBefore,
            Missing::EarlierHistory,
            Missing::SomeSources
        ]
    );
    assert_eq!(figures(only(&none)), [None; 3]);
    let nothing = growth(&Story::default().car(0, "ann", "A1", "Halden"));
    assert_eq!(
        missing(&nothing.missing),
        [Missing::Revenue, Missing::RevenueBefore]
    );
}

#[test]
fn a_sum_beyond_64_bits_is_said_to_be_one() {
    let story = story()
        .says(work(NOW - 4, "eve", "", "w8", i64::MAX / 100, "EUR"))
        .says(work(NOW - 5, "eve", "", "w9", i64::MAX / 100, "EUR"));
    let growth = growth(&story);
    let euros = only(&growth);
    assert!(missing(&euros.missing).contains(&Missing::Overflow));
    assert_eq!(euros.revenue, i64::MAX);
}

#[test]
fn currencies_are_never_added_up() {
    let story = story()
        .says(work(NOW - 900, "eve", "", "w1", 10, "GBP"))
        .says(work(NOW - 500, "eve", "", "w2", 10, "GBP"))
        .says(work(NOW - 5, "eve", "", "w3", 20, "GBP"));
    let growth = growth(&story);
    assert_eq!(missing(&growth.missing), [Missing::OneCurrency]);
    let names: Vec<_> = growth
        .currencies
        .iter()
        .map(|it| it.currency.as_str())
        .collect();
    assert_eq!(names, ["EUR", "GBP"]);
    assert_eq!(
        figures(&growth.currencies[1]),
        [Some(2.0), Some(0.0), Some(1.0)],
        "no new customers: nothing is missing"
    );
}

#[test]
fn payments_without_amount_or_owner_are_counted_separately() {
    let story = story()
        .says(work(NOW - 20, "ann", "", "x1", 0, ""))
        .says(work(NOW - 20, "", "", "x2", 77, "EUR"))
        .placed(NOW - 40, "ann", "o2", "Halden", 0)
        .handed(NOW - 30, "ann", "o2", "A9");
    let growth = growth(&story);
    assert_eq!(
        missing(&growth.missing),
        [Missing::SomeAmounts, Missing::SomeCustomers]
    );
    assert_eq!((growth.orders, growth.orders_with_amount), (2, 1));
    assert_eq!((growth.work, growth.work_with_amount), (5, 4));
    assert_eq!(growth.amounts_of_nobody, 1);
    assert_eq!(only(&growth).revenue, 200_000);
}

#[test]
fn work_that_names_nobody_belongs_to_the_owner_of_the_visit_or_the_holder_of_the_car() {
    let named = |said: &mut Story| {
        let visit = TestTouchpoint::new("loaner_provided", "named", (NOW - 61) * DAY).about(|it| {
            it.visit_id = "y1".to_owned();
            it.owner_id = "ann".to_owned();
        });
        said.0.push(visit);
    };
    let mut by_visit = story().says(work(NOW - 60, "", "", "y1", 100, "EUR"));
    named(&mut by_visit);
    assert_eq!(only(&growth(&by_visit)).revenue_retained, 130_000);
    let by_car = story()
        .car(NOW - 300, "ann", "A1", "Halden")
        .car(NOW - 30, "ben", "A1", "Halden")
        .says(work(NOW - 60, "", "A1", "y1", 100, "EUR"));
    assert_eq!(only(&growth(&by_car)).revenue_retained, 130_000);
    let drives = TestTouchpoint::new("vehicle_acquired", "drives", (NOW - 300) * DAY)
        .about(|it| it.vin = "A1".to_owned())
        .acquired("ann", false);
    let by_driver = story()
        .says(drives)
        .says(work(NOW - 60, "", "A1", "y1", 100, "EUR"));
    assert_eq!(
        growth(&by_driver).amounts_of_nobody,
        1,
        "who drives it need not pay"
    );
}

#[test]
fn an_order_counts_when_it_is_handed_over_and_never_once_it_is_cancelled() {
    let open = story().placed(NOW - 40, "ann", "o2", "Halden", 9_000);
    assert_eq!(only(&growth(&open)).revenue, 200_000);
    let handed = Story(open.0.clone()).handed(NOW - 5, "ann", "o2", "A9");
    assert_eq!(only(&growth(&handed)).revenue, 1_100_000);
    let given_back = handed.order(
        NOW - 4,
        "ann",
        "o2",
        "",
        Payload::OrderCancelled(ownerline_proto::v1::OrderCancelled::default()),
    );
    assert_eq!(only(&growth(&given_back)).revenue, 200_000);
}

#[test]
fn an_order_without_an_owner_belongs_to_its_first_repurchaser() {
    let order =
        story()
            .placed(NOW - 40, "", "o9", "Halden", 1_000)
            .handed(NOW - 30, "", "o9", "A9");
    let again = |ann: i64, zed: i64| {
        let story = Story(order.0.clone());
        let story = story.again(NOW - ann, "ann", "o9", Kind::Buy, "Halden");
        story.again(NOW - zed, "zed", "o9", Kind::Buy, "Halden")
    };
    let before = only(&growth(&story())).revenue_retained;
    let of_ann = growth(&again(35, 34));
    assert_eq!(only(&of_ann).revenue_retained, before + 100_000);
    let of_zed = growth(&again(34, 35));
    assert_eq!(only(&of_zed).revenue_retained, before);
}

#[test]
fn who_has_a_car_since_before_is_no_new_customer() {
    let story = story().car(NOW - 800, "fay", "F1", "Halden").says(work(
        NOW - 10,
        "fay",
        "",
        "z1",
        100,
        "EUR",
    ));
    let growth = growth(&story);
    let euros = only(&growth);
    assert_eq!(euros.revenue_retained, 130_000);
    assert_eq!(euros.new_customers, 2);
}
