//! Checks whether files can be written to a directory.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// The number of files to open at once, about as many as a flush and a compaction open.
const FILES: usize = 8;
/// The number of bytes to write.
const BYTES: usize = 4 << 20;

/// Opens some files in `directory`, writes a few MiB, and removes everything again.
///
/// # Errors
/// The first error of the system.
pub fn probe(directory: &Path) -> io::Result<()> {
    let path = directory.join("probe");
    let probed = (|| {
        fs::create_dir_all(directory)?;
        let mut file = File::create(&path)?;
        let mut open = Vec::with_capacity(FILES);
        for _ in 0..FILES {
            open.push(File::open(&path)?);
        }
        file.write_all(&vec![0; BYTES])?;
        file.sync_all()
    })();
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => probed.and(Err(error)),
        _ => probed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        probe(directory.path()).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        probe(Path::new("/dev/null/nowhere")).unwrap_err();
    }
}
