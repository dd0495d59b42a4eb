//! Where a car stands: the pure function that ends the computation.

use std::collections::BTreeSet;

use jiff::civil::Date;
use ownerline_proto::time::Instant;

use super::car::Car;
use super::defects::{Links, defects};
use super::facts::{Event, RepairFold};
use super::judge::Court;
use super::rules::{Traits, rules};
use super::status::{Flag, Notice, RepairStatus, Visit};
use super::visits::{days_out, visits};
use crate::person::{identity, ownership};
use crate::policy::{Place, Policies, PolicyStates};
use crate::timeline::{self, TimelineStates};
use crate::{AnswerError, Snapshots, Vantage, corrections, network, policy, vehicles};

/// The views that repeated repairs are read from.
pub const VIEWS: [&str; 7] = [
    timeline::VIEW.name,
    corrections::VIEW.name,
    identity::VIEW.name,
    ownership::VIEW.name,
    vehicles::VIEW.name,
    policy::VIEW.name,
    network::VIEW.name,
];

/// Answers where a car stands, from the touchpoints that [`gather`](super::gather) asked for.
///
/// # Errors
/// If a state cannot be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    fold: &RepairFold,
) -> Result<RepairStatus, AnswerError> {
    let validity = vantage.validity()?;
    let mut car = Car::read(snapshots, vantage, &validity, fold)?;
    let (visits, mut flags) = visits(fold.visits.iter(), &mut car);
    let states = TimelineStates::of(snapshots);
    let mut links = Links::new(states.vehicles, &validity, vantage.as_of);
    let defects = defects(&fold.visits, &visits, &mut links, &mut flags)?;
    let notices: Vec<Notice> = fold.notices.values().cloned().collect();
    let zone = zone_of_last(&visits, &car);
    let noticed_on = notices.iter().map(|it| car.date(&zone, it.key.occurred_at));
    let noticed_on: Vec<Date> = noticed_on.collect();
    let jurisdictions = jurisdictions(fold);
    let of_car = [
        (jurisdictions.is_empty(), Flag::NoJurisdiction),
        (car.first_delivery.is_none(), Flag::FirstDeliveryUnknown),
        (!vantage.viewer.sees_network(), Flag::SomeDealersOnly),
    ];
    flags.extend(
        of_car
            .into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, flag)| flag),
    );
    let traits = Traits {
        jurisdictions: &jurisdictions,
        first_delivery: car.first_delivery.map(|it| it.day),
        used: car.used,
        brand: &car.brand.clone(),
        reports: reports(fold, &visits, &mut car),
        notices: noticed_on.clone(),
    };
    let policies = PolicyStates::of(snapshots);
    let policies = Policies::load(policies, vantage.as_of, vantage.known_at)?;
    let start = traits.first_delivery.map_or(vantage.as_of, midnight);
    let in_force = policies.repeat_repair(place(&policies, &visits, start), start);
    let mut court = Court {
        visits: &visits,
        defects: &defects,
        notices: &notices,
        noticed_on: &noticed_on,
        today: car.today(&zone),
        links: &mut links,
    };
    let rules = match in_force {
        Some((_, policy)) => rules(policy, &traits, &mut court)?,
        None => Vec::new(),
    };
    let version = in_force.map(|(version, _)| version);
    let published = version.map(|it| &it.published);
    Ok(RepairStatus {
        vin: fold.vin.clone(),
        first_delivery: car.first_delivery,
        used: car.used,
        days_out: days_out(visits.iter().filter(|it| it.counts).map(|it| (it, None))).count(),
        policy: published.map_or_else(String::new, |it| it.name.clone()),
        policy_version: published.map_or(0, |it| it.version),
        is_sample: version.is_some_and(|it| it.publication.is_none()),
        jurisdictions,
        visits,
        defects,
        notices,
        rules,
        flags,
    })
}

/// The place for which rules have to be in force: the dealer of the first visit.
fn place<'p>(policies: &'p Policies, visits: &'p [Visit], start: Instant) -> Place<'p> {
    match visits.first().map_or("", |it| it.dealer_id.as_str()) {
        "" => Place::NETWORK,
        dealer => policies.place(dealer, start),
    }
}

/// The jurisdictions of the registrations, each once, in their order.
fn jurisdictions(fold: &RepairFold) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let stated = fold.registrations.values().map(|it| &it.jurisdiction);
    let stated = stated.filter(|it| !it.is_empty() && seen.insert((*it).clone()));
    stated.cloned().collect()
}

/// The zone of the dealer of the last visit: that of dates that are of no visit.
fn zone_of_last(visits: &[Visit], car: &Car<'_>) -> String {
    visits.last().map_or_else(String::new, |it| {
        car.zone(&it.dealer_id, it.began.occurred_at)
    })
}

/// The local dates of reports of defects, ascending.
fn reports(fold: &RepairFold, visits: &[Visit], car: &mut Car<'_>) -> Vec<Date> {
    let mut reports = Vec::new();
    for visit in visits {
        let zone = car.zone(&visit.dealer_id, visit.began.occurred_at);
        let events = fold.visits.get(&visit.visit_id).map(|it| &it.events);
        for (key, event) in events.into_iter().flatten() {
            if matches!(event, Event::Reported { .. }) {
                reports.push(car.date(&zone, key.occurred_at));
            }
        }
    }
    reports.sort_unstable();
    reports
}

/// The first instant of a date in UTC.
fn midnight(day: Date) -> Instant {
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC);
    midnight.map_or(Instant::MIN, |it| {
        let nanos = it.timestamp().as_nanosecond();
        i64::try_from(nanos).unwrap_or(i64::MIN).into()
    })
}
