//! Headlines about cases.

use ownerline_proto::v1::{CaseAssessed, Level};

use super::lines;
use super::text::{aside, instant, joined, quoted, reassigned, value, when, with};

lines! {
    CaseOpened(e) => with("Case opened", &quoted(&e.subject));
    CaseAcknowledged(_) => "Case acknowledged";
    CaseAssessed(e) => with("Case assessed", &assessment(e));
    AdvocateAssigned(e) => with("Advocate assigned", &e.agent_id);
    AdvocateReleased(e) => with(&joined(" ", &["Advocate released", &e.agent_id]), &e.reason);
    DesiredOutcomeStated(e) => with("Desired outcome", &quoted(&e.text));
    NextStepProposed(e) => with("Next step proposed", &quoted(&e.text));
    NextStepAgreed(e) => with("Next step agreed", &e.step_id);
    NextStepDeclined(e) => with("Next step declined", &e.step_id);
    CommitmentMade(e) => aside(
        &with("Promise made", &quoted(&e.text)),
        &joined(" ", &[when(e.due_at.is_some(), "due"), &instant(e.due_at.as_ref())]),
    );
    CommitmentKept(e) => with("Promise kept", &e.commitment_id);
    CommitmentBroken(e) => with("Promise broken", &e.commitment_id);
    CommitmentWithdrawn(e) => with("Promise withdrawn", &e.commitment_id);
    RootCauseRequested(_) => "Owner asked for the root cause";
    RootCauseProvided(e) => with("Root cause given", &quoted(&e.text));
    RootCauseDeclined(e) => with("Root cause will not be given", &e.reason);
    TaskAssigned(e) => aside(
        &with(
            &joined(" ", &["Task assigned", when(!e.department.is_empty(), "to"), &e.department]),
            &e.why,
        ),
        &joined(" ", &[when(e.due_at.is_some(), "due"), &instant(e.due_at.as_ref())]),
    );
    TaskDone(e) => with("Task done", &e.task_id);
    ProgressUpdateSent(e) => with(
        if e.new_information { "Owner told the news" } else { "Owner told that there is no news" },
        &quoted(&e.text),
    );
    ManufacturerNotified(e) => aside("Manufacturer notified", &e.means);
    DefectLinked(e) => format!("Defect {} is the same as {}", e.defect_id, e.same_as);
    DefectUnlinked(e) => format!("Defect {} is not the same as {}", e.defect_id, e.same_as);
    CasePausedOnOwner(_) => "Case waits for the owner";
    CaseResumed(_) => "Case resumed";
    CaseNoteAdded(e) => with("Internal note", &quoted(&e.text));
    CaseEscalated(e) => with(&joined(" ", &["Case escalated", when(!e.to.is_empty(), "to"), &e.to]), &e.reason);
    CaseReassigned(e) => reassigned("Case", &e.from_dealer_id, &e.to_dealer_id);
    CaseResolved(e) => with("Case resolved", &e.outcome);
    CaseClosed(e) => aside("Case closed", &unmet(e.unmet_requests.len()));
    CaseReopened(_) => "Case reopened";
}

fn assessment(e: &CaseAssessed) -> String {
    let level = |quality: &str, level: Level| match value(level.as_str_name(), "LEVEL_") {
        word if word.is_empty() => word,
        word => format!("{quality} {word}"),
    };
    joined(
        ", ",
        &[
            &level("severity", e.severity()),
            &level("complexity", e.complexity()),
            &level("impact", e.impact()),
            &level("urgency", e.urgency()),
        ],
    )
}

fn unmet(requests: usize) -> String {
    match requests {
        0 => String::new(),
        1 => "1 request unmet".to_owned(),
        many => format!("{many} requests unmet"),
    }
}
