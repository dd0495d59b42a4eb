//! The notation of the histories of the tables. Instants are of UTC; `-` stands for nothing.
//!
//! | line | touchpoints |
//! |---|---|
//! | `car US-CA 2024-01-15 ZONE` | dealer `d1` in the zone; the car registered, delivered and acquired by `o1` on that day |
//! | `dealer d1 ZONE` | a dealer |
//! | `registered US-CA 2024-01-15 [brand=B] [at=WHEN]` | the car, with the day of its first delivery |
//! | `acquired o1 WHEN [driver or co-owner]`, `released o1 WHEN`, `same-person o1 o2` | holdings, and who is one person |
//! | `ordered q1 WHEN new or used`, `handed q1 d1 WHEN`, `cancelled q1 WHEN` | an order of the car |
//! | `visit v1 d1 FROM UNTIL f1 OUTCOME [safety] [goodwill] [m=METRES]` | dropped off, a defect reported, repaired, picked up |
//! | `in v1 d1 WHEN`, `reported v1 d1 WHEN f1`, `tried v1 d1 WHEN f1 OUTCOME`, `out v1 d1 WHEN` | each of them alone |
//! | `odometer WHEN METRES` | a reading |
//! | `notified WHEN MEANS f1` | a notice to the manufacturer; `+` in the means is a space |
//! | `linked WHEN f1 f2 BY`, `unlinked WHEN f1 f2 BY` | two defects, by a human, a system or a bot |
//! | `retracted WHEN ID` | a retraction; `ID: LINE` names what is retracted, else visits are `v1.in`, `v1.out` and so on |
//! | `corrects ID LINE` | a correction |

use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::order_placed::SaleType;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{
    DealerRegistered, DefectLinked, DefectReported, DefectUnlinked, HandoverCompleted,
    ManufacturerNotified, OrderCancelled, OrderPlaced, RepairAttempted, VehicleDroppedOff,
    VehiclePickedUp, VehicleRegistered, VinAssigned,
};

use super::super::{VIN, at};
use crate::history::TestTouchpoint;

/// The touchpoints of a history, in the order of its lines.
pub(in super::super) fn history(lines: &[&str]) -> Vec<TestTouchpoint> {
    let mut said = Vec::new();
    for line in lines {
        say(&mut said, line);
    }
    said
}

/// The words of a line: those in their places, and those with a name.
struct Words<'l> {
    plain: Vec<&'l str>,
    named: Vec<(&'l str, &'l str)>,
}

impl<'l> Words<'l> {
    fn of(words: &[&'l str]) -> Self {
        let named = words.iter().filter_map(|it| it.split_once('='));
        let plain = words.iter().filter(|it| !it.contains('='));
        Self {
            plain: plain.copied().collect(),
            named: named.collect(),
        }
    }

    /// The word in a place; empty for `-` and where there is none.
    fn at(&self, place: usize) -> String {
        let word = self.plain.get(place).copied().unwrap_or_default();
        if word == "-" {
            String::new()
        } else {
            word.to_owned()
        }
    }

    fn when(&self, place: usize) -> i64 {
        at(self.plain[place])
    }

    fn has(&self, word: &str) -> bool {
        self.plain.contains(&word)
    }

    fn named(&self, name: &str) -> Option<&'l str> {
        let mut named = self.named.iter();
        named.find_map(|(its, value)| (*its == name).then_some(*value))
    }

    fn metres(&self) -> Option<i64> {
        self.named("m").map(|it| it.parse().unwrap())
    }
}

fn say(said: &mut Vec<TestTouchpoint>, line: &str) {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let label = words[0].strip_suffix(':').map(str::to_owned);
    if label.is_some() {
        words.remove(0);
    }
    let corrected = (words[0] == "corrects").then(|| words[1]);
    if corrected.is_some() {
        words.drain(..2);
    }
    let mut told = touchpoints(words[0], &Words::of(&words[1..]));
    if words[0] == "retracted" {
        // In the stream of what it retracts.
        let retracted = said.iter().find(|it| it.id == words[2]);
        if let Some(retracted) = retracted {
            told[0].subjects.clone_from(&retracted.subjects);
        }
    }
    for mut touchpoint in told {
        if touchpoint.id.is_empty() {
            touchpoint.id = format!("e{:02}", said.len());
        }
        if let Some(label) = &label {
            touchpoint.id.clone_from(label);
        }
        if let Some(corrected) = corrected {
            touchpoint = touchpoint.correcting(corrected);
        }
        said.push(touchpoint);
    }
}

fn touchpoints(verb: &str, words: &Words<'_>) -> Vec<TestTouchpoint> {
    match verb {
        "car" => {
            let (place, day, zone) = (words.at(0), words.at(1), words.at(2));
            let lines = [
                format!("dealer d1 {zone}"),
                format!(
                    "registered {} {day}",
                    if place.is_empty() { "-" } else { &place }
                ),
                format!("acquired o1 {day}T18:00Z"),
            ];
            let lines = lines.iter().flat_map(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                touchpoints(words[0], &Words::of(&words[1..]))
            });
            lines.collect()
        }
        "visit" => visit(words),
        "in" | "reported" | "tried" | "out" => {
            vec![of_visit(verb, words, &words.at(0), words.when(2))]
        }
        "ordered" | "handed" | "cancelled" => of_order(verb, words),
        "notified" | "linked" | "unlinked" => vec![of_case(verb, words)],
        "retracted" => vec![retracted(words)],
        _ => vec![of_car(verb, words)],
    }
}

/// A visit with a report at its beginning and a repair at its end.
fn visit(words: &Words<'_>) -> Vec<TestTouchpoint> {
    let (visit, from, until) = (words.at(0), words.when(2), words.when(3));
    // As the lines of each have them: the defect in the fourth place, the outcome in the fifth.
    let mut of_work = Words {
        plain: words.plain.clone(),
        named: words.named.clone(),
    };
    of_work.plain.remove(3);
    let out = Words {
        plain: words.plain.clone(),
        named: Vec::new(),
    };
    vec![
        of_visit("in", words, &visit, from),
        of_visit("reported", &of_work, &visit, from),
        of_visit("tried", &of_work, &visit, until),
        of_visit("out", &out, &visit, until),
    ]
}

fn of_visit(verb: &str, words: &Words<'_>, visit: &str, when: i64) -> TestTouchpoint {
    let defect = match verb {
        "reported" | "tried" => words.at(3),
        _ => String::new(),
    };
    let payload = match verb {
        "in" => Payload::VehicleDroppedOff(VehicleDroppedOff {
            odometer_metres: words.metres(),
            goodwill: words.has("goodwill"),
        }),
        "reported" => Payload::DefectReported(DefectReported {
            safety: words.has("safety"),
            ..DefectReported::default()
        }),
        "tried" => Payload::RepairAttempted(RepairAttempted {
            outcome: outcome(&words.at(4)).into(),
        }),
        _ => Payload::VehiclePickedUp(VehiclePickedUp {
            odometer_metres: words.metres(),
        }),
    };
    TestTouchpoint::with_payload(&format!("{visit}.{verb}"), when, payload).about(|it| {
        visit.clone_into(&mut it.visit_id);
        VIN.clone_into(&mut it.vin);
        it.dealer_id = words.at(1);
        it.defect_id = defect;
    })
}

fn outcome(word: &str) -> Outcome {
    match word {
        "fixed" => Outcome::Fixed,
        "not_fixed" => Outcome::NotFixed,
        "no_fault_found" => Outcome::NoFaultFound,
        "part_pending" => Outcome::PartPending,
        other => panic!("no outcome: {other}"),
    }
}

fn of_order(verb: &str, words: &Words<'_>) -> Vec<TestTouchpoint> {
    let vin = VIN.to_owned();
    let (when, payloads) = match verb {
        "ordered" => {
            let sale = match words.at(2).as_str() {
                "used" => SaleType::ApprovedUsed,
                _ => SaleType::New,
            };
            let placed = OrderPlaced {
                sale_type: sale.into(),
                ..OrderPlaced::default()
            };
            let assigned = Payload::VinAssigned(VinAssigned { vin });
            (words.when(1), vec![Payload::OrderPlaced(placed), assigned])
        }
        "handed" => {
            let handed = Payload::HandoverCompleted(HandoverCompleted { vin });
            (words.when(2), vec![handed])
        }
        _ => {
            let cancelled = Payload::OrderCancelled(OrderCancelled::default());
            (words.when(1), vec![cancelled])
        }
    };
    let told = payloads.into_iter().enumerate().map(|(n, payload)| {
        // The VIN is assigned under an id of its own.
        let id = if n > 0 {
            format!("{}.vin", words.at(0))
        } else {
            String::new()
        };
        let dealer = if verb == "handed" {
            words.at(1)
        } else {
            String::new()
        };
        TestTouchpoint::with_payload(&id, when, payload).about(|it| {
            it.order_id = words.at(0);
            it.dealer_id = dealer;
            if verb == "handed" || n > 0 {
                VIN.clone_into(&mut it.vin);
            }
        })
    });
    told.collect()
}

fn of_case(verb: &str, words: &Words<'_>) -> TestTouchpoint {
    let when = words.when(0);
    let (one, other) = (words.at(1), words.at(2));
    let (payload, defect) = match verb {
        "notified" => {
            let means = one.replace('+', " ");
            (
                Payload::ManufacturerNotified(ManufacturerNotified { means }),
                other,
            )
        }
        "linked" => {
            let linked = DefectLinked {
                defect_id: one.clone(),
                same_as: other,
            };
            (Payload::DefectLinked(linked), one)
        }
        _ => {
            let unlinked = DefectUnlinked {
                defect_id: one.clone(),
                same_as: other,
            };
            (Payload::DefectUnlinked(unlinked), one)
        }
    };
    let by = match words.at(3).as_str() {
        "system" => ActorKind::System,
        "bot" => ActorKind::Bot,
        _ => ActorKind::Human,
    };
    let said = TestTouchpoint::with_payload("", when, payload).by("somebody", by);
    said.about(|it| {
        "c1".clone_into(&mut it.case_id);
        it.defect_id = defect;
        if verb == "notified" {
            VIN.clone_into(&mut it.vin);
        }
    })
}

/// A retraction. Of what comes later in the history only the visit is known.
fn retracted(words: &Words<'_>) -> TestTouchpoint {
    let id = words.at(1);
    let visit = id.split_once('.').map(|(visit, _)| visit.to_owned());
    let retraction = TestTouchpoint::new("", "", words.when(0)).retracting("", &id);
    retraction.about(|it| match visit {
        Some(visit) => it.visit_id = visit,
        None => "c1".clone_into(&mut it.case_id),
    })
}

fn of_car(verb: &str, words: &Words<'_>) -> TestTouchpoint {
    let about_car = |said: TestTouchpoint| said.about(|it| VIN.clone_into(&mut it.vin));
    match verb {
        "dealer" => {
            let registered = DealerRegistered {
                time_zone: words.at(1),
                ..DealerRegistered::default()
            };
            let payload = Payload::DealerRegistered(registered);
            let said = TestTouchpoint::with_payload("", at("2015-01-01T00:00Z"), payload);
            said.about(|it| it.dealer_id = words.at(0))
        }
        "registered" => {
            let day = words.at(1);
            let known = if day.is_empty() { "2024-01-01" } else { &day };
            let noon = format!("{known}T12:00Z");
            let registered = VehicleRegistered {
                jurisdiction: words.at(0),
                first_delivered_on: day.clone(),
                brand: words.named("brand").unwrap_or_default().to_owned(),
                ..VehicleRegistered::default()
            };
            let when = at(words.named("at").unwrap_or(&noon));
            let payload = Payload::VehicleRegistered(registered);
            about_car(TestTouchpoint::with_payload("", when, payload))
        }
        "acquired" => {
            let role = match words.at(2).as_str() {
                "driver" => Role::Driver,
                "co-owner" => Role::CoOwner,
                _ => Role::Owner,
            };
            about_car(TestTouchpoint::new("", "", words.when(1)).acquired_as(&words.at(0), role))
        }
        "released" => about_car(TestTouchpoint::new("", "", words.when(1)).released(&words.at(0))),
        "same-person" => {
            let said = TestTouchpoint::new("", "", at("2015-01-02T00:00Z")).linking(&words.at(1));
            said.about(|it| it.owner_id = words.at(0))
        }
        "odometer" => about_car(TestTouchpoint::read(
            words.at(1).parse().unwrap(),
            words.when(0),
        )),
        other => panic!("no line of a history: {other}"),
    }
}
