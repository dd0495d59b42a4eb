//! Policies on the command line.

use std::fs;

use crate::process::{Served, run, stderr, stdout};

#[test]
fn a_policy_is_published_listed_and_shown_on_the_command_line() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(&directory.path().join("data"));
    let file = directory.path().join("sla.json");
    let path = file.to_str().unwrap();
    let ask = |arguments: &[&str]| {
        let server = ["--server", served.url()];
        run(&[&["policy"], arguments, &server].concat())
    };
    let shown = stdout(&ask(&["show", "sla@0", "--json"]));
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let mut policy = shown["policy"]["published"].clone();
    policy["effectiveFrom"] = "2024-01-01T00:00:00Z".into();
    policy["scope"] = serde_json::json!({"dealerId": "dealer-7"});
    fs::write(&file, policy.to_string()).unwrap();

    let tried = stdout(&ask(&["publish", path, "--validate-only"]));
    assert_eq!(tried, "sla@1 is valid; nothing was published.\n");
    let key = ["--source", "//rules", "--id", "1"];
    let told = stdout(&ask(&[&["publish", path], &key[..]].concat()));
    assert!(
        told.starts_with("sla@1 was published at position "),
        "{told}"
    );
    let position = told
        .trim()
        .trim_end_matches('.')
        .rsplit(' ')
        .next()
        .unwrap();
    let told = stdout(&ask(&[&["publish", path], &key[..]].concat()));
    assert!(
        told.starts_with("sla@1 was published before, at "),
        "{told}"
    );

    let listed = stdout(&ask(&[
        "list",
        "--kind",
        "sla",
        "-o",
        "table",
        "--at-least",
        position,
    ]));
    assert!(
        listed.contains("dealer dealer-7") && listed.contains("sla@0"),
        "{listed}"
    );
    let shown = stdout(&ask(&["show", "--kind", "sla", "--dealer", "dealer-7"]));
    assert!(
        shown.starts_with("sla@1 · sla · for dealer dealer-7"),
        "{shown}"
    );
    assert!(shown.contains("\"budgetSeconds\": \"86400\""), "{shown}");

    policy["sla"]["obligations"][0]["warningShares"] = serde_json::json!([0.9, 0.5, 2]);
    fs::write(&file, policy.to_string()).unwrap();
    let refused = ask(&["publish", path]);
    assert_eq!(refused.status.code(), Some(1));
    for field in ["warning_shares[1]", "warning_shares[2]"] {
        let line = format!("field policy.sla.obligations[0].{field}: ");
        assert!(stderr(&refused).contains(&line), "{}", stderr(&refused));
    }
    fs::write(&file, "{\"nonsense\": 1}").unwrap();
    let refused = stderr(&ask(&["publish", path]));
    assert!(
        refused.contains("is not the proto3 JSON of a policy"),
        "{refused}"
    );
    assert!(refused.contains("nonsense"), "{refused}");
    assert_eq!(served.terminate(), Some(0));
}
