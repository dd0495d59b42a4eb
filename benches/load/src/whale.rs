//! One owner with very many touchpoints: a fleet whose every piece of feedback is a matter of its own.

use std::ops::Range;

use ownerline_proto::v1::dealer_replied::Kind;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{
    Actor, AppointmentBooked, CaseClosed, CaseOpened, Channel, ContactMade, DealerReplied,
    FeedbackClosed, FeedbackReceived, OdometerRead, OfferDeclined, OfferMade, OwnerMessageReceived,
    ProgressUpdateSent, RepairAttempted, Subjects, Touchpoint, VehicleAcquired, VehicleDroppedOff,
    VehiclePickedUp, Visibility, actor,
};
use pbjson_types::Timestamp;

/// The touchpoints that come with each piece of feedback, itself included.
const TOUCHPOINTS_PER_ITEM: u64 = 10;
/// The cars, which take turns.
const CARS: u64 = 20;
/// The dealers, who take turns.
const DEALERS: u64 = 20;
/// The pieces of feedback that share one visit, one case and one offer.
const ITEMS_PER_MATTER: u64 = 10;
/// The last cases, which stay open.
const OPEN_CASES: u64 = 5;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// The length of the history: five years.
const SECONDS: i64 = 5 * 365 * 24 * HOUR;

/// One owner of many touchpoints. Each piece of feedback is answered three times, by touchpoints that name no owner;
/// the cars report their odometers, and name no owner either; and there is one visit, case, offer and contact for
/// every ten pieces.
#[derive(Debug, Clone)]
pub struct Whale {
    /// Distinguishes this owner, and their cars and matters, from others.
    pub number: u64,
    /// The pieces of feedback.
    pub items: u64,
    /// The end of the history, in seconds since the Unix epoch.
    pub until: i64,
}

impl Whale {
    /// The id of the owner.
    #[must_use]
    pub fn owner_id(&self) -> String {
        format!("whale~{}", self.number)
    }

    /// The number of touchpoints in the whole history.
    #[must_use]
    pub fn touchpoints(&self) -> u64 {
        CARS + self.items * TOUCHPOINTS_PER_ITEM
    }

    /// The acquisitions of the cars.
    #[must_use]
    pub fn cars(&self) -> Vec<Touchpoint> {
        let acquired = |car| {
            let payload = Payload::VehicleAcquired(VehicleAcquired {
                owner_id: self.owner_id(),
                role: Role::Owner.into(),
            });
            let subjects = Subjects {
                owner_id: self.owner_id(),
                vin: self.vin(car),
                ..Subjects::default()
            };
            self.touchpoint(format!("car-{car}"), -HOUR, subjects, payload)
        };
        (0..CARS).map(acquired).collect()
    }

    /// The touchpoints that come with some of the pieces of feedback.
    #[must_use]
    pub fn of_items(&self, items: Range<u64>) -> Vec<Touchpoint> {
        items.flat_map(|item| self.of_item(item)).collect()
    }

    /// Some of the pieces of feedback, without anything that comes with them.
    #[must_use]
    pub fn received(&self, items: Range<u64>) -> Vec<Touchpoint> {
        let received = items.filter_map(|item| self.feedback(item).into_iter().next());
        received.collect()
    }

    fn of_item(&self, item: u64) -> Vec<Touchpoint> {
        let mut written = self.feedback(item);
        for part in 0..3 {
            let reading = Payload::OdometerRead(OdometerRead {
                distance_metres: i64::try_from(item * 1_000 + part).unwrap_or_default(),
            });
            let car = Subjects {
                vin: self.vin(item % CARS),
                ..Subjects::default()
            };
            let after = i64::try_from(part).unwrap_or_default() * MINUTE;
            let id = format!("reading-{item}-{part}");
            written.push(self.touchpoint(id, self.begin(item) + after, car, reading));
        }
        written.push(self.dealing(item));
        written
    }

    /// A piece of feedback and its answers.
    fn feedback(&self, item: u64) -> Vec<Touchpoint> {
        let received = Payload::FeedbackReceived(FeedbackReceived {
            score: Some(i32::try_from(item % 11).unwrap_or_default()),
            verbatim: "The car was ready when they said it would be, and clean.".to_owned(),
            ..FeedbackReceived::default()
        });
        let replied = |kind: Kind| {
            Payload::DealerReplied(DealerReplied {
                kind: kind.into(),
                text: "We are glad that you told us. Thank you.".to_owned(),
                visible_to_owner: true,
                bounced: false,
            })
        };
        let message = Payload::OwnerMessageReceived(OwnerMessageReceived {
            text: "Thank you for the quick answer.".to_owned(),
            in_reply_to: None,
        });
        let closed = Payload::FeedbackClosed(FeedbackClosed::default());
        let course = [
            (received, true),
            (replied(Kind::Automatic), false),
            (replied(Kind::Human), false),
            (message, true),
            (replied(Kind::Human), false),
            (closed, false),
        ];
        let mut after = 0;
        let told = course.into_iter().map(|(payload, names_owner)| {
            let mut subjects = Subjects {
                feedback_id: format!("feedback~{}.{item}", self.number),
                dealer_id: dealer(item),
                ..Subjects::default()
            };
            if names_owner {
                subjects.owner_id = self.owner_id();
                subjects.vin = self.vin(item % CARS);
            }
            after += HOUR;
            let id = format!("feedback-{item}-{after}");
            self.touchpoint(id, self.begin(item) + after, subjects, payload)
        });
        told.collect()
    }

    /// One of the ten touchpoints about a visit, a case, an offer and a contact that ten pieces of feedback share.
    fn dealing(&self, item: u64) -> Touchpoint {
        let matter = item / ITEMS_PER_MATTER;
        let named = |category: &str| format!("{category}~{}.{matter}", self.number);
        let (visit_id, case_id, offer_id) = (named("visit"), named("case"), named("offer"));
        let is_open = matter + OPEN_CASES >= self.items / ITEMS_PER_MATTER;
        let none = String::new;
        let (visit_id, case_id) = match item % ITEMS_PER_MATTER {
            0..=3 => (visit_id, none()),
            6..=8 => (none(), case_id),
            _ => (none(), none()),
        };
        let payload = match item % ITEMS_PER_MATTER {
            0 => Payload::AppointmentBooked(AppointmentBooked::default()),
            1 => Payload::VehicleDroppedOff(VehicleDroppedOff::default()),
            2 => Payload::RepairAttempted(RepairAttempted {
                outcome: Outcome::Fixed.into(),
            }),
            3 => Payload::VehiclePickedUp(VehiclePickedUp::default()),
            4 => Payload::OfferMade(OfferMade {
                offer_id,
                title: "Winter tyres".to_owned(),
            }),
            5 => Payload::OfferDeclined(OfferDeclined {
                offer_id,
                ..OfferDeclined::default()
            }),
            6 => Payload::CaseOpened(CaseOpened {
                subject: "A loaner is missing".to_owned(),
                ..CaseOpened::default()
            }),
            8 if !is_open => Payload::CaseClosed(CaseClosed::default()),
            7 | 8 => Payload::ProgressUpdateSent(ProgressUpdateSent {
                new_information: true,
                text: "The part is on its way.".to_owned(),
            }),
            _ => Payload::ContactMade(ContactMade {
                agents: vec!["agent~1".to_owned()],
                subject: "How it went".to_owned(),
                ..ContactMade::default()
            }),
        };
        let subjects = Subjects {
            owner_id: self.owner_id(),
            vin: if visit_id.is_empty() {
                String::new()
            } else {
                self.vin(matter % CARS)
            },
            dealer_id: dealer(matter),
            visit_id,
            case_id,
            ..Subjects::default()
        };
        let at = self.begin(item) + 8 * HOUR;
        self.touchpoint(format!("dealing-{item}"), at, subjects, payload)
    }

    fn touchpoint(
        &self,
        id: String,
        seconds: i64,
        subjects: Subjects,
        payload: Payload,
    ) -> Touchpoint {
        Touchpoint {
            id,
            source: format!("//bench/{}", self.owner_id()),
            occurred_at: Some(Timestamp {
                seconds: self.until - SECONDS + seconds,
                nanos: 0,
            }),
            subjects: Some(subjects),
            actor: Some(Actor {
                id: "agent~1".to_owned(),
                kind: actor::Kind::Human.into(),
                ..Actor::default()
            }),
            channel: Channel::Portal.into(),
            visibility: Visibility::Owner.into(),
            payload: Some(payload),
            ..Touchpoint::default()
        }
    }

    fn vin(&self, car: u64) -> String {
        format!("WZZ{:04}{car:010}", self.number)
    }

    /// When a piece of feedback begins, in seconds since the history began.
    fn begin(&self, item: u64) -> i64 {
        let share = i128::from(SECONDS - 24 * HOUR) * i128::from(item);
        i64::try_from(share / i128::from(self.items.max(1))).unwrap_or_default()
    }
}

fn dealer(number: u64) -> String {
    format!("dealer~{}", number % DEALERS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_whale_has_ten_touchpoints_an_item_and_repeats_none() {
        let whale = Whale {
            number: 1,
            items: 40,
            until: 1_767_225_600,
        };
        let mut written = whale.cars();
        written.extend(whale.of_items(0..20));
        written.extend(whale.of_items(20..40));
        assert_eq!(written.len() as u64, whale.touchpoints());
        let ids: BTreeSet<_> = written.iter().map(|it| &it.id).collect();
        assert_eq!(ids.len(), written.len());
        let last = written.iter().filter_map(|it| it.occurred_at);
        let last = last.map(|at| at.seconds).max();
        assert!(last.is_some_and(|last| last < whale.until));
        let named = written.iter().filter_map(|it| it.subjects.as_ref());
        let named = named.filter(|subjects| subjects.owner_id == whale.owner_id());
        assert_eq!(named.count(), 20 + 40 * 3);
    }
}
