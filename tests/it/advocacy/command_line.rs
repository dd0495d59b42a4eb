//! A score explained on the command line.

use std::fs;
use std::path::Path;

use ownerline_proto::cloudevents::to_line;
use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CommitmentBroken, OwnerIdentityLinked, RefereePurchased, ReferralMade, Subjects, Touchpoint,
};

use crate::process::{Served, run, stderr, stdout};
use crate::support::{NOW, feedback};

const DAY: i64 = 86_400;

fn touchpoint(id: &str, days_ago: i64, case: &str, payload: Payload) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//crm".to_owned(),
        occurred_at: Some(time::timestamp((NOW - days_ago * DAY) * 1_000_000_000)),
        subjects: Some(Subjects {
            owner_id: "owner-1".to_owned(),
            case_id: case.to_owned(),
            ..Subjects::default()
        }),
        payload: Some(payload),
        ..Touchpoint::default()
    }
}

fn referred(friend: &str) -> Payload {
    Payload::ReferralMade(ReferralMade {
        referee_ref: friend.to_owned(),
        ..ReferralMade::default()
    })
}

fn history() -> Vec<Touchpoint> {
    let mut said = feedback("owner-1", "1", NOW - 30 * DAY);
    if let Some(Payload::FeedbackReceived(received)) = &mut said.payload {
        received.verbatim =
            "Nobody was friendly, and it came back. I would still recommend you.".to_owned();
    }
    let bought = RefereePurchased {
        referee_ref: "friend-1".to_owned(),
        ..RefereePurchased::default()
    };
    let broken = CommitmentBroken {
        commitment_id: "p-1".to_owned(),
    };
    let linked = OwnerIdentityLinked {
        other_owner_id: "owner-1b".to_owned(),
    };
    vec![
        touchpoint("old", 2_400, "", referred("friend-0")),
        touchpoint("referral", 700, "", referred("friend-1")),
        touchpoint("bought", 300, "", Payload::RefereePurchased(bought)),
        touchpoint("broken", 200, "case-1", Payload::CommitmentBroken(broken)),
        touchpoint("linked", 100, "", Payload::OwnerIdentityLinked(linked)),
        said,
    ]
}

/// A served history of one owner.
fn served(directory: &Path) -> Served {
    let file = directory.join("history.ndjson");
    let lines = history().into_iter().map(|it| to_line(&it).unwrap() + "\n");
    fs::write(&file, lines.collect::<String>()).unwrap();
    let served = Served::start(&directory.join("data"));
    let path = file.to_str().unwrap();
    let imported = run(&["import", path, "--server", served.url()]);
    assert!(imported.status.success(), "{}", stderr(&imported));
    served
}

#[test]
fn a_score_is_explained_to_people_and_is_json_for_programs() {
    let directory = tempfile::tempdir().unwrap();
    let served = served(directory.path());
    let list = ["projections", "list", "--json", "--server", served.url()];
    let list: serde_json::Value = serde_json::from_str(&stdout(&run(&list))).unwrap();
    let head = list["head"].as_str().unwrap();
    let asked = |more: &[&str]| {
        let fixed = ["advocacy", "owner-1", "--as-of", "2023-11-15"];
        let server = ["--at-least", head, "--server", served.url()];
        run(&[&fixed, more, &server].concat())
    };
    let told = asked(&[]);
    assert!(told.status.success(), "{}", stderr(&told));
    let told = stdout(&told).replace(head, "{head}");
    insta::assert_snapshot!(told);

    let json: serde_json::Value = serde_json::from_str(&stdout(&asked(&["--json"]))).unwrap();
    assert!(json["score"].is_number(), "{json}");

    let shown = ["policy", "show", "scoring@0", "--json", "--server"];
    let shown = stdout(&run(&[&shown[..], &[served.url()]].concat()));
    let mut policy: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let mut policy = policy["policy"]["published"].take();
    policy["scoring"]["k"] = 0.into();
    let file = directory.path().join("scoring.json");
    fs::write(&file, policy.to_string()).unwrap();
    let what_if = asked(&["--model", file.to_str().unwrap()]);
    assert!(what_if.status.success(), "{}", stderr(&what_if));
    let what_if = stdout(&what_if);
    assert!(
        what_if.contains("the given scoring policy, lexicon@0"),
        "{what_if}"
    );

    policy["scoring"]["k"] = (-1).into();
    fs::write(&file, policy.to_string()).unwrap();
    let refused = asked(&["--model", file.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    let refused = stderr(&refused);
    assert!(refused.contains("field model.scoring.k: "), "{refused}");
}

#[test]
fn a_distribution_and_its_advocates_are_text_for_people_and_json_for_programs() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("history.ndjson");
    let made = run(&[
        "generate",
        "--owners",
        "60",
        "--seed",
        "3",
        "--dealers",
        "3",
        "--until",
        "2023-11-01",
    ]);
    assert!(made.status.success(), "{}", stderr(&made));
    fs::write(&file, &made.stdout).unwrap();
    let served = Served::start(&directory.path().join("data"));
    let server = ["--server", served.url()];
    let imported = run(&[&["import", file.to_str().unwrap()], &server[..]].concat());
    assert!(imported.status.success(), "{}", stderr(&imported));
    let list = run(&[&["projections", "list", "--json"], &server[..]].concat());
    let list: serde_json::Value = serde_json::from_str(&stdout(&list)).unwrap();
    let head = list["head"].as_str().unwrap();
    let asked = |more: &[&str]| {
        let fixed = ["advocates", "--as-of", "2023-11-15", "--at-least", head];
        run(&[&fixed, more, &server[..]].concat())
    };
    let told = asked(&["--group-by", "dealer", "--top", "5", "-o", "table"]);
    assert!(told.status.success(), "{}", stderr(&told));
    insta::assert_snapshot!(stdout(&told).replace(head, "{head}"));

    let json: serde_json::Value = serde_json::from_str(&stdout(&asked(&["--json"]))).unwrap();
    assert_eq!(
        json["total"]["bands"].as_array().unwrap().len(),
        5,
        "{json}"
    );

    let refused = asked(&["--top", "1001"]);
    assert!(stderr(&refused).contains("1001 is not in 1..=1000"));
    let refused = asked(&["--least-confidence", "2"]);
    assert!(stderr(&refused).contains("field least_confidence: "));
}
