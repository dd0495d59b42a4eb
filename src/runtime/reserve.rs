//! Reserved disk space, so that a log on a full disk can still be opened, read and closed.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, fstatvfs};

/// A file that reserves disk space and holds nothing. Removing it releases the space.
#[derive(Debug)]
pub struct DiskReserve {
    path: PathBuf,
    bytes: u64,
}

impl DiskReserve {
    /// The reserve at this path, which is not created yet.
    #[must_use]
    pub fn new(path: &Path, bytes: u64) -> Self {
        Self {
            path: path.to_owned(),
            bytes,
        }
    }

    /// Reserves the space, unless it is reserved already. On a file system that cannot reserve space, does
    /// nothing.
    ///
    /// # Errors
    /// If there is not enough space, or the file cannot be created.
    pub fn hold(&self) -> io::Result<()> {
        if fs::metadata(&self.path).is_ok_and(|found| found.len() == self.bytes) {
            return Ok(());
        }
        let file = File::create(&self.path)?;
        if let Err(error) = self.fits_beside(&file) {
            drop(file);
            self.give_up()?;
            return Err(error);
        }
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

    /// Checks whether the file system of `file` has room for the reserve. Some file systems allocate whatever is
    /// left before they find that it is too little, and everybody on the disk is out of space until it is released.
    fn fits_beside(&self, file: &File) -> io::Result<()> {
        let system = fstatvfs(file)?;
        let available = system.f_bavail.saturating_mul(system.f_frsize);
        if available < self.bytes {
            let bytes = self.bytes;
            let message = format!("{available} bytes are left on the disk, {bytes} are needed");
            return Err(io::Error::new(ErrorKind::StorageFull, message));
        }
        Ok(())
    }

    /// Checks whether as much space again is available beside the reserve.
    ///
    /// # Errors
    /// As for [`Self::hold`].
    pub fn can_hold_more(&self) -> io::Result<()> {
        let more = Self::new(&self.path.with_extension("more"), self.bytes);
        more.hold()?;
        more.give_up()
    }

    /// Releases the space.
    ///
    /// # Errors
    /// If the file exists and cannot be removed.
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

    #[test]
    fn a_reserve_that_does_not_fit_takes_nothing_from_others() {
        use std::sync::atomic::{AtomicBool, Ordering};

        let directory = tempfile::tempdir().unwrap();
        let available = || {
            let system = rustix::fs::statvfs(directory.path()).unwrap();
            system.f_bavail * system.f_frsize
        };
        let before = available();
        // More than there is, and less than the largest file of any common file system.
        let bytes = (2 * before).max(1 << 30);
        let reserve = DiskReserve::new(&directory.path().join("reserve"), bytes);
        let done = AtomicBool::new(false);
        let least = std::thread::scope(|scope| {
            let watching = scope.spawn(|| {
                let mut least = before;
                while !done.load(Ordering::Acquire) {
                    least = least.min(available());
                }
                least
            });
            let refused = reserve.hold().unwrap_err();
            done.store(true, Ordering::Release);
            assert_eq!(refused.kind(), ErrorKind::StorageFull, "{refused}");
            watching.join().unwrap()
        });
        assert!(least >= before / 2, "{least} of {before} bytes were left");
    }
}
