//! Journeys of invented owners: realistic, deterministic, with one owner at a time in memory.
//!
//! Pure: no clock, no files, no unordered maps, and no randomness but the seed. The same settings make the
//! same touchpoints on every machine, and the journey of owner k does not depend on how many owners there are.
//! `docs/generator.md` says what is made, and how often.

mod advocacy;
mod calendar;
mod car;
mod car_reports;
mod case;
mod chance;
mod dealer;
mod feedback;
mod goodwill;
mod journey;
mod network;
mod odds;
mod order;
mod order_turns;
mod ordered;
mod ownership;
mod pen;
mod person;
mod reply;
mod reporting;
mod settings;
mod survey;
mod vins;
mod visit;
mod words;

use ownerline_proto::v1::Touchpoint;

use dealer::Dealer;
use journey::Journey;
pub use journey::owner_id;
pub use settings::Settings;

/// A network of dealers and the owners they care for.
#[derive(Debug)]
pub struct Network {
    settings: Settings,
    dealers: Vec<Dealer>,
}

impl Network {
    /// Makes the dealers. Owners are made one by one, on demand.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let dealers = 0..u64::from(settings.dealers.max(1));
        Self {
            settings,
            dealers: dealers
                .map(|index| Dealer::new(settings.seed, index))
                .collect(),
        }
    }

    /// What is reported about the dealers and the network itself, in the order of the events.
    #[must_use]
    pub fn dealers(&self) -> Vec<Touchpoint> {
        network::dealer_touchpoints(&self.settings, &self.dealers)
    }

    /// The journey of the owner with this number, in about the order of the reports: late reports come late, and
    /// some come twice. A household or a resale also names the owner with the number before.
    #[must_use]
    pub fn owner(&self, number: u64) -> Vec<Touchpoint> {
        let mut journey = Journey::new(&self.settings, &self.dealers, number);
        let since = person::write_arrival(&mut journey);
        ownership::write_cars(&mut journey, since);
        person::write_relationship(&mut journey, since);
        let Journey {
            pen, mut chance, ..
        } = journey;
        reporting::report(&self.settings, &self.dealers, &mut chance, pen.finish())
    }

    /// The journeys of all owners, one at a time.
    pub fn owners(&self) -> impl Iterator<Item = Vec<Touchpoint>> {
        (0..self.settings.owners).map(|number| self.owner(number))
    }

    /// What is reported about the dealers, then the journey of each owner.
    pub fn journeys(&self) -> impl Iterator<Item = Vec<Touchpoint>> {
        std::iter::once_with(|| self.dealers()).chain(self.owners())
    }
}

#[cfg(test)]
mod tests;
