//! The SLA terms in force, ready to be applied to items. To judge a million items quickly, each query first builds a short
//! list of (from-instant, terms) pairs per dealer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::CalendarPolicy;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::sla_policy::Obligation;

use super::choice::{Place, choose};
use super::load::Policies;
use super::version::Version;
use crate::calendar::{BudgetClock, Calendar};
use crate::obligation::terms::{InForce, Term, Terms, is_dated, never_pauses};

/// The terms in force for every dealer and instant.
#[derive(Debug, Clone)]
pub struct TermsInForce {
    network: TermsByInstant,
    /// Only dealers whose terms may differ from those of the network.
    dealers: BTreeMap<String, TermsByInstant>,
}

/// Terms with the instants from which they hold, ascending; the first have always held.
#[derive(Debug, Clone)]
struct TermsByInstant(Vec<(Instant, Arc<Terms>)>);

impl TermsByInstant {
    fn at(&self, start: i64) -> Option<&Arc<Terms>> {
        let later = self.0.partition_point(|(from, _)| *from <= start);
        let (_, terms) = self.0.get(later.checked_sub(1)?)?;
        Some(terms)
    }
}

impl InForce for TermsInForce {
    fn terms(&self, dealer_id: &str, start: i64) -> Arc<Terms> {
        let by_instant = self.dealers.get(dealer_id).unwrap_or(&self.network);
        // The first terms have always held, so there are some at every instant.
        by_instant.at(start).cloned().unwrap_or_else(no_terms)
    }
}

fn no_terms() -> Arc<Terms> {
    Arc::new(Terms {
        policy: String::new(),
        version: 0,
        terms: Vec::new(),
    })
}

impl Policies {
    /// Returns the terms in force for every dealer and instant.
    #[must_use]
    pub fn terms(&self) -> TermsInForce {
        let slas = self.versions().iter();
        let slas = slas.filter(|version| version.published.kind() == Kind::Sla);
        TermsBuilder::new(self, slas.cloned().collect(), None).build()
    }

    /// Returns the terms of these SLAs; `hours` replace those of every calendar.
    pub(super) fn terms_of(
        &self,
        slas: Vec<Arc<Version>>,
        hours: Option<&CalendarPolicy>,
    ) -> TermsInForce {
        TermsBuilder::new(self, slas, hours).build()
    }
}

/// The parts of the terms at an instant: the index of the SLA, and those of its calendars.
type Parts = (usize, Vec<usize>);

/// Builds the terms for all dealers and instants.
struct TermsBuilder<'w> {
    policies: &'w Policies,
    slas: Vec<Arc<Version>>,
    calendars: Vec<Arc<Version>>,
    /// The clock of each calendar, if it has one.
    clocks: Vec<Option<BudgetClock>>,
    /// The terms built so far.
    built: BTreeMap<Parts, Arc<Terms>>,
}

impl<'w> TermsBuilder<'w> {
    fn new(
        policies: &'w Policies,
        mut slas: Vec<Arc<Version>>,
        hours: Option<&CalendarPolicy>,
    ) -> Self {
        slas.retain(|version| version.flaw.is_none());
        let names: BTreeSet<&str> = slas
            .iter()
            .flat_map(|version| obligations(version))
            .map(|owed| owed.calendar.as_str())
            .collect();
        let calendars = policies.versions().iter().filter(|version| {
            let published = &version.published;
            let usable = version.flaw.is_none() && published.kind() == Kind::Calendar;
            usable && names.contains(published.name.as_str())
        });
        let calendars: Vec<Arc<Version>> = calendars.cloned().collect();
        let clocks = calendars
            .iter()
            .map(|version| match &version.published.body {
                Some(Body::Calendar(calendar)) => business_clock(hours.unwrap_or(calendar)),
                _ => None,
            });
        Self {
            policies,
            clocks: clocks.collect(),
            slas,
            calendars,
            built: BTreeMap::new(),
        }
    }

    fn build(mut self) -> TermsInForce {
        let network = self.by_instant("", &[]);
        let mut dealers = BTreeMap::new();
        let mut with_own_terms: BTreeSet<String> = BTreeSet::new();
        let mut markets: BTreeSet<String> = BTreeSet::new();
        for version in self.slas.iter().chain(&self.calendars) {
            if let Some(scope) = &version.published.scope {
                with_own_terms.insert(scope.dealer_id.clone());
                markets.insert(scope.market.clone());
            }
        }
        let policies = self.policies;
        for (dealer_id, registrations) in policies.network().dealers() {
            let mut registered = registrations.iter().map(|(_, dealer)| &dealer.market);
            if registered.any(|market| !market.is_empty() && markets.contains(market)) {
                with_own_terms.insert(dealer_id.to_owned());
            }
        }
        with_own_terms.remove("");
        for dealer_id in with_own_terms {
            let registrations = policies.network().registrations(&dealer_id).iter();
            let moves: Vec<Instant> = registrations.map(|(from, _)| (*from).into()).collect();
            let by_instant = self.by_instant(&dealer_id, &moves);
            dealers.insert(dealer_id, by_instant);
        }
        TermsInForce { network, dealers }
    }

    /// Returns the terms of a dealer who changed market at these instants; of the network for the empty dealer.
    fn by_instant(&mut self, dealer_id: &str, moves: &[Instant]) -> TermsByInstant {
        let versions = self.slas.iter().chain(&self.calendars);
        let mut borders: BTreeSet<Instant> =
            versions.map(|version| version.effective_from).collect();
        borders.insert(Instant::MIN);
        borders.extend(moves);
        let mut by_instant: Vec<(Instant, Arc<Terms>)> = Vec::with_capacity(borders.len());
        for border in borders {
            let place = self.policies.place(dealer_id, border);
            let terms = self.at(place, border);
            let same = by_instant
                .last()
                .is_some_and(|(_, last)| Arc::ptr_eq(last, &terms));
            if !same {
                by_instant.push((border, terms));
            }
        }
        TermsByInstant(by_instant)
    }

    fn at(&mut self, place: Place<'_>, start: Instant) -> Arc<Terms> {
        let calendars = &self.calendars;
        let business = &self.clocks;
        let calendar = |name: &str| {
            let of_name = calendars.iter().filter(|it| it.published.name == name);
            let version = choose(of_name, place, start)?;
            let index = calendars.iter().position(|it| Arc::ptr_eq(it, version))?;
            business.get(index)?.as_ref().map(|_| index)
        };
        let parts = |version: &Arc<Version>| -> Option<Vec<usize>> {
            let with_calendar = obligations(version)
                .iter()
                .filter(|owed| !owed.calendar.is_empty());
            with_calendar.map(|owed| calendar(&owed.calendar)).collect()
        };
        let usable = self.slas.iter().filter(|version| parts(version).is_some());
        let Some(sla) = choose(usable, place, start) else {
            return no_terms();
        };
        let index = self
            .slas
            .iter()
            .position(|it| Arc::ptr_eq(it, sla))
            .unwrap_or(usize::MAX);
        let key = (index, parts(sla).unwrap_or_default());
        if let Some(terms) = self.built.get(&key) {
            return terms.clone();
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
        self.built.insert(key, terms.clone());
        terms
    }
}

fn obligations(version: &Version) -> &[Obligation] {
    match &version.published.body {
        Some(Body::Sla(sla)) => &sla.obligations,
        _ => &[],
    }
}

/// Returns the clock that runs in the open hours of a calendar; `None` if the calendar is unusable.
fn business_clock(calendar: &CalendarPolicy) -> Option<BudgetClock> {
    let calendar = Calendar::new(calendar).ok()?;
    Some(BudgetClock::Business(Arc::new(calendar)))
}

fn term(owed: &Obligation, clock: BudgetClock) -> Term {
    Term {
        kind: owed.kind(),
        budget: match is_dated(owed.kind()) {
            true => 0,
            false => owed.budget_seconds.saturating_mul(1_000_000_000),
        },
        clock,
        warning_shares: owed.warning_shares.clone(),
        responsible_only: owed.responsible_only,
        pauses_on_owner: owed.pauses_on_owner && !never_pauses(owed.kind()),
        cases_only: owed.cases_only,
    }
}
