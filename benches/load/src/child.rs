//! Servers in processes of their own: the program itself, started with a command, always ended.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::{BenchError, Used};

/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How much of what a child said is told when it does not start.
const SAID: usize = 2_000;

/// A child process that serves; killed and waited for when dropped.
pub struct Child {
    process: std::process::Child,
    what: String,
    url: String,
}

impl Child {
    /// Starts this program with a command and waits until it says where it listens. What it logs goes to
    /// a file `<command>.log` in `folder`.
    ///
    /// # Errors
    /// If it cannot be started, or says nothing for `patience`.
    pub fn start(
        arguments: &[&str],
        folder: &Path,
        patience: Duration,
    ) -> Result<Self, BenchError> {
        let what = arguments.first().copied().unwrap_or_default().to_owned();
        let log = folder.join(format!("{what}.log"));
        let mut process = spawn(arguments, &log).map_err(|source| BenchError::Child {
            action: "start",
            what: what.clone(),
            source,
        })?;
        let told = process.stdout.take();
        let mut child = Self {
            process,
            what,
            url: String::new(),
        };
        let (tell, told_line) = mpsc::channel();
        // Ends with its line, or with the child.
        std::thread::spawn(move || {
            let mut line = String::new();
            if let Some(told) = told {
                let _ = BufReader::new(told).read_line(&mut line);
            }
            let _ = tell.send(line);
        });
        let line = told_line.recv_timeout(patience).unwrap_or_default();
        match line.trim().strip_prefix("listening on ") {
            Some(url) => child.url = url.to_owned(),
            None => {
                return Err(BenchError::NotStarted {
                    what: child.what.clone(),
                    said: end_of(&log),
                });
            }
        }
        Ok(child)
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// SIGKILL: no handler runs, nothing is flushed. Comes back when it is gone.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn kill(mut self) -> Result<(), BenchError> {
        self.end().map_err(|source| BenchError::Child {
            action: "end",
            what: self.what.clone(),
            source,
        })
    }

    fn end(&mut self) -> io::Result<()> {
        self.process.kill()?;
        self.process.wait().map(|_| ())
    }

    /// What it has in memory; absent where the system does not say.
    #[must_use]
    pub fn memory(&self) -> Option<Memory> {
        Memory::of(self.process.id())
    }

    /// What it has used until now; absent where the system does not say.
    #[must_use]
    pub fn used(&self) -> Option<Used> {
        Used::of(self.process.id())
    }

    /// Looks at its memory until the watch is ended or dropped.
    #[must_use]
    pub fn watch_memory(&self) -> MemoryWatch {
        let (pid, ended) = (
            self.process.id(),
            tokio_util::sync::CancellationToken::new(),
        );
        let until = ended.clone();
        let looking = tokio::spawn(async move {
            let mut greatest = None;
            loop {
                greatest = greatest.max(Memory::of(pid).map(|memory| memory.anonymous));
                tokio::select! {
                    () = until.cancelled() => return greatest,
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
        });
        MemoryWatch { looking, ended }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.end();
    }
}

/// Looks at the memory of a child.
pub struct MemoryWatch {
    looking: JoinHandle<Option<u64>>,
    ended: tokio_util::sync::CancellationToken,
}

impl MemoryWatch {
    /// The most anonymous memory that was seen, in bytes.
    ///
    /// # Errors
    /// If the watch panicked.
    pub async fn end(self) -> Result<Option<u64>, BenchError> {
        self.ended.cancel();
        Ok(self.looking.await?)
    }
}

/// Resident memory of a process, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// The most it ever had, pages of files included.
    pub peak: u64,
    /// What it has now that is no page of a file.
    pub anonymous: u64,
}

impl Memory {
    fn of(pid: u32) -> Option<Self> {
        let path = PathBuf::from("/proc").join(pid.to_string()).join("status");
        Self::from_status(&std::fs::read_to_string(path).ok()?)
    }

    fn from_status(status: &str) -> Option<Self> {
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes = line.trim_start_matches(':').trim().strip_suffix(" kB")?;
            Some(kibibytes.parse::<u64>().ok()? * 1_024)
        };
        Some(Self {
            peak: bytes("VmHWM")?,
            anonymous: bytes("RssAnon")?,
        })
    }
}

fn spawn(arguments: &[&str], log: &Path) -> io::Result<std::process::Child> {
    let log = File::options().create(true).append(true).open(log)?;
    let mut command = Command::new(std::env::current_exe()?);
    // What the surroundings say must not decide a figure.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("OWNERLINE_") {
            command.env_remove(name);
        }
    }
    command
        .args(arguments)
        // Every touchpoint of the log is one that a client was told of: the clock-keeper would add its own.
        .env("OWNERLINE_KEEPER_ENABLED", "false")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
}

fn end_of(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let skipped = text.chars().count().saturating_sub(SAID);
    text.chars().skip(skipped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_status_of_a_process() {
        let status = "Name:\townerline\nVmHWM:\t  300 kB\nVmRSS:\t  200 kB\nRssAnon:\t  100 kB\n";
        let memory = Memory::from_status(status).unwrap();
        assert_eq!((memory.peak, memory.anonymous), (307_200, 102_400));
        assert!(Memory::from_status("Name:\tx\n").is_none());
    }
}
