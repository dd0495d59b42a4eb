//! The memory of a child process, as Linux reports it.

use std::path::PathBuf;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::error::LoadError;

/// How often a watch reads the memory of its process.
const WATCH_INTERVAL: Duration = Duration::from_millis(50);

/// The resident memory of a process, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct ProcessMemory {
    /// The highest resident memory so far, with pages of files.
    pub peak: u64,
    /// The resident memory now, without pages of files.
    pub anonymous: u64,
}

impl ProcessMemory {
    pub(crate) fn of(pid: u32) -> Option<Self> {
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

/// Watches the memory of a process until ended or dropped.
pub struct MemoryWatch {
    task: JoinHandle<Option<u64>>,
    cancel: CancellationToken,
}

impl MemoryWatch {
    pub(crate) fn start(pid: u32) -> Self {
        let cancel = CancellationToken::new();
        let cancelled = cancel.clone();
        let task = tokio::spawn(async move {
            let mut most = None;
            loop {
                most = most.max(ProcessMemory::of(pid).map(|memory| memory.anonymous));
                tokio::select! {
                    () = cancelled.cancelled() => return most,
                    () = tokio::time::sleep(WATCH_INTERVAL) => {}
                }
            }
        });
        Self { task, cancel }
    }

    /// Ends the watch and returns the most anonymous memory it saw, in bytes.
    ///
    /// # Errors
    /// If the watch panicked.
    pub async fn end(self) -> Result<Option<u64>, LoadError> {
        self.cancel.cancel();
        Ok(self.task.await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_status_of_a_process() {
        let status = "Name:\townerline\nVmHWM:\t  300 kB\nVmRSS:\t  200 kB\nRssAnon:\t  100 kB\n";
        let memory = ProcessMemory::from_status(status).unwrap();
        assert_eq!((memory.peak, memory.anonymous), (307_200, 102_400));
        assert!(ProcessMemory::from_status("Name:\tx\n").is_none());
    }
}
