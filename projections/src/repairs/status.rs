//! The answer: where a car stands.

use std::collections::BTreeSet;

use jiff::civil::Date;
use ownerline_proto::v1::repeat_repair_policy::Condition;
use ownerline_proto::v1::repeat_repair_policy::rule::test::Kind;

use crate::HistoryKey;

/// Where a car stands by the rules about repeated repairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairStatus {
    /// The car.
    pub vin: String,
    /// The day of its first delivery.
    pub first_delivery: Option<FirstDelivery>,
    /// Every jurisdiction it was ever registered in, in the order of the registrations.
    pub jurisdictions: Vec<String>,
    /// Whether it was sold used, or an earlier owner is another person; `None` if not known.
    pub used: Option<bool>,
    /// The visits, by drop-off.
    pub visits: Vec<Visit>,
    /// The days out of service.
    pub days_out: u32,
    /// The defects, by the first visit for them.
    pub defects: Vec<Defect>,
    /// The notices to the manufacturer, oldest first.
    pub notices: Vec<Notice>,
    /// The policy that the rules are from.
    pub policy: String,
    /// Its version.
    pub policy_version: i32,
    /// The policy ships with the server, as a sample.
    pub is_sample: bool,
    /// The rules of the jurisdictions of the car, in the order of the policy.
    pub rules: Vec<RuleStatus>,
    /// What is odd about the data.
    pub flags: BTreeSet<Flag>,
}

/// The day of the first delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstDelivery {
    /// The day.
    pub day: Date,
    /// How it is known.
    pub basis: DeliveryBasis,
}

/// How the day of the first delivery is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryBasis {
    /// A registration states it.
    Stated,
    /// The first handover of an order of the car.
    Handover,
    /// The first acquisition by an owner.
    Acquisition,
}

/// Something odd about the data, or a limit of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// The day of the first delivery is not known.
    FirstDeliveryUnknown,
    /// The odometer at a visit is not known: the months of a window alone decide.
    OdometerUnknown,
    /// The time zone of the dealer of a visit is not known.
    ZoneUnknown,
    /// A visit with a repair has no drop-off.
    NoDropOff,
    /// A drop-off or a pick-up has no counterpart.
    UnmatchedStay,
    /// A defect has no id.
    UnnamedDefect,
    /// A link that no human made does not count.
    AutomaticLinkIgnored,
    /// The car was never registered anywhere.
    NoJurisdiction,
    /// The viewer sees some dealers only.
    SomeDealersOnly,
}

/// A visit of the car.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The visit.
    pub visit_id: String,
    /// The dealer; empty if not known.
    pub dealer_id: String,
    /// When it began: the first drop-off, else the first report or repair.
    pub(super) began: HistoryKey,
    /// The local dates of its stays.
    pub(super) stays: Vec<(Date, Date)>,
    /// The local date of the drop-off.
    pub from: Date,
    /// The local date of the last pick-up, or of the question while the car is in.
    pub until: Date,
    /// The days of its stays.
    pub days: u32,
    /// A defect was reported or a repair attempted, so that its days are out of service.
    pub counts: bool,
    /// The car is still in.
    pub still_in: bool,
    /// It is a matter of goodwill.
    pub goodwill: bool,
    /// The reading at the drop-off, else the greatest before it.
    pub odometer_metres: Option<i64>,
}

/// One defect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Its ids, sorted; none for a defect without an id, which is of one visit.
    pub ids: Vec<String>,
    /// The places in [`RepairStatus::visits`] of the visits with a report or a repair of it.
    pub visits: Vec<usize>,
    /// Those of them with an attempt to repair it.
    pub attempts: Vec<usize>,
    /// Somebody said that it endangers somebody.
    pub safety: bool,
    /// The last repair fixed it, and nobody reported it later.
    pub fixed: bool,
}

impl Defect {
    /// Whether it came back: it was reported or repaired in two visits or more.
    #[must_use]
    pub fn rising_risk(&self) -> bool {
        self.visits.len() > 1
    }
}

/// A notice to the manufacturer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its place.
    pub key: HistoryKey,
    /// How it was given.
    pub means: String,
    /// The case it stands in.
    pub case_id: String,
    /// The defect it names; empty: none in particular.
    pub defect_id: String,
}

/// An outcome. The greater is the better for who relies on the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The conditions are not met.
    NotMet,
    /// Numbers do not decide.
    NotDecided,
    /// The conditions are met, as far as numbers say.
    Met,
}

/// Why a rule is not for the car.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exclusion {
    /// It was not in force at the first delivery.
    NotInForce,
    /// It is for new cars only.
    Used,
}

/// Where the car stands by one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleStatus {
    /// The rule.
    pub rule_id: String,
    /// Its jurisdiction.
    pub jurisdiction: String,
    /// The text of law that states it.
    pub citation: String,
    /// The outcome, or why the rule is not for the car.
    pub outcome: Result<Outcome, Exclusion>,
    /// The window.
    pub window: WindowStatus,
    /// A visit of the day of the question would count, if the car was driven no further than to the last visit.
    pub window_open: bool,
    /// The tests, in the order of the rule.
    pub tests: Vec<TestStatus>,
    /// Conditions that are not known and that the rule does not take for granted.
    pub not_known: Vec<Condition>,
    /// Conditions that are not known and that it takes for granted.
    pub assumed: Vec<Condition>,
    /// Until when a claim can be brought.
    pub limitation: Option<LimitationStatus>,
}

/// The window of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WindowStatus {
    /// The day of the first delivery.
    pub from: Option<Date>,
    /// The last day.
    pub until: Option<Date>,
    /// The greatest reading; 0: any.
    pub millimetres: i64,
    /// It ends with whichever of the two comes first.
    pub whichever_first: bool,
}

/// Where the car stands by one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestStatus {
    /// What it counts.
    pub kind: Kind,
    /// The count that meets it.
    pub needed: u32,
    /// The counts, the best first; there is at least one.
    pub counts: Vec<Count>,
}

impl TestStatus {
    /// The best outcome of its counts.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.counts.first().map_or(Outcome::NotMet, |it| it.outcome)
    }
}

/// One count of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The place in [`RepairStatus::defects`] of the defect that is counted, if it is one in particular.
    pub defect: Option<usize>,
    /// Attempts or days.
    pub count: u32,
    /// How much is missing to the threshold.
    pub distance: u32,
    /// The places in [`RepairStatus::visits`] of the visits that count.
    pub visits: Vec<usize>,
    /// What is missing besides the count.
    pub missing: BTreeSet<Lack>,
    /// Why numbers do not decide.
    pub doubts: BTreeSet<CountDoubt>,
    /// The notice that counts.
    pub notice: Option<Notice>,
    /// The last day of the final opportunity, while it runs.
    pub final_opportunity_until: Option<Date>,
    /// The outcome.
    pub outcome: Outcome,
}

/// What a count lacks besides the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// A notice that counts.
    Notice,
    /// The time of the final opportunity is running.
    FinalOpportunity,
    /// The fault persists no longer.
    FaultPersists,
}

/// Why numbers do not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CountDoubt {
    /// The threshold is reached only with visits in which nobody tried a repair.
    OnlyReported,
    /// The threshold is reached only with visits of goodwill.
    Goodwill,
    /// A notice is missing, and whether it is needed is not known.
    Notice,
    /// The threshold is reached only if something extended the window.
    Extension,
    /// What is in the window is not known.
    Window,
}

/// Until when a claim can be brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitationStatus {
    /// The text of law that states it.
    pub citation: String,
    /// Months after the express warranty ended; 0: no such limit.
    pub months_after_warranty: i32,
    /// The last day by the years after the first delivery.
    pub until: Option<Date>,
    /// What stops the time, in words.
    pub tolling: Vec<String>,
    /// Whether it holds for the maker of the car; `None` if not known.
    pub holds_for_maker: Option<bool>,
}
