//! Servers in processes of their own: this program started with a command, and always ended.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::error::LoadError;
use crate::memory::{MemoryWatch, ProcessMemory};
use crate::resource_usage::ResourceUsage;

/// How many characters of its log an error shows when a server does not start.
const LOG_TAIL: usize = 2_000;

/// A child process that serves. It is killed and waited for when dropped.
pub struct ServerProcess {
    process: Child,
    command: String,
    url: String,
}

impl ServerProcess {
    /// Starts this program with a command and its arguments, and waits until it prints where it listens. Its
    /// log goes to the file `<command>.log` in `folder`.
    ///
    /// # Errors
    /// If it cannot be started, or prints no address within `patience`.
    pub fn start(
        arguments: &[&OsStr],
        folder: &Path,
        patience: Duration,
    ) -> Result<Self, LoadError> {
        let command = arguments.first().copied().unwrap_or_default();
        let command = command.to_string_lossy().into_owned();
        let log = folder.join(format!("{command}.log"));
        let process = spawn(arguments, &log).map_err(|source| LoadError::Process {
            action: "start",
            command: command.clone(),
            source,
        })?;
        let mut server = Self {
            process,
            command,
            url: String::new(),
        };
        match server.first_line(patience).strip_prefix("listening on ") {
            Some(url) => server.url = url.to_owned(),
            None => {
                return Err(LoadError::NotStarted {
                    command: server.command.clone(),
                    log_tail: tail(&log),
                });
            }
        }
        Ok(server)
    }

    /// The first line that the process prints within `patience`, else nothing.
    fn first_line(&mut self, patience: Duration) -> String {
        let stdout = self.process.stdout.take();
        let (sender, receiver) = mpsc::channel();
        // The thread ends with the line, or with the process.
        std::thread::spawn(move || {
            let mut line = String::new();
            if let Some(stdout) = stdout {
                let _ = BufReader::new(stdout).read_line(&mut line);
            }
            let _ = sender.send(line);
        });
        let line = receiver.recv_timeout(patience).unwrap_or_default();
        line.trim().to_owned()
    }

    /// The URL that the server listens on.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends SIGKILL, so that no handler runs and nothing is flushed, and waits until the process is gone.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn kill(mut self) -> Result<(), LoadError> {
        self.end().map_err(|source| LoadError::Process {
            action: "end",
            command: self.command.clone(),
            source,
        })
    }

    fn end(&mut self) -> io::Result<()> {
        self.process.kill()?;
        self.process.wait().map(|_| ())
    }

    /// The memory of the process; `None` where the system does not report it.
    #[must_use]
    pub fn memory(&self) -> Option<ProcessMemory> {
        ProcessMemory::of(self.process.id())
    }

    /// What the process has used so far; `None` where the system does not report it.
    #[must_use]
    pub fn usage(&self) -> Option<ResourceUsage> {
        ResourceUsage::of(self.process.id())
    }

    /// Watches the memory of the process until the watch is ended or dropped.
    #[must_use]
    pub fn watch_memory(&self) -> MemoryWatch {
        MemoryWatch::start(self.process.id())
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // The process may already be gone.
        let _ = self.end();
    }
}

fn spawn(arguments: &[&OsStr], log: &Path) -> io::Result<Child> {
    let log = File::options().create(true).append(true).open(log)?;
    let mut command = Command::new(std::env::current_exe()?);
    // The settings of the environment must not influence a figure.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("OWNERLINE_") {
            command.env_remove(name);
        }
    }
    command
        .args(arguments)
        // The clock-keeper would add touchpoints that no client of the load recorded.
        .env("OWNERLINE_KEEPER_ENABLED", "false")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
}

/// The last [`LOG_TAIL`] characters of a log.
fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let skipped = text.chars().count().saturating_sub(LOG_TAIL);
    text.chars().skip(skipped).collect()
}
