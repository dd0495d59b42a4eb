//! What the network reports about its dealers, incentive schemes and campaigns.

use ownerline_proto::closed_list::Measure;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    BenchmarkRecorded, CampaignEnded, CampaignStarted, Channel, DealerChanged, DealerRegistered,
    IncentiveSchemeEnded, IncentiveSchemeStarted, Scope, Subjects, TargetSet, Touchpoint,
};
use pbjson_types::Timestamp;

use crate::calendar::{DAY, year};
use crate::chance::Chance;
use crate::dealer::{Dealer, HOUSES, Habit};
use crate::odds;
use crate::pen::{Pen, Performer};
use crate::settings::Settings;

/// The touchpoints of the dealers' own streams, and of incentive schemes and campaigns.
pub(crate) fn dealer_touchpoints(settings: &Settings, dealers: &[Dealer]) -> Vec<Touchpoint> {
    let mut chance = Chance::new(settings.seed, u64::MAX / 2);
    let mut pen = Pen::new(settings, "network");
    pen.by(&Performer::System("network-office"), Channel::Api);
    for dealer in dealers {
        write_dealer(&mut chance, &mut pen, settings, dealer);
    }
    write_schemes(&mut pen, settings, dealers);
    pen.about(Subjects::default());
    write_targets(&mut pen, settings, dealers);
    write_benchmarks(&mut pen, settings);
    let mut written = pen.finish();
    written.sort_by_key(|it| it.occurred_at.map(|at| at.seconds));
    written
}

fn write_dealer(chance: &mut Chance, pen: &mut Pen, settings: &Settings, dealer: &Dealer) {
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

/// Incentive schemes at gaming dealers, and one campaign that explains an honest surge.
fn write_schemes(pen: &mut Pen, settings: &Settings, dealers: &[Dealer]) {
    pen.about(Subjects::default());
    for dealer in dealers
        .iter()
        .filter(|dealer| dealer.habit == Habit::Gaming)
    {
        let name = format!("incentive~{}", dealer.id);
        let scope = Some(Scope {
            dealer_id: dealer.id.clone(),
            market: String::new(),
        });
        let (metric, payout) = ("NPS", "a bonus per point at the end of the quarter");
        pen.at(settings.from() + DAY)
            .write(Payload::IncentiveSchemeStarted(IncentiveSchemeStarted {
                name: name.clone(),
                metric: metric.to_owned(),
                payout: payout.to_owned(),
                scope: scope.clone(),
            }));
        pen.at((settings.until - 45 * DAY).max(settings.from() + 2 * DAY))
            .write(Payload::IncentiveSchemeEnded(IncentiveSchemeEnded {
                name,
                metric: metric.to_owned(),
                payout: payout.to_owned(),
                scope,
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

/// Targets of the network, of a market and of a dealer; that of the network rises.
fn write_targets(pen: &mut Pen, settings: &Settings, dealers: &[Dealer]) {
    let start = settings.from() + DAY;
    let middle = settings.from() + (settings.until - settings.from()) / 2;
    let network = Scope::default();
    let market = |dealer: &Dealer| Scope {
        market: dealer.market.code.to_owned(),
        ..Scope::default()
    };
    let own = |dealer: &Dealer| Scope {
        dealer_id: dealer.id.clone(),
        ..Scope::default()
    };
    let mut targets = vec![
        (start, Measure::Nps, 45.0, network.clone()),
        (start, Measure::OnTime, 0.9, network.clone()),
        (middle, Measure::Nps, 50.0, network),
    ];
    targets.extend(
        dealers
            .first()
            .map(|it| (start, Measure::Csat, 0.85, market(it))),
    );
    targets.extend(
        dealers
            .last()
            .map(|it| (start, Measure::Nps, 60.0, own(it))),
    );
    for (at, measure, value, scope) in targets {
        pen.at(at).write(Payload::TargetSet(TargetSet {
            name: format!("targets~{}", settings.seed),
            measure: measure.as_str().to_owned(),
            value,
            scope: Some(scope),
            effective_from: Some(Timestamp {
                seconds: at,
                nanos: 0,
            }),
        }));
    }
}

/// Writes the yearly result of a study.
fn write_benchmarks(pen: &mut Pen, settings: &Settings) {
    const RANKS: [(i32, f64); 4] = [(3, 812.0), (5, 804.0), (2, 826.0), (4, 815.0)];
    let published = (settings.from() + 60 * DAY..settings.until).step_by(365 * DAY as usize);
    for (at, (rank, value)) in published.zip(RANKS.into_iter().cycle()) {
        let benchmark = BenchmarkRecorded {
            name: format!("benchmarks~{}", settings.seed),
            study: "Owner Care Study".to_owned(),
            year: year(at),
            measure: "satisfaction with the dealer".to_owned(),
            scale: "of 1000 points".to_owned(),
            rank,
            value,
        };
        pen.at(at).write(Payload::BenchmarkRecorded(benchmark));
    }
}
