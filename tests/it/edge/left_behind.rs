//! What a start says about a data directory without its log, or with a key of page tokens that is none.

use std::fs;
use std::path::Path;

use crate::process::{Served, begin_to_serve, stderr};

/// The error of a start that fails.
fn refused(data: &Path) -> String {
    let output = begin_to_serve(data).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    stderr(&output)
}

fn serves(data: &Path) {
    assert_eq!(Served::start(data).terminate(), Some(0));
}

#[test]
fn a_log_that_is_gone_is_not_begun_anew_before_the_directory_is_empty() {
    let data = tempfile::tempdir().unwrap();
    serves(data.path());
    for name in ["log.db", "log.db-wal", "log.db-shm"] {
        let _ = fs::remove_file(data.path().join(name));
    }
    for derived in ["index", "views"] {
        let said = refused(data.path());
        for part in [
            "holds no log, but has",
            derived,
            "token.key",
            "remove everything",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert!(!data.path().join("log.db").exists());
        fs::remove_dir_all(data.path().join(derived)).unwrap();
    }
    assert!(refused(data.path()).contains("has token.key of one"));
    fs::remove_file(data.path().join("token.key")).unwrap();
    // The lock and the reserve are there before any log.
    serves(data.path());
}

#[test]
fn a_key_of_page_tokens_that_is_none_may_be_deleted_and_an_empty_one_is_replaced() {
    let data = tempfile::tempdir().unwrap();
    serves(data.path());
    let key = data.path().join("token.key");
    fs::write(&key, "short").unwrap();
    let said = refused(data.path());
    for part in [
        "token.key: it holds 5 bytes",
        "delete the file",
        "page tokens",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    fs::write(&key, "").unwrap();
    let served = Served::start(data.path());
    served.ask_to_end();
    let (code, told) = served.ended();
    assert_eq!(code, Some(0));
    assert!(told.contains("key of page tokens was empty"), "{told}");
    assert_eq!(fs::metadata(&key).unwrap().len(), 32);
}
