//! What was told of one person in several ways, as one list of what they acquired: told more than once it counts once.

use super::makes::Make;

/// What was acquired so long before a repurchase was told (nanoseconds) may be what it tells: both are told on the day of
/// the handover, in any order, or on the next when the papers are filed.
const TOLD_BEFORE: i64 = 31 * 86_400 * 1_000_000_000;

/// Bought or leased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Bought,
    Leased,
    NotTold,
}

/// One thing that was told of a person. Instants are in nanoseconds since the Unix epoch; cars and orders are numbers.
/// The order of the variants and fields is the order in which they are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    /// The car of an order was handed over to them.
    Handed {
        at: i64,
        order: u32,
        vin: Option<u32>,
        make: Make,
        /// When the order was placed, or handed over if that is not known.
        placed_at: i64,
    },
    /// They bought or leased again. The car is that of the order, if it is known.
    Again {
        at: i64,
        order: Option<u32>,
        vin: Option<u32>,
        kind: Kind,
        make: Make,
    },
    /// They went to another make.
    Left { at: i64, make: Make },
    /// A car became theirs. It has a number if an order names it.
    Car {
        at: i64,
        make: Make,
        vin: Option<u32>,
    },
}

impl Told {
    /// The car, if its number is known.
    pub(super) fn vin(self) -> Option<u32> {
        match self {
            Self::Handed { vin, .. } | Self::Again { vin, .. } | Self::Car { vin, .. } => vin,
            Self::Left { .. } => None,
        }
    }

    /// Of another make, if that is known: the one of the car, in place of what the order says.
    pub(super) fn of_make(mut self, known: Make) -> Self {
        *self.make_mut() = known.or(*self.make_mut());
        self
    }

    fn make_mut(&mut self) -> &mut Make {
        match self {
            Self::Handed { make, .. }
            | Self::Again { make, .. }
            | Self::Left { make, .. }
            | Self::Car { make, .. } => make,
        }
    }

    /// With the new numbers of its make and, if it tells one, of its order.
    pub(super) fn numbered_anew(
        self,
        makes: impl Fn(Make) -> Make,
        orders: impl Fn(u32) -> u32,
    ) -> Self {
        let mut told = self;
        match &mut told {
            Self::Handed { order, .. } => *order = orders(*order),
            Self::Again { order, .. } => *order = order.map(orders),
            Self::Left { .. } | Self::Car { .. } => {}
        }
        *told.make_mut() = makes(*told.make_mut());
        told
    }
}

/// An acquisition, or a defection without a car.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Acquired {
    /// The earliest instant of all that tells it.
    pub at: i64,
    /// That of the car, or else of the order, or else as told.
    pub make: Make,
    /// It was said that they bought or leased *again*.
    pub again: Option<Kind>,
    /// It was said that they went to another make.
    pub left: bool,
    /// There is a car that they have from now on.
    pub has_car: bool,
    order: Option<u32>,
    vin: Option<u32>,
    /// By an order that was placed then and handed over.
    placed_at: Option<i64>,
}

struct Car {
    at: i64,
    vin: Option<u32>,
    make: Make,
    taken: bool,
}

#[derive(Default)]
struct Joining {
    cars: Vec<Car>,
    found: Vec<Acquired>,
}

/// What a person acquired, in order of time, from all that was told of them, sorted.
pub(super) fn acquired(told: &[(u32, Told)]) -> Vec<Acquired> {
    let cars = told.iter().filter_map(|(_, it)| match *it {
        Told::Car { at, vin, make } => Some(Car {
            at,
            vin,
            make,
            taken: false,
        }),
        _ => None,
    });
    let mut joining = Joining {
        cars: cars.collect(),
        found: Vec::new(),
    };
    // What says by which order or car it was comes before what may be any.
    let is_nameless = |it: &Told| matches!(it, Told::Again { order: None, .. });
    let (nameless, named): (Vec<Told>, Vec<Told>) =
        told.iter().map(|(_, it)| *it).partition(is_nameless);
    let (left, named): (Vec<Told>, Vec<Told>) = named
        .into_iter()
        .partition(|it| matches!(it, Told::Left { .. }));
    for it in named.into_iter().chain(nameless).chain(left) {
        joining.hears(it);
    }
    let Joining { cars, mut found } = joining;
    let free = cars.into_iter().filter(|car| !car.taken);
    found.extend(free.map(|car| Acquired {
        make: car.make,
        vin: car.vin,
        ..Acquired::since(car.at)
    }));
    found.sort_by_key(|it| (it.at, it.left, it.make, it.again, it.order, it.vin));
    found
}

impl Acquired {
    fn since(at: i64) -> Self {
        Self {
            at,
            make: Make::UNKNOWN,
            again: None,
            left: false,
            has_car: true,
            order: None,
            vin: None,
            placed_at: None,
        }
    }

    fn is_also(&mut self, car: &mut Car) {
        car.taken = true;
        self.at = self.at.min(car.at);
        self.make = car.make.or(self.make);
        self.vin = self.vin.or(car.vin);
        self.has_car = true;
    }
}

impl Joining {
    fn hears(&mut self, told: Told) {
        match told {
            Told::Handed {
                at,
                order,
                vin,
                make,
                placed_at,
            } => {
                let handed = Acquired {
                    make,
                    order: Some(order),
                    vin,
                    placed_at: Some(placed_at),
                    ..Acquired::since(at)
                };
                self.by_car(handed);
            }
            Told::Again {
                at,
                order,
                vin,
                kind,
                make,
            } => {
                let again = Acquired {
                    make,
                    order,
                    vin,
                    again: Some(kind),
                    ..Acquired::since(at)
                };
                self.again(again);
            }
            Told::Left { at, make } => {
                let left = Acquired {
                    make,
                    left: true,
                    has_car: false,
                    ..Acquired::since(at)
                };
                // Which other make a car must be of is not known where none is said.
                if make.is_known() {
                    self.nameless(left);
                } else {
                    self.puts(left, None);
                }
            }
            Told::Car { .. } => {}
        }
    }

    fn again(&mut self, again: Acquired) {
        let same = |it: &&mut Acquired| it.order.is_some() && it.order == again.order;
        if let Some(known) = self.found.iter_mut().find(same) {
            known.at = known.at.min(again.at);
            known.make = known.make.or(again.make);
            // Of several tellings the last that says it.
            if known.again.is_none() || again.again != Some(Kind::NotTold) {
                known.again = again.again;
            }
        } else if again.vin.is_some() {
            self.by_car(again);
        } else if again.order.is_some() {
            // It is no other order's car.
            let car = self.first_car(again.make, again.at);
            self.puts(again, car);
        } else {
            self.nameless(again);
        }
    }

    /// What says neither by which order nor of which car it is one with the first acquisition of its make that may be it.
    fn nameless(&mut self, told: Acquired) {
        let car = self.first_car(told.make, told.at);
        let car_at = car.and_then(|index| self.cars.get(index)).map(|car| car.at);
        let order = self.first_order(&told);
        let order_at = order
            .and_then(|index| self.found.get(index))
            .map(|it| it.at);
        let first = match (car_at, order_at) {
            (Some(car), Some(order)) => Some(car.min(order)),
            (car, order) => car.or(order),
        };
        let is_near = |at: i64| at.abs_diff(told.at) <= TOLD_BEFORE.unsigned_abs();
        if !first.is_some_and(is_near)
            && let Some(same) = self.told_around(&told)
        {
            same.at = same.at.min(told.at);
            same.again = same.again.or(told.again);
            return;
        }
        let by_order = order.filter(|_| order_at.is_some() && order_at == first);
        match by_order.and_then(|index| self.found.get_mut(index)) {
            Some(known) => {
                known.at = known.at.min(told.at);
                known.make = known.make.or(told.make);
                known.again = known.again.or(told.again);
                known.left |= told.left;
            }
            None => self.puts(told, car),
        }
    }

    /// The same repurchase, told by its order at about the same time.
    fn told_around(&mut self, told: &Acquired) -> Option<&mut Acquired> {
        told.again?;
        self.found.iter_mut().find(|it| {
            let is_of_make = !told.make.is_known() || it.make == told.make;
            let is_named = it.order.is_some() || it.vin.is_some();
            it.again.is_some()
                && is_named
                && is_of_make
                && it.at.abs_diff(told.at) <= TOLD_BEFORE.unsigned_abs()
        })
    }

    /// What names a car is one with it: with the time of having it that began nearest, of those that nothing else
    /// brought, or with what brought it.
    fn by_car(&mut self, told: Acquired) {
        let cars = self.cars.iter().enumerate();
        let own = cars.filter(|(_, car)| !car.taken && car.vin.is_some() && car.vin == told.vin);
        let nearest = own.min_by_key(|(_, car)| (car.at.abs_diff(told.at), car.at));
        let nearest = nearest.map(|(index, _)| index);
        let same = |it: &&mut Acquired| it.vin.is_some() && it.vin == told.vin;
        if nearest.is_none()
            && let Some(known) = self.found.iter_mut().find(same)
        {
            known.at = known.at.min(told.at);
            known.make = known.make.or(told.make);
            known.again = known.again.or(told.again);
            known.order = known.order.or(told.order);
            return;
        }
        self.puts(told, nearest);
    }

    /// The first car of a make (of any, if none is said) that nothing else brought and that was not acquired long
    /// before.
    fn first_car(&self, make: Make, at: i64) -> Option<usize> {
        let from = at.saturating_sub(TOLD_BEFORE);
        self.cars
            .iter()
            .position(|car| !car.taken && car.at >= from && (!make.is_known() || car.make == make))
    }

    /// The same of what was handed over by an order that nobody said to be a repurchase or a defection, if it may have
    /// been placed by the time it was told. A defection told after the handover says nothing new.
    fn first_order(&self, told: &Acquired) -> Option<usize> {
        let early = told.at.saturating_sub(TOLD_BEFORE);
        let from = if told.left { told.at } else { early };
        let may_be = |it: &Acquired| {
            let is_free = it.again.is_none() && !it.left && it.has_car;
            let is_placed = |at: i64| at <= told.at.saturating_add(TOLD_BEFORE);
            let is_of_make = !told.make.is_known() || it.make == told.make;
            is_free && it.at >= from && it.placed_at.is_some_and(is_placed) && is_of_make
        };
        let found = self.found.iter().enumerate();
        let may_be = found.filter(|(_, it)| may_be(it));
        may_be.min_by_key(|(_, it)| it.at).map(|(index, _)| index)
    }

    fn puts(&mut self, mut told: Acquired, car: Option<usize>) {
        if let Some(car) = car.and_then(|index| self.cars.get_mut(index)) {
            told.is_also(car);
        }
        self.found.push(told);
    }
}
