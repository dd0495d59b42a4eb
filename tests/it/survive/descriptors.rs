//! A process that may open few files: it accepts fewer connections, says so, and serves.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use ownerline_proto::v1::projection::State;
use tokio::net::TcpStream;

use crate::overload::BOUND;
use crate::process::{begin_to_serve, ownerline};
use crate::remote::Remote;
use crate::support::{NOW, all_of, feedback};

/// The served program under a hard limit of open files; killed when dropped.
struct Limited {
    child: Child,
    url: String,
    log: std::path::PathBuf,
}

impl Limited {
    fn start(directory: &Path, files: u64) -> Self {
        let log = directory.join("told");
        let serve = begin_to_serve(&directory.join("data"));
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -n {files} && exec \"$0\" \"$@\"")])
            .arg(serve.get_program())
            .args(serve.get_args())
            .env("OWNERLINE_KEEPER_ENABLED", "false")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        answers.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        let told = std::fs::read_to_string(&log).unwrap();
        Self {
            url: url.unwrap_or_else(|| panic!("it did not start: {line:?}, {told}")),
            child,
            log,
        }
    }

    fn told(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Limited {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_idle_connections_than_files_stop_no_view() {
    let directory = tempfile::tempdir().unwrap();
    let server = Limited::start(directory.path(), 400);
    assert!(
        server.told().contains("fewer connections are accepted"),
        "{}",
        server.told()
    );
    let remote = Remote::connect(&server.url).await.unwrap();
    remote
        .record(feedback("owner-1", "first", NOW))
        .await
        .unwrap();
    let authority = server.url.trim_start_matches("http://");
    let mut idle = Vec::new();
    for _ in 0..300 {
        let Ok(connected) = tokio::time::timeout(BOUND, TcpStream::connect(authority))
            .await
            .unwrap()
        else {
            break;
        };
        idle.push(connected);
    }
    for batch in 0..5 {
        let touchpoints = (0..100)
            .map(|number| feedback("owner-1", &format!("{batch}-{number}"), NOW))
            .collect();
        remote.import(touchpoints).await;
    }
    let last = remote
        .record(feedback("owner-1", "last", NOW))
        .await
        .unwrap();
    let mut request = all_of("owner-1");
    request.at_least = last.position;
    let timeline = remote.timeline(request).await.unwrap();
    assert_eq!(timeline.entries.len(), 502);
    for projection in remote.projections().await.projections {
        assert_ne!(projection.state(), State::Failed, "{projection:?}");
    }
    assert!(!server.told().contains("ERROR"), "{}", server.told());
    drop(idle);
}

#[test]
fn a_process_that_may_open_too_few_files_says_how_many_it_needs() {
    let directory = tempfile::tempdir().unwrap();
    let mut serve = ownerline();
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
    serve.arg(directory.path().join("data"));
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 100 && exec \"$0\" \"$@\""])
        .arg(serve.get_program())
        .args(serve.get_args())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("may open 100 files, but needs at least 252"),
        "{told}"
    );
    assert!(!directory.path().join("data").exists(), "nothing was made");
}
