//! Room on the disk that is held back, so that a full disk can still be opened, read and left in order.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};

/// A file that holds room and nothing else. Whoever needs the room removes it.
#[derive(Debug)]
pub struct DiskReserve {
    path: PathBuf,
    bytes: u64,
}

impl DiskReserve {
    /// The reserve at this path; nothing is done yet.
    #[must_use]
    pub fn new(path: &Path, bytes: u64) -> Self {
        Self {
            path: path.to_owned(),
            bytes,
        }
    }

    /// Holds the room, if it is not held already. Where the file system cannot promise room, none is held.
    ///
    /// # Errors
    /// If there is no room, or the file cannot be made.
    pub fn hold(&self) -> io::Result<()> {
        if fs::metadata(&self.path).is_ok_and(|found| found.len() == self.bytes) {
            return Ok(());
        }
        let file = File::create(&self.path)?;
        match fallocate(&file, FallocateFlags::empty(), 0, self.bytes) {
            Ok(()) => Ok(()),
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => self.give_up(),
            Err(error) => {
                drop(file);
                self.give_up()?;
                Err(error.into())
            }
        }
    }

    /// Whether there is as much room again beside what is held.
    ///
    /// # Errors
    /// As [`Self::hold`].
    pub fn can_hold_more(&self) -> io::Result<()> {
        let more = Self::new(&self.path.with_extension("more"), self.bytes);
        more.hold()?;
        more.give_up()
    }

    /// Gives the room up.
    ///
    /// # Errors
    /// If the file is there and cannot be removed.
    pub fn give_up(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_held_once_and_given_up() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("reserve");
        let reserve = DiskReserve::new(&path, 1 << 20);
        for _ in 0..2 {
            reserve.hold().unwrap();
            assert_eq!(fs::metadata(&path).unwrap().len(), 1 << 20);
        }
        for _ in 0..2 {
            reserve.give_up().unwrap();
            assert!(!path.exists());
        }
    }

    #[test]
    fn more_room_than_there_is_leaves_no_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("reserve");
        DiskReserve::new(&path, 1 << 60).hold().unwrap_err();
        assert!(!path.exists());
    }
}
