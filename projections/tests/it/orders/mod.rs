//! Orders: how they stand, what was promised, how long the owner heard nothing, and what they are found by.

mod course;
mod found;
mod holds;
mod loaded;
mod random;
mod shown;
mod silence;
mod unknown_codes;
mod windows;

use std::collections::BTreeSet;

use ownerline_projections::orders::{OrderAnswer, OrderFlag, OrderQuestion, OrderSheet, answer};
use ownerline_projections::vantage::DealerScope;
use ownerline_projections::{AnswerError, Position, Viewer};
use ownerline_proto::v1::order_placed::SaleType;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Actor, DealerRegistered, DeliveryDatePromised, DeliveryDateRevised, HandoverCompleted,
    OrderCancelled, OrderHeld, OrderHoldLifted, OrderPlaced, OwnerNotified, ProductionStage,
    ProductionStageReached, StagePhotographed, TouchpointRef, UpdateViewed, VinAssigned,
    VinWithdrawn, Visibility, actor,
};

use crate::history::{TestTouchpoint, answered, log};

pub(crate) const SECOND: i64 = 1_000_000_000;
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// An instant in nanoseconds since the Unix epoch: RFC 3339, or a date for its noon in UTC.
pub(crate) fn at(when: &str) -> i64 {
    let text = match when.contains('T') {
        true => when.to_owned(),
        false => format!("{when}T12:00:00Z"),
    };
    let instant: jiff::Timestamp = text.parse().unwrap();
    instant.as_nanosecond().try_into().unwrap()
}

/// A touchpoint of ann's order `o1` that she may see. Its id is its kind and its instant.
pub(crate) fn said(when: &str, payload: Payload) -> TestTouchpoint {
    let mut said = TestTouchpoint::with_payload("", at(when), payload);
    said.id = format!("{}~{when}", said.kind);
    said.visibility = Visibility::Owner.into();
    said.about(|it| it.order_id = "o1".to_owned())
}

pub(crate) trait Said {
    /// The same under this id.
    fn named(self, id: &str) -> Self;
    /// The same for the dealers' eyes only.
    fn for_dealers(self) -> Self;
    /// The same for the manufacturer's eyes only.
    fn internal(self) -> Self;
    /// The same, revealed at an instant.
    fn revealed(self, when: &str) -> Self;
    /// The same, by the owner.
    fn by_owner(self) -> Self;
    /// The same of another order.
    fn of_order(self, order_id: &str) -> Self;
}

impl Said for TestTouchpoint {
    fn named(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }

    fn for_dealers(mut self) -> Self {
        self.visibility = Visibility::Dealer.into();
        self
    }

    fn internal(mut self) -> Self {
        self.visibility = Visibility::Internal.into();
        self
    }

    fn revealed(mut self, when: &str) -> Self {
        self.visible_from = Some(at(when));
        self
    }

    fn by_owner(mut self) -> Self {
        self.actor = Some(Actor {
            id: "portal-user".to_owned(),
            kind: actor::Kind::Human.into(),
            role: "owner".to_owned(),
            ..Actor::default()
        });
        self
    }

    fn of_order(self, order_id: &str) -> Self {
        self.about(|it| order_id.clone_into(&mut it.order_id))
    }
}

/// Ann orders a new car of dealer `d1`, under the commission number `C-1`.
pub(crate) fn placed(when: &str) -> TestTouchpoint {
    placed_as(when, "C-1", SaleType::New).about(|it| {
        it.owner_id = "ann".to_owned();
        it.dealer_id = "d1".to_owned();
    })
}

pub(crate) fn placed_as(when: &str, number: &str, sale_type: SaleType) -> TestTouchpoint {
    let payload = OrderPlaced {
        commission_number: number.to_owned(),
        sale_type: sale_type.into(),
        brand: "Halcyra".to_owned(),
        model: "Roadster".to_owned(),
        ..OrderPlaced::default()
    };
    said(when, Payload::OrderPlaced(payload))
}

pub(crate) fn stage(when: &str, stage: ProductionStage) -> TestTouchpoint {
    let payload = ProductionStageReached {
        stage: stage.into(),
        raw_code: format!("{stage:?}"),
        ..ProductionStageReached::default()
    };
    said(when, Payload::ProductionStageReached(payload)).named(&format!("{stage:?}~{when}"))
}

pub(crate) fn promised(when: &str, date: &str, until_date: &str) -> TestTouchpoint {
    let payload = DeliveryDatePromised {
        date: date.to_owned(),
        until_date: until_date.to_owned(),
        ..DeliveryDatePromised::default()
    };
    said(when, Payload::DeliveryDatePromised(payload))
}

/// A revision that says the first day of the window before, and does not tell the owner itself.
pub(crate) fn revised(when: &str, previous: &str, date: &str, until_date: &str) -> TestTouchpoint {
    let payload = DeliveryDateRevised {
        previous: previous.to_owned(),
        date: date.to_owned(),
        until_date: until_date.to_owned(),
        ..DeliveryDateRevised::default()
    };
    said(when, Payload::DeliveryDateRevised(payload))
}

/// The same, and the owner was told.
pub(crate) fn and_told(mut revision: TestTouchpoint) -> TestTouchpoint {
    if let Some(Payload::DeliveryDateRevised(it)) = &mut revision.payload {
        it.owner_notified = true;
    }
    revision
}

fn about(of: &TestTouchpoint) -> Option<TouchpointRef> {
    Some(TouchpointRef {
        source: of.source.clone(),
        id: of.id.clone(),
    })
}

/// A notice to ann about a touchpoint.
pub(crate) fn notified(when: &str, of: &TestTouchpoint, delivered: bool) -> TestTouchpoint {
    let payload = OwnerNotified {
        about: about(of),
        delivered,
    };
    said(when, Payload::OwnerNotified(payload)).about(|it| it.owner_id = "ann".to_owned())
}

/// Ann looks at a touchpoint.
pub(crate) fn viewed(when: &str, of: &TestTouchpoint) -> TestTouchpoint {
    let viewed = said(
        when,
        Payload::UpdateViewed(UpdateViewed { about: about(of) }),
    );
    viewed.by_owner().about(|it| it.owner_id = "ann".to_owned())
}

pub(crate) fn held(when: &str, hold: &str, expected_release: &str) -> TestTouchpoint {
    let payload = OrderHeld {
        hold_id: hold.to_owned(),
        expected_release: expected_release.to_owned(),
        ..OrderHeld::default()
    };
    said(when, Payload::OrderHeld(payload)).named(&format!("held-{hold}~{when}"))
}

pub(crate) fn lifted(when: &str, hold: &str) -> TestTouchpoint {
    let payload = OrderHoldLifted {
        hold_id: hold.to_owned(),
    };
    said(when, Payload::OrderHoldLifted(payload)).named(&format!("lifted-{hold}~{when}"))
}

pub(crate) fn assigned(when: &str, vin: &str) -> TestTouchpoint {
    let vin = vin.to_owned();
    said(when, Payload::VinAssigned(VinAssigned { vin }))
}

pub(crate) fn withdrawn(when: &str, vin: &str) -> TestTouchpoint {
    let vin = vin.to_owned();
    said(when, Payload::VinWithdrawn(VinWithdrawn { vin }))
}

pub(crate) fn handed_over(when: &str, vin: &str) -> TestTouchpoint {
    let vin = vin.to_owned();
    said(when, Payload::HandoverCompleted(HandoverCompleted { vin }))
}

pub(crate) fn cancelled(when: &str) -> TestTouchpoint {
    said(when, Payload::OrderCancelled(OrderCancelled::default()))
}

pub(crate) fn photographed(when: &str, caption: &str) -> TestTouchpoint {
    let payload = StagePhotographed {
        stage: ProductionStage::Body.into(),
        uri: "https://pictures.example/1.jpg".to_owned(),
        caption: caption.to_owned(),
        ..StagePhotographed::default()
    };
    said(when, Payload::StagePhotographed(payload))
}

/// A dealer that is registered before anything else happens.
pub(crate) fn dealer(dealer_id: &str, zone: &str) -> TestTouchpoint {
    let payload = DealerRegistered {
        time_zone: zone.to_owned(),
        ..DealerRegistered::default()
    };
    let when = at("2020-01-01");
    TestTouchpoint::with_payload(dealer_id, when, Payload::DealerRegistered(payload))
        .about(|it| dealer_id.clone_into(&mut it.dealer_id))
}

/// A question about an order: by the manufacturer, who sees everything, as far as nothing else is said.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    question: OrderQuestion,
    as_of: i64,
    now: i64,
    known_at: Option<u64>,
    viewer: Viewer,
}

pub(crate) fn ask(name: &str, as_of: &str) -> Ask {
    Ask {
        question: OrderQuestion {
            name: name.to_owned(),
            ..OrderQuestion::default()
        },
        as_of: at(as_of),
        now: at(as_of),
        known_at: None,
        viewer: Viewer::unrestricted(),
    }
}

impl Ask {
    pub(crate) fn of_dealer(mut self) -> Self {
        self.question.visible_to = Some(Visibility::Dealer);
        self
    }

    pub(crate) fn of_owner(mut self, owner_id: &str) -> Self {
        self.question.visible_to = Some(Visibility::Owner);
        self.question.owner_id = Some(owner_id.to_owned());
        self
    }

    /// Only of these dealers.
    pub(crate) fn seeing(mut self, dealers: &[&str]) -> Self {
        let dealers = dealers.iter().map(|it| (*it).to_owned());
        self.viewer.dealers = DealerScope::Only(dealers.collect());
        self
    }

    /// As known after so many touchpoints.
    pub(crate) fn known_at(mut self, position: usize) -> Self {
        self.known_at = Some(position as u64);
        self
    }

    pub(crate) fn asked_at(mut self, when: &str) -> Self {
        self.now = at(when);
        self
    }

    /// The same as of another instant, in nanoseconds since the Unix epoch.
    pub(crate) fn at_nanos(mut self, as_of: i64) -> Self {
        (self.as_of, self.now) = (as_of, as_of);
        self
    }

    /// Reads the answer; `None` if there is no such order for whoever asks.
    pub(crate) fn read<A>(
        &self,
        said: &[TestTouchpoint],
        read: impl FnOnce(&OrderAnswer, &OrderSheet<'_>) -> A,
    ) -> Option<A> {
        let log = log(said);
        let known_at = Position(self.known_at.unwrap_or(said.len() as u64));
        let answer = answered(
            &log,
            known_at,
            self.as_of,
            &self.viewer,
            |snapshots, vantage| {
                let vantage = vantage.asked_at(self.now.into());
                answer(snapshots, &vantage, &self.question)
            },
        );
        match answer {
            Ok(answer) => Some(read(&answer, &answer.sheet())),
            Err(AnswerError::Unknown { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Reads the sheet of an order that there is.
    pub(crate) fn sheet<A>(
        &self,
        said: &[TestTouchpoint],
        read: impl FnOnce(&OrderSheet<'_>) -> A,
    ) -> A {
        self.read(said, |_, sheet| read(sheet)).unwrap()
    }
}

/// Reads what is in an order as of an instant, as the manufacturer sees it.
pub(crate) fn now<A>(
    said: &[TestTouchpoint],
    as_of: &str,
    read: impl FnOnce(&OrderSheet<'_>) -> A,
) -> A {
    ask("o1", as_of).sheet(said, read)
}

pub(crate) fn flags(said: &[TestTouchpoint], as_of: &str) -> BTreeSet<OrderFlag> {
    now(said, as_of, |sheet| sheet.flags.clone())
}
