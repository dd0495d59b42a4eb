//! `ownerline response-times`, as people and scripts read it.

use std::path::Path;
use std::process::Command;

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{DealerRegistered, Subjects, Touchpoint};

use crate::support::{NOW, Server, feedback};

fn run(server: &Server, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ownerline"))
        .arg("response-times")
        .args(arguments)
        .args(["--server", &format!("http://{}", server.addr())])
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_every_figure_with_its_n_and_scripts_read_json() {
    let server = Server::start().await;
    let items = [("a", 0), ("b", 3_600)];
    let items = items.map(|(id, after)| feedback("owner-1", id, NOW + after));
    server.import(items.to_vec()).await;
    let head = server.head().await;
    let common = ["--as-of", "2023-11-16", "--at-least", &head];
    let (code, told, _) = run(&server, &[&common[..], &["--group-by", "dealer"]].concat());
    assert_eq!(code, Some(0));
    for expected in [
        "as of 2023-11-16T00:00:00Z",
        "2: 0 answered, 0 closed unanswered, 2 open past target",
        "0.0 % (95 %: 0.0 % to 65.8 %), 0 of 2 due",
        "not reached, of 2 (Kaplan–Meier)",
        "oldest open             25.8 h, of 2 open",
        "Distribution of 0 replies",
        "dealer-1",
    ] {
        assert!(told.contains(expected), "{expected} in {told}");
    }
    let (_, json, _) = run(&server, &[&common[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["total"]["due"], "2");
    server.stop().await;
}

/// A dealer in India, in time for everything.
fn dealer_in_india() -> Touchpoint {
    let mut dealer = feedback("", "dealer", 0);
    dealer.subjects = Some(Subjects {
        dealer_id: "dealer-1".to_owned(),
        ..Subjects::default()
    });
    dealer.payload = Some(Payload::DealerRegistered(DealerRegistered {
        name: "One".to_owned(),
        market: "IN".to_owned(),
        time_zone: "Asia/Kolkata".to_owned(),
        ..DealerRegistered::default()
    }));
    dealer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_given_by_dates_is_the_month_of_the_table() {
    let server = Server::start().await;
    // 2023-11-30T19:00:00Z and 2023-12-31T19:00:00Z: December and January in India.
    let items = [("a", 1_701_370_800), ("b", 1_704_049_200)];
    let items = items.map(|(id, at)| feedback("owner-1", id, at));
    server
        .import([vec![dealer_in_india()], items.to_vec()].concat())
        .await;
    let head = server.head().await;
    let december = ["--from", "2023-12-01", "--to", "2024-01-01"];
    let common = ["--at-least", &head, "--group-by", "month", "--json"];
    let (code, json, _) = run(&server, &[&common[..], &december].concat());
    assert_eq!(code, Some(0));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let groups = json["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{json}");
    assert_eq!(groups[0]["key"], "2023-12");
    assert_eq!(json["total"]["received"], "1");
    let (_, told, _) = run(&server, &[&["--at-least", &head][..], &december].concat());
    let heading = "received from 2023-12-01, received before 2024-01-01";
    assert!(told.contains(heading), "{told}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_policy_comes_from_a_file_and_must_be_an_sla() {
    let server = Server::start().await;
    server.import(vec![feedback("owner-1", "a", NOW)]).await;
    let head = server.head().await;
    let folder = tempfile::tempdir().unwrap();
    let sla =
        r#"{"sla": {"obligations": [{"kind": "KIND_FIRST_REPLY", "budgetSeconds": "172800"}]}}"#;
    let sla = file(folder.path(), "sla.json", sla);
    let common = ["--as-of", "2023-11-16", "--at-least", &head];
    let (code, told, _) = run(&server, &[&common[..], &["--policy", &sla]].concat());
    assert_eq!(code, Some(0));
    assert!(
        told.contains("if the policy of the file were in force"),
        "{told}"
    );
    assert!(told.contains("1 open within target"), "{told}");
    let survey = file(folder.path(), "survey.json", r#"{"survey": {}}"#);
    let (code, _, error) = run(&server, &["--policy", &survey]);
    assert_eq!(code, Some(1));
    assert!(
        error.contains("is not a policy whose body is sla"),
        "{error}"
    );
    server.stop().await;
}
