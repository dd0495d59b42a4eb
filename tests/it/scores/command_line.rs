//! `ownerline scores`, as people and scripts read it.

use std::process::Command;

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{FeedbackExcluded, Touchpoint, feedback_excluded};

use super::answers;
use crate::support::Server;

fn run(server: &Server, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ownerline"))
        .arg("scores")
        .args(arguments)
        .args(["--server", &format!("http://{}", server.addr())])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), text)
}

/// It does not count.
fn excluded(said: &Touchpoint) -> Touchpoint {
    let reason = feedback_excluded::Reason::Manipulated.into();
    Touchpoint {
        id: format!("{}/excluded", said.id),
        payload: Some(Payload::FeedbackExcluded(FeedbackExcluded { reason })),
        ..said.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_every_figure_with_its_n_and_scripts_read_json() {
    let server = Server::start().await;
    let mut told = answers("dealer-1", &[10; 12]);
    let large: Vec<i32> = [9, 9, 9, 7, 3].into_iter().cycle().take(60).collect();
    told.extend(answers("dealer-2", &large));
    told.extend(answers("dealer-3", &[8; 4]));
    told.push(excluded(&told[1].clone()));
    server.import(told).await;
    let head = server.head().await;
    let common = ["--as-of", "2023-11-16", "--at-least", &head];
    let (code, text) = run(
        &server,
        &[&common[..], &["--group-by", "dealer", "-o", "table"]].concat(),
    );
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(text.replace(&head, "{head}"));

    let months = ["--group-by", "month", "--measure", "ces"];
    let (_, text) = run(&server, &[&common[..], &months].concat());
    assert!(text.contains("2023-11"), "{text}");
    assert!(!text.contains("drawn towards"), "{text}");

    let (_, json) = run(&server, &[&common[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["total"]["scores"]["nps"]["n"], "75");
    server.stop().await;
}
