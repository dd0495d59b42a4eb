//! What the network reports about its dealers, incentive schemes and campaigns.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CampaignEnded, CampaignStarted, Channel, DealerChanged, DealerRegistered, IncentiveSchemeEnded,
    IncentiveSchemeStarted, Scope, Subjects, Touchpoint,
};

use crate::calendar::DAY;
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
