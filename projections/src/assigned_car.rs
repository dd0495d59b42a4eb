//! The rule of the car of an order: which VIN it has, by what assigns and withdraws it.

/// The car of one order over time. Takes what assigns and withdraws a VIN in history order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssignedCar {
    /// The VIN from each instant (nanoseconds since the Unix epoch) on, in order of the instants; an empty text is no
    /// car.
    steps: Vec<(i64, String)>,
    /// The last instant at which a VIN was withdrawn that the order did not have, and these VINs. History order has
    /// withdrawals first, so one that begins and ends at one instant is withdrawn before it is assigned.
    early: (i64, Vec<String>),
}

impl AssignedCar {
    /// The order gets the car with this VIN. Another one that it had is replaced.
    pub fn assign(&mut self, at: i64, vin: &str) {
        if vin.is_empty() {
            return;
        }
        self.steps.push((at, vin.to_owned()));
        let (instant, early) = &mut self.early;
        let is_early = |early: &mut Vec<String>| {
            let place = early.iter().position(|it| it == vin);
            place.map(|place| early.swap_remove(place)).is_some()
        };
        if *instant == at && is_early(early) {
            self.steps.push((at, String::new()));
        }
    }

    /// The car with this VIN is withdrawn. If the order has another or none, that changes nothing.
    pub fn withdraw(&mut self, at: i64, vin: &str) {
        if vin.is_empty() {
            return;
        }
        if self.now() == vin {
            self.steps.push((at, String::new()));
            return;
        }
        let (instant, early) = &mut self.early;
        if *instant != at {
            *instant = at;
            early.clear();
        }
        early.push(vin.to_owned());
    }

    /// The VIN after everything that was taken; empty: none.
    #[must_use]
    pub fn now(&self) -> &str {
        self.steps.last().map_or("", |(_, vin)| vin)
    }

    /// The VIN at an instant, after everything of that instant; empty: none.
    #[must_use]
    pub fn at(&self, instant: i64) -> &str {
        let later = self.steps.partition_point(|(from, _)| *from <= instant);
        let last = later.checked_sub(1).and_then(|at| self.steps.get(at));
        last.map_or("", |(_, vin)| vin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_withdrawn_car_is_no_longer_that_of_the_order() {
        let mut car = AssignedCar::default();
        car.assign(10, "X");
        car.withdraw(20, "Y");
        car.withdraw(20, "X");
        car.assign(30, "Y");
        car.assign(40, "Z");
        car.withdraw(50, "Y");
        let at: Vec<&str> = [9, 10, 19, 20, 30, 40, 50].map(|it| car.at(it)).into();
        assert_eq!(at, ["", "X", "X", "", "Y", "Z", "Z"]);
        assert_eq!(car.now(), "Z");
    }

    #[test]
    fn at_one_instant_the_car_from_before_ends_and_the_car_that_begins_ends_last() {
        // Withdrawals come first at one instant. X was there before: it ends, and begins anew.
        let mut car = AssignedCar::default();
        car.assign(10, "X");
        car.withdraw(20, "X");
        car.assign(20, "X");
        assert_eq!(car.at(20), "X");
        // Y begins at this instant, so its withdrawal follows it.
        car.withdraw(30, "Y");
        car.assign(30, "Y");
        assert_eq!((car.at(29), car.at(30), car.now()), ("X", "", ""));
        // A withdrawal of another instant does not wait.
        car.withdraw(40, "V");
        car.assign(41, "V");
        assert_eq!(car.now(), "V");
    }
}
