//! The program itself as a child process: started, killed, and always ended.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

pub(crate) fn ownerline() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ownerline"));
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
}

impl Served {
    /// Starts and waits until it says where it listens.
    pub(crate) fn start(data: &Path) -> Self {
        let mut child = ownerline()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        answers.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        Self {
            url: url.unwrap_or_else(|| panic!("it did not start: {line:?}")),
            child,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
