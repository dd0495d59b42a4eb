//! The windows of delivery that were promised, how they moved, and whether the owner was told in time.

use jiff::civil::Date;

use super::fact::OrderFact;
use super::history::OrderHistory;
use super::kind::OrderFactKind;

/// Days on which a car may be delivered, the last included. One day is a window, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its first day.
    pub first: Date,
    /// Its last day, not before the first.
    pub last: Date,
}

impl Window {
    /// The window that a fact states; `None` if it states none that can be read.
    #[must_use]
    pub fn of(fact: &OrderFact) -> Option<Self> {
        let first: Date = fact.row.date.parse().ok()?;
        let last = fact.row.until_date.parse().unwrap_or(first);
        Some(Self {
            first,
            last: last.max(first),
        })
    }

    fn is_within(self, other: Self) -> bool {
        other.first <= self.first && self.last <= other.last
    }
}

/// What a statement is to the window before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statement {
    /// The first.
    Promised,
    /// The same window again, which is no revision.
    Restated,
    /// A window inside the one before: news, not a slip.
    Shrunk,
    /// A window around the one before.
    Widened,
    /// It ends later.
    MovedLater,
    /// It ends earlier.
    MovedEarlier,
}

/// By what the owner was told of a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ToldBy {
    /// The revision itself says so.
    Revision,
    /// A notice that was delivered.
    Notice,
    /// The owner looked at it.
    View,
}

/// When the owner was told of a revision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told<'h> {
    /// When, in nanoseconds since the Unix epoch.
    pub at: i64,
    /// How.
    pub by: ToldBy,
    /// The touchpoint that told it.
    pub fact: &'h OrderFact,
    /// The last day of the window before, less the day on which the owner was told, in the zone of the dealer: 0 or more
    /// is in time.
    pub lead_days: i32,
}

/// A statement of a window.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowStep<'h> {
    /// The touchpoint.
    pub fact: &'h OrderFact,
    /// The window that it states.
    pub window: Window,
    /// The window before; `None` for the first.
    pub before: Option<Window>,
    /// What it is to the window before.
    pub statement: Statement,
    /// By how many days it ends later than the window before; 0 if it does not.
    pub slip_days: i32,
    /// When the owner was told; `None` for what is no revision, and if nobody told them.
    pub told: Option<Told<'h>>,
    /// Whether the owner was told before the window before had passed; `None` for what is no revision, and while the
    /// owner is not told and it has not passed yet.
    pub told_in_time: Option<bool>,
}

/// The windows of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Windows<'h> {
    /// Every statement of a promised window, in history order; not empty.
    pub steps: Vec<WindowStep<'h>>,
    /// The first promise.
    pub first: Window,
    /// The present one.
    pub now: Window,
    /// The earliest end that was ever stated.
    pub tightest_end: Date,
    /// The first statement is a revision, so that its word is taken for the first promise.
    pub first_from_revision: bool,
    /// Days since the last day of the present window until the handover, the cancellation or the instant of the
    /// question, in the zone of the dealer; 0 if it has not passed.
    pub overdue_days: i32,
}

impl Windows<'_> {
    /// The number of revisions: statements of another window than the one before.
    #[must_use]
    pub fn revisions(&self) -> usize {
        self.count(|it| !matches!(it, Statement::Promised | Statement::Restated))
    }

    /// The number of revisions to a window inside the one before.
    #[must_use]
    pub fn shrunk(&self) -> usize {
        self.count(|it| it == Statement::Shrunk)
    }

    /// The number of revisions to a window that ends at another time and is not inside or around the one before.
    #[must_use]
    pub fn moved(&self) -> usize {
        self.count(|it| matches!(it, Statement::MovedLater | Statement::MovedEarlier))
    }

    fn count(&self, counts: impl Fn(Statement) -> bool) -> usize {
        let steps = self.steps.iter();
        steps.filter(|step| counts(step.statement)).count()
    }

    /// Days by which the present window ends later than the first promise; 0 if it does not.
    #[must_use]
    pub fn slip_days(&self) -> i32 {
        days_later(self.first.last, self.now.last)
    }

    /// Days by which the present window ends later than any that was ever stated; 0 if it does not.
    #[must_use]
    pub fn against_tightest(&self) -> i32 {
        days_later(self.tightest_end, self.now.last)
    }

    /// Whether the delivery is later than anybody ever said.
    #[must_use]
    pub fn is_slipped(&self) -> bool {
        self.against_tightest() > 0 || self.overdue_days > 0
    }
}

/// Days from one date to another; 0 if that is not later.
fn days_later(from: Date, to: Date) -> i32 {
    days_between(from, to).max(0)
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// Reads the windows of an order; `None` if none was promised. `date_at` is the date of an instant in the zone of the
/// dealer responsible then, `until` the handover, the cancellation, or the instant of the question.
#[must_use]
pub fn windows<'h>(
    history: &'h OrderHistory,
    until: i64,
    date_at: &mut dyn FnMut(i64) -> Date,
) -> Option<Windows<'h>> {
    let statements = history.told().filter(|fact| {
        matches!(
            fact.kind(),
            OrderFactKind::DeliveryDatePromised | OrderFactKind::DeliveryDateRevised
        )
    });
    let mut steps: Vec<WindowStep<'h>> = Vec::new();
    let mut first: Option<Window> = None;
    let mut first_from_revision = false;
    let today = date_at(history.as_of.nearest());
    for fact in statements {
        let Some(window) = Window::of(fact) else {
            continue;
        };
        let mut before = steps.last().map(|step| step.window);
        if steps.is_empty() && fact.kind() == OrderFactKind::DeliveryDateRevised {
            first_from_revision = true;
            let previous = fact.row.previous.parse().ok();
            before = previous.map(|day| Window {
                first: day,
                last: day,
            });
        }
        first = first.or(before).or(Some(window));
        let statement = before.map_or(Statement::Promised, |before| compared(window, before));
        let mut step = WindowStep {
            fact,
            window,
            before,
            statement,
            slip_days: before.map_or(0, |before| days_later(before.last, window.last)),
            told: None,
            told_in_time: None,
        };
        if let Some(before) = before.filter(|_| statement != Statement::Restated) {
            step.told = told(history, fact, before, date_at);
            step.told_in_time = match step.told {
                Some(told) => Some(told.lead_days >= 0),
                None => (today > before.last).then_some(false),
            };
        }
        steps.push(step);
    }
    let now = steps.last()?.window;
    let first = first.unwrap_or(now);
    let ends = steps.iter().map(|step| step.window.last);
    Some(Windows {
        tightest_end: ends.chain([first.last]).min().unwrap_or(now.last),
        overdue_days: days_later(now.last, date_at(until)),
        first,
        now,
        first_from_revision,
        steps,
    })
}

fn compared(window: Window, before: Window) -> Statement {
    match window {
        same if same == before => Statement::Restated,
        inside if inside.is_within(before) => Statement::Shrunk,
        around if before.is_within(around) => Statement::Widened,
        later if later.last > before.last => Statement::MovedLater,
        _ => Statement::MovedEarlier,
    }
}

/// The earliest telling of a revision: by itself, by a notice that was delivered, or because the owner looked at it.
fn told<'h>(
    history: &'h OrderHistory,
    revision: &'h OrderFact,
    before: Window,
    date_at: &mut dyn FnMut(i64) -> Date,
) -> Option<Told<'h>> {
    let itself = revision
        .row
        .owner_notified
        .then(|| (revision.visible_at(), ToldBy::Revision, revision));
    let itself = itself.filter(|(at, ..)| *at <= history.as_of.nearest());
    let others = history.facts.iter().filter_map(|fact| {
        let by = match fact.kind() {
            OrderFactKind::OwnerNotified if !fact.row.undelivered => ToldBy::Notice,
            OrderFactKind::UpdateViewed => ToldBy::View,
            _ => return None,
        };
        fact.is_about(revision).then(|| (fact.at(), by, fact))
    });
    let first = itself.into_iter().chain(others);
    let (at, by, fact) = first.min_by_key(|(at, ..)| *at)?;
    Some(Told {
        at,
        by,
        fact,
        lead_days: days_between(date_at(at), before.last),
    })
}
