//! Classifies errors as temporary, damage, or permanent. No other code decides this.

use std::error::Error;
use std::io::{self, ErrorKind};

/// The class of an error of a derived database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// A temporary failure that leaves the files intact: no file descriptors, no disk space, a failed read, a
    /// database that refuses writes until it is reopened. Wait, and discard nothing.
    Passing,
    /// The files are unusable: rebuild them from the log.
    Damaged,
    /// Neither waiting nor rebuilding helps: an operator must repair the directory.
    Final,
}

/// Classifies an error of fjall. A locked database is held by a reader that has not ended, or by another process.
#[must_use]
pub fn of_fjall(error: &fjall::Error) -> Severity {
    match error {
        fjall::Error::Poisoned | fjall::Error::Locked => Severity::Passing,
        error => of_source(error).unwrap_or(Severity::Damaged),
    }
}

/// Classifies the innermost system error in the chain of sources, if any.
fn of_source(error: &(dyn Error + 'static)) -> Option<Severity> {
    let mut next = Some(error);
    let mut found = None;
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            found = Some(of_io(io));
        }
        next = error.source();
    }
    found
}

/// Classifies a system error.
#[must_use]
pub fn of_io(error: &io::Error) -> Severity {
    const EIO: i32 = 5;
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    match error.kind() {
        ErrorKind::StorageFull
        | ErrorKind::QuotaExceeded
        | ErrorKind::WouldBlock
        | ErrorKind::Interrupted
        | ErrorKind::TimedOut
        | ErrorKind::ResourceBusy
        | ErrorKind::OutOfMemory
        | ErrorKind::StaleNetworkFileHandle => Severity::Passing,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Severity::Final,
        _ => match error.raw_os_error() {
            Some(EIO | ENFILE | EMFILE) => Severity::Passing,
            // Unexpected ends of files, missing or existing files, and errors without a number.
            _ => Severity::Damaged,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `EIO`, `EAGAIN`, `ENOMEM`, `ENFILE`, `EMFILE`, `ENOSPC`, `EDQUOT`.
    const PASSING: [i32; 7] = [5, 11, 12, 23, 24, 28, 122];

    #[test]
    fn lack_of_space_or_descriptors_and_failed_reads_are_temporary() {
        for number in PASSING {
            let error = || io::Error::from_raw_os_error(number);
            assert_eq!(of_io(&error()), Severity::Passing, "{}", error());
            let fjall = fjall::Error::Io(error());
            assert_eq!(of_fjall(&fjall), Severity::Passing, "{fjall}");
            let below = fjall::Error::from(fjall::LsmError::from(error()));
            assert_eq!(of_fjall(&below), Severity::Passing, "{below}");
        }
        assert_eq!(of_fjall(&fjall::Error::Poisoned), Severity::Passing);
    }

    #[test]
    fn what_does_not_read_as_it_was_written_is_damage() {
        for error in [
            fjall::Error::InvalidTrailer,
            fjall::Error::Unrecoverable,
            fjall::Error::from(fjall::LsmError::InvalidTrailer),
            fjall::Error::Io(ErrorKind::UnexpectedEof.into()),
            fjall::Error::Io(ErrorKind::NotFound.into()),
        ] {
            assert_eq!(of_fjall(&error), Severity::Damaged, "{error}");
        }
    }

    #[test]
    fn denied_access_is_permanent() {
        let error = fjall::Error::Io(ErrorKind::PermissionDenied.into());
        assert_eq!(of_fjall(&error), Severity::Final);
    }
}
