//! Private files. The content of a log is personal, so that only the owner may read its files, whatever the umask.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::Mode;

/// Permissions of a private directory.
const DIRECTORY: u32 = 0o700;
/// Permissions of a private file.
pub const FILE: u32 = 0o600;
/// The permissions of group and others.
const OF_OTHERS: u32 = 0o077;

/// Sets the umask so that everything this process creates, even through a library, is private.
pub fn restrict_process() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Creates a private directory, with its missing parents. An existing one is left as it is.
///
/// # Errors
/// The error of the system.
pub fn create_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(DIRECTORY)
        .create(path)
}

/// The permissions of a directory that is open to others; `None` if it is private or does not exist.
#[must_use]
pub fn open_to_others(path: &Path) -> Option<u32> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & OF_OTHERS != 0).then_some(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_closed_to_others_with_everything_above_it() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("a/b");
        create_directory(&directory).unwrap();
        create_directory(&directory).unwrap();
        assert_eq!(open_to_others(&directory), None);
        assert_eq!(open_to_others(&parent.path().join("a")), None);
    }

    #[test]
    fn a_directory_that_others_can_read_is_reported_with_its_permissions() {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o750)).unwrap();
        assert_eq!(open_to_others(directory.path()), Some(0o750));
        assert_eq!(open_to_others(&directory.path().join("absent")), None);
    }
}
