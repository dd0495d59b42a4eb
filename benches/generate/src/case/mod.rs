//! Cases: an advocate at the manufacturer carries a matter to its outcome, with promises kept and broken.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocateAssigned, CaseAcknowledged, CaseAssessed, CaseNoteAdded, CaseOpened, Channel,
    DefectLinked, DefectUnlinked, DesiredOutcomeStated, Level, ManufacturerNotified, Subjects,
    TaskAssigned, TaskDone, Visibility,
};
use pbjson_types::Timestamp;

use crate::calendar::{DAY, HOUR};
use crate::car::Car;
use crate::journey::Journey;
use crate::pen::Performer;
use crate::words::Matter;
use crate::{odds, words};

mod ending;
mod running;
mod steps;

use running::Case;

const DEPARTMENTS: [&str; 4] = ["engineering", "parts", "workshop", "legal"];
const LEVELS: [(u64, Level); 4] = [
    (3, Level::Low),
    (5, Level::Medium),
    (3, Level::High),
    (1, Level::Critical),
];

/// The origin of a case.
pub(crate) enum Origin<'a> {
    /// A feedback item.
    Feedback(&'a str),
    /// Defects that may be the same.
    Defects(&'a [String]),
}

/// A case from its opening to its end.
pub(crate) fn write_case(
    journey: &mut Journey<'_>,
    car: &Car,
    origin: &Origin<'_>,
    matter: Matter,
    at: i64,
) {
    let id = journey.next_id("case");
    let mut case = Case {
        subjects: Subjects {
            case_id: id.clone(),
            ..car.subjects(journey)
        },
        at: journey.open(at + HOUR),
        matter,
        promises: 0,
        steps: 0,
        unmet: Vec::new(),
        id,
    };
    journey
        .pen
        .about(case.subjects.clone())
        .correlated(&case.id);
    write_opening(journey, &mut case, origin);
    write_assessment(journey, &mut case);
    if let Origin::Defects(defects) = origin {
        write_defect_links(journey, &mut case, defects);
    }
    for _ in 0..journey.chance.between(1, 3) {
        steps::write_next_step(journey, &mut case);
        steps::write_promise(journey, &mut case);
        if journey.chance.happens(odds::CASE_UPDATED) {
            steps::write_progress_update(journey, &mut case);
        }
    }
    steps::write_root_cause(journey, &mut case);
    ending::write_detours(journey, &mut case);
    ending::write_ending(journey, &mut case);
    journey.pen.correlated("").seen_by(Visibility::Owner);
}

fn write_opening(journey: &mut Journey<'_>, case: &mut Case, origin: &Origin<'_>) {
    let origin_feedback_id = match origin {
        Origin::Feedback(id) => (*id).to_owned(),
        Origin::Defects(_) => String::new(),
    };
    let subject = case.matter.subject(&mut journey.chance);
    let remedy = case.matter.remedy(&mut journey.chance);
    journey
        .by_owner(Channel::Phone)
        .seen_by(Visibility::Owner)
        .at(case.at);
    journey.pen.write(Payload::CaseOpened(CaseOpened {
        subject,
        remedy_sought: remedy.to_owned(),
        origin_feedback_id,
    }));
    let wait = journey.chance.heavy_tailed(5 * HOUR, 1.0);
    case.at = journey.open(case.at + wait);
    journey
        .pen
        .by(&Performer::Maker("advocate"), Channel::Phone)
        .at(case.at);
    journey
        .pen
        .write(Payload::CaseAcknowledged(CaseAcknowledged {}));
    journey
        .pen
        .at(case.at + 60)
        .write(Payload::AdvocateAssigned(AdvocateAssigned {
            agent_id: "advocate".to_owned(),
        }));
    journey.by_owner(Channel::Phone).at(case.at + 900);
    journey
        .pen
        .write(Payload::DesiredOutcomeStated(DesiredOutcomeStated {
            text: format!("A good outcome for me would be {remedy}."),
        }));
    if journey.chance.happens(0.4) {
        case.unmet.push(remedy.to_owned());
    }
}

fn write_assessment(journey: &mut Journey<'_>, case: &mut Case) {
    let mut level = || i32::from(journey.chance.weighted(&LEVELS));
    let assessed = CaseAssessed {
        severity: level(),
        complexity: level(),
        impact: level(),
        urgency: level(),
    };
    journey
        .pen
        .by(&Performer::Maker("advocate"), Channel::Other)
        .seen_by(Visibility::Dealer);
    journey
        .pen
        .at(case.at + HOUR)
        .write(Payload::CaseAssessed(assessed));
    if journey.chance.happens(odds::CASE_TASK) {
        let task_id = journey.next_id("task");
        let department = journey.chance.text(&DEPARTMENTS);
        let why = case.matter.reason_for_task(&mut journey.chance);
        let due = case.at + 5 * DAY;
        journey
            .pen
            .at(case.at + 2 * HOUR)
            .write(Payload::TaskAssigned(TaskAssigned {
                task_id: task_id.clone(),
                department: department.to_owned(),
                assignee: format!("{department}-desk"),
                due_at: Some(Timestamp {
                    seconds: due,
                    nanos: 0,
                }),
                why: why.to_owned(),
            }));
        if journey.chance.happens(0.8) {
            let done = case.at + journey.chance.heavy_tailed(4 * DAY, 0.7);
            let done = journey.working(done);
            journey
                .pen
                .at(done)
                .write(Payload::TaskDone(TaskDone { task_id }));
        }
    }
    journey
        .pen
        .seen_by(Visibility::Internal)
        .at(case.at + 3 * HOUR);
    let text = words::case_note(&mut journey.chance).to_owned();
    journey
        .pen
        .write(Payload::CaseNoteAdded(CaseNoteAdded { text }));
    journey.pen.seen_by(Visibility::Owner);
}

/// A person confirms that the defects of several visits are the same.
fn write_defect_links(journey: &mut Journey<'_>, case: &mut Case, defects: &[String]) {
    let at = case.advance(journey, 1);
    for pair in defects.windows(2) {
        if let [former, latter] = pair {
            journey.pen.about(Subjects {
                defect_id: latter.clone(),
                ..case.subjects.clone()
            });
            journey
                .pen
                .by(&Performer::Staff("foreman", journey.dealer), Channel::Api)
                .at(at);
            journey.pen.write(Payload::DefectLinked(DefectLinked {
                defect_id: latter.clone(),
                same_as: former.clone(),
            }));
            if journey.chance.happens(odds::DEFECT_UNLINKED) {
                journey.pen.at(at + 2 * HOUR);
                journey.pen.write(Payload::DefectUnlinked(DefectUnlinked {
                    defect_id: latter.clone(),
                    same_as: former.clone(),
                }));
            }
            journey.change_mood(-0.1);
        }
    }
    journey.pen.about(case.subjects.clone());
    if journey.chance.happens(odds::MANUFACTURER_NOTIFIED) {
        let means = journey
            .chance
            .text(&["registered letter", "portal", "e-mail"])
            .to_owned();
        journey.by_owner(Channel::Other).at(at + HOUR);
        journey
            .pen
            .write(Payload::ManufacturerNotified(ManufacturerNotified {
                means,
            }));
    }
}
