//! A server in a process of its own whose faults are planted from outside: this test binary, started again.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use ownerline::app::{self, Seams};
use ownerline::config::Config;
use ownerline_faults::Disk;
use rustix::process::{Resource, getrlimit, setrlimit};

/// Says to the test below which directory to serve.
const DATA: &str = "OWNERLINE_PLANTED_DATA";

/// A fault, and its absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plant {
    /// Error number of every write of the index, or 0.
    IndexWrites(i32),
    /// Error number of every read of the index, or 0.
    IndexReads(i32),
    /// Error number of every write of the views, or 0.
    ViewWrites(i32),
    /// Error number of every read of the views, or 0.
    ViewReads(i32),
    /// Milliseconds that every sync of the log takes.
    SlowDisk(u64),
    /// Whether the log finds no room.
    FullLog(bool),
    /// Whether the sync after next fails.
    FailingSync,
    /// A thread that panics.
    Panic,
    /// How many files the process may open; 0 for as many as ever.
    Files(u64),
}

/// The server; killed when dropped.
pub(crate) struct Planted {
    child: Child,
    commands: ChildStdin,
    url: String,
    log: std::path::PathBuf,
}

impl Planted {
    pub(crate) fn start(directory: &Path) -> Self {
        let told = std::fs::File::options()
            .create(true)
            .append(true)
            .open(directory.join("told"));
        Self::start_logging_to(told.unwrap(), directory)
    }

    /// [`Self::start`] whose log goes elsewhere.
    pub(crate) fn start_logging_to(told: impl Into<Stdio>, directory: &Path) -> Self {
        let log = directory.join("told");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "survive::planted::served_with_planted_faults",
                "--nocapture",
            ])
            .env(DATA, directory.join("data"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(told.into())
            .spawn()
            .unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let url = loop {
            line.clear();
            let read = answers.read_line(&mut line).unwrap();
            assert!(
                read > 0,
                "it did not start: {}",
                std::fs::read_to_string(&log).unwrap_or_default()
            );
            if let Some((_, url)) = line.trim().split_once("planted on ") {
                break url.to_owned();
            }
        };
        // Whatever else the test says must find a reader.
        std::thread::spawn(move || {
            for line in answers.lines().map_while(Result::ok) {
                drop(line)
            }
        });
        Self {
            commands: child.stdin.take().unwrap(),
            child,
            url,
            log,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn plant(&mut self, plant: Plant) {
        let line = match plant {
            Plant::IndexWrites(number) => format!("index-writes {number}"),
            Plant::IndexReads(number) => format!("index-reads {number}"),
            Plant::ViewWrites(number) => format!("view-writes {number}"),
            Plant::ViewReads(number) => format!("view-reads {number}"),
            Plant::SlowDisk(milliseconds) => format!("slow-disk {milliseconds}"),
            Plant::FullLog(full) => format!("full-log {}", i32::from(full)),
            Plant::FailingSync => "failing-sync 1".to_owned(),
            Plant::Panic => "panic 1".to_owned(),
            Plant::Files(count) => format!("files {count}"),
        };
        writeln!(self.commands, "{line}").unwrap();
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn told(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends it in order.
    pub(crate) fn stop(mut self) {
        writeln!(self.commands, "stop 0").unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {}", self.told());
    }
}

impl Drop for Planted {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does nothing unless [`Planted`] started it.
#[tokio::test(flavor = "multi_thread")]
async fn served_with_planted_faults() {
    let Some(data) = std::env::var_os(DATA) else {
        return;
    };
    let settings = [
        ("store.data", data),
        ("server.listen", "127.0.0.1:0".into()),
        ("server.connections", "12000".into()),
        ("keeper.enabled", "false".into()),
    ];
    // Without the environment: what it says of the test is none of a server's settings.
    let config = Config::load(None, [], &settings).unwrap();
    ownerline::telemetry::init(&config.telemetry).unwrap();
    let disk = Disk::mount("planted");
    disk.forget_writes();
    let seams = Seams {
        vfs: Some(disk.name().to_owned()),
        ..Seams::default()
    };
    let (index, views) = (seams.index_faults.clone(), seams.view_faults.clone());
    let running = app::start_with(config, seams).await.unwrap();
    let whole = getrlimit(Resource::Nofile);
    println!("planted on http://{}", running.addr());
    let tasks = running.tasks().clone();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            let (what, number) = line.split_once(' ').unwrap();
            let number: u64 = number.parse().unwrap();
            let error = i32::try_from(number).unwrap();
            match what {
                "index-writes" => index.writes.set(error),
                "index-reads" => index.reads.set(error),
                "view-writes" => views.writes.set(error),
                "view-reads" => views.reads.set(error),
                "slow-disk" => disk.slow_down(Duration::from_millis(number)),
                "full-log" if number == 0 => disk.make_room(),
                "full-log" => disk.fill(),
                "panic" => drop(std::thread::spawn(|| panic!("planted in a thread"))),
                "failing-sync" => disk.fail(2, ownerline_faults::Fault::Fails),
                "files" => {
                    let mut limit = whole;
                    limit.current = if number == 0 {
                        whole.current
                    } else {
                        Some(number)
                    };
                    setrlimit(Resource::Nofile, limit).unwrap();
                }
                _ => break,
            }
        }
        tasks.begin_shutdown();
    });
    running.finished().await.unwrap();
}
