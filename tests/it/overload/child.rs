//! The server as a process of its own, so that its memory can be measured; killed when dropped.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::process::ownerline;

pub(crate) struct ServerProcess {
    child: Child,
    url: String,
    // Removed after the process is gone.
    _data: tempfile::TempDir,
}

impl ServerProcess {
    /// Over a fresh directory, with settings by their names in the environment.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = ownerline()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .env("OWNERLINE_KEEPER_ENABLED", "false")
            .envs(settings.iter().copied())
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
            _data: data,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Host and port.
    pub(crate) fn authority(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Resident memory in MiB; `None` where the system does not tell.
    pub(crate) fn resident_mib(&self) -> Option<u64> {
        let status = Path::new("/proc")
            .join(self.child.id().to_string())
            .join("status");
        let text = std::fs::read_to_string(status).ok()?;
        let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kib / 1_024)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
