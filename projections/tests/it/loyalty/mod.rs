//! Whether persons come back for another car of the same make: each rule of `docs/scores.md`, section Loyalty.

mod curve;
mod growth;
mod properties;
mod rules;
mod told_twice;

use ownerline_projections::fold::ViewDef;
use ownerline_projections::loyalty;
use ownerline_projections::loyalty::{
    LENGTHS, LoyaltyFigures, LoyaltyQuery, LoyaltyScope, LoyaltyStates, loyalty,
};
use ownerline_projections::person::identity;
use ownerline_projections::person::ownership;
use ownerline_projections::timeline;
use ownerline_projections::vehicles;
use ownerline_projections::{Driver, MemoryState, Position, Recorded, corrections};
use ownerline_proto::v1::repurchased::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Defected, HandoverCompleted, Loyalty, Money, OrderPlaced, Repurchased, VehicleRegistered,
};

use crate::history::{TestTouchpoint, entries, log};

/// A day in nanoseconds.
const DAY: i64 = 86_400_000_000_000;

struct World {
    states: Vec<MemoryState>,
    head: Position,
}

impl World {
    fn of(said: &[TestTouchpoint]) -> Self {
        Self::recorded(&log(said))
    }

    fn recorded(log: &[Recorded]) -> Self {
        let views: [ViewDef; 6] = [
            loyalty::VIEW,
            vehicles::VIEW,
            ownership::VIEW,
            identity::VIEW,
            timeline::VIEW,
            corrections::VIEW,
        ];
        let mut driver = Driver::default();
        for view in views {
            driver.add(view, MemoryState::default()).unwrap();
        }
        driver.apply(&entries(log)).unwrap();
        let lanes = driver.lanes().iter();
        let states = lanes.map(|lane| {
            assert!(lane.stopped().is_none());
            lane.state().clone()
        });
        Self {
            states: states.collect(),
            head: Position(log.len() as u64),
        }
    }

    fn asked(&self, query: &LoyaltyQuery) -> LoyaltyFigures {
        let states = LoyaltyStates {
            loyalty: &self.states[0],
            vehicles: &self.states[1],
            ownership: &self.states[2],
            identity: &self.states[3],
            timeline: &self.states[4],
            corrections: &self.states[5],
        };
        loyalty(states, query, &|| false).unwrap()
    }

    /// As of a day, as known now.
    fn on(&self, day: i64) -> LoyaltyFigures {
        self.asked(&self.asking(day))
    }

    fn asking(&self, day: i64) -> LoyaltyQuery {
        LoyaltyQuery {
            scope: LoyaltyScope::default(),
            lengths: LENGTHS.to_vec(),
            as_of: (day * DAY).into(),
            known_at: self.head,
        }
    }
}

/// Of a make; nothing if there is no spell of it.
fn of_make(figures: &LoyaltyFigures, make: &str) -> Loyalty {
    let group = figures.groups.iter().find(|it| it.make == make);
    group.map_or_else(Loyalty::default, |it| it.loyalty.clone().unwrap())
}

/// Owners, spells, open, and then returns to the same brand, to another, defections, undecided.
fn counts(it: &Loyalty) -> [u64; 7] {
    let same = it.same_brand_bought + it.same_brand_leased + it.same_brand_kind_not_told;
    assert_eq!(
        it.returned,
        same + it.other_brand + it.defected + it.undecided
    );
    [
        it.owners,
        it.spells,
        it.open,
        same,
        it.other_brand,
        it.defected,
        it.undecided,
    ]
}

/// Touchpoints in the order of arrival; ids are numbers.
#[derive(Default)]
struct Story(Vec<TestTouchpoint>);

impl Story {
    fn id(&self) -> String {
        format!("t{}", self.0.len())
    }

    fn says(mut self, said: TestTouchpoint) -> Self {
        self.0.push(said);
        self
    }

    /// A car of a make becomes an owner's.
    fn car(self, day: i64, owner: &str, vin: &str, make: &str) -> Self {
        let registered = Payload::VehicleRegistered(VehicleRegistered {
            brand: make.to_owned(),
            ..VehicleRegistered::default()
        });
        let of_car = |said: TestTouchpoint| said.about(|it| it.vin = vin.to_owned());
        let registered = of_car(TestTouchpoint::with_payload(
            &self.id(),
            day * DAY,
            registered,
        ));
        let story = self.says(registered);
        let acquired = of_car(TestTouchpoint::new(
            "vehicle_acquired",
            &story.id(),
            day * DAY,
        ));
        story.says(acquired.acquired(owner, true))
    }

    fn owner(self, day: i64, owner: &str, payload: Payload) -> Self {
        let said = TestTouchpoint::with_payload(&self.id(), day * DAY, payload);
        self.says(said.about(|it| it.owner_id = owner.to_owned()))
    }

    fn again(self, day: i64, owner: &str, order: &str, kind: Kind, make: &str) -> Self {
        let payload = Payload::Repurchased(Repurchased {
            order_id: order.to_owned(),
            kind: kind.into(),
            brand: make.to_owned(),
        });
        let said = TestTouchpoint::with_payload(&self.id(), day * DAY, payload);
        self.says(said.about(|it| {
            it.owner_id = owner.to_owned();
            it.order_id = order.to_owned();
        }))
    }

    fn left(self, day: i64, owner: &str, make: &str) -> Self {
        let brand = make.to_owned();
        self.owner(day, owner, Payload::Defected(Defected { brand }))
    }

    fn order(self, day: i64, owner: &str, order: &str, vin: &str, payload: Payload) -> Self {
        let said = TestTouchpoint::with_payload(&self.id(), day * DAY, payload);
        self.says(said.about(|it| {
            it.owner_id = owner.to_owned();
            it.order_id = order.to_owned();
            it.vin = vin.to_owned();
        }))
    }

    fn placed(self, day: i64, owner: &str, order: &str, make: &str, euros: i64) -> Self {
        let payload = Payload::OrderPlaced(OrderPlaced {
            brand: make.to_owned(),
            amount: (euros != 0).then(|| Money {
                minor_units: euros * 100,
                currency: "EUR".to_owned(),
            }),
            ..OrderPlaced::default()
        });
        self.order(day, owner, order, "", payload)
    }

    fn handed(self, day: i64, owner: &str, order: &str, vin: &str) -> Self {
        let payload = Payload::HandoverCompleted(HandoverCompleted {
            vin: vin.to_owned(),
        });
        self.order(day, owner, order, vin, payload)
    }

    fn world(&self) -> World {
        World::of(&self.0)
    }
}
