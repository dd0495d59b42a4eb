//! `ownerline loyalty`, as people and scripts read it.

use std::process::Command;

use super::{leased_again, two_owners};
use crate::support::Server;

fn run(server: &Server, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ownerline"))
        .arg("loyalty")
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

#[tokio::test(flavor = "multi_thread")]
async fn people_read_makes_curve_and_what_is_missing_and_scripts_read_json() {
    let server = Server::start().await;
    server.import(two_owners()).await;
    server.import(vec![leased_again(-100, "ann")]).await;
    let head = server.head().await;
    let common = ["--as-of", "2023-11-14", "--at-least", &head];
    let people = [&common[..], &["-o", "table"]].concat();
    let (code, told, error) = run(&server, &people);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    insta::assert_snapshot!(told.replace(&head, "[position]"));
    let days = [&common[..], &["--days", "30", "--json"]].concat();
    let (_, json, _) = run(&server, &days);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["groups"][0]["loyalty"]["sameBrandLeased"], "1");
    assert_eq!(json["total"]["curve"].as_array().unwrap().len(), 1);
    let (code, _, error) = run(&server, &["--days", "0"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("--days"), "{error}");
    server.stop().await;
}
