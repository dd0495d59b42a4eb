//! A sheet as it looks on a terminal.

use ownerline_proto::v1::repeat_repair_policy::rule::test::Kind;
use ownerline_proto::v1::{
    Actor, ContextPackServing, LeftOut, MissingSection, NearThreshold, PackAdvocate, RepairOutcome,
    VisitDefect, repair_count,
};

use super::*;
use crate::cli::time::instant;

fn fact(time: &str, text: &str) -> Option<PackFact> {
    Some(PackFact {
        occurred_at: instant(time).ok(),
        text: text.to_owned(),
        actor: Some(Actor {
            id: "agent-2".to_owned(),
            dealer_id: "dealer-1".to_owned(),
            ..Actor::default()
        }),
        ..PackFact::default()
    })
}

fn answer(pack: ContextPack) -> GetContextPackResponse {
    GetContextPackResponse {
        pack: Some(pack),
        as_of: instant("2024-06-01T12:30:00Z").ok(),
        position: "00000001-0000000000000009".to_owned(),
        served: Some(ContextPackServing {
            position: "00000001-000000000000000a".to_owned(),
            ..ContextPackServing::default()
        }),
        ..GetContextPackResponse::default()
    }
}

fn open_case() -> OpenCase {
    OpenCase {
        case_id: "case-3".to_owned(),
        opened: fact("2024-04-01", "the light is back"),
        remedy_sought: "another car".to_owned(),
        desired_outcome: fact("2024-04-02", "that it starts in the morning"),
        advocates: vec![PackAdvocate {
            agent_id: "agent-2".to_owned(),
            assigned: fact("2024-04-02", ""),
        }],
        escalations: 2,
        root_cause_requested: fact("2024-04-03", ""),
        days_silent: Some(16),
        ..OpenCase::default()
    }
}

fn last_visit() -> LastVisit {
    LastVisit {
        dealer_id: "dealer-1".to_owned(),
        vin: "11111111111111111".to_owned(),
        began: fact("2024-05-20", ""),
        still_in: true,
        appointment: fact("2024-05-01", "engine light"),
        defects: vec![VisitDefect {
            defect_id: "d-1".to_owned(),
            last_attempt: fact("2024-05-21", ""),
            last_outcome: AttemptOutcome::PartPending.into(),
            ..VisitDefect::default()
        }],
        outcome: last_visit::Outcome::PartPending.into(),
        ..LastVisit::default()
    }
}

#[test]
fn a_sheet_is_read_in_ten_seconds() {
    let promise = |text: &str, due: &str, overdue| OpenCommitment {
        commitment_id: "p".to_owned(),
        case_id: "case-3".to_owned(),
        made: fact("2024-05-01", text),
        due_at: instant(due).ok(),
        overdue,
        ..OpenCommitment::default()
    };
    let avoid = |reason: not_to_say_again::Reason, text: &str, count| NotToSayAgain {
        reason: reason.into(),
        text: text.to_owned(),
        fact: fact("2024-05-15", ""),
        count,
        ..NotToSayAgain::default()
    };
    let pack = ContextPack {
        last_visit: Some(last_visit()),
        open_cases: vec![open_case()],
        open_commitments: vec![
            promise("we call you on Friday", "2024-05-24", true),
            promise("the part is here", "2024-06-05", false),
        ],
        open_defects: vec![OpenDefect {
            defect_ids: vec!["d-1".to_owned()],
            first_reported: fact("2024-01-04", ""),
            last_reported: fact("2024-05-01", "it stumbles when cold"),
            safety: true,
            attempts: 3,
            last_attempt: fact("2024-05-21", ""),
            last_outcome: AttemptOutcome::PartPending.into(),
            ..OpenDefect::default()
        }],
        last_feedback: Some(LastFeedback {
            received: fact("2024-05-30T09:00:00Z", "An \u{1b}[31mempty\ntank."),
            score: Some(4),
            answered: fact("2024-05-30T10:00:00Z", ""),
            waiting_since: fact("2024-06-01T08:00:00Z", ""),
            ..LastFeedback::default()
        }),
        relationship: vec![RelationshipHolder {
            agent_id: "agent-2".to_owned(),
            case_id: "case-3".to_owned(),
            fact: fact("2024-04-02", ""),
            ..RelationshipHolder::default()
        }],
        not_to_say_again: vec![
            avoid(not_to_say_again::Reason::NothingNew, "", 3),
            avoid(not_to_say_again::Reason::OfferDeclined, "Winter wheels", 1),
        ],
        contacts: Some(ContactRecord {
            contacts: 5,
            without_pack: Some(2),
            last: fact("2024-05-28", "the part"),
            agents: vec!["agent-2".to_owned()],
            proactive: true,
            ..ContactRecord::default()
        }),
        missing: vec![MissingSection {
            reason: missing_section::Reason::OutcomeNotRecorded.into(),
            ..MissingSection::default()
        }],
        left_out: vec![LeftOut {
            section: PackSection::OpenDefects.into(),
            count: 4,
        }],
        near_thresholds: thresholds(),
        repairs_not_judged: vec!["22222222222222222".to_owned()],
    };
    insta::assert_snapshot!(sheet("owner-1", &answer(pack), 80));
}

/// A test that lacks one attempt and a notice, and one that is reached.
fn thresholds() -> Vec<NearThreshold> {
    let near = NearThreshold {
        vin: "11111111111111111".to_owned(),
        rule_id: "us-nj".to_owned(),
        kind: Kind::SameDefect.into(),
        count: 2,
        needed: 3,
        distance: 1,
        missing: vec![repair_count::Lack::Notice.into()],
        window_until: "2025-12-01".to_owned(),
        outcome: RepairOutcome::NotMet.into(),
        policy: "repeat-repair".to_owned(),
        notice_to_reader: "sample, not legal advice, verify the text".to_owned(),
        ..NearThreshold::default()
    };
    let reached = NearThreshold {
        rule_id: "de".to_owned(),
        kind: Kind::AnyDefect.into(),
        needed: 1,
        distance: 0,
        missing: Vec::new(),
        window_until: String::new(),
        outcome: RepairOutcome::NotDecided.into(),
        ..near.clone()
    };
    vec![near, reached]
}

#[test]
fn a_sheet_of_somebody_barely_known_says_what_is_not_known() {
    let missing = [
        missing_section::Reason::NoVisitKnown,
        missing_section::Reason::NoCaseKnown,
        missing_section::Reason::NoFeedbackKnown,
    ];
    let missing = missing.map(|reason| MissingSection {
        reason: reason.into(),
        ..MissingSection::default()
    });
    let pack = ContextPack {
        contacts: Some(ContactRecord::default()),
        missing: missing.to_vec(),
        ..ContextPack::default()
    };
    insta::assert_snapshot!(sheet("owner-1", &answer(pack), 80));
}

#[test]
fn days_are_counted_from_the_instant_of_the_pack() {
    for (days, words) in [
        (-3, "in 3 days"),
        (-1, "within a day"),
        (0, "less than a day ago"),
        (1, "1 day ago"),
        (99, "99 days ago"),
        (100, "3 months ago"),
    ] {
        assert_eq!(ago(days), words);
    }
}
