//! The program itself as a child process: started, killed, and always ended.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::remote::Remote;

/// Longer than any start and any end takes.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn ownerline() -> Command {
    without_surroundings(Command::new(env!("CARGO_BIN_EXE_ownerline")))
}

/// The program under a umask that would let everybody in.
pub(crate) fn ownerline_openly() -> Command {
    let mut shell = without_surroundings(Command::new("sh"));
    shell.args(["-c", "umask 000; exec \"$0\" \"$@\""]);
    shell.arg(env!("CARGO_BIN_EXE_ownerline"));
    shell
}

fn without_surroundings(mut command: Command) -> Command {
    // What the surroundings say must not decide a test.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("OWNERLINE_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs to the end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    ownerline().args(arguments).output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A served data directory; killed when dropped.
pub(crate) struct Served {
    child: Child,
    url: String,
    /// Where it serves metrics, if it does.
    metrics: Option<String>,
    /// Its output on standard error.
    told: File,
}

impl Served {
    /// Starts and waits until it says where it listens.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// [`Self::start`] with variables of the environment.
    pub(crate) fn start_with(data: &Path, variables: &[(&str, &str)]) -> Self {
        Self::start_at(data, "127.0.0.1:0", variables)
    }

    /// [`Self::start_with`] at an address.
    pub(crate) fn start_at(data: &Path, listen: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = serve_at(ownerline(), data, listen);
        command.envs(variables.iter().copied());
        Self::run(command)
    }

    /// [`Self::start`] under a umask that would let everybody in.
    pub(crate) fn start_openly(data: &Path) -> Self {
        Self::run(serve_at(ownerline_openly(), data, "127.0.0.1:0"))
    }

    /// [`Self::start_with`] whose log goes elsewhere.
    pub(crate) fn start_logging_to(
        log: impl Into<Stdio>,
        data: &Path,
        variables: &[(&str, &str)],
    ) -> Self {
        Self::start_logging_at(log, data, "127.0.0.1:0", variables)
    }

    /// [`Self::start_logging_to`] at an address.
    pub(crate) fn start_logging_at(
        log: impl Into<Stdio>,
        data: &Path,
        listen: &str,
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = serve_at(ownerline(), data, listen);
        command.envs(variables.iter().copied());
        Self::run_logging_to(log.into(), tempfile::tempfile().unwrap(), command)
    }

    /// Runs a command that serves.
    pub(crate) fn run(command: Command) -> Self {
        let told = tempfile::tempfile().unwrap();
        Self::run_logging_to(told.try_clone().unwrap().into(), told, command)
    }

    fn run_logging_to(log: Stdio, told: File, mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let answers = child.stdout.take().unwrap();
        let (send, lines) = mpsc::channel();
        // A server that never says where it listens is killed, which ends the thread.
        std::thread::spawn(move || {
            let lines = BufReader::new(answers).lines().take(2);
            // Nobody may want the second.
            lines.for_each(|line| drop(send.send(line.unwrap())));
        });
        let mut line = || match lines.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(error) => {
                child.kill().unwrap();
                child.wait().unwrap();
                format!("({error})")
            }
        };
        let listening = line();
        let url = listening.strip_prefix("listening on ").map(str::to_owned);
        let url = url.unwrap_or_else(|| panic!("it did not start: {listening:?}, {}", text(&told)));
        let mut variables = command.get_envs();
        let metrics = variables.any(|(name, _)| name == "OWNERLINE_METRICS_LISTEN");
        let metrics = metrics.then(|| {
            let metrics = line();
            let address = metrics.strip_prefix("metrics on http://").unwrap();
            address.strip_suffix("/metrics").unwrap().to_owned()
        });
        Self {
            url,
            metrics,
            child,
            told,
        }
    }

    /// The same, reached through a proxy.
    pub(crate) fn behind(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }

    /// Where it serves metrics.
    pub(crate) fn metrics(&self) -> SocketAddr {
        self.metrics.as_ref().unwrap().parse().unwrap()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn remote(&self) -> Remote {
        Remote::connect(&self.url).await.unwrap()
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM.
    pub(crate) fn ask_to_end(&self) {
        self.signal("-TERM");
    }

    /// A signal, as `kill` names it.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Its output so far.
    pub(crate) fn told(&self) -> String {
        text(&self.told)
    }

    /// SIGTERM, and the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        self.ask_to_end();
        exit_code(&mut self.child)
    }

    /// Waits for it to end by itself, and returns the exit code and its output.
    pub(crate) fn ended(mut self) -> (Option<i32>, String) {
        let code = exit_code(&mut self.child);
        (code, text(&self.told))
    }
}

/// Waits for a child, which is killed if it never ends.
pub(crate) fn exit_code(child: &mut Child) -> Option<i32> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A server that nobody waits for yet.
pub(crate) fn begin_to_serve(data: &Path) -> Command {
    serve_at(ownerline(), data, "127.0.0.1:0")
}

fn serve_at(mut command: Command, data: &Path, listen: &str) -> Command {
    command.args(["serve", "--listen", listen, "--data"]);
    command.arg(data);
    // The log holds what the test records, unless it asks for the clock-keeper.
    command.env("OWNERLINE_KEEPER_ENABLED", "false");
    command
}

/// Everything in a file that a child writes to. Both share one place in it, which reading must not move.
pub(crate) fn text(file: &File) -> String {
    let mut bytes = vec![0; usize::try_from(file.metadata().unwrap().len()).unwrap()];
    file.read_exact_at(&mut bytes, 0).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
