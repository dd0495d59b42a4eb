//! Where an order stands: its state, and the stages that it went through.
//!
//! Stage and state are two things. The stage is what the plant told last; the state says whether the order is open at all.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::v1::ProductionStage;
use ownerline_proto::v1::order_placed::SaleType;

use super::fact::OrderFact;
use super::history::OrderHistory;
use super::kind::OrderFactKind;

/// Whether an order is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderState {
    /// Nobody placed it, as far as is known.
    NotPlaced,
    /// It goes on.
    Open,
    /// It will not be fulfilled.
    Cancelled,
    /// The owner has the car.
    HandedOver,
}

/// What a told stage is to the stages before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// Reached for the first time, above every stage before it.
    On,
    /// Below the highest stage before it.
    Back,
    /// Reached before, and not below the highest.
    Again,
    /// The same stage as the one before it: told again, not reached.
    ToldAgain,
    /// Back for rework.
    Rework,
    /// Returned.
    Returned,
    /// Lost.
    Lost,
    /// Cancelled.
    Cancelled,
    /// The plant's code is not known to any mapping.
    Unknown,
}

/// A stage that the plant told.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<'h> {
    /// The touchpoint.
    pub fact: &'h OrderFact,
    /// The stage; `None` if the plant's code is not known.
    pub stage: Option<ProductionStage>,
    /// What it is to those before.
    pub kind: StepKind,
    /// The stages between the highest before and this one that were not reached, as far as anybody knows.
    pub skipped: Vec<ProductionStage>,
    /// The order was cancelled.
    pub after_cancelling: bool,
}

/// What is odd about the course of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderFlag {
    /// The plant told stages after the order was cancelled.
    StageAfterCancellation,
    /// The order went on after it was cancelled.
    ContinuedAfterCancellation,
    /// It was cancelled after the handover.
    CancelledAfterHandover,
    /// Another VIN took the place of one that was not withdrawn.
    VinReplaced,
    /// A VIN was withdrawn that the order did not have.
    VinWithdrawnUnmatched,
    /// The first statement of a window is a revision.
    FirstWindowFromRevision,
    /// A hold was lifted before it was set.
    HoldLiftedFirst,
    /// A hold was still open when the order ended.
    HoldNeverLifted,
}

/// A stretch of time in which an order is owed word: from its first touchpoint, or from where it went on after a
/// cancellation, to the handover or the cancellation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch<'h> {
    /// Its first touchpoint.
    pub from: &'h OrderFact,
    /// What ended it, if it ended.
    pub until: Option<&'h OrderFact>,
}

/// The course of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderCourse<'h> {
    /// Whether it is open.
    pub state: OrderState,
    /// The first placing.
    pub placed: Option<&'h OrderFact>,
    /// The last placing that says what was ordered.
    pub ordered: Option<&'h OrderFact>,
    /// The present stage and the touchpoint that reached it.
    pub stage: Option<(ProductionStage, &'h OrderFact)>,
    /// The last touchpoint of a stage, if its code is not known.
    pub last_unknown: Option<&'h OrderFact>,
    /// Every stage that was told, in history order.
    pub steps: Vec<Step<'h>>,
    /// The handover, or the stage that says so.
    pub handover: Option<&'h OrderFact>,
    /// The cancellation in force.
    pub cancelled: Option<&'h OrderFact>,
    /// When the configuration could no longer be changed.
    pub frozen: Option<&'h OrderFact>,
    /// The stretches in which the order went on.
    pub stretches: Vec<Stretch<'h>>,
    /// What is odd about it.
    pub flags: BTreeSet<OrderFlag>,
}

impl<'h> OrderCourse<'h> {
    /// Reads a history. `mapped` says which stage the plant's code of a touchpoint means that tells no stage.
    #[must_use]
    pub fn of(
        history: &'h OrderHistory,
        mapped: &dyn Fn(&OrderFact) -> Option<ProductionStage>,
    ) -> Self {
        let mut course = Self {
            state: OrderState::NotPlaced,
            placed: None,
            ordered: None,
            stage: None,
            last_unknown: None,
            steps: Vec::new(),
            handover: None,
            cancelled: None,
            frozen: None,
            stretches: Vec::new(),
            flags: BTreeSet::new(),
        };
        let mut told: Vec<&OrderFact> = history.told().collect();
        // Stages of one instant stand in canonical order, also those that only a mapping knows.
        for run in told.chunk_by_mut(|a, b| is_stage(a) && is_stage(b) && a.at() == b.at()) {
            run.sort_by_key(|fact| stage_of(fact, mapped));
        }
        for fact in told {
            if course.stretches.is_empty() {
                course.stretches.push(Stretch {
                    from: fact,
                    until: None,
                });
            }
            course.take(fact, mapped);
        }
        course
    }

    fn take(
        &mut self,
        fact: &'h OrderFact,
        mapped: &dyn Fn(&OrderFact) -> Option<ProductionStage>,
    ) {
        match fact.kind() {
            OrderFactKind::OrderPlaced => {
                self.placed = self.placed.or(Some(fact));
                self.ordered = Some(fact);
                if self.state == OrderState::NotPlaced {
                    self.state = OrderState::Open;
                }
                self.revive(fact);
            }
            OrderFactKind::DeliveryDatePromised | OrderFactKind::DeliveryDateRevised => {
                self.revive(fact);
            }
            OrderFactKind::ConfigurationFrozen => self.frozen = self.frozen.or(Some(fact)),
            OrderFactKind::HandoverCompleted => self.hand_over(fact),
            OrderFactKind::OrderCancelled => self.cancel(fact),
            OrderFactKind::ProductionStageReached => {
                self.step(fact, stage_of(fact, mapped));
            }
            _ => {}
        }
    }

    fn step(&mut self, fact: &'h OrderFact, stage: Option<ProductionStage>) {
        let after_cancelling = self.state == OrderState::Cancelled
            && stage != Some(ProductionStage::Handover)
            && stage != Some(ProductionStage::Cancelled);
        if after_cancelling {
            self.flags.insert(OrderFlag::StageAfterCancellation);
        }
        let kind = self.kind_of(stage);
        let skipped = match (kind, stage) {
            (StepKind::On, Some(stage)) => self.skipped_before(stage),
            _ => Vec::new(),
        };
        self.steps.push(Step {
            fact,
            stage,
            kind,
            skipped,
            after_cancelling,
        });
        self.last_unknown = stage.is_none().then_some(fact);
        if let Some(stage) = stage {
            if kind != StepKind::ToldAgain {
                self.stage = Some((stage, fact));
            }
            match stage {
                ProductionStage::Frozen => self.frozen = self.frozen.or(Some(fact)),
                ProductionStage::Cancelled => self.cancel(fact),
                ProductionStage::Handover => self.hand_over(fact),
                _ => {}
            }
        }
    }

    fn kind_of(&self, stage: Option<ProductionStage>) -> StepKind {
        let Some(stage) = stage else {
            return StepKind::Unknown;
        };
        if self.stage.is_some_and(|(present, _)| present == stage) {
            return StepKind::ToldAgain;
        }
        match stage {
            ProductionStage::Rework => StepKind::Rework,
            ProductionStage::Returned => StepKind::Returned,
            ProductionStage::Lost => StepKind::Lost,
            ProductionStage::Cancelled => StepKind::Cancelled,
            _ if self.highest().is_some_and(|highest| stage < highest) => StepKind::Back,
            _ if self.reached().any(|it| it == stage) => StepKind::Again,
            _ => StepKind::On,
        }
    }

    /// The stages of the path that were reached.
    fn reached(&self) -> impl Iterator<Item = ProductionStage> {
        let stages = self.steps.iter().filter_map(|step| step.stage);
        stages.filter(|stage| is_on_path(*stage))
    }

    fn highest(&self) -> Option<ProductionStage> {
        self.reached().max()
    }

    /// The stages between the highest so far and this one. A used car that was approved was not built for the order, and
    /// cars do not all travel the same way.
    fn skipped_before(&self, stage: ProductionStage) -> Vec<ProductionStage> {
        let sale_type = self.ordered.map(|fact| fact.row.sale_type());
        if sale_type == Some(SaleType::ApprovedUsed) {
            return Vec::new();
        }
        let from = self.highest().unwrap_or(ProductionStage::Unspecified);
        let between = (from as i32 + 1..stage as i32).filter_map(|it| it.try_into().ok());
        let expected = between.filter(|it: &ProductionStage| {
            let travels = ProductionStage::Shipped..=ProductionStage::PortIn;
            is_on_path(*it) && *it != ProductionStage::Ordered && !travels.contains(it)
        });
        expected.collect()
    }

    fn cancel(&mut self, fact: &'h OrderFact) {
        if self.state == OrderState::HandedOver {
            self.flags.insert(OrderFlag::CancelledAfterHandover);
        }
        self.cancelled = self.cancelled.or(Some(fact));
        self.end(fact, OrderState::Cancelled);
    }

    fn hand_over(&mut self, fact: &'h OrderFact) {
        self.revive(fact);
        // The event says more than the stage, whichever is told first.
        let is_event = fact.kind() == OrderFactKind::HandoverCompleted;
        let replaces = |it: &OrderFact| is_event && it.kind() != OrderFactKind::HandoverCompleted;
        if self.handover.is_some_and(replaces) {
            self.handover = None;
            if let Some(stretch) = self.stretches.last_mut() {
                stretch.until = None;
            }
        }
        self.handover = self.handover.or(Some(fact));
        self.end(fact, OrderState::HandedOver);
    }

    fn end(&mut self, fact: &'h OrderFact, state: OrderState) {
        self.state = state;
        if let Some(stretch) = self.stretches.last_mut() {
            stretch.until = stretch.until.or(Some(fact));
        }
    }

    /// What is said about an order that was cancelled makes it go on.
    fn revive(&mut self, fact: &'h OrderFact) {
        if self.state == OrderState::Cancelled {
            self.flags.insert(OrderFlag::ContinuedAfterCancellation);
            self.state = OrderState::Open;
            (self.cancelled, self.handover) = (None, None);
            self.stretches.push(Stretch {
                from: fact,
                until: None,
            });
        }
    }

    /// What ended the order, if it ended: the handover, also if it was cancelled afterwards, or the cancellation.
    #[must_use]
    pub fn ended(&self) -> Option<&'h OrderFact> {
        self.handover.or(self.cancelled)
    }

    /// Takes out of what was skipped the stages that the `whole` course reached by then: a stage that somebody may not see
    /// was not skipped.
    pub(super) fn forgive_hidden(&mut self, whole: &OrderCourse<'_>) {
        let mut reached: BTreeMap<ProductionStage, i64> = BTreeMap::new();
        for step in &whole.steps {
            if let Some(stage) = step.stage {
                reached.entry(stage).or_insert(step.fact.at());
            }
        }
        for step in &mut self.steps {
            let is_reached = |it: &ProductionStage| {
                let at = reached.get(it);
                at.is_some_and(|at| *at <= step.fact.at())
            };
            step.skipped.retain(|it| !is_reached(it));
        }
    }
}

fn is_stage(fact: &OrderFact) -> bool {
    fact.kind() == OrderFactKind::ProductionStageReached
}

/// The stage that a touchpoint tells, or else the one that a mapping has for its code.
fn stage_of(
    fact: &OrderFact,
    mapped: &dyn Fn(&OrderFact) -> Option<ProductionStage>,
) -> Option<ProductionStage> {
    match fact.row.stage() {
        ProductionStage::Unspecified => {
            mapped(fact).filter(|it| *it != ProductionStage::Unspecified)
        }
        told => Some(told),
    }
}

/// Whether a stage is one of the path that cars take, and no detour or end.
fn is_on_path(stage: ProductionStage) -> bool {
    !matches!(
        stage,
        ProductionStage::Unspecified
            | ProductionStage::Rework
            | ProductionStage::Cancelled
            | ProductionStage::Returned
            | ProductionStage::Lost
    )
}
