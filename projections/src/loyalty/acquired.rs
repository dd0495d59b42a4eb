//! Joins the reports about one person into a list of acquisitions. An acquisition that several touchpoints report counts
//! once.

use super::makes::Make;

/// The longest time (nanoseconds) by which an acquisition may precede a report of the same repurchase. Both are reported
/// on the day of the handover, in any order, or later when the papers are filed.
const REPORT_DELAY: i64 = 31 * 86_400 * 1_000_000_000;

/// How a car was acquired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Bought,
    Leased,
    Unspecified,
}

/// One report about a person. Instants are in nanoseconds since the Unix epoch; cars and orders are numbers.
/// The order of the variants and fields is the order in which they are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Report {
    /// The car of an order was handed over to the person.
    Handover {
        at: i64,
        order: u32,
        vin: Option<u32>,
        make: Make,
        /// When the order was placed, or when it was handed over if that is unknown.
        placed_at: i64,
    },
    /// The person bought or leased again. The car is that of the order, if it is known.
    Repurchase {
        at: i64,
        order: Option<u32>,
        vin: Option<u32>,
        kind: Kind,
        make: Make,
    },
    /// The person went to another make.
    Defection { at: i64, make: Make },
    /// The person became the owner of a car. It has a number if an order names it.
    Car {
        at: i64,
        make: Make,
        vin: Option<u32>,
    },
}

impl Report {
    /// The car, if its number is known.
    pub(super) fn vin(self) -> Option<u32> {
        match self {
            Self::Handover { vin, .. } | Self::Repurchase { vin, .. } | Self::Car { vin, .. } => {
                vin
            }
            Self::Defection { .. } => None,
        }
    }

    /// Replaces the make, which may come from the order, by that of the car, if that is known.
    pub(super) fn with_make(mut self, known: Make) -> Self {
        *self.make_mut() = known.or(*self.make_mut());
        self
    }

    fn make_mut(&mut self) -> &mut Make {
        match self {
            Self::Handover { make, .. }
            | Self::Repurchase { make, .. }
            | Self::Defection { make, .. }
            | Self::Car { make, .. } => make,
        }
    }

    /// Replaces the numbers of its make and of its order, if it has one.
    pub(super) fn renumbered(
        self,
        makes: impl Fn(Make) -> Make,
        orders: impl Fn(u32) -> u32,
    ) -> Self {
        let mut report = self;
        match &mut report {
            Self::Handover { order, .. } => *order = orders(*order),
            Self::Repurchase { order, .. } => *order = order.map(orders),
            Self::Defection { .. } | Self::Car { .. } => {}
        }
        *report.make_mut() = makes(*report.make_mut());
        report
    }
}

/// An acquisition, or a defection without a car.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Acquisition {
    /// The earliest instant of its reports.
    pub at: i64,
    /// The make of the car, or else of the order, or else as reported.
    pub make: Make,
    /// How it was acquired, if it was reported as a repurchase.
    pub repurchase: Option<Kind>,
    /// Whether it was reported as a defection to another make.
    pub is_defection: bool,
    /// Whether the person has a car from now on.
    pub has_car: bool,
    order: Option<u32>,
    vin: Option<u32>,
    /// When its order was placed, if it was handed over by an order.
    placed_at: Option<i64>,
}

struct Car {
    at: i64,
    vin: Option<u32>,
    make: Make,
    /// Whether it is joined to an acquisition.
    is_joined: bool,
}

#[derive(Default)]
struct Joiner {
    cars: Vec<Car>,
    acquisitions: Vec<Acquisition>,
}

/// Returns the acquisitions of a person in order of time, from all reports about the person, sorted.
pub(super) fn acquisitions(reports: &[(u32, Report)]) -> Vec<Acquisition> {
    let cars = reports.iter().filter_map(|(_, report)| match *report {
        Report::Car { at, vin, make } => Some(Car {
            at,
            vin,
            make,
            is_joined: false,
        }),
        _ => None,
    });
    let mut joiner = Joiner {
        cars: cars.collect(),
        acquisitions: Vec::new(),
    };
    // Reports that name an order or a car go before those that may concern any.
    let is_nameless = |report: &Report| matches!(report, Report::Repurchase { order: None, .. });
    let (nameless, named): (Vec<Report>, Vec<Report>) = reports
        .iter()
        .map(|(_, report)| *report)
        .partition(is_nameless);
    let (defections, named): (Vec<Report>, Vec<Report>) = named
        .into_iter()
        .partition(|report| matches!(report, Report::Defection { .. }));
    for report in named.into_iter().chain(nameless).chain(defections) {
        joiner.add(report);
    }
    let Joiner {
        cars,
        mut acquisitions,
    } = joiner;
    let free = cars.into_iter().filter(|car| !car.is_joined);
    acquisitions.extend(free.map(|car| Acquisition {
        make: car.make,
        vin: car.vin,
        ..Acquisition::new(car.at)
    }));
    acquisitions.sort_by_key(|it| {
        (
            it.at,
            it.is_defection,
            it.make,
            it.repurchase,
            it.order,
            it.vin,
        )
    });
    acquisitions
}

impl Acquisition {
    fn new(at: i64) -> Self {
        Self {
            at,
            make: Make::UNKNOWN,
            repurchase: None,
            is_defection: false,
            has_car: true,
            order: None,
            vin: None,
            placed_at: None,
        }
    }

    fn join_car(&mut self, car: &mut Car) {
        car.is_joined = true;
        self.at = self.at.min(car.at);
        self.make = car.make.or(self.make);
        self.vin = self.vin.or(car.vin);
        self.has_car = true;
    }
}

impl Joiner {
    fn add(&mut self, report: Report) {
        match report {
            Report::Handover {
                at,
                order,
                vin,
                make,
                placed_at,
            } => {
                let acquisition = Acquisition {
                    make,
                    order: Some(order),
                    vin,
                    placed_at: Some(placed_at),
                    ..Acquisition::new(at)
                };
                self.add_by_car(acquisition);
            }
            Report::Repurchase {
                at,
                order,
                vin,
                kind,
                make,
            } => {
                let repurchase = Acquisition {
                    make,
                    order,
                    vin,
                    repurchase: Some(kind),
                    ..Acquisition::new(at)
                };
                self.add_repurchase(repurchase);
            }
            Report::Defection { at, make } => {
                let defection = Acquisition {
                    make,
                    is_defection: true,
                    has_car: false,
                    ..Acquisition::new(at)
                };
                // Without a make no car can be matched.
                if make.is_known() {
                    self.add_nameless(defection);
                } else {
                    self.push(defection, None);
                }
            }
            Report::Car { .. } => {}
        }
    }

    fn add_repurchase(&mut self, new: Acquisition) {
        let same = |it: &&mut Acquisition| it.order.is_some() && it.order == new.order;
        if let Some(known) = self.acquisitions.iter_mut().find(same) {
            known.at = known.at.min(new.at);
            known.make = known.make.or(new.make);
            // The last report that specifies the kind wins.
            if known.repurchase.is_none() || new.repurchase != Some(Kind::Unspecified) {
                known.repurchase = new.repurchase;
            }
        } else if new.vin.is_some() {
            self.add_by_car(new);
        } else if new.order.is_some() {
            // The order has no known car, so the car may be any that no other order names.
            let car = self.first_car(new.make, new.at);
            self.push(new, car);
        } else {
            self.add_nameless(new);
        }
    }

    /// Adds an acquisition that names neither order nor car: joins it to the first acquisition of its make that fits.
    fn add_nameless(&mut self, new: Acquisition) {
        let car = self.first_car(new.make, new.at);
        let car_at = car.and_then(|index| self.cars.get(index)).map(|car| car.at);
        let order = self.first_order(&new);
        let order_at = order
            .and_then(|index| self.acquisitions.get(index))
            .map(|acquisition| acquisition.at);
        let first = match (car_at, order_at) {
            (Some(car), Some(order)) => Some(car.min(order)),
            (car, order) => car.or(order),
        };
        let is_near = |at: i64| at.abs_diff(new.at) <= REPORT_DELAY.unsigned_abs();
        if !first.is_some_and(is_near)
            && let Some(same) = self.repurchase_near(&new)
        {
            same.at = same.at.min(new.at);
            same.repurchase = same.repurchase.or(new.repurchase);
            return;
        }
        let by_order = order.filter(|_| order_at.is_some() && order_at == first);
        match by_order.and_then(|index| self.acquisitions.get_mut(index)) {
            Some(known) => {
                known.at = known.at.min(new.at);
                known.make = known.make.or(new.make);
                known.repurchase = known.repurchase.or(new.repurchase);
                known.is_defection |= new.is_defection;
            }
            None => self.push(new, car),
        }
    }

    /// Finds the same repurchase, reported with its order or car at about the same time.
    fn repurchase_near(&mut self, new: &Acquisition) -> Option<&mut Acquisition> {
        new.repurchase?;
        self.acquisitions.iter_mut().find(|known| {
            let is_of_make = !new.make.is_known() || known.make == new.make;
            let is_named = known.order.is_some() || known.vin.is_some();
            known.repurchase.is_some()
                && is_named
                && is_of_make
                && known.at.abs_diff(new.at) <= REPORT_DELAY.unsigned_abs()
        })
    }

    /// Adds an acquisition that names a car: joins it to the unjoined holding of that car that began nearest, or else to
    /// the acquisition that has the car already.
    fn add_by_car(&mut self, new: Acquisition) {
        let cars = self.cars.iter().enumerate();
        let own = cars.filter(|(_, car)| !car.is_joined && car.vin.is_some() && car.vin == new.vin);
        let nearest = own.min_by_key(|(_, car)| (car.at.abs_diff(new.at), car.at));
        let nearest = nearest.map(|(index, _)| index);
        let same = |it: &&mut Acquisition| it.vin.is_some() && it.vin == new.vin;
        if nearest.is_none()
            && let Some(known) = self.acquisitions.iter_mut().find(same)
        {
            known.at = known.at.min(new.at);
            known.make = known.make.or(new.make);
            known.repurchase = known.repurchase.or(new.repurchase);
            known.order = known.order.or(new.order);
            return;
        }
        self.push(new, nearest);
    }

    /// Finds the first unjoined car of a make (of any, if the make is unknown) that was not acquired long before.
    fn first_car(&self, make: Make, at: i64) -> Option<usize> {
        let from = at.saturating_sub(REPORT_DELAY);
        self.cars.iter().position(|car| {
            !car.is_joined && car.at >= from && (!make.is_known() || car.make == make)
        })
    }

    /// Finds the first handover by an order that is neither reported as a repurchase nor as a defection, and that may have
    /// been placed by the time of the report. A defection reported after the handover says nothing new.
    fn first_order(&self, new: &Acquisition) -> Option<usize> {
        let early = new.at.saturating_sub(REPORT_DELAY);
        let from = if new.is_defection { new.at } else { early };
        let fits = |known: &Acquisition| {
            let is_free = known.repurchase.is_none() && !known.is_defection && known.has_car;
            let is_placed = |at: i64| at <= new.at.saturating_add(REPORT_DELAY);
            let is_of_make = !new.make.is_known() || known.make == new.make;
            is_free && known.at >= from && known.placed_at.is_some_and(is_placed) && is_of_make
        };
        let fitting = self.acquisitions.iter().enumerate();
        let fitting = fitting.filter(|(_, known)| fits(known));
        fitting
            .min_by_key(|(_, known)| known.at)
            .map(|(index, _)| index)
    }

    fn push(&mut self, mut acquisition: Acquisition, car: Option<usize>) {
        if let Some(car) = car.and_then(|index| self.cars.get_mut(index)) {
            acquisition.join_car(car);
        }
        self.acquisitions.push(acquisition);
    }
}
