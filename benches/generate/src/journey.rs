//! One owner's journey while it is written: who the owner is, and how the owner feels.

use ownerline_proto::v1::{Channel, Subjects};

use crate::calendar::{Season, arrivals};
use crate::chance::Chance;
use crate::dealer::Dealer;
use crate::pen::{Pen, Performer};
use crate::settings::Settings;

/// An owner's journey while it is written.
pub(crate) struct Journey<'n> {
    pub(crate) settings: &'n Settings,
    dealers: &'n [Dealer],
    /// The dealer responsible for the owner.
    pub(crate) dealer: &'n Dealer,
    /// The owner's number.
    pub(crate) number: u64,
    /// The owner's first id.
    pub(crate) owner: String,
    /// The owner's ids in other systems.
    pub(crate) other_ids: Vec<String>,
    pub(crate) chance: Chance,
    /// The draws of what came into the stories later, apart from the others, so that these stay as they were.
    pub(crate) turns: Chance,
    pub(crate) pen: Pen,
    /// The mood of the owner, −1 to 1.
    mood: f64,
    /// How many ids of orders, visits, feedback … were given so far.
    ids: u32,
    /// How many cars the owner has had so far.
    pub(crate) cars: u64,
}

/// The first id of the owner with this number.
#[must_use]
pub fn owner_id(seed: u64, number: u64) -> String {
    format!("crm~{seed}.{number}")
}

impl<'n> Journey<'n> {
    pub(crate) fn new(settings: &'n Settings, dealers: &'n [Dealer], number: u64) -> Self {
        let mut chance = Chance::new(settings.seed, number);
        let dealer = chance.one_of(dealers);
        let mood = chance.around(0.25, 0.4) + 0.5 * dealer.quality;
        Self {
            settings,
            dealers,
            dealer,
            number,
            owner: owner_id(settings.seed, number),
            other_ids: Vec::new(),
            chance,
            turns: Chance::new(settings.seed, number | 1 << 63),
            pen: Pen::new(settings, &number.to_string()),
            mood: mood.clamp(-1.0, 1.0),
            ids: 0,
            cars: 0,
        }
    }

    /// The mood of the owner, −1 to 1.
    pub(crate) fn mood(&self) -> f64 {
        self.mood
    }

    /// Makes the mood of the owner better or worse.
    pub(crate) fn change_mood(&mut self, change: f64) {
        self.mood = (self.mood + change).clamp(-1.0, 1.0);
    }

    /// A new id for an order, visit, feedback …
    pub(crate) fn next_id(&mut self, kind: &str) -> String {
        self.ids += 1;
        format!("{kind}~{}.{}.{}", self.settings.seed, self.number, self.ids)
    }

    /// The subjects of a touchpoint about the owner and the responsible dealer.
    pub(crate) fn subjects(&self) -> Subjects {
        Subjects {
            owner_id: self.owner.clone(),
            dealer_id: self.dealer.id.clone(),
            ..Subjects::default()
        }
    }

    /// What follows is done by the owner.
    pub(crate) fn by_owner(&mut self, channel: Channel) -> &mut Pen {
        self.pen.by(&Performer::Owner(&self.owner), channel)
    }

    /// What follows is done by somebody at the responsible dealer.
    pub(crate) fn by_staff(&mut self, role: &'static str, channel: Channel) -> &mut Pen {
        self.pen.by(&Performer::Staff(role, self.dealer), channel)
    }

    /// What follows is done by a system.
    pub(crate) fn by_system(&mut self, name: &'static str, channel: Channel) -> &mut Pen {
        self.pen.by(&Performer::System(name), channel)
    }

    /// A time in business hours, on the day of `at` or soon after.
    pub(crate) fn working(&mut self, at: i64) -> i64 {
        self.dealer.place.working(&mut self.chance, at)
    }

    /// `at` in business hours, else a time soon after the dealer opens.
    pub(crate) fn open(&mut self, at: i64) -> i64 {
        self.dealer.place.open(&mut self.chance, at)
    }

    /// A time at which owners look after their own affairs.
    pub(crate) fn leisure(&mut self, at: i64) -> i64 {
        self.dealer.place.leisure(&mut self.chance, at)
    }

    /// Independent arrivals within a period; see [`arrivals`].
    pub(crate) fn arrivals(
        &mut self,
        period: (i64, i64),
        per_year: f64,
        season: Season,
    ) -> Vec<i64> {
        arrivals(&mut self.chance, period, per_year, season)
    }

    /// An amount in whole euros, in minor units of the currency of the market.
    pub(crate) fn minor_units(&self, euros: i64) -> i64 {
        euros * self.dealer.market.minor_units
    }

    /// The currency of the market.
    pub(crate) fn currency(&self) -> String {
        self.dealer.market.currency.to_owned()
    }

    /// A time in business hours like [`Self::working`], of what came into the stories later.
    pub(crate) fn working_in_turn(&mut self, at: i64) -> i64 {
        self.dealer.place.working(&mut self.turns, at)
    }

    /// A random dealer like [`Self::another_dealer`], of what came into the stories later.
    pub(crate) fn another_dealer_in_turn(&mut self) -> &'n Dealer {
        self.turns.one_of(self.dealers)
    }

    /// A random dealer of the network, which may be the responsible one.
    pub(crate) fn another_dealer(&mut self) -> &'n Dealer {
        self.chance.one_of(self.dealers)
    }
}
