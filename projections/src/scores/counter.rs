//! Counts answers and invitations: which of them count, in which group, and for which dealer.

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

/// The question that every item is counted for.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    /// The answers that count.
    pub scope: &'q Scope,
    /// The dimension to group by.
    pub group_by: Option<GroupBy>,
    /// The instant of the answer.
    pub as_of: Instant,
    /// The policies, among which are the surveys.
    pub policies: &'q Policies,
    /// The dealers' markets and zones.
    pub network: &'q Network,
    /// The touchpoints that undecided signals name.
    pub suspected: &'q Suspected,
}

impl Question<'_> {
    /// Whether groups are compared with others than those that are shown.
    pub(super) fn needs_the_network(&self) -> bool {
        self.scope.is_narrowed() && self.group_by.is_some_and(GroupBy::is_of_peers)
    }

    fn needs_models(&self) -> bool {
        self.group_by == Some(GroupBy::Model) || self.scope.model.is_some()
    }
}

/// The counts in total and by group.
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

/// The counts of the groups that are shown, and of the network they are compared with.
#[derive(Debug, Default)]
pub struct Counted {
    pub(super) shown: Sheet,
    /// The network, where it is more than the groups that are shown.
    pub(super) network: Option<Sheet>,
    /// The groups may be compared.
    pub(super) is_of_peers: bool,
}

impl Counted {
    /// Counts of zero.
    #[must_use]
    pub fn new(question: &Question<'_>) -> Self {
        Self {
            shown: Sheet::default(),
            network: question.needs_the_network().then(Sheet::default),
            is_of_peers: question.group_by.is_some_and(GroupBy::is_of_peers),
        }
    }

    /// Adds the items of another part.
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

/// The dealer, survey, model and instant by which an answer or an invitation counts.
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

    /// Counts the answer and the invitation of an item, as far as they are in the scope.
    pub(super) fn add(&mut self, item: &Item) -> Result<(), StateError> {
        let invitation = Invitation::of(item, self.question.as_of);
        let model = if self.question.needs_models() {
            self.models.of(item, &invitation)?
        } else {
            ""
        };
        let mut placing = Placing {
            question: self.question,
            calendar: &mut self.calendar,
            counted: &mut self.counted,
        };
        placing.answer(item, &invitation, model);
        placing.invited(item, &invitation, model);
        Ok(())
    }
}

struct Placing<'c, 'q> {
    question: Question<'q>,
    calendar: &'c mut CivilCalendar,
    counted: &'c mut Counted,
}

impl Placing<'_, '_> {
    fn answer(&mut self, item: &Item, invitation: &Invitation<'_>, model: &str) {
        let Some(received) = invitation.received else {
            return;
        };
        let spot = Spot {
            dealer_id: item.text(invitation.dealer_of(received)),
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
            tally.add(received, invitation.excluded, is_flagged, &answered);
        });
    }

    fn invited(&mut self, item: &Item, invitation: &Invitation<'_>, model: &str) {
        let mut count = |fact: Option<&Fact>, count: &dyn Fn(&mut Tally)| {
            let Some(fact) = fact else { return };
            let spot = Spot {
                dealer_id: item.text(invitation.dealer_of(fact)),
                survey: item.text(invitation.survey),
                model,
                at: fact.occurred_at,
            };
            if self.is_of_network(spot) {
                self.count(spot, count);
            }
        };
        let answered = invitation.received.is_some();
        count(invitation.eligible, &|it| it.invitations.eligible += 1);
        count(invitation.invited, &|it| it.invitations.invited += 1);
        count(invitation.not_invited, &|it| {
            it.invitations.not_invited += 1
        });
        count(invitation.bounced, &|it| it.invitations.bounced += 1);
        count(invitation.delivered, &|it| {
            it.invitations.delivered.add(answered)
        });
    }

    /// Whether it belongs to the network that groups are compared with.
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
    /// Whether an undecided signal names anything that the owner said in an item.
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

fn is(wanted: &Option<String>, actual: &str) -> bool {
    wanted.as_deref().is_none_or(|wanted| wanted == actual)
}
