//! Files that only their owner may read: what a log holds is personal, whatever the umask of whoever started us.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::Mode;

/// Permissions of a directory of ours.
const DIRECTORY: u32 = 0o700;
/// Permissions of a file of ours.
pub const FILE: u32 = 0o600;
/// What group and others could do.
const OF_OTHERS: u32 = 0o077;

/// Makes this process create nothing that anybody but its user can read or write, also where a library creates it.
pub fn restrict_process() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Creates a directory, with the missing ones above it, that only its owner can enter. One that exists stays as it is.
///
/// # Errors
/// What the system says.
pub fn create_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(DIRECTORY)
        .create(path)
}

/// The permissions of a directory that exists and lets others than its owner in; absent if there is none.
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
    fn a_directory_that_others_can_read_is_told_with_its_permissions() {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o750)).unwrap();
        assert_eq!(open_to_others(directory.path()), Some(0o750));
        assert_eq!(open_to_others(&directory.path().join("absent")), None);
    }
}
