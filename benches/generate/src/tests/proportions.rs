//! A large sample has touchpoints of every kind, in plausible proportions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use ownerline_proto::kind::{Category, of_encoded};
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::dealer_replied::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{Level, ProductionStage, Touchpoint};
use ownerline_proto::vin::check_digit_matches;
use prost::Message as _;

use super::{UNTIL, key, settings};
use crate::Network;

const OWNERS: u64 = 2_000;

/// Counts over the journeys, one at a time.
#[derive(Default)]
struct Tally {
    kinds: BTreeMap<String, u64>,
    all: u64,
    longest: usize,
    late: u64,
    corrected: u64,
    repeated: u64,
    revealed_later: u64,
    vin_only: u64,
    stages: BTreeSet<i32>,
    unknown_codes: u64,
    windows: u64,
    narrowed: u64,
    critical: u64,
    calls_after_alerts: u64,
    co_owners: u64,
    right_vins: BTreeSet<String>,
    mistyped_vins: BTreeSet<String>,
    /// Promoters, passives, detractors.
    scores: [u64; 3],
    without_score: u64,
    without_words: u64,
    replies: BTreeMap<i32, u64>,
    /// Hours to the first human reply, by dealer.
    waits: BTreeMap<String, Vec<i64>>,
}

static TALLY: LazyLock<Tally> = LazyLock::new(|| {
    let mut tally = Tally::default();
    for journey in Network::new(settings(OWNERS, 7)).journeys() {
        tally.longest = tally.longest.max(journey.len());
        let mut seen = BTreeSet::new();
        let mut unanswered = BTreeMap::new();
        for touchpoint in &journey {
            tally.repeated += u64::from(!seen.insert(key(touchpoint)));
            tally.count(touchpoint, &mut unanswered);
        }
    }
    tally
});

impl Tally {
    fn count(&mut self, touchpoint: &Touchpoint, unanswered: &mut BTreeMap<String, i64>) {
        let kind = of_encoded(&touchpoint.encode_to_vec()).unwrap();
        *self.kinds.entry(kind.name.to_string()).or_default() += 1;
        self.all += 1;
        let occurred = touchpoint.occurred_at.unwrap().seconds;
        let received = touchpoint.received_at.map_or(occurred, |at| at.seconds);
        self.late += u64::from(touchpoint.corrects.is_none() && received - occurred >= 86_400);
        self.corrected += u64::from(touchpoint.corrects.is_some());
        self.revealed_later += u64::from(touchpoint.visible_from.is_some());
        let subjects = touchpoint.subjects.clone().unwrap_or_default();
        self.vin_only += u64::from(!subjects.vin.is_empty() && subjects.owner_id.is_empty());
        match check_digit_matches(&subjects.vin) {
            Some(true) => self.right_vins.insert(subjects.vin),
            Some(false) => self.mistyped_vins.insert(subjects.vin),
            None => false,
        };
        match touchpoint.payload.as_ref().unwrap() {
            Payload::FeedbackReceived(feedback) => {
                unanswered.insert(subjects.feedback_id, occurred);
                match feedback.score {
                    Some(9..) => self.scores[0] += 1,
                    Some(7..) => self.scores[1] += 1,
                    Some(_) => self.scores[2] += 1,
                    None => self.without_score += 1,
                }
                self.without_words += u64::from(feedback.verbatim.is_empty());
            }
            Payload::DealerReplied(reply) => {
                *self.replies.entry(reply.kind).or_default() += 1;
                if reply.kind == i32::from(Kind::Human)
                    && let Some(at) = unanswered.remove(&subjects.feedback_id)
                {
                    let dealer = touchpoint.actor.clone().unwrap().dealer_id;
                    let wait = (occurred - at) / 3_600;
                    self.waits.entry(dealer).or_default().push(wait);
                }
            }
            Payload::ProductionStageReached(reached) if reached.stage == 0 => {
                self.unknown_codes += 1;
            }
            Payload::ProductionStageReached(reached) => {
                self.stages.insert(reached.stage);
            }
            Payload::DeliveryDatePromised(promised) => {
                self.windows += u64::from(!promised.until_date.is_empty());
            }
            Payload::DeliveryDateRevised(revised) => {
                self.narrowed += u64::from(revised.reason == "the slot is fixed");
            }
            Payload::ContactMade(contact) => {
                self.calls_after_alerts += u64::from(contact.subject == "an alert of the car");
            }
            Payload::VehicleAlertRaised(alert) => {
                self.critical += u64::from(alert.severity() == Level::Critical);
            }
            Payload::VehicleAcquired(acquired) => {
                self.co_owners += u64::from(acquired.role() == Role::CoOwner);
            }
            _ => {}
        }
    }

    fn of(&self, kind: &str) -> u64 {
        self.kinds.get(kind).copied().unwrap_or_default()
    }

    fn share(&self, part: &str, whole: &str) -> f64 {
        self.of(part) as f64 / self.of(whole) as f64
    }
}

fn within(what: &str, value: f64, low: f64, high: f64) {
    println!("{what}: {value:.3}");
    assert!((low..high).contains(&value), "{what}: {value}");
}

#[test]
fn every_kind_that_sources_report_appears() {
    let reported = [
        Category::Owner,
        Category::Vehicle,
        Category::Order,
        Category::Visit,
        Category::Feedback,
        Category::Case,
        Category::Dealer,
    ];
    let missing: Vec<&str> = Schema::get()
        .kinds()
        .iter()
        .filter(|kind| kind.categories.iter().any(|it| reported.contains(it)))
        // These are the clock-keeper's own.
        .filter(|kind| !kind.name.starts_with("obligation_"))
        .map(|kind| &*kind.name)
        .filter(|name| TALLY.of(name) == 0)
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(TALLY.of("touchpoint_retracted") > 0);
}

#[test]
fn every_stage_of_production_is_reached() {
    let all: BTreeSet<i32> = (1..)
        .map_while(|number| ProductionStage::try_from(number).ok())
        .map(i32::from)
        .collect();
    assert_eq!(TALLY.stages, all);
}

#[test]
fn journeys_have_a_plausible_length() {
    within("per owner", TALLY.all as f64 / OWNERS as f64, 45.0, 110.0);
    within("longest", TALLY.longest as f64, 100.0, 1_000.0);
}

#[test]
fn surveys_and_scores_are_plausible() {
    within(
        "answered",
        TALLY.share("feedback_received", "invitation_delivered"),
        0.33,
        0.6,
    );
    within(
        "bounced",
        TALLY.share("invitation_bounced", "survey_invited"),
        0.02,
        0.07,
    );
    let [promoters, passives, detractors] = TALLY.scores.map(|count| count as f64);
    let scored = promoters + passives + detractors;
    within("NPS", (promoters - detractors) / scored, 0.05, 0.75);
    within("detractors", detractors / scored, 0.08, 0.4);
    let all = TALLY.of("feedback_received") as f64;
    within("no score", TALLY.without_score as f64 / all, 0.05, 0.3);
    within("no words", TALLY.without_words as f64 / all, 0.1, 0.4);
}

#[test]
fn dealers_answer_each_in_their_way() {
    let reply = |kind: Kind| TALLY.replies[&i32::from(kind)] as f64;
    let feedback = TALLY.of("feedback_received") as f64;
    within("human", reply(Kind::Human) / feedback, 0.7, 1.3);
    within("automatic", reply(Kind::Automatic) / feedback, 0.35, 0.65);
    within("template", reply(Kind::Template) / feedback, 0.05, 0.4);
    let waits: Vec<i64> = TALLY.waits.values().flatten().copied().collect();
    let in_time = waits.iter().filter(|hours| **hours < 24).count();
    within("in time", in_time as f64 / waits.len() as f64, 0.4, 0.85);
    let median = |dealer: &str| {
        let mut waits = TALLY.waits[dealer].clone();
        waits.sort_unstable();
        waits[waits.len() / 2]
    };
    let (fast, slow) = (median("dealer~7.001"), median("dealer~7.003"));
    assert!(fast + 10 < slow, "{fast} {slow}");
}

#[test]
fn trouble_and_loyalty_are_plausible() {
    let owners = OWNERS as f64;
    let an_owner = |kind: &str| TALLY.of(kind) as f64 / owners;
    within("cases", an_owner("case_opened"), 0.04, 0.3);
    within(
        "promises broken",
        TALLY.share("commitment_broken", "commitment_made"),
        0.08,
        0.3,
    );
    within("attempts", an_owner("repair_attempted"), 0.3, 1.2);
    within("referrals", an_owner("referral_made"), 0.1, 0.6);
    within(
        "friends who buy",
        TALLY.share("referee_purchased", "referral_made"),
        0.03,
        0.25,
    );
    within("repurchases", an_owner("repurchased"), 0.02, 0.15);
    within("defections", an_owner("defected"), 0.01, 0.08);
    within(
        "dates moved",
        TALLY.share("delivery_date_revised", "configuration_frozen"),
        0.1,
        1.0,
    );
    within(
        "vins of a stranger",
        TALLY.vin_only as f64 / TALLY.all as f64,
        0.05,
        0.4,
    );
}

#[test]
fn orders_are_held_and_cars_withdrawn_now_and_then() {
    let new_orders = TALLY.of("configuration_frozen") as f64;
    let of_new = |count: u64| count as f64 / new_orders;
    within("windows", of_new(TALLY.windows), 0.35, 0.75);
    within("narrowed", of_new(TALLY.narrowed), 0.08, 0.35);
    within(
        "planned",
        of_new(TALLY.of("delivery_window_planned")),
        0.3,
        0.7,
    );
    within("held", of_new(TALLY.of("order_held")), 0.06, 0.35);
    let lifted = TALLY.share("order_hold_lifted", "order_held");
    within("lifted", lifted, 0.5, 0.95);
    within("withdrawn", of_new(TALLY.of("vin_withdrawn")), 0.01, 0.12);
    within("unknown codes", of_new(TALLY.unknown_codes), 0.02, 0.2);
    let performed = TALLY.share("recall_performed", "recall_issued");
    within("recalls performed", performed, 0.6, 1.0);
    let answered = TALLY.calls_after_alerts as f64 / TALLY.critical as f64;
    within("calls after critical alerts", answered, 0.35, 0.95);
    within("co-owners", TALLY.co_owners as f64, 10.0, 200.0);
}

#[test]
fn an_order_has_one_car_at_a_time() {
    let mut withdrawn = 0;
    for journey in Network::new(settings(600, 5)).owners() {
        let mut orders: BTreeMap<String, BTreeMap<_, Touchpoint>> = BTreeMap::new();
        for touchpoint in journey {
            let subjects = touchpoint.subjects.clone().unwrap_or_default();
            let at = touchpoint.occurred_at.map(|at| at.seconds);
            let told = orders.entry(subjects.order_id).or_default();
            told.insert((at, key(&touchpoint)), touchpoint);
        }
        for told in orders.values() {
            // What is corrected or retracted may have another time or car.
            let is_wrong = |it: &Touchpoint| it.corrects.is_some() || it.id.contains('~');
            if told.values().any(is_wrong) {
                continue;
            }
            let mut car = String::new();
            for touchpoint in told.values() {
                match touchpoint.payload.as_ref().unwrap() {
                    Payload::VinAssigned(it) => car.clone_from(&it.vin),
                    Payload::VinWithdrawn(it) => {
                        withdrawn += 1;
                        assert_eq!(car, it.vin, "{touchpoint:?}");
                        car.clear();
                    }
                    Payload::HandoverCompleted(it) => assert_eq!(car, it.vin, "{touchpoint:?}"),
                    _ => {}
                }
            }
        }
    }
    assert!(withdrawn > 5, "{withdrawn}");
}

#[test]
fn reports_are_late_wrong_and_repeated_now_and_then() {
    let all = TALLY.all as f64;
    within("late", TALLY.late as f64 / all, 0.015, 0.06);
    within("corrections", TALLY.corrected as f64 / all, 0.004, 0.015);
    within("repeated", TALLY.repeated as f64 / all, 0.003, 0.012);
    within(
        "retracted",
        TALLY.of("touchpoint_retracted") as f64 / all,
        0.002,
        0.01,
    );
    within("reveals", TALLY.revealed_later as f64, 50.0, 1_000.0);
}

#[test]
fn vins_are_valid_but_for_a_few_north_american_ones() {
    assert!(TALLY.right_vins.len() as u64 > OWNERS);
    let mistyped = &TALLY.mistyped_vins;
    assert!((1..60).contains(&mistyped.len()), "{}", mistyped.len());
    assert!(mistyped.iter().all(|vin| vin.starts_with('4')));
}

#[test]
fn nothing_comes_from_the_future() {
    let last = Network::new(settings(50, 2))
        .journeys()
        .flatten()
        .filter_map(|it| it.received_at.or(it.occurred_at))
        .map(|at| at.seconds)
        .max();
    assert!(last.is_some_and(|at| at < UNTIL && at > UNTIL - 3 * 86_400));
}
