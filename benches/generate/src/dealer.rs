//! The dealers: where they are and how they work.

use crate::calendar::Locality;
use crate::chance::Chance;
use crate::odds;

/// The brand of the network.
pub(crate) const BRAND: &str = "Halcyra";
/// A second brand that some dealers carry as well.
pub(crate) const SISTER: &str = "Veyland";
/// Brands of other manufacturers.
pub(crate) const OTHERS: [&str; 4] = ["Kestrane", "Morvani", "Lindqor", "Tessaro"];

/// A market of the brand.
#[derive(Debug)]
pub(crate) struct Market {
    /// The code of the market.
    pub(crate) code: &'static str,
    /// The IANA time zone.
    pub(crate) zone: &'static str,
    /// The locale of owners (BCP 47).
    pub(crate) locale: &'static str,
    /// The jurisdiction that cars are registered in.
    pub(crate) jurisdiction: &'static str,
    /// The currency (ISO 4217).
    pub(crate) currency: &'static str,
    /// The number of minor units of the currency that are worth about one euro.
    pub(crate) minor_units: i64,
    /// The first three characters of the VINs of cars built for it.
    pub(crate) maker: &'static str,
    /// Whether cars are shipped overseas.
    pub(crate) overseas: bool,
}

const fn market(
    code: &'static str,
    [zone, locale, jurisdiction, currency]: [&'static str; 4],
    minor_units: i64,
    maker: &'static str,
    overseas: bool,
) -> Market {
    Market {
        code,
        zone,
        locale,
        jurisdiction,
        currency,
        minor_units,
        maker,
        overseas,
    }
}

const MARKETS: [Market; 10] = [
    market(
        "GB",
        ["Europe/London", "en-GB", "GB", "GBP"],
        85,
        "SZZ",
        false,
    ),
    market(
        "DE",
        ["Europe/Berlin", "de-DE", "DE-BY", "EUR"],
        100,
        "SZZ",
        false,
    ),
    market(
        "US",
        ["America/New_York", "en-US", "US-NJ", "USD"],
        110,
        "4ZZ",
        true,
    ),
    market(
        "US",
        ["America/Los_Angeles", "en-US", "US-CA", "USD"],
        110,
        "4ZZ",
        true,
    ),
    market(
        "FR",
        ["Europe/Paris", "fr-FR", "FR", "EUR"],
        100,
        "SZZ",
        false,
    ),
    market("JP", ["Asia/Tokyo", "ja-JP", "JP", "JPY"], 160, "SZZ", true),
    market(
        "CH",
        ["Europe/Zurich", "de-CH", "CH-ZH", "CHF"],
        95,
        "SZZ",
        false,
    ),
    market(
        "AE",
        ["Asia/Dubai", "en-AE", "AE-DU", "AED"],
        400,
        "SZZ",
        true,
    ),
    market(
        "AU",
        ["Australia/Sydney", "en-AU", "AU-NSW", "AUD"],
        170,
        "SZZ",
        true,
    ),
    market(
        "US",
        ["America/Chicago", "en-US", "US-TX", "USD"],
        110,
        "4ZZ",
        true,
    ),
];

const PLACES: [&str; 16] = [
    "Harbour",
    "Orchard",
    "Northgate",
    "Lakeside",
    "Old Mill",
    "Kingsway",
    "Riverside",
    "Hillcrest",
    "Meadow",
    "Stonebridge",
    "Westfield",
    "Parkside",
    "Lighthouse",
    "Chestnut",
    "Foundry",
    "Abbey",
];
pub(crate) const HOUSES: [&str; 6] = [
    "Motor House",
    "Centre",
    "Automobiles",
    "Motor Court",
    "Garage",
    "Atelier",
];

/// The way in which a dealer replies to feedback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Within hours, by a person.
    Fast,
    /// Mostly within a day.
    Steady,
    /// Late, and sometimes never.
    Slow,
    /// At once with a template, rarely by a person.
    Templates,
    /// Well, but the dealer buys its score at the end of each quarter.
    Gaming,
}

/// A dealer of the network.
#[derive(Debug)]
pub(crate) struct Dealer {
    /// The id of the dealer.
    pub(crate) id: String,
    /// The market it is in.
    pub(crate) market: &'static Market,
    /// Its local time and business hours.
    pub(crate) place: Locality,
    /// Its way of replying.
    pub(crate) habit: Habit,
    /// Whether its system uploads once a night.
    pub(crate) uploads_at_night: bool,
    /// The quality of its work, −1 to 1; half of it is added to the mood of its owners.
    pub(crate) quality: f64,
    /// Its name.
    pub(crate) name: String,
    sister: bool,
}

impl Dealer {
    /// The `index`-th dealer of a seed. It does not depend on the size of the network.
    pub(crate) fn new(seed: u64, index: u64) -> Self {
        let mut chance = Chance::new(seed, u64::MAX - index);
        let count = MARKETS.len() as u64;
        // The first dealers are in one market each, so that a small network is spread out as well.
        let market = if index < count {
            index
        } else {
            chance.below(count)
        };
        let market = MARKETS
            .get(usize::try_from(market).unwrap_or_default())
            .unwrap_or_else(|| chance.one_of(&MARKETS));
        let habits = [
            (3, Habit::Fast),
            (4, Habit::Steady),
            (2, Habit::Slow),
            (2, Habit::Templates),
            (1, Habit::Gaming),
        ];
        // The first dealers also have one habit each.
        let habit = match index {
            0 => Habit::Steady,
            1 => Habit::Fast,
            2 => Habit::Gaming,
            3 => Habit::Slow,
            4 => Habit::Templates,
            _ => chance.weighted(&habits),
        };
        let (place, house) = (chance.text(&PLACES), chance.text(&HOUSES));
        Self {
            id: format!("dealer~{seed}.{index:03}"),
            market,
            place: Locality::new(market.zone),
            habit,
            uploads_at_night: chance.happens(odds::DEALER_UPLOADS_AT_NIGHT),
            quality: chance.around(0.0, 0.35).clamp(-1.0, 1.0),
            name: format!("{place} {house}"),
            sister: chance.happens(odds::DEALER_CARRIES_SISTER),
        }
    }

    /// The brands it sells.
    pub(crate) fn brands(&self) -> Vec<String> {
        let sister = self.sister.then(|| SISTER.to_owned());
        std::iter::once(BRAND.to_owned()).chain(sister).collect()
    }
}
