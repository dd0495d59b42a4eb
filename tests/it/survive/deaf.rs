//! An answer that nobody waits for any more and that heeds nothing: it holds neither the end of the process nor, after
//! that, any lock.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command as Process, Stdio};
use std::time::{Duration, Instant};

use ownerline::app::{self, Seams};
use ownerline::cli::{Cli, Command, Output, serve_with, to_the_end};
use ownerline::config::Config;
use ownerline::derived::{DerivedFaults, Latch};
use tokio::runtime::Runtime;

use crate::process::{Served, text};
use crate::remote::Remote;
use crate::support::{NOW, Server, all_of, feedback};

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// The variable that makes this program serve a directory.
const DATA: &str = "DEAF_DATA";
/// What it says once an answer is being computed that never ends.
const DEAF: &str = "an answer is deaf";

/// Seams that hold every answer once it has taken its snapshot.
fn deaf() -> (Seams, Latch) {
    let latch = Latch::default();
    latch.close_beyond(0);
    let seams = Seams {
        view_faults: DerivedFaults {
            answers: Some(latch.gate()),
            ..DerivedFaults::default()
        },
        ..Seams::default()
    };
    (seams, latch)
}

/// Serves like the program itself, but every answer is deaf.
#[test]
#[ignore = "the tests below run it as a process"]
fn a_server_with_deaf_answers() {
    let data = std::env::var(DATA).unwrap();
    let serve = [
        "ownerline",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data,
    ];
    let Ok(Cli {
        command: Command::Serve(args),
        ..
    }) = Cli::read(serve.map(Into::into).into_iter())
    else {
        panic!("it is a command");
    };
    let (seams, latch) = deaf();
    std::thread::spawn(move || {
        while latch.held() == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        println!("{DEAF}");
        // It stays closed to the end of the process.
        loop {
            std::thread::park();
        }
    });
    let mut output = Output::standard();
    let served = serve_with(&args, &mut output, seams);
    let code = to_the_end(Runtime::new().unwrap(), served).unwrap();
    std::process::exit(i32::from(code));
}

/// This program, serving a directory with deaf answers; killed when dropped.
struct Deaf {
    child: Child,
    says: BufReader<ChildStdout>,
    log: std::fs::File,
    url: String,
}

impl Deaf {
    fn start(data: &Path, drain_timeout: &str) -> Self {
        let log = tempfile::tempfile().unwrap();
        let mut child = Process::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--nocapture", "--exact"])
            .arg("survive::deaf::a_server_with_deaf_answers")
            .env(DATA, data)
            .env("OWNERLINE_KEEPER_ENABLED", "false")
            .env("OWNERLINE_SERVER_DRAIN_TIMEOUT", drain_timeout)
            .stdout(Stdio::piped())
            .stderr(log.try_clone().unwrap())
            .spawn()
            .unwrap();
        let mut deaf = Self {
            says: BufReader::new(child.stdout.take().unwrap()),
            child,
            log,
            url: String::new(),
        };
        let line = deaf.until("listening on ");
        deaf.url = line.rsplit(' ').next().unwrap().trim().to_owned();
        deaf
    }

    /// Waits until it says something, and returns that line.
    fn until(&mut self, what: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.says.read_line(&mut line).unwrap();
            assert!(read > 0, "{what:?} is not said: {}", text(&self.log));
            if line.contains(what) {
                return line;
            }
        }
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        let sent = Process::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end, and returns the exit code and its log.
    fn ended(mut self) -> (Option<i32>, String) {
        let begun = Instant::now();
        loop {
            if let Some(ended) = self.child.try_wait().unwrap() {
                return (ended.code(), text(&self.log));
            }
            assert!(begun.elapsed() < PATIENCE, "{}", text(&self.log));
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Deaf {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn recorded(data: &Path) {
    let served = Served::start(data);
    let remote = served.remote().await;
    remote.record(feedback("owner-1", "1", NOW)).await.unwrap();
    remote.timeline(all_of("owner-1")).await.ok();
    assert_eq!(served.terminate(), Some(0));
}

fn last_line(log: &str) -> &str {
    log.lines().last().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_ends_although_an_answer_is_computed_that_nobody_waits_for() {
    let directory = tempfile::tempdir().unwrap();
    recorded(directory.path()).await;
    // It does not take until then.
    let mut deaf = Deaf::start(directory.path(), "10m");
    let remote = Remote::connect(&deaf.url).await.unwrap();
    let asking = tokio::spawn(async move { remote.timeline(all_of("owner-1")).await });
    deaf.until(DEAF);
    asking.abort();
    deaf.terminate();
    let (code, log) = deaf.ended();
    assert_eq!(code, Some(0), "{log}");
    assert!(last_line(&log).contains("stopped"), "{log}");
    let successor = Served::start(directory.path());
    let remote = successor.remote().await;
    let found = remote.timeline(all_of("owner-1")).await.unwrap();
    assert_eq!(found.entries.len(), 1);
    assert_eq!(successor.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_ends_within_its_drain_although_a_caller_waits_for_such_an_answer() {
    let directory = tempfile::tempdir().unwrap();
    recorded(directory.path()).await;
    let mut deaf = Deaf::start(directory.path(), "1s");
    let remote = Remote::connect(&deaf.url).await.unwrap();
    let asking = tokio::spawn(async move { remote.timeline(all_of("owner-1")).await });
    deaf.until(DEAF);
    deaf.terminate();
    let (code, log) = deaf.ended();
    assert_eq!(code, Some(0), "{log}");
    assert!(last_line(&log).contains("stopped"), "{log}");
    assert!(asking.await.unwrap().is_err());
    assert_eq!(Served::start(directory.path()).terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_stays_locked_as_a_whole_until_its_views_are_released() {
    let directory = tempfile::tempdir().unwrap();
    let (seams, latch) = deaf();
    let server = Server::start_over(directory.path(), &[], seams).await;
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let remote = Remote::of(server.another_channel().await);
    let asking = tokio::spawn(async move { remote.timeline(all_of("owner-1")).await });
    while latch.held() == 0 {
        tokio::task::yield_now().await;
    }
    asking.abort();
    server.stop().await;
    let overrides = [
        ("store.data", directory.path().into()),
        ("server.listen", "127.0.0.1:0".into()),
    ];
    let config = Config::load(None, [], &overrides).unwrap();
    let early = app::start(config.clone()).await.err().unwrap().to_string();
    assert!(
        early.contains("data directory") && early.contains("in use"),
        "{early}"
    );
    latch.open();
    let begun = Instant::now();
    let successor = loop {
        match app::start(config.clone()).await {
            Ok(successor) => break successor,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
        }
        tokio::task::yield_now().await;
    };
    successor.stop().await.unwrap();
}
