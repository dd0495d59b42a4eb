//! One owner's journey: who it is, and the stories in the order in which they are told.

use ownerline_proto::v1::{Channel, Subjects, Touchpoint};

use super::chance::Chance;
use super::network::Dealer;
use super::pen::{Pen, Who};
use super::{Network, Settings, ownership, person, reporting};

/// An owner's journey while it is written.
pub(super) struct Journey<'n> {
    pub(super) network: &'n Network,
    pub(super) settings: &'n Settings,
    /// The responsible dealer.
    pub(super) dealer: &'n Dealer,
    /// The owner's number.
    pub(super) number: u64,
    /// The owner's first id.
    pub(super) owner: String,
    /// The owner's ids in other systems.
    pub(super) other_ids: Vec<String>,
    pub(super) chance: Chance,
    pub(super) pen: Pen,
    /// How the owner feels, −1 to 1.
    mood: f64,
    /// Orders, visits, feedback … so far: their ids count on.
    matters: u32,
    /// Cars so far.
    pub(super) cars: u64,
}

/// The first id of the owner of this number.
#[must_use]
pub fn owner_id(seed: u64, number: u64) -> String {
    format!("crm~{seed}.{number}")
}

impl<'n> Journey<'n> {
    pub(super) fn new(network: &'n Network, number: u64) -> Self {
        let settings = &network.settings;
        let mut chance = Chance::new(settings.seed, number);
        let dealer = chance.one_of(&network.dealers);
        let mood = chance.around(0.25, 0.4) + 0.5 * dealer.quality;
        Self {
            network,
            settings,
            dealer,
            number,
            owner: owner_id(settings.seed, number),
            other_ids: Vec::new(),
            chance,
            pen: Pen::new(settings, &number.to_string()),
            mood: mood.clamp(-1.0, 1.0),
            matters: 0,
            cars: 0,
        }
    }

    /// Everything reported, in about the order of the reports.
    pub(super) fn tell(mut self) -> Vec<Touchpoint> {
        let since = person::arrives(&mut self);
        ownership::lives_with_cars(&mut self, since);
        person::is_looked_after(&mut self, since);
        let written = self.pen.finish();
        reporting::reported(
            self.settings,
            &self.network.dealers,
            &mut self.chance,
            written,
        )
    }

    /// How the owner feels, −1 to 1.
    pub(super) fn mood(&self) -> f64 {
        self.mood
    }

    /// Something made the owner feel better or worse.
    pub(super) fn feels(&mut self, change: f64) {
        self.mood = (self.mood + change).clamp(-1.0, 1.0);
    }

    /// The id of the next order, visit, feedback …
    pub(super) fn matter(&mut self, kind: &str) -> String {
        self.matters += 1;
        format!(
            "{kind}~{}.{}.{}",
            self.settings.seed, self.number, self.matters
        )
    }

    /// Owner and responsible dealer.
    pub(super) fn subjects(&self) -> Subjects {
        Subjects {
            owner_id: self.owner.clone(),
            dealer_id: self.dealer.id.clone(),
            ..Subjects::default()
        }
    }

    /// The owner does what follows.
    pub(super) fn by_owner(&mut self, channel: Channel) -> &mut Pen {
        self.pen.by(&Who::Owner(&self.owner), channel)
    }

    /// Somebody at the responsible dealer does what follows.
    pub(super) fn by_staff(&mut self, role: &'static str, channel: Channel) -> &mut Pen {
        self.pen.by(&Who::Staff(role, self.dealer), channel)
    }

    /// A system does what follows.
    pub(super) fn by_system(&mut self, name: &'static str, channel: Channel) -> &mut Pen {
        self.pen.by(&Who::System(name), channel)
    }

    /// Some time in business hours, on the day of `at` or soon after.
    pub(super) fn working(&mut self, at: i64) -> i64 {
        self.dealer.place.working(&mut self.chance, at)
    }

    /// `at`, or if the doors are closed, soon after they open.
    pub(super) fn open(&mut self, at: i64) -> i64 {
        self.dealer.place.open(&mut self.chance, at)
    }

    /// An hour at which people look after their own affairs.
    pub(super) fn leisure(&mut self, at: i64) -> i64 {
        self.dealer.place.leisure(&mut self.chance, at)
    }

    /// So much in the currency of the market, in minor units; `euros` is in whole euros.
    pub(super) fn minor_units(&self, euros: i64) -> i64 {
        euros * self.dealer.market.minor_units
    }

    /// The currency of the market.
    pub(super) fn currency(&self) -> String {
        self.dealer.market.currency.to_owned()
    }

    /// Whoever helps out: another dealer of the network, if there is one.
    pub(super) fn another_dealer(&mut self) -> &'n Dealer {
        self.chance.one_of(&self.network.dealers)
    }
}
