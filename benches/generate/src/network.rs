//! The dealers: where they are, how they work, and what they report about themselves.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CampaignEnded, CampaignStarted, Channel, DealerChanged, DealerRegistered, IncentiveSchemeEnded,
    IncentiveSchemeStarted, Scope, Subjects, Touchpoint,
};

use super::calendar::{DAY, Locality};
use super::chance::Chance;
use super::pen::{Pen, Who};
use super::{Settings, odds};

/// The brand of the network.
pub(super) const BRAND: &str = "Halcyra";
/// A second brand that some dealers carry as well.
pub(super) const SISTER: &str = "Veyland";
/// Brands of others.
pub(super) const OTHERS: [&str; 4] = ["Kestrane", "Morvani", "Lindqor", "Tessaro"];

/// A place where cars are sold.
#[derive(Debug)]
pub(super) struct Market {
    /// Its code.
    pub(super) code: &'static str,
    /// IANA zone.
    pub(super) zone: &'static str,
    /// BCP 47.
    pub(super) locale: &'static str,
    /// Where cars are registered.
    pub(super) jurisdiction: &'static str,
    /// ISO 4217.
    pub(super) currency: &'static str,
    /// Minor units of this currency that are worth about one euro.
    pub(super) minor_units: i64,
    /// What VINs of cars built for it begin with.
    pub(super) maker: &'static str,
    /// Whether cars come over the sea.
    pub(super) overseas: bool,
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
const HOUSES: [&str; 6] = [
    "Motor House",
    "Centre",
    "Automobiles",
    "Motor Court",
    "Garage",
    "Atelier",
];

/// How a dealer answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// Within hours, by a person.
    Fast,
    /// Within the day, mostly.
    Steady,
    /// Late, and sometimes never.
    Slow,
    /// With a template at once, by a person rarely.
    Templates,
    /// Well, and buys its score at the end of every quarter.
    Gaming,
}

/// A centre of the network.
#[derive(Debug)]
pub(super) struct Dealer {
    /// Its id.
    pub(super) id: String,
    /// Where it is.
    pub(super) market: &'static Market,
    /// Its local time.
    pub(super) place: Locality,
    /// How it answers.
    pub(super) habit: Habit,
    /// Whether its system reports once a night.
    pub(super) uploads_at_night: bool,
    /// How well it works: added to what owners feel, −1 to 1.
    pub(super) quality: f64,
    name: String,
    sister: bool,
}

impl Dealer {
    /// The `index`-th dealer of a seed, whatever the size of the network.
    pub(super) fn new(seed: u64, index: u64) -> Self {
        let mut chance = Chance::new(seed, u64::MAX - index);
        let count = MARKETS.len() as u64;
        // The first ones are one to a market, so that a small network is spread as well.
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
        // So are habits.
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

    fn brands(&self) -> Vec<String> {
        let sister = self.sister.then(|| SISTER.to_owned());
        std::iter::once(BRAND.to_owned()).chain(sister).collect()
    }
}

/// What the dealers' own streams hold, and what the network promises for scores.
pub(super) fn about_dealers(settings: &Settings, dealers: &[Dealer]) -> Vec<Touchpoint> {
    let mut chance = Chance::new(settings.seed, u64::MAX / 2);
    let mut pen = Pen::new(settings, "network");
    pen.by(&Who::System("network-office"), Channel::Api);
    for dealer in dealers {
        registered(&mut chance, &mut pen, settings, dealer);
    }
    schemes(&mut pen, settings, dealers);
    let mut written = pen.finish();
    written.sort_by_key(|it| it.occurred_at.map(|at| at.seconds));
    written
}

fn registered(chance: &mut Chance, pen: &mut Pen, settings: &Settings, dealer: &Dealer) {
    pen.about(Subjects {
        dealer_id: dealer.id.clone(),
        ..Subjects::default()
    });
    let opened = settings.from() + chance.between(0, 6 * 60);
    pen.at(opened)
        .write(Payload::DealerRegistered(DealerRegistered {
            name: dealer.name.clone(),
            market: dealer.market.code.to_owned(),
            time_zone: dealer.market.zone.to_owned(),
            brands: dealer.brands(),
        }));
    if chance.happens(odds::DEALER_CHANGES) {
        let at = chance.between(opened + DAY, settings.until.max(opened + DAY));
        let house = chance.text(&HOUSES);
        pen.at(dealer.place.working(chance, at))
            .write(Payload::DealerChanged(DealerChanged {
                name: format!("{} & {house}", dealer.name),
                market: dealer.market.code.to_owned(),
                time_zone: dealer.market.zone.to_owned(),
                brands: dealer.brands(),
            }));
    }
}

/// Gaming dealers pay for the score; one campaign explains an honest surge.
fn schemes(pen: &mut Pen, settings: &Settings, dealers: &[Dealer]) {
    pen.about(Subjects::default());
    for dealer in dealers
        .iter()
        .filter(|dealer| dealer.habit == Habit::Gaming)
    {
        let name = format!("incentive~{}", dealer.id);
        let (metric, payout) = ("NPS", "a bonus per point at the end of the quarter");
        pen.at(settings.from() + DAY)
            .write(Payload::IncentiveSchemeStarted(IncentiveSchemeStarted {
                name: name.clone(),
                metric: metric.to_owned(),
                payout: payout.to_owned(),
            }));
        pen.at((settings.until - 45 * DAY).max(settings.from() + 2 * DAY))
            .write(Payload::IncentiveSchemeEnded(IncentiveSchemeEnded {
                name,
                metric: metric.to_owned(),
                payout: payout.to_owned(),
            }));
    }
    let name = format!("launch~{}", settings.seed);
    let scope = dealers.first().map(|dealer| Scope {
        market: dealer.market.code.to_owned(),
        dealer_id: String::new(),
    });
    let middle = settings.from() + (settings.until - settings.from()) / 2;
    pen.at(middle)
        .write(Payload::CampaignStarted(CampaignStarted {
            name: name.clone(),
            scope: scope.clone(),
        }));
    pen.at(middle + 30 * DAY)
        .write(Payload::CampaignEnded(CampaignEnded { name, scope }));
}
