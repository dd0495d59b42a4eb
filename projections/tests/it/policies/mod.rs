//! The policy in force for a dealer and an instant, and the network: as they were and as they were known.

mod in_force;
mod properties;
mod versions;

use ownerline_projections::calendar::BudgetClock;
use ownerline_projections::network::{self, Network};
use ownerline_projections::obligation::terms::{InForce as _, Term};
use ownerline_projections::policy;
use ownerline_projections::policy::{Policies, PolicyStates, TermsInForce};
use ownerline_projections::{Driver, MemoryState, Position, Validity, corrections};
use ownerline_proto::time;
use ownerline_proto::v1::calendar_policy::Interval;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::sla_policy::Obligation;
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CalendarPolicy, DealerChanged, DealerRegistered, PolicyPublished, Scope, SlaPolicy,
};

use crate::history::{TestTouchpoint, entries, log};

/// Every instant.
const EVER: i64 = i64::MAX;

struct World {
    policies: MemoryState,
    network: MemoryState,
    corrections: MemoryState,
}

impl World {
    fn of(said: &[TestTouchpoint]) -> Self {
        let mut driver = Driver::default();
        driver.add(policy::VIEW, MemoryState::default()).unwrap();
        driver.add(network::VIEW, MemoryState::default()).unwrap();
        driver
            .add(corrections::VIEW, MemoryState::default())
            .unwrap();
        driver.apply(&entries(&log(said))).unwrap();
        let state = |lane: usize| {
            assert!(driver.lanes()[lane].stopped().is_none());
            driver.lanes()[lane].state().clone()
        };
        Self {
            policies: state(0),
            network: state(1),
            corrections: state(2),
        }
    }

    fn states(&self) -> PolicyStates<'_> {
        PolicyStates {
            policies: &self.policies,
            network: &self.network,
            corrections: &self.corrections,
        }
    }

    fn known(&self, as_of: i64, known_at: Position) -> Policies {
        Policies::load(self.states(), as_of.into(), known_at).unwrap()
    }

    fn now(&self) -> Policies {
        self.known(EVER, Position::MAX)
    }

    fn dealers(&self, as_of: i64, known_at: Position) -> Network {
        let validity = Validity::new(&self.corrections, known_at).unwrap();
        Network::load(&self.network, &validity, as_of.into()).unwrap()
    }
}

fn scope(dealer_id: &str, market: &str) -> Scope {
    Scope {
        market: market.to_owned(),
        dealer_id: dealer_id.to_owned(),
    }
}

/// An SLA of one obligation; its budget says which it is.
fn sla(name: &str, version: i32, from: i64, budget: i64) -> PolicyPublished {
    let owed = Obligation {
        kind: Owed::FirstReply.into(),
        budget_seconds: budget,
        ..Obligation::default()
    };
    PolicyPublished {
        name: name.to_owned(),
        kind: Kind::Sla.into(),
        version,
        scope: None,
        effective_from: Some(time::timestamp(from)),
        body: Some(Body::Sla(SlaPolicy {
            obligations: vec![owed],
        })),
    }
}

fn with_calendar(mut policy: PolicyPublished, calendar: &str) -> PolicyPublished {
    if let Some(Body::Sla(sla)) = &mut policy.body {
        calendar.clone_into(&mut sla.obligations[0].calendar);
    }
    policy
}

fn for_whom(mut policy: PolicyPublished, dealer_id: &str, market: &str) -> PolicyPublished {
    policy.scope = Some(scope(dealer_id, market));
    policy
}

fn calendar(name: &str, version: i32, from: i64, until_minute: i32) -> PolicyPublished {
    let weekly = vec![Interval {
        from_minute: 0,
        until_minute,
    }];
    PolicyPublished {
        kind: Kind::Calendar.into(),
        body: Some(Body::Calendar(CalendarPolicy {
            zone: "UTC".to_owned(),
            weekly,
            exceptions: Vec::new(),
        })),
        ..sla(name, version, from, 1)
    }
}

fn published(id: &str, at: i64, policy: PolicyPublished) -> TestTouchpoint {
    TestTouchpoint::with_payload(id, at, Payload::PolicyPublished(policy))
}

fn registered(id: &str, at: i64, dealer_id: &str, market: &str) -> TestTouchpoint {
    let dealer = DealerRegistered {
        market: market.to_owned(),
        time_zone: "Europe/London".to_owned(),
        brands: vec!["Marque".to_owned()],
        ..DealerRegistered::default()
    };
    TestTouchpoint::with_payload(id, at, Payload::DealerRegistered(dealer))
        .about(|subjects| subjects.dealer_id = dealer_id.to_owned())
}

fn moved(id: &str, at: i64, dealer_id: &str, market: &str) -> TestTouchpoint {
    let dealer = DealerChanged {
        market: market.to_owned(),
        ..DealerChanged::default()
    };
    TestTouchpoint::with_payload(id, at, Payload::DealerChanged(dealer))
        .about(|subjects| subjects.dealer_id = dealer_id.to_owned())
}

/// The clock of a term: `elapsed`, or the open minutes of a week by its calendar.
fn clock(term: &Term) -> String {
    const MINUTE: i128 = 60_000_000_000;
    const WEEK: i64 = 7 * 24 * 60 * 60_000_000_000;
    match &term.clock {
        BudgetClock::Elapsed => "elapsed".to_owned(),
        BudgetClock::Business(calendar) => {
            let open = calendar.spent(0, WEEK.into(), &[]);
            (open / MINUTE).to_string()
        }
    }
}

/// (policy, version, budget, clock) of the first obligation.
fn owed(terms: &TermsInForce, dealer_id: &str, start: i64) -> (String, i32, i64, String) {
    let terms = terms.terms(dealer_id, start);
    let term = &terms.terms[0];
    let clock = clock(term);
    (
        terms.policy.clone(),
        terms.version,
        term.budget_seconds(),
        clock,
    )
}

fn budget(policies: &Policies, dealer_id: &str, start: i64) -> i64 {
    owed(&policies.terms(), dealer_id, start).2
}
