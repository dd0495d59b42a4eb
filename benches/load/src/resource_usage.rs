//! What a process has used of the machine, a figure that other work on the machine disturbs less than a rate.

use std::ops::{AddAssign, Sub};
use std::path::PathBuf;

/// The unit of times in `/proc/<pid>/stat`, a hundredth of a second on every Linux.
const TICK_MICROS: u64 = 10_000;

/// The processor time and disk writes of a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResourceUsage {
    /// Processor time of all threads in microseconds, including time in the kernel.
    pub cpu_micros: u64,
    /// Bytes that the process caused to be written to disks.
    pub bytes_written: u64,
}

impl ResourceUsage {
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let read = |file: &str| {
            let path = PathBuf::from("/proc").join(pid.to_string()).join(file);
            std::fs::read_to_string(path).ok()
        };
        Some(Self {
            cpu_micros: cpu_micros(&read("stat")?)?,
            bytes_written: bytes_written(&read("io")?)?,
        })
    }

    /// The microseconds and bytes per item, in words.
    #[must_use]
    pub fn per_item(self, count: u64) -> String {
        let per_item = |amount: u64| amount as f64 / count.max(1) as f64;
        format!(
            "{:.1} µs of the server's processor time and {:.0} bytes written for each",
            per_item(self.cpu_micros),
            per_item(self.bytes_written)
        )
    }
}

impl Sub for ResourceUsage {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            cpu_micros: self.cpu_micros.saturating_sub(earlier.cpu_micros),
            bytes_written: self.bytes_written.saturating_sub(earlier.bytes_written),
        }
    }
}

impl AddAssign for ResourceUsage {
    fn add_assign(&mut self, other: Self) {
        self.cpu_micros += other.cpu_micros;
        self.bytes_written += other.bytes_written;
    }
}

/// The sum of the 14th and 15th fields of `stat`, counted after the process name, which may hold anything.
fn cpu_micros(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) * TICK_MICROS)
}

fn bytes_written(io: &str) -> Option<u64> {
    let line = io.lines().find_map(|it| it.strip_prefix("write_bytes:"))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_after_a_name_with_brackets_and_blanks() {
        let stat = "7 (a ) b) S 1 1 1 0 -1 4 100 0 0 0 250 50 0 0 20 0 9 0 77";
        assert_eq!(cpu_micros(stat), Some(3_000_000));
        assert_eq!(cpu_micros("7 (a) S"), None);
        assert_eq!(bytes_written("wchar: 9\nwrite_bytes: 4096\n"), Some(4_096));
    }
}
