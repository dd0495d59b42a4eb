//! What a process has used of the machine: a figure that other work on it disturbs less than a rate.

use std::ops::{AddAssign, Sub};
use std::path::PathBuf;

/// The unit of times in `/proc/<pid>/stat`: a hundredth of a second on every Linux.
const TICK_MICROS: u64 = 10_000;

/// Processor time and bytes written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// Processor time of all its threads, in the kernel too, in microseconds.
    pub micros: u64,
    /// Bytes that it caused to be written to disks.
    pub written: u64,
}

impl Used {
    pub(super) fn of(pid: u32) -> Option<Self> {
        let read = |file: &str| {
            let path = PathBuf::from("/proc").join(pid.to_string()).join(file);
            std::fs::read_to_string(path).ok()
        };
        Some(Self {
            micros: micros(&read("stat")?)?,
            written: written(&read("io")?)?,
        })
    }

    /// Microseconds and bytes for each of so many, in words.
    #[must_use]
    pub fn each(self, count: u64) -> String {
        let each = |amount: u64| amount as f64 / count.max(1) as f64;
        format!(
            "{:.1} µs of the server's processor time and {:.0} bytes written for each",
            each(self.micros),
            each(self.written)
        )
    }
}

impl Sub for Used {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            micros: self.micros.saturating_sub(earlier.micros),
            written: self.written.saturating_sub(earlier.written),
        }
    }
}

impl AddAssign for Used {
    fn add_assign(&mut self, other: Self) {
        self.micros += other.micros;
        self.written += other.written;
    }
}

/// The 14th and 15th field of `stat`, counted from behind the name, which may hold anything.
fn micros(stat: &str) -> Option<u64> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) * TICK_MICROS)
}

fn written(io: &str) -> Option<u64> {
    let line = io.lines().find_map(|it| it.strip_prefix("write_bytes:"))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_a_name_with_brackets_and_blanks() {
        let stat = "7 (a ) b) S 1 1 1 0 -1 4 100 0 0 0 250 50 0 0 20 0 9 0 77";
        assert_eq!(micros(stat), Some(3_000_000));
        assert_eq!(micros("7 (a) S"), None);
        assert_eq!(written("wchar: 9\nwrite_bytes: 4096\n"), Some(4_096));
    }
}
