//! The key of page tokens, which is copied with the log: a server after a restore can then tell that a token of
//! before belongs to another epoch.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::error::BackupError;
use crate::runtime::private;
use crate::store::embedded::files::{self, shown};

/// The file with the key.
pub(super) const TOKEN_KEY: &str = "token.key";
/// The file that a new key is written to before it is renamed.
pub(super) const TOKEN_KEY_NEW: &str = "token.new";

/// Copies the key, if there is one, from one data directory to another.
pub(super) fn copy_token_key(from: &Path, to: &Path) -> Result<(), BackupError> {
    let path = to.join(TOKEN_KEY);
    let copied = || -> io::Result<()> {
        let key = match fs::read(from.join(TOKEN_KEY)) {
            Ok(key) => key,
            // A log that was never served has none.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        if fs::read(&path).is_ok_and(|there| there == key) {
            return Ok(());
        }
        private::replace_file(&path, &key)
    };
    copied().map_err(|error| BackupError::TokenKey {
        path: shown(&path),
        reason: error.to_string(),
    })?;
    files::sync_directory(to)?;
    Ok(())
}
