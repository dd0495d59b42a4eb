//! Journeys of owners who do not exist: realistic, deterministic, one owner at a time in memory.
//!
//! Pure: no clock, no file, no unordered map, and no randomness but the seed. The same settings make the
//! same touchpoints on every machine; owner k's journey does not depend on how many owners there are.
//! `docs/generator.md` says what is made and how often.

mod advocacy;
mod calendar;
mod car;
mod chance;
mod complaint;
mod feedback;
mod journey;
mod network;
mod odds;
mod order;
mod ownership;
mod pen;
mod person;
mod reply;
mod reporting;
mod vins;
mod visit;
mod words;

use ownerline_proto::v1::Touchpoint;

use calendar::YEAR;
use journey::Journey;
pub use journey::owner_id;
use network::Dealer;

/// What is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How many owners.
    pub owners: u64,
    /// What the randomness comes from.
    pub seed: u64,
    /// How many months of 1/12 year the period has.
    pub months: u32,
    /// How many dealers the network has; at least one is made.
    pub dealers: u32,
    /// The end of the period, in seconds since the Unix epoch: everything occurs, and reaches the
    /// centre, before it.
    pub until: i64,
}

impl Settings {
    /// The beginning of the period.
    fn from(&self) -> i64 {
        self.until - i64::from(self.months) * YEAR / 12
    }
}

/// A network of dealers and the owners they care for.
#[derive(Debug)]
pub struct Network {
    settings: Settings,
    dealers: Vec<Dealer>,
}

impl Network {
    /// Makes the dealers; owners are made one by one when asked for.
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
        network::about_dealers(&self.settings, &self.dealers)
    }

    /// Everything that comes from the owner of this number, in about the order of the reports: late
    /// ones come late, some come twice. A household or a resale also names the owner before.
    #[must_use]
    pub fn owner(&self, number: u64) -> Vec<Touchpoint> {
        Journey::new(self, number).tell()
    }

    /// Every owner's journey, one at a time.
    pub fn owners(&self) -> impl Iterator<Item = Vec<Touchpoint>> {
        (0..self.settings.owners).map(|number| self.owner(number))
    }

    /// The dealers, then every owner's journey.
    pub fn journeys(&self) -> impl Iterator<Item = Vec<Touchpoint>> {
        std::iter::once_with(|| self.dealers()).chain(self.owners())
    }
}

#[cfg(test)]
mod tests;
