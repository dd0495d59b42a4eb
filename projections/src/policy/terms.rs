//! The SLA in force, ready to be applied to items: who asks a million times gets each answer by a look
//! into one short list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::CalendarPolicy;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::sla_policy::Obligation;
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;

use super::choice::{Place, chosen};
use super::load::Policies;
use super::version::Version;
use crate::calendar::{BudgetClock, Calendar};
use crate::obligation::terms::{InForce, Term, Terms};

/// The terms in force for every dealer and instant.
#[derive(Debug, Clone)]
pub struct TermsInForce {
    network: Times,
    /// Only dealers for whom something else may hold than for the network.
    dealers: BTreeMap<String, Times>,
}

/// From when on which terms hold: ascending, the first from ever on.
#[derive(Debug, Clone)]
struct Times(Vec<(Instant, Arc<Terms>)>);

impl Times {
    fn at(&self, start: i64) -> Option<&Arc<Terms>> {
        let behind = self.0.partition_point(|(from, _)| *from <= start);
        let (_, terms) = self.0.get(behind.checked_sub(1)?)?;
        Some(terms)
    }
}

impl InForce for TermsInForce {
    fn terms(&self, dealer_id: &str, start: i64) -> Arc<Terms> {
        let times = self.dealers.get(dealer_id).unwrap_or(&self.network);
        // There are terms from ever on.
        times.at(start).cloned().unwrap_or_else(nothing_owed)
    }
}

fn nothing_owed() -> Arc<Terms> {
    Arc::new(Terms {
        policy: String::new(),
        version: 0,
        terms: Vec::new(),
    })
}

impl Policies {
    /// The SLA in force for every dealer and instant.
    #[must_use]
    pub fn terms(&self) -> TermsInForce {
        let slas = self.versions().iter();
        let slas = slas.filter(|version| version.published.kind() == Kind::Sla);
        Weaver::new(self, slas.cloned().collect(), None).woven()
    }

    /// The terms that these SLAs give, if `hours` count instead of those of every calendar.
    pub(super) fn terms_of(
        &self,
        slas: Vec<Arc<Version>>,
        hours: Option<&CalendarPolicy>,
    ) -> TermsInForce {
        Weaver::new(self, slas, hours).woven()
    }
}

/// What the terms at an instant are made of: the index of the SLA, and those of its calendars.
type Parts = (usize, Vec<usize>);

/// Puts together which terms hold when.
struct Weaver<'w> {
    policies: &'w Policies,
    slas: Vec<Arc<Version>>,
    calendars: Vec<Arc<Version>>,
    /// The clock of each calendar, where it has one.
    business: Vec<Option<BudgetClock>>,
    made: BTreeMap<Parts, Arc<Terms>>,
}

impl<'w> Weaver<'w> {
    fn new(
        policies: &'w Policies,
        mut slas: Vec<Arc<Version>>,
        hours: Option<&CalendarPolicy>,
    ) -> Self {
        slas.retain(|version| version.flaw.is_none());
        let named: BTreeSet<&str> = slas
            .iter()
            .flat_map(|version| obligations(version))
            .map(|owed| owed.calendar.as_str())
            .collect();
        let calendars = policies.versions().iter().filter(|version| {
            let published = &version.published;
            let usable = version.flaw.is_none() && published.kind() == Kind::Calendar;
            usable && named.contains(published.name.as_str())
        });
        let calendars: Vec<Arc<Version>> = calendars.cloned().collect();
        let business = calendars.iter().map(|it| match &it.published.body {
            Some(Body::Calendar(calendar)) => business(hours.unwrap_or(calendar)),
            _ => None,
        });
        Self {
            policies,
            business: business.collect(),
            slas,
            calendars,
            made: BTreeMap::new(),
        }
    }

    fn woven(mut self) -> TermsInForce {
        let network = self.times("", &[]);
        let mut dealers = BTreeMap::new();
        let mut own: BTreeSet<String> = BTreeSet::new();
        let mut markets: BTreeSet<String> = BTreeSet::new();
        for version in self.slas.iter().chain(&self.calendars) {
            if let Some(scope) = &version.published.scope {
                own.insert(scope.dealer_id.clone());
                markets.insert(scope.market.clone());
            }
        }
        let policies = self.policies;
        for (dealer_id, told) in policies.network().dealers() {
            let mut told_markets = told.iter().map(|(_, dealer)| &dealer.market);
            if told_markets.any(|market| !market.is_empty() && markets.contains(market)) {
                own.insert(dealer_id.to_owned());
            }
        }
        own.remove("");
        for dealer_id in own {
            let told = policies.network().registrations(&dealer_id).iter();
            let moves: Vec<Instant> = told.map(|(from, _)| (*from).into()).collect();
            let times = self.times(&dealer_id, &moves);
            dealers.insert(dealer_id, times);
        }
        TermsInForce { network, dealers }
    }

    /// What holds when for a dealer who moved at these instants; for the network if none is named.
    fn times(&mut self, dealer_id: &str, moves: &[Instant]) -> Times {
        let versions = self.slas.iter().chain(&self.calendars);
        let mut borders: BTreeSet<Instant> =
            versions.map(|version| version.effective_from).collect();
        borders.insert(Instant::MIN);
        borders.extend(moves);
        let mut times: Vec<(Instant, Arc<Terms>)> = Vec::with_capacity(borders.len());
        for border in borders {
            let place = self.policies.place(dealer_id, border);
            let terms = self.at(place, border);
            let same = times
                .last()
                .is_some_and(|(_, last)| Arc::ptr_eq(last, &terms));
            if !same {
                times.push((border, terms));
            }
        }
        Times(times)
    }

    fn at(&mut self, place: Place<'_>, start: Instant) -> Arc<Terms> {
        let calendars = &self.calendars;
        let business = &self.business;
        let calendar = |name: &str| {
            let named = calendars.iter().filter(|it| it.published.name == name);
            let found = chosen(named, place, start)?;
            let index = calendars.iter().position(|it| Arc::ptr_eq(it, found))?;
            business.get(index)?.as_ref().map(|_| index)
        };
        let parts = |version: &Arc<Version>| -> Option<Vec<usize>> {
            let named = obligations(version)
                .iter()
                .filter(|owed| !owed.calendar.is_empty());
            named.map(|owed| calendar(&owed.calendar)).collect()
        };
        let usable = self.slas.iter().filter(|version| parts(version).is_some());
        let Some(sla) = chosen(usable, place, start) else {
            return nothing_owed();
        };
        let index = self
            .slas
            .iter()
            .position(|it| Arc::ptr_eq(it, sla))
            .unwrap_or(usize::MAX);
        let key = (index, parts(sla).unwrap_or_default());
        if let Some(made) = self.made.get(&key) {
            return made.clone();
        }
        let mut clocks = key
            .1
            .iter()
            .filter_map(|index| business.get(*index)?.clone());
        let terms = obligations(sla).iter().map(|owed| {
            let clock = if owed.calendar.is_empty() {
                BudgetClock::Elapsed
            } else {
                clocks.next().unwrap_or(BudgetClock::Elapsed)
            };
            term(owed, clock)
        });
        let terms = Arc::new(Terms {
            policy: sla.published.name.clone(),
            version: sla.published.version,
            terms: terms.collect(),
        });
        self.made.insert(key, terms.clone());
        terms
    }
}

fn obligations(version: &Version) -> &[Obligation] {
    match &version.published.body {
        Some(Body::Sla(sla)) => &sla.obligations,
        _ => &[],
    }
}

/// The clock by which the open time of a calendar counts; `None` if the calendar cannot be used.
fn business(calendar: &CalendarPolicy) -> Option<BudgetClock> {
    let calendar = Calendar::new(calendar).ok()?;
    Some(BudgetClock::Business(Arc::new(calendar)))
}

fn term(owed: &Obligation, clock: BudgetClock) -> Term {
    Term {
        kind: owed.kind(),
        budget_seconds: owed.budget_seconds,
        clock,
        warning_shares: owed.warning_shares.clone(),
        responsible_only: owed.responsible_only,
        pauses_on_owner: owed.pauses_on_owner && owed.kind() != Owed::FirstReply,
    }
}
