//! The program itself as a child process: started, killed, and always ended.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::remote::Remote;

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
    /// What it writes to standard error.
    told: File,
}

impl Served {
    /// Starts and waits until it says where it listens.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// [`Self::start`] with variables of the environment.
    pub(crate) fn start_with(data: &Path, variables: &[(&str, &str)]) -> Self {
        let told = tempfile::tempfile().unwrap();
        let mut child = begin_to_serve(data)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(told.try_clone().unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        answers.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        Self {
            url: url.unwrap_or_else(|| panic!("it did not start: {line:?}, {}", text(&told))),
            child,
            told,
        }
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
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
    }

    /// SIGTERM, and the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        self.ask_to_end();
        self.child.wait().unwrap().code()
    }

    /// Waits for it to end by itself: the exit code, and what it told.
    pub(crate) fn ended(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().unwrap();
        (status.code(), text(&self.told))
    }
}

/// A server that nobody waits for yet.
pub(crate) fn begin_to_serve(data: &Path) -> Command {
    let mut command = ownerline();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(data);
    // The log holds what the test records, unless it asks for the clock-keeper.
    command.env("OWNERLINE_KEEPER_ENABLED", "false");
    command
}

fn text(mut file: &File) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
