//! Where a car stands by the rules about repeated repairs.

mod constructed;
mod law;
mod near;
mod properties;
mod same_defect;

use ownerline_projections::repairs::{RepairStatus, RuleStatus, TestStatus, answer, gather};
use ownerline_projections::{AnswerError, Position, Viewer};
use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    DealerRegistered, DefectLinked, DefectReported, DefectUnlinked, ManufacturerNotified,
    RepairAttempted, VehicleDroppedOff, VehiclePickedUp, VehicleRegistered,
};

use crate::history::{TestTouchpoint, answered, log};

pub(super) const VIN: &str = "1G4AH59H45G118341";

/// An RFC 3339 instant in nanoseconds since the Unix epoch.
pub(super) fn at(text: &str) -> i64 {
    let instant: jiff::Timestamp = text.parse().unwrap();
    instant.as_nanosecond().try_into().unwrap()
}

/// Where the car stands by what was recorded, as known at a position.
pub(super) fn known(
    said: &[TestTouchpoint],
    as_of: i64,
    known_at: u64,
    viewer: &Viewer,
) -> Result<RepairStatus, AnswerError> {
    let log = log(said);
    answered(
        &log,
        Position(known_at),
        as_of,
        viewer,
        |snapshots, vantage| {
            let mut fold = gather(snapshots, vantage, VIN, usize::MAX)?;
            for position in fold.positions() {
                let place = usize::try_from(position.0).unwrap() - 1;
                fold.apply(position, &log[place].touchpoint);
            }
            answer(snapshots, vantage, &fold)
        },
    )
}

/// Where the car stands at an instant.
pub(super) fn status(said: &[TestTouchpoint], as_of: &str) -> RepairStatus {
    let all = u64::try_from(said.len()).unwrap();
    known(said, at(as_of), all, &Viewer::unrestricted()).unwrap()
}

/// A history under construction, each touchpoint with an id of its own.
#[derive(Default, Clone)]
pub(super) struct Story {
    pub(super) said: Vec<TestTouchpoint>,
}

impl Story {
    /// A dealer in a zone, and a car that was registered and delivered first on a day, and acquired.
    pub(super) fn of(zone: &str, jurisdiction: &str, delivered: &str) -> Self {
        let mut story = Self::default();
        story.dealer("d1", zone);
        story.registered(jurisdiction, delivered);
        let acquired = TestTouchpoint::new(
            "vehicle_acquired",
            "",
            at(&format!("{delivered}T18:00:00Z")),
        );
        story.say(
            acquired
                .about(|it| it.vin = VIN.to_owned())
                .acquired("o1", true),
        );
        story
    }

    pub(super) fn say(&mut self, said: TestTouchpoint) -> &mut Self {
        let id = format!("e{:03}", self.said.len());
        self.said.push(TestTouchpoint { id, ..said });
        self
    }

    pub(super) fn tell(&mut self, when: &str, payload: Payload) -> TestTouchpoint {
        TestTouchpoint::with_payload("", at(when), payload)
    }

    pub(super) fn dealer(&mut self, dealer: &str, zone: &str) -> &mut Self {
        let registered = DealerRegistered {
            time_zone: zone.to_owned(),
            ..DealerRegistered::default()
        };
        let said = self.tell(
            "2015-01-01T00:00:00Z",
            Payload::DealerRegistered(registered),
        );
        self.say(said.about(|it| it.dealer_id = dealer.to_owned()))
    }

    pub(super) fn registered(&mut self, jurisdiction: &str, delivered: &str) -> &mut Self {
        let registered = VehicleRegistered {
            jurisdiction: jurisdiction.to_owned(),
            first_delivered_on: delivered.to_owned(),
            ..VehicleRegistered::default()
        };
        let when = match delivered {
            "" => "2024-01-01T00:00:00Z".to_owned(),
            delivered => format!("{delivered}T12:00:00Z"),
        };
        let said = self.tell(&when, Payload::VehicleRegistered(registered));
        self.say(said.about(|it| it.vin = VIN.to_owned()))
    }

    fn of_visit(&mut self, visit: &str, when: &str, payload: Payload) -> TestTouchpoint {
        let said = self.tell(when, payload);
        said.about(|it| {
            it.visit_id = visit.to_owned();
            it.vin = VIN.to_owned();
            it.dealer_id = "d1".to_owned();
        })
    }

    pub(super) fn in_at(&mut self, visit: &str, when: &str) -> &mut Self {
        self.brought(visit, when, None, false)
    }

    pub(super) fn brought(
        &mut self,
        visit: &str,
        when: &str,
        odometer_metres: Option<i64>,
        goodwill: bool,
    ) -> &mut Self {
        let payload = Payload::VehicleDroppedOff(VehicleDroppedOff {
            odometer_metres,
            goodwill,
        });
        let said = self.of_visit(visit, when, payload);
        self.say(said)
    }

    pub(super) fn out_at(&mut self, visit: &str, when: &str) -> &mut Self {
        let payload = Payload::VehiclePickedUp(VehiclePickedUp::default());
        let said = self.of_visit(visit, when, payload);
        self.say(said)
    }

    pub(super) fn reported(
        &mut self,
        visit: &str,
        when: &str,
        defect: &str,
        safety: bool,
    ) -> &mut Self {
        let payload = Payload::DefectReported(DefectReported {
            safety,
            ..DefectReported::default()
        });
        let said = self.of_visit(visit, when, payload);
        self.say(said.about(|it| it.defect_id = defect.to_owned()))
    }

    pub(super) fn tried(
        &mut self,
        visit: &str,
        when: &str,
        defect: &str,
        outcome: Outcome,
    ) -> &mut Self {
        let payload = Payload::RepairAttempted(RepairAttempted {
            outcome: outcome.into(),
        });
        let said = self.of_visit(visit, when, payload);
        self.say(said.about(|it| it.defect_id = defect.to_owned()))
    }

    /// A visit with a report at its beginning and an attempt at its end.
    pub(super) fn visit(
        &mut self,
        visit: &str,
        defect: &str,
        from: &str,
        until: &str,
        outcome: Outcome,
    ) -> &mut Self {
        self.in_at(visit, from)
            .reported(visit, from, defect, false)
            .tried(visit, until, defect, outcome)
            .out_at(visit, until)
    }

    pub(super) fn of_case(&mut self, when: &str, payload: Payload) -> TestTouchpoint {
        let said = self.tell(when, payload);
        said.about(|it| it.case_id = "c1".to_owned())
    }

    pub(super) fn notified(&mut self, when: &str, means: &str, defect: &str) -> &mut Self {
        let payload = Payload::ManufacturerNotified(ManufacturerNotified {
            means: means.to_owned(),
        });
        let said = self.of_case(when, payload);
        self.say(said.about(|it| {
            it.vin = VIN.to_owned();
            it.defect_id = defect.to_owned();
        }))
    }

    pub(super) fn linked(
        &mut self,
        when: &str,
        one: &str,
        other: &str,
        by: ActorKind,
    ) -> &mut Self {
        let payload = Payload::DefectLinked(DefectLinked {
            defect_id: one.to_owned(),
            same_as: other.to_owned(),
        });
        let said = self.of_case(when, payload).by("somebody", by);
        self.say(said.about(|it| it.defect_id = one.to_owned()))
    }

    pub(super) fn unlinked(
        &mut self,
        when: &str,
        one: &str,
        other: &str,
        by: ActorKind,
    ) -> &mut Self {
        let payload = Payload::DefectUnlinked(DefectUnlinked {
            defect_id: one.to_owned(),
            same_as: other.to_owned(),
        });
        let said = self.of_case(when, payload).by("somebody", by);
        self.say(said.about(|it| it.defect_id = one.to_owned()))
    }
}

/// The rule with this id.
pub(super) fn rule<'s>(status: &'s RepairStatus, rule_id: &str) -> &'s RuleStatus {
    status
        .rules
        .iter()
        .find(|it| it.rule_id == rule_id)
        .unwrap()
}

/// The visits that the best count of a test has.
pub(super) fn counting<'s>(status: &'s RepairStatus, test: &TestStatus) -> Vec<&'s str> {
    let places = test.counts[0].visits.iter();
    places
        .map(|place| status.visits[*place].visit_id.as_str())
        .collect()
}
