//! Private files. The content of a log is personal, so that only the owner may read its files, whatever the umask.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
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

/// Replaces a private file: writes another one beside it and renames that, so that a crash leaves the former
/// content or the new one. The new one is on stable storage afterwards.
///
/// # Errors
/// The error of the system.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(FILE)
        .open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// The permissions of a directory or file that is open to others; `None` if it is private or does not exist.
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
    fn a_replaced_file_is_private_and_leaves_nothing_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.key");
        for content in ["one", "another"] {
            replace_file(&path, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
            assert_eq!(open_to_others(&path), None);
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_directory_that_others_can_read_is_reported_with_its_permissions() {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o750)).unwrap();
        assert_eq!(open_to_others(directory.path()), Some(0o750));
        assert_eq!(open_to_others(&directory.path().join("absent")), None);
    }
}
