//! The rows that the view keeps of the touchpoints of an order. Texts stay in the log, and default values take no space.

use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::order_placed::SaleType;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Origin, ProductionStage, Touchpoint, Visibility};
use prost::Message;

use super::kind::OrderFactKind;
use crate::fold::corrections::{Inherited, Inherits, fill};
use crate::sight::Sight;
use crate::{Recorded, TouchpointKey};

/// What is kept of one touchpoint. When it happened, its source, its id and its position are in the key of the row.
#[derive(Clone, PartialEq, Message)]
pub struct OrderRow {
    /// Its kind: the number of the kind of touchpoint.
    #[prost(enumeration = "OrderFactKind", tag = "1")]
    pub kind: i32,
    /// How much later than it happened the log took it, or of an import, it reached the centre; in nanoseconds, wraps
    /// around.
    #[prost(sint64, tag = "2")]
    pub known_after: i64,
    /// It came by import.
    #[prost(bool, tag = "3")]
    pub imported: bool,
    /// The stream, if that is not the one of the order.
    #[prost(string, tag = "4")]
    pub stream: String,
    /// The owner that it names.
    #[prost(string, tag = "5")]
    pub owner_id: String,
    /// The vehicle that it names.
    #[prost(string, tag = "6")]
    pub vin: String,
    /// The dealer that it names.
    #[prost(string, tag = "7")]
    pub dealer_id: String,
    /// The visibility that it states; see [`Self::sight`].
    #[prost(enumeration = "Visibility", tag = "8")]
    pub visibility: i32,
    /// The first instant at which it is visible.
    #[prost(message, optional, tag = "9")]
    pub visible_from: Option<Instant>,
    /// The actor.
    #[prost(string, tag = "10")]
    pub actor_id: String,
    /// The actor acts as the owner.
    #[prost(bool, tag = "11")]
    pub by_owner: bool,
    /// The stage that is told.
    #[prost(enumeration = "ProductionStage", tag = "12")]
    pub stage: i32,
    /// The hold, the commission number, or the plant's code of a stage.
    #[prost(string, tag = "13")]
    pub name: String,
    /// The first day of a window, or the expected release of a hold.
    #[prost(string, tag = "14")]
    pub date: String,
    /// The last day of a window, if that is another.
    #[prost(string, tag = "15")]
    pub until_date: String,
    /// The first day of the window before, as a revision tells it.
    #[prost(string, tag = "16")]
    pub previous: String,
    /// A revision tells the owner itself.
    #[prost(bool, tag = "17")]
    pub owner_notified: bool,
    /// A notice did not arrive.
    #[prost(bool, tag = "18")]
    pub undelivered: bool,
    /// The source of the touchpoint that a notice or a look is about.
    #[prost(string, tag = "19")]
    pub about_source: String,
    /// Its id.
    #[prost(string, tag = "20")]
    pub about_id: String,
    /// The dealer who was responsible until a reassignment.
    #[prost(string, tag = "21")]
    pub from_dealer: String,
    /// The dealer who is responsible from then on.
    #[prost(string, tag = "22")]
    pub to_dealer: String,
    /// The brand of the car.
    #[prost(string, tag = "23")]
    pub brand: String,
    /// The model of the car.
    #[prost(string, tag = "24")]
    pub model: String,
    /// Whether the car is new.
    #[prost(enumeration = "SaleType", tag = "25")]
    pub sale_type: i32,
}

impl OrderRow {
    /// The row of a touchpoint of the stream of an order, or of one elsewhere that names the order.
    pub(super) fn of(recorded: &Recorded, elsewhere: bool) -> Self {
        let touchpoint = &recorded.touchpoint;
        let imported = touchpoint.origin() == Origin::Imported;
        let received_at = touchpoint.received_at.as_ref().filter(|_| imported);
        let known_from = received_at.map_or(recorded.recorded_at, time::nanos_clamped);
        let sight = Sight::of(touchpoint);
        let mut row = Self {
            kind: i32::try_from(recorded.kind.number).unwrap_or_default(),
            known_after: known_from.wrapping_sub(recorded.occurred_at),
            imported,
            visibility: sight.visibility,
            visible_from: sight.visible_from,
            ..Self::default()
        };
        if elsewhere {
            row.stream = recorded.stream.to_string();
        }
        if let Some(subjects) = &touchpoint.subjects {
            row.owner_id.clone_from(&subjects.owner_id);
            row.vin.clone_from(&subjects.vin);
            row.dealer_id.clone_from(&subjects.dealer_id);
        }
        if let Some(actor) = &touchpoint.actor {
            row.actor_id.clone_from(&actor.id);
            row.by_owner = actor.role.eq_ignore_ascii_case("owner");
        }
        row.tell(touchpoint);
        row
    }

    /// Takes over what the payload says.
    fn tell(&mut self, touchpoint: &Touchpoint) {
        let Some(payload) = &touchpoint.payload else {
            return;
        };
        match payload {
            Payload::OrderPlaced(it) => {
                self.name.clone_from(&it.commission_number);
                self.brand.clone_from(&it.brand);
                self.model.clone_from(&it.model);
                self.sale_type = it.sale_type;
            }
            Payload::VinAssigned(it) => self.vin.clone_from(&it.vin),
            Payload::VinWithdrawn(it) => self.vin.clone_from(&it.vin),
            Payload::HandoverCompleted(it) if !it.vin.is_empty() => self.vin.clone_from(&it.vin),
            Payload::OrderHeld(it) => {
                self.name.clone_from(&it.hold_id);
                self.date.clone_from(&it.expected_release);
            }
            Payload::OrderHoldLifted(it) => self.name.clone_from(&it.hold_id),
            Payload::DeliveryDatePromised(it) => self.tell_window(&it.date, &it.until_date),
            Payload::DeliveryWindowPlanned(it) => self.tell_window(&it.date, &it.until_date),
            Payload::DeliveryDateRevised(it) => {
                self.tell_window(&it.date, &it.until_date);
                self.previous.clone_from(&it.previous);
                self.owner_notified = it.owner_notified;
            }
            Payload::ProductionStageReached(it) => {
                self.stage = it.stage;
                self.name.clone_from(&it.raw_code);
            }
            Payload::StagePhotographed(it) => self.stage = it.stage,
            Payload::OrderReassigned(it) => {
                self.from_dealer.clone_from(&it.from_dealer_id);
                self.to_dealer.clone_from(&it.to_dealer_id);
            }
            Payload::OwnerNotified(it) => {
                self.undelivered = !it.delivered;
                self.tell_about(touchpoint, it.about.as_ref());
            }
            Payload::UpdateViewed(it) => self.tell_about(touchpoint, it.about.as_ref()),
            _ => {}
        }
    }

    fn tell_window(&mut self, date: &String, until_date: &String) {
        self.date.clone_from(date);
        if until_date != date {
            self.until_date.clone_from(until_date);
        }
    }

    fn tell_about(
        &mut self,
        touchpoint: &Touchpoint,
        about: Option<&ownerline_proto::v1::TouchpointRef>,
    ) {
        if let Some(about) = about {
            let about = TouchpointKey::of_reference(about, &touchpoint.source);
            (self.about_source, self.about_id) = (about.source, about.id);
        }
    }

    /// Its sight: who may see it, and from when on.
    #[must_use]
    pub fn sight(&self) -> Sight {
        Sight {
            visibility: self.visibility,
            visible_from: self.visible_from,
        }
    }
}

impl Inherits for OrderRow {
    fn inherit(&mut self, inherited: &Inherited) {
        let subjects = &inherited.subjects;
        fill(&mut self.owner_id, &subjects.owner_id);
        fill(&mut self.vin, &subjects.vin);
        fill(&mut self.dealer_id, &subjects.dealer_id);
        let mut sight = self.sight();
        inherited.fill_sight(&mut sight);
        (self.visibility, self.visible_from) = (sight.visibility, sight.visible_from);
    }
}
