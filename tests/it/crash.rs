//! kill -9 of the real server: nothing acknowledged is lost, nothing is there twice, nothing is invented.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ownerline_proto::cloudevents::to_line;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{RecordRequest, Touchpoint};

use crate::process::{Served, ownerline, run, stderr, stdout};
use crate::real_data::{TOUCHPOINTS, helpdesk_file};
use crate::support::{NOW, feedback};

const ROUNDS: u64 = 8;
const CLIENTS: u64 = 4;

/// (source, id) and position of every acknowledged touchpoint.
type Acknowledged = BTreeMap<String, String>;

/// Records until the server is gone; answers what was acknowledged.
async fn record_until_killed(
    url: String,
    round: u64,
    client: u64,
    killed: Arc<AtomicBool>,
) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    let mut service = TouchpointServiceClient::connect(url).await.unwrap();
    for number in 0.. {
        let id = format!("{round}-{client}-{number}");
        let touchpoint: Touchpoint = feedback("owner-1", &id, NOW);
        let request = RecordRequest {
            touchpoint: Some(touchpoint),
            ..RecordRequest::default()
        };
        match service.record(request).await {
            Ok(answer) => acknowledged.insert(id, answer.into_inner().position),
            Err(_) if killed.load(Ordering::SeqCst) => break,
            Err(error) => panic!("refused before the kill: {error}"),
        };
    }
    acknowledged
}

/// Id and position of every touchpoint in the log, in its order.
fn logged(data: &std::path::Path) -> Vec<(String, String)> {
    let cat = run(&["log", "cat", "--data", data.to_str().unwrap()]);
    assert!(cat.status.success(), "{}", stderr(&cat));
    let of = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        (
            line["id"].as_str().unwrap().to_owned(),
            line["position"].as_str().unwrap().to_owned(),
        )
    };
    stdout(&cat).lines().map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_kill_is_there_once_and_nothing_else_is_invented() {
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = Acknowledged::new();
    for round in 0..ROUNDS {
        let served = Served::start(directory.path());
        let killed = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                tokio::spawn(record_until_killed(
                    served.url().to_owned(),
                    round,
                    client,
                    killed.clone(),
                ))
            })
            .collect();
        // Another instant of the server's work each time.
        tokio::time::sleep(Duration::from_millis(40 + 37 * round)).await;
        killed.store(true, Ordering::SeqCst);
        served.kill();
        for client in clients {
            acknowledged.extend(client.await.unwrap());
        }
    }
    assert_eq!(Served::start(directory.path()).terminate(), Some(0));
    let logged = logged(directory.path());
    let positions: Vec<&String> = logged.iter().map(|(_, position)| position).collect();
    assert!(positions.is_sorted_by(|left, right| left < right));
    let stored: BTreeMap<String, String> = logged.iter().cloned().collect();
    assert_eq!(stored.len(), logged.len(), "an id is there twice");
    for (id, position) in &acknowledged {
        assert_eq!(stored.get(id), Some(position), "{id} was acknowledged");
    }
    // At most the one that each client had in flight may be there without an acknowledgement.
    let unacknowledged = stored.len() - acknowledged.len();
    assert!(
        unacknowledged as u64 <= ROUNDS * CLIENTS,
        "{unacknowledged} were never acknowledged"
    );
    assert!(!acknowledged.is_empty());
}

fn imported(file: &std::path::Path, url: &str) -> (u64, u64) {
    let output = run(&["import", file.to_str().unwrap(), "--json", "--server", url]);
    let summary: serde_json::Value =
        serde_json::from_str(&stdout(&output)).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    (
        summary["stored"].as_u64().unwrap(),
        summary["replayed"].as_u64().unwrap(),
    )
}

/// Kills the server in the middle of an import, starts it again, and imports the file again.
fn import_across_a_kill(file: &std::path::Path, touchpoints: u64) {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let mut import = ownerline()
        .args(["import", file.to_str().unwrap(), "--server", served.url()])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let data = directory.path().to_str().unwrap().to_owned();
    let count = || {
        let stat = run(&["log", "stat", "--json", "--data", &data]);
        serde_json::from_str::<serde_json::Value>(&stdout(&stat))
            .map_or(0, |stat| stat["touchpoints"].as_u64().unwrap_or_default())
    };
    for _ in 0..10_000 {
        if count() > touchpoints / 10 {
            break;
        }
    }
    served.kill();
    import.kill().unwrap();
    import.wait().unwrap();
    let middle = count();
    assert!(middle > 0, "the import had begun");
    let served = Served::start(directory.path());
    let (stored, replayed) = imported(file, served.url());
    assert_eq!((stored, replayed), (touchpoints - middle, middle));
    assert_eq!(imported(file, served.url()), (0, touchpoints));
    assert_eq!(served.terminate(), Some(0));
    assert_eq!(count(), touchpoints);
}

#[test]
fn an_import_goes_on_after_the_server_was_killed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("history.ndjson");
    let lines: String = (0..20_000)
        .map(|number| to_line(&feedback("owner-1", &number.to_string(), NOW)).unwrap() + "\n")
        .collect();
    std::fs::write(&file, lines).unwrap();
    import_across_a_kill(&file, 20_000);
}

#[test]
fn real_data_is_there_exactly_once_after_a_kill_in_the_middle() {
    let Some(file) = helpdesk_file() else { return };
    import_across_a_kill(&file, TOUCHPOINTS as u64);
}
