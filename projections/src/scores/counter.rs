//! Which answers and invitations count, where, and for whom.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::{Answered, survey};
use super::models::Models;
use super::tally::Tally;
use super::{GroupBy, Scope};
use crate::civil::CivilCalendar;
use crate::fold::groups::Groups;
use crate::fold::state::StateError;
use crate::network::Network;
use crate::obligation::{Fact, Invitation, Item};
use crate::policy::Policies;
use ownerline_proto::time::Instant;

/// The ids of the touchpoints that an undecided signal names, by source.
pub type Suspected = BTreeMap<String, BTreeSet<String>>;

/// What is asked of every item.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    /// Which answers.
    pub scope: &'q Scope,
    /// What is told apart.
    pub group_by: Option<GroupBy>,
    /// As of this instant (nanoseconds since the Unix epoch).
    pub as_of: Instant,
    /// What surveys ask.
    pub policies: &'q Policies,
    /// The dealers' markets and zones.
    pub network: &'q Network,
    /// What signals name.
    pub suspected: &'q Suspected,
}

impl Question<'_> {
    /// Groups are compared with others than those that are shown.
    pub(super) fn needs_the_network(&self) -> bool {
        self.scope.is_narrowed() && self.group_by.is_some_and(GroupBy::is_of_peers)
    }

    fn tells_models_apart(&self) -> bool {
        self.group_by == Some(GroupBy::Model) || self.scope.model.is_some()
    }
}

/// All that is counted together, and by group.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) total: Tally,
    pub(super) groups: Groups<Tally>,
}

impl Sheet {
    fn count(&mut self, key: Option<&str>, count: impl Fn(&mut Tally)) {
        count(&mut self.total);
        if let Some(group) = key.and_then(|key| self.groups.group(key)) {
            count(group);
        }
    }

    fn merge(&mut self, other: Self) {
        self.total.merge(other.total);
        self.groups.merge(other.groups, Tally::merge);
    }
}

/// The counts of what is shown, and of what it is compared with.
#[derive(Debug, Default)]
pub struct Counted {
    pub(super) shown: Sheet,
    /// The network, where that is more than what is shown.
    pub(super) network: Option<Sheet>,
    /// Groups may be compared.
    pub(super) is_of_peers: bool,
}

impl Counted {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(question: &Question<'_>) -> Self {
        Self {
            shown: Sheet::default(),
            network: question.needs_the_network().then(Sheet::default),
            is_of_peers: question.group_by.is_some_and(GroupBy::is_of_peers),
        }
    }

    /// The items of another part too.
    pub fn merge(&mut self, other: Self) {
        self.shown.merge(other.shown);
        if let (Some(own), Some(other)) = (&mut self.network, other.network) {
            own.merge(other);
        }
    }
}

/// Counts items.
pub(super) struct Counter<'q> {
    question: Question<'q>,
    models: Models<'q>,
    calendar: CivilCalendar,
    counted: Counted,
}

/// Where something of an item counts.
#[derive(Clone, Copy)]
struct Spot<'s> {
    dealer_id: &'s str,
    survey: &'s str,
    model: &'s str,
    at: i64,
}

impl<'q> Counter<'q> {
    pub(super) fn new(question: Question<'q>, models: Models<'q>) -> Self {
        Self {
            question,
            models,
            calendar: CivilCalendar::default(),
            counted: Counted::new(&question),
        }
    }

    pub(super) fn finish(self) -> Counted {
        self.counted
    }

    /// Counts an item, if it is asked for: its answer, and who was asked for it.
    pub(super) fn add(&mut self, item: &Item) -> Result<(), StateError> {
        let asking = Invitation::of(item, self.question.as_of);
        let model = if self.question.tells_models_apart() {
            self.models.of(item, &asking)?
        } else {
            ""
        };
        let mut placing = Placing {
            question: self.question,
            calendar: &mut self.calendar,
            counted: &mut self.counted,
        };
        placing.answer(item, &asking, model);
        placing.invitation(item, &asking, model);
        Ok(())
    }
}

struct Placing<'c, 'q> {
    question: Question<'q>,
    calendar: &'c mut CivilCalendar,
    counted: &'c mut Counted,
}

impl Placing<'_, '_> {
    fn answer(&mut self, item: &Item, asking: &Invitation<'_>, model: &str) {
        let Some(received) = asking.received else {
            return;
        };
        let spot = Spot {
            dealer_id: item.text(asking.dealer_of(received)),
            survey: item.text(received.survey),
            model,
            at: received.received_at(),
        };
        if !self.is_of_network(spot) {
            return;
        }
        let policies = self.question.policies;
        let survey = survey(policies, spot.survey, spot.dealer_id, spot.at);
        let answered = Answered::of(item, received, survey);
        let is_flagged = self.question.names(item);
        self.count(spot, |tally| {
            tally.add(received, asking.excluded, is_flagged, &answered);
        });
    }

    fn invitation(&mut self, item: &Item, asking: &Invitation<'_>, model: &str) {
        let mut count = |fact: Option<&Fact>, count: &dyn Fn(&mut Tally)| {
            let Some(fact) = fact else { return };
            let spot = Spot {
                dealer_id: item.text(asking.dealer_of(fact)),
                survey: item.text(asking.survey),
                model,
                at: fact.occurred_at,
            };
            if self.is_of_network(spot) {
                self.count(spot, count);
            }
        };
        let answered = asking.received.is_some();
        count(asking.eligible, &|it| it.asked.eligible += 1);
        count(asking.invited, &|it| it.asked.invited += 1);
        count(asking.not_invited, &|it| it.asked.not_invited += 1);
        count(asking.bounced, &|it| it.asked.bounced += 1);
        count(asking.delivered, &|it| it.asked.delivered.add(answered));
    }

    /// It belongs to what groups are compared with.
    fn is_of_network(&mut self, spot: Spot<'_>) -> bool {
        let Question { scope, network, .. } = self.question;
        let zone = || network.time_zone(spot.dealer_id, spot.at);
        is(&scope.survey, spot.survey) && scope.period.holds(spot.at, self.calendar, zone)
    }

    fn count(&mut self, spot: Spot<'_>, count: impl Fn(&mut Tally)) {
        let question = self.question;
        let dealer = question.network.dealer(spot.dealer_id, spot.at);
        let market = dealer.map_or("", |dealer| &dealer.market);
        let key = question.group_by.map(|by| match by {
            GroupBy::Dealer => spot.dealer_id,
            GroupBy::Market => market,
            GroupBy::Model => spot.model,
            GroupBy::Survey => spot.survey,
            GroupBy::Month => {
                let zone = question.network.time_zone(spot.dealer_id, spot.at);
                self.calendar.month(zone, spot.at)
            }
        });
        if let Some(network) = &mut self.counted.network {
            network.count(key, &count);
        }
        if question.scope.shows(spot, market) {
            self.counted.shown.count(key, &count);
        }
    }
}

impl Question<'_> {
    /// Whether an undecided signal names anything the owner said in it.
    fn names(&self, item: &Item) -> bool {
        if self.suspected.is_empty() {
            return false;
        }
        item.ever_said(self.as_of).any(|fact| {
            let ids = self.suspected.get(item.text(fact.source));
            ids.is_some_and(|ids| ids.contains(&fact.id))
        })
    }
}

impl Scope {
    fn shows(&self, spot: Spot<'_>, market: &str) -> bool {
        is(&self.dealer_id, spot.dealer_id)
            && is(&self.market, market)
            && is(&self.model, spot.model)
    }
}

fn is(asked: &Option<String>, found: &str) -> bool {
    asked.as_deref().is_none_or(|asked| asked == found)
}
