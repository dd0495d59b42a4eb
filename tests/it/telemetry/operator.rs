//! The files of docs/operator/ agree with the program and its documentation: the alert rules, the dashboard, the
//! unit.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::Parser as _;
use ownerline::cli::{Cli, Command};
use ownerline::config::Config;
use ownerline_faults::{Disk, Fault};

use crate::process::{Served, run, stderr, stdout};
use crate::support::{NOW, Server, feedback};
use crate::telemetry::metrics::{ON, becomes, page};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The expressions of the alert rules.
fn rules() -> Vec<String> {
    let text = read("docs/operator/alerts.yml");
    let lines = text.lines().map(str::trim);
    let rules: Vec<_> = lines
        .filter_map(|line| line.strip_prefix("expr: "))
        .map(str::to_owned)
        .collect();
    let alerts = text
        .lines()
        .filter(|line| line.trim().starts_with("- alert: "))
        .count();
    assert!(alerts > 20);
    assert_eq!(
        rules.len(),
        alerts,
        "each alert has its expression on one line"
    );
    rules
}

/// The expressions of the dashboard.
fn panels() -> Vec<String> {
    let dashboard: serde_json::Value =
        serde_json::from_str(&read("docs/operator/dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().unwrap());
    targets
        .map(|target| target["expr"].as_str().unwrap().to_owned())
        .collect()
}

/// The metrics of ours that an expression names.
fn named(expression: &str) -> BTreeSet<String> {
    let word = |letter: char| !(letter.is_ascii_alphanumeric() || letter == '_');
    let words = expression.split(word);
    let ours = words.filter(|word| word.starts_with("ownerline_") || word.starts_with("process_"));
    ours.map(str::to_owned).collect()
}

/// Every series that the server declares, under the names that a collector sees.
async fn declared() -> BTreeSet<String> {
    let server = Server::start_with_settings(&[ON]).await;
    // A family of series is declared with its first one: a call, a refusal, and the end of a stream.
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    server.record(feedback("", "1", NOW)).await.unwrap_err();
    let request = ownerline_proto::v1::ReadStreamRequest {
        stream: "feedback-f-1".to_owned(),
        ..Default::default()
    };
    let mut read = server
        .touchpoints()
        .read_stream(request)
        .await
        .unwrap()
        .into_inner();
    while read.message().await.unwrap().is_some() {}
    becomes(
        &server,
        r#"ownerline_rpc_streams_total{method="TouchpointService/ReadStream",code="OK"}"#,
        1.0,
    )
    .await;
    let page = page(server.metrics_addr()).await;
    server.stop().await;
    let mut names = BTreeSet::new();
    for line in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').unwrap();
        let endings: &[&str] = match kind {
            "histogram" => &["_bucket", "_sum", "_count"],
            "counter" => &["_total"],
            "info" => &["_info"],
            _ => &[""],
        };
        names.extend(endings.iter().map(|ending| format!("{name}{ending}")));
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_that_a_rule_or_a_panel_names_is_declared() {
    let declared = declared().await;
    assert!(declared.contains("ownerline_poisoned"), "{declared:?}");
    for expression in rules().iter().chain(&panels()) {
        for name in named(expression) {
            // Memory is told on Linux only.
            let known = declared.contains(&name) || name == "process_resident_memory_bytes";
            assert!(known, "{name} is not declared: {expression}");
        }
    }
}

/// The rows of the first table below a heading, as cells.
fn rows<'t>(text: &'t str, heading: &str) -> Vec<Vec<&'t str>> {
    let (_, below) = text
        .split_once(heading)
        .unwrap_or_else(|| panic!("{heading} is gone"));
    let lines = below
        .lines()
        .skip_while(|line| !line.starts_with("| "))
        .take_while(|line| line.starts_with('|'));
    let cells = lines.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect());
    // Without the heading of the table and the line under it.
    cells.skip(2).collect()
}

/// The words in backquotes.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_metric_with_an_alarm_in_the_documentation_has_a_rule_and_every_metric_a_panel() {
    let operations = read("docs/operations.md");
    let all = metrics_table(&operations);
    assert!(all.len() > 20, "{all:?}");
    let rules: BTreeSet<_> = rules().iter().flat_map(|rule| named(rule)).collect();
    let panels: BTreeSet<_> = panels().iter().flat_map(|panel| named(panel)).collect();
    let has = |names: &BTreeSet<String>, name: &str| {
        let endings = ["", "_bucket", "_count", "_sum", "_total", "_info"];
        endings
            .iter()
            .any(|ending| names.contains(&format!("{name}{ending}")))
    };
    for (name, alarm) in all {
        let name = name.trim_end_matches("_total").trim_end_matches("_info");
        assert!(
            has(&panels, name),
            "{name} is on no panel of docs/operator/dashboard.json"
        );
        assert!(
            alarm == "–" || has(&rules, name),
            "{name} has an alarm ({alarm}), but no rule in docs/operator/alerts.yml"
        );
    }
}

/// (metric, what to alert on) of docs/operations.md.
fn metrics_table(operations: &str) -> Vec<(&str, &str)> {
    let is_metric = |line: &&str| {
        ["| `ownerline_", "| `process_"]
            .iter()
            .any(|begin| line.starts_with(begin))
    };
    let rows = operations.lines().filter(is_metric).map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        (quoted(cells[0]).next().unwrap(), *cells.last().unwrap())
    });
    rows.collect()
}

#[test]
fn every_reason_among_the_alarms_of_the_documentation_has_a_rule() {
    let operations = read("docs/operations.md");
    let rules = rules().join("\n");
    let mut checked = 0;
    for heading in ["**Recording fails**", "**Reading fails**"] {
        for row in rows(&operations, heading) {
            let is_reason = |word: &&str| {
                word.len() > 3
                    && word
                        .bytes()
                        .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            };
            for reason in quoted(row[0]).filter(is_reason) {
                assert!(
                    rules.contains(reason),
                    "{reason} has no rule in docs/operator/alerts.yml"
                );
                checked += 1;
            }
        }
    }
    assert!(checked >= 9, "only {checked} reasons were found");
}

#[test]
fn every_reason_that_a_rule_names_exists() {
    let errors = read("docs/errors.md");
    for rule in rules() {
        for part in rule.split("reason").skip(1) {
            let Some(value) = part.split('"').nth(1).filter(|_| part.starts_with('=')) else {
                continue;
            };
            for reason in value.split('|') {
                assert!(
                    errors.contains(&format!("`{reason}`")),
                    "{reason} is not in docs/errors.md"
                );
            }
        }
    }
}

#[test]
fn the_unit_starts_the_server_and_gives_it_time_to_drain() {
    let unit = read("docs/operator/ownerline.service");
    let value = |key: &str| {
        let found = unit
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        found.unwrap_or_else(|| panic!("{key} is not set"))
    };
    let cli = Cli::try_parse_from(value("ExecStart").split_whitespace()).unwrap();
    assert!(matches!(cli.command, Command::Serve(_)));
    let cli = Cli::try_parse_from(value("ExecStartPre").split_whitespace()).unwrap();
    assert!(matches!(cli.command, Command::CheckConfig(_)));
    assert!(value("ExecReload").contains("-HUP"));
    let patience: u64 = value("TimeoutStopSec")
        .trim_end_matches('s')
        .parse()
        .unwrap();
    assert!(patience > Config::default().server.drain_timeout.as_secs());
    assert_eq!(
        (value("UMask"), value("StateDirectoryMode")),
        ("0077", "0700")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_answers_probes_with_its_exit_code() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let health = |more: &[&str]| {
        let mut arguments = vec!["--server", served.url(), "health"];
        arguments.extend(more);
        run(&arguments)
    };
    let whole = health(&[]);
    assert_eq!(
        (whole.status.code(), stdout(&whole).as_str()),
        (Some(0), "SERVING\n")
    );
    for name in ["TimelineService", "ownerline.v1.TimelineService"] {
        let one = health(&["--service", name]);
        assert_eq!(stdout(&one), "SERVING ownerline.v1.TimelineService\n");
        assert_eq!(one.status.code(), Some(0));
    }
    let all = health(&["--all", "--json"]);
    let answer: serde_json::Value = serde_json::from_str(&stdout(&all)).unwrap();
    let services = answer["services"].as_array().unwrap();
    assert!(services.len() >= 8, "{answer}");
    assert!(
        services
            .iter()
            .all(|service| service["status"] == "SERVING"),
        "{answer}"
    );
    let unknown = health(&["--service", "NoSuchService"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        stderr(&unknown).contains("NOT_FOUND"),
        "{}",
        stderr(&unknown)
    );
    let url = served.url().to_owned();
    assert_eq!(served.terminate(), Some(0));
    let gone = run(&["--server", &url, "health"]);
    assert_eq!(gone.status.code(), Some(1), "{}", stderr(&gone));
}

#[tokio::test(flavor = "multi_thread")]
async fn health_says_which_service_takes_no_calls() {
    let disk = Disk::mount("probed");
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_on(&disk, directory.path()).await;
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    disk.fail(1, Fault::Fails);
    for number in 2.. {
        if server
            .record(feedback("owner-1", &number.to_string(), NOW))
            .await
            .is_err()
        {
            break;
        }
    }
    let url = format!("http://{}", server.addr());
    let asked = |service: &'static str| {
        let url = url.clone();
        tokio::task::spawn_blocking(move || {
            run(&["--server", &url, "health", "--service", service])
                .status
                .code()
        })
    };
    while asked("TouchpointService").await.unwrap() != Some(2) {
        tokio::task::yield_now().await;
    }
    assert_eq!(asked("TimelineService").await.unwrap(), Some(0));
    server.stop().await;
}
