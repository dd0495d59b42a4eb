//! Cases: an advocate at the manufacturer carries a matter to its outcome, with promises kept and broken.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocateAssigned, AdvocateReleased, CaseAcknowledged, CaseAssessed, CaseClosed, CaseEscalated,
    CaseNoteAdded, CaseOpened, CasePausedOnOwner, CaseReopened, CaseResolved, CaseResumed, Channel,
    CommitmentBroken, CommitmentKept, CommitmentMade, CommitmentWithdrawn, DefectLinked,
    DesiredOutcomeStated, Level, ManufacturerNotified, NextStepAgreed, NextStepDeclined,
    NextStepProposed, OwnerMessageReceived, ProgressUpdateSent, RootCauseDeclined,
    RootCauseProvided, RootCauseRequested, Subjects, TaskAssigned, TaskDone, Visibility,
};
use pbjson_types::Timestamp;

use crate::calendar::{DAY, HOUR};
use crate::car::Car;
use crate::journey::Journey;
use crate::pen::Performer;
use crate::{goodwill, odds, person, words};

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

/// A case while it is written.
struct Case {
    id: String,
    subjects: Subjects,
    at: i64,
    promises: u32,
    steps: u32,
    unmet: Vec<String>,
}

impl Case {
    /// Advances the case by some days (median) to a working time.
    fn advance(&mut self, journey: &mut Journey<'_>, days: i64) -> i64 {
        let wait = journey.chance.heavy_tailed(days * DAY, 0.6);
        self.at = journey.working(self.at + wait.max(HOUR));
        self.at
    }
}

/// A case from its opening to its end.
pub(crate) fn write_case(journey: &mut Journey<'_>, car: &Car, origin: &Origin<'_>, at: i64) {
    let id = journey.next_id("case");
    let mut case = Case {
        subjects: Subjects {
            case_id: id.clone(),
            ..car.subjects(journey)
        },
        at: journey.open(at + HOUR),
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
        write_next_step(journey, &mut case);
        write_promise(journey, &mut case);
        if journey.chance.happens(odds::CASE_UPDATED) {
            write_progress_update(journey, &mut case);
        }
    }
    write_root_cause(journey, &mut case);
    write_detours(journey, &mut case, car);
    write_ending(journey, &mut case);
    journey.pen.correlated("").seen_by(Visibility::Owner);
}

fn write_opening(journey: &mut Journey<'_>, case: &mut Case, origin: &Origin<'_>) {
    let origin_feedback_id = match origin {
        Origin::Feedback(id) => (*id).to_owned(),
        Origin::Defects(_) => String::new(),
    };
    let subject = words::case_subject(&mut journey.chance);
    let remedy = words::remedy(&mut journey.chance);
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
                why: "the owner waits for an answer".to_owned(),
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

fn write_next_step(journey: &mut Journey<'_>, case: &mut Case) {
    case.steps += 1;
    let step_id = format!("{}.step{}", case.id, case.steps);
    let at = case.advance(journey, 1);
    let text = words::next_step(&mut journey.chance).to_owned();
    journey
        .pen
        .by(&Performer::Maker("advocate"), Channel::Phone)
        .at(at);
    let proposed = journey
        .pen
        .write(Payload::NextStepProposed(NextStepProposed {
            step_id: step_id.clone(),
            text,
        }));
    let after = journey.chance.between(60, 2 * HOUR);
    let declines = journey.chance.happens(odds::STEP_DECLINED);
    journey
        .by_owner(Channel::Phone)
        .at(at + after)
        .caused_by(&proposed);
    journey.pen.write(if declines {
        Payload::NextStepDeclined(NextStepDeclined { step_id })
    } else {
        Payload::NextStepAgreed(NextStepAgreed { step_id })
    });
    case.at += after;
}

/// A promise: kept, broken, withdrawn or forgotten.
fn write_promise(journey: &mut Journey<'_>, case: &mut Case) {
    case.promises += 1;
    let commitment_id = format!("{}.promise{}", case.id, case.promises);
    let made = case.at + 120;
    let days = journey.chance.between(1, 10);
    let due = journey.working(made + days * DAY);
    let text = words::promise(&mut journey.chance).to_owned();
    journey
        .pen
        .by(&Performer::Maker("advocate"), Channel::Phone)
        .at(made);
    let promise = journey.pen.write(Payload::CommitmentMade(CommitmentMade {
        commitment_id: commitment_id.clone(),
        text,
        due_at: Some(Timestamp {
            seconds: due,
            nanos: 0,
        }),
    }));
    journey.pen.caused_by(&promise);
    match journey.chance.weighted(&odds::PROMISE_OUTCOMES_PER_HUNDRED) {
        "kept" => {
            case.at = made + journey.chance.between(HOUR, due - made);
            journey.pen.at(case.at);
            journey
                .pen
                .write(Payload::CommitmentKept(CommitmentKept { commitment_id }));
            journey.change_mood(0.1);
        }
        "broken" => {
            case.at = journey.working(due + HOUR);
            journey.pen.at(case.at);
            journey
                .pen
                .write(Payload::CommitmentBroken(CommitmentBroken {
                    commitment_id,
                }));
            journey.change_mood(-0.25);
        }
        "withdrawn" => {
            case.at = made + journey.chance.between(HOUR, due - made);
            journey.pen.at(case.at);
            journey
                .pen
                .write(Payload::CommitmentWithdrawn(CommitmentWithdrawn {
                    commitment_id,
                }));
            journey.change_mood(-0.1);
        }
        _ => case.at = due,
    }
}

fn write_progress_update(journey: &mut Journey<'_>, case: &mut Case) {
    let at = case.advance(journey, 3);
    let new_information = journey.chance.happens(odds::UPDATE_HAS_NEWS);
    let text = words::progress_update(&mut journey.chance, new_information).to_owned();
    journey
        .pen
        .by(&Performer::Maker("advocate"), Channel::Message)
        .at(at);
    let sent = journey
        .pen
        .write(Payload::ProgressUpdateSent(ProgressUpdateSent {
            new_information,
            text,
        }));
    if journey.chance.happens(odds::UPDATE_ANSWERED) {
        let answered = journey.leisure(at);
        let text = words::owner_message(&mut journey.chance, !new_information);
        journey
            .by_owner(Channel::Message)
            .at(answered)
            .caused_by(&sent);
        journey
            .pen
            .write(Payload::OwnerMessageReceived(OwnerMessageReceived {
                text,
                in_reply_to: Some(sent),
            }));
        case.at = answered;
    }
}

/// The owner asks for the root cause.
fn write_root_cause(journey: &mut Journey<'_>, case: &mut Case) {
    if !journey.chance.happens(odds::ROOT_CAUSE_REQUESTED) {
        return;
    }
    let at = case.advance(journey, 2);
    journey.by_owner(Channel::Phone).at(at);
    journey
        .pen
        .write(Payload::RootCauseRequested(RootCauseRequested {}));
    let answered = case.advance(journey, 8);
    journey
        .pen
        .by(&Performer::Maker("advocate"), Channel::Email)
        .at(answered);
    match journey.chance.below(3) {
        0 => {
            let text = words::root_cause(&mut journey.chance).to_owned();
            journey
                .pen
                .write(Payload::RootCauseProvided(RootCauseProvided { text }));
        }
        1 => {
            let reason = "the part was not kept".to_owned();
            journey
                .pen
                .write(Payload::RootCauseDeclined(RootCauseDeclined { reason }));
            case.unmet.push("the root cause".to_owned());
        }
        _ => case.unmet.push("the root cause".to_owned()),
    }
}

/// A pause, an escalation, another advocate, a call.
fn write_detours(journey: &mut Journey<'_>, case: &mut Case, car: &Car) {
    if journey.chance.happens(odds::CASE_PAUSED) {
        let at = case.advance(journey, 2);
        journey
            .pen
            .by(&Performer::Maker("advocate"), Channel::Other)
            .at(at);
        journey
            .pen
            .write(Payload::CasePausedOnOwner(CasePausedOnOwner {}));
        let resumed = case.advance(journey, 4);
        journey
            .pen
            .at(resumed)
            .write(Payload::CaseResumed(CaseResumed {}));
    }
    if journey.chance.happens(odds::CASE_ESCALATED) {
        let at = case.advance(journey, 2);
        let reason = words::escalation_reason(&mut journey.chance).to_owned();
        journey
            .pen
            .by(&Performer::Maker("advocate"), Channel::Other)
            .at(at);
        journey.pen.write(Payload::CaseEscalated(CaseEscalated {
            to: "head of owner care".to_owned(),
            reason,
        }));
    }
    if journey.chance.happens(odds::ADVOCATE_CHANGES) {
        let at = case.advance(journey, 1);
        journey
            .pen
            .by(&Performer::Maker("team-lead"), Channel::Other)
            .at(at);
        journey
            .pen
            .write(Payload::AdvocateReleased(AdvocateReleased {
                agent_id: "advocate".to_owned(),
                reason: "another shift".to_owned(),
            }));
        journey
            .pen
            .at(at + 300)
            .write(Payload::AdvocateAssigned(AdvocateAssigned {
                agent_id: "advocate-2".to_owned(),
            }));
    }
    if journey.chance.happens(odds::CASE_CALL) {
        let at = case.advance(journey, 1);
        let about = car.subjects(journey);
        journey.pen.about(about);
        person::write_contact(journey, at);
        journey.pen.about(case.subjects.clone());
    }
}

fn write_ending(journey: &mut Journey<'_>, case: &mut Case) {
    if journey.chance.happens(odds::CASE_NEVER_ENDS) {
        return;
    }
    let at = case.advance(journey, 4);
    let outcome = words::outcome(&mut journey.chance).to_owned();
    journey
        .pen
        .by(&Performer::Maker("advocate"), Channel::Phone)
        .at(at);
    journey
        .pen
        .write(Payload::CaseResolved(CaseResolved { outcome }));
    let closed = case.advance(journey, 3);
    let unmet_requests = std::mem::take(&mut case.unmet);
    journey
        .pen
        .at(closed)
        .write(Payload::CaseClosed(CaseClosed {
            unmet_requests: unmet_requests.clone(),
        }));
    journey.change_mood(if unmet_requests.is_empty() {
        0.25
    } else {
        0.05
    });
    if journey.chance.happens(odds::CASE_REOPENED) {
        let again = case.advance(journey, 12);
        journey.by_owner(Channel::Phone).at(again);
        journey.pen.write(Payload::CaseReopened(CaseReopened {}));
        write_promise(journey, case);
        let closed = case.advance(journey, 6);
        journey
            .pen
            .by(&Performer::Maker("advocate"), Channel::Phone)
            .at(closed);
        journey
            .pen
            .write(Payload::CaseClosed(CaseClosed { unmet_requests }));
    }
    if journey.chance.happens(odds::GOODWILL_GRANTED) {
        goodwill::write_goodwill(journey, closed);
    }
}
