//! The window of a rule: until when and to which reading of the odometer a visit counts.

use jiff::civil::Date;
use ownerline_proto::v1::repeat_repair_policy::Rule;
use ownerline_proto::v1::repeat_repair_policy::rule::Extension;
use ownerline_proto::v1::repeat_repair_policy::rule::extension::Event;

use super::dates::plus_months;
use super::status::{Visit, WindowStatus};

/// Millimetres of a metre.
const MILLIMETRES: i64 = 1_000;

/// The window of a rule for one car.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    months: i32,
    pub(super) status: WindowStatus,
}

/// Which days of a visit are in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Included {
    /// None of them.
    None,
    /// Those up to a last day, if there is one.
    UpTo(Option<Date>),
}

impl Included {
    pub(super) fn includes(self, date: Date) -> bool {
        match self {
            Self::None => false,
            Self::UpTo(last) => last.is_none_or(|last| date <= last),
        }
    }
}

impl Window {
    /// The window of a car that was delivered first on a day, with what extended it: local dates of reports of defects,
    /// and of notices, each ascending.
    pub(super) fn of(
        rule: &Rule,
        first_delivery: Option<Date>,
        reports: &[Date],
        notices: &[Date],
    ) -> Self {
        let own = first_delivery.filter(|_| rule.window_months > 0);
        let mut until = own.map(|day| plus_months(day, rule.window_months));
        // What one extension adds may bring events of another into the window.
        loop {
            let before = until;
            for extension in &rule.extends {
                let events = match extension.event() {
                    Event::DefectReported => reports,
                    Event::ManufacturerNotified => notices,
                    Event::Other | Event::Unspecified => continue,
                };
                until = until.map(|until| extended(until, extension, events));
            }
            if until == before {
                break;
            }
        }
        Self {
            months: rule.window_months,
            status: WindowStatus {
                from: first_delivery,
                until,
                millimetres: rule.window_millimetres,
                whichever_first: rule.whichever_first,
            },
        }
    }

    /// The same window if everything had happened that may extend it and that no touchpoint tells; `None` if the rule knows
    /// nothing of the kind.
    pub(super) fn extended(self, rule: &Rule) -> Option<Self> {
        let others = rule.extends.iter();
        let others = others.filter(|it| it.event() == Event::Other);
        let months = others.fold(0_i32, |sum, it| sum.saturating_add(it.months));
        let until = self.status.until.map(|until| plus_months(until, months));
        (months > 0).then_some(Self {
            status: WindowStatus {
                until,
                ..self.status
            },
            ..self
        })
    }

    /// It has a limit of months, and nobody knows when they began.
    pub(super) fn is_unknown(self) -> bool {
        self.months > 0 && self.status.until.is_none()
    }

    /// Whether a day is in it, with the reading of the last visit.
    pub(super) fn is_open(self, day: Date, last: Option<&Visit>) -> bool {
        let read = last.and_then(|it| it.odometer_metres);
        self.days_with(read).includes(day)
    }

    /// Which days of a visit are in it.
    pub(super) fn included(self, visit: &Visit) -> Included {
        self.days_with(visit.odometer_metres)
    }

    /// Which days are in it with a reading, in metres. Where the reading is not known, the months alone decide.
    fn days_with(self, read: Option<i64>) -> Included {
        let WindowStatus {
            until,
            millimetres,
            whichever_first,
            ..
        } = self.status;
        let limit = (millimetres > 0).then_some(millimetres);
        let is_near = limit.zip(read);
        let is_near = is_near.map(|(limit, metres)| metres.saturating_mul(MILLIMETRES) <= limit);
        match (self.months > 0, is_near) {
            (_, None) => Included::UpTo(until),
            (false, Some(true)) => Included::UpTo(None),
            (false, Some(false)) => Included::None,
            (true, Some(true)) if !whichever_first => Included::UpTo(None),
            (true, Some(false)) if whichever_first => Included::None,
            (true, Some(_)) => Included::UpTo(until),
        }
    }
}

/// The last day of a window after an extension by events on these days, which ascend.
fn extended(mut until: Date, extension: &Extension, events: &[Date]) -> Date {
    let counted = if extension.once { 1 } else { events.len() };
    for event in events.iter().take(counted) {
        if *event > until {
            break;
        }
        until = until.max(plus_months(*event, extension.months));
    }
    until
}
