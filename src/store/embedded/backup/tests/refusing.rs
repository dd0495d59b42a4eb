//! Directories that a backup refuses.

use std::fs;

use super::*;
use crate::store::{OpenError, Position};

#[tokio::test]
async fn a_store_files_of_others_and_the_log_itself_are_left_alone() {
    let places = Places::filled(3).await;
    fill(&places.named("other"), 0, 2).await;
    let store = backed_up(&places.data(), &places.named("other")).expect_err("a store");
    assert!(
        matches!(
            store,
            BackupError::OtherRole {
                found: "a store",
                ..
            }
        ),
        "{store}"
    );
    let itself = backed_up(&places.data(), &places.data()).expect_err("the log itself");
    assert!(matches!(itself, BackupError::Inside { .. }), "{itself}");
    fs::create_dir(places.named("papers")).expect("made");
    fs::write(places.named("papers").join("letter.txt"), "dear owner").expect("written");
    let papers = backed_up(&places.data(), &places.named("papers")).expect_err("papers");
    assert!(matches!(papers, BackupError::NotEmpty { .. }), "{papers}");
    assert_eq!(
        fs::read_dir(places.named("papers")).expect("reads").count(),
        1
    );
}

#[tokio::test]
async fn a_directory_that_is_in_use_is_left_alone() {
    let places = Places::filled(3).await;
    let served = open(&places.named("served")).expect("opens");
    let refused = backed_up(&places.data(), &places.named("served")).expect_err("in use");
    assert!(
        matches!(refused, BackupError::Open(OpenError::InUse { .. })),
        "{refused}"
    );
    served.close();
}

#[tokio::test]
async fn the_backup_of_another_log_is_left_alone() {
    let places = Places::filled(3).await;
    places.back_up().expect("copied");
    fill(&places.named("other"), 0, 3).await;
    let refused = backed_up(&places.named("other"), &places.backup()).expect_err("another log");
    assert!(matches!(refused, BackupError::OtherLog { .. }), "{refused}");
}

#[tokio::test]
async fn a_log_that_lost_touchpoints_does_not_go_over_its_backup() {
    let places = Places::filled(9).await;
    places.back_up().expect("copied");
    tamper(&places.data(), "DELETE FROM events WHERE position > 5");
    let refused = places.back_up().expect_err("the log is shorter");
    assert!(
        matches!(
            refused,
            BackupError::AheadOfLog {
                copied: Position(9),
                head: Position(5),
                ..
            }
        ),
        "{refused}"
    );
    assert_eq!(verified(&places.backup()).sound, 9);
}

#[tokio::test]
async fn a_log_that_went_another_way_since_a_restore_does_not_go_over_the_backup() {
    let places = Places::filled(9).await;
    places.back_up().expect("copied");
    restored(&places.backup(), &places.restored()).expect("restored");
    fill(&places.data(), 9, 12).await;
    places.back_up().expect("copied");
    fill(&places.restored(), 20, 30).await;
    let refused = backed_up(&places.restored(), &places.backup()).expect_err("diverged");
    assert!(
        matches!(
            refused,
            BackupError::Diverged {
                position: Position(10),
                ..
            }
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn a_log_replaced_by_a_restore_does_not_go_over_the_backup_of_its_successor() {
    let places = Places::filled(9).await;
    places.back_up().expect("copied");
    restored(&places.backup(), &places.restored()).expect("restored");
    // Nothing was lost in between, so the backup continues in the new epoch.
    fill(&places.restored(), 9, 10).await;
    let copy = backed_up(&places.restored(), &places.backup()).expect("goes on");
    assert_eq!(copy.copied, 1);
    assert_eq!(
        rows(&places.restored(), "log"),
        rows(&places.backup(), "log")
    );
    fill(&places.data(), 9, 15).await;
    let refused = places.back_up().expect_err("of the epoch before");
    assert!(
        matches!(refused, BackupError::LaterEpoch { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_backup_that_lost_rows_is_not_continued() {
    let places = Places::filled(9).await;
    places.back_up().expect("copied");
    tamper(&places.backup(), "DELETE FROM events WHERE position = 9");
    fill(&places.data(), 9, 12).await;
    let refused = places.back_up().expect_err("it says 9 and holds 8");
    assert!(
        matches!(refused, BackupError::CopyDamaged { .. }),
        "{refused}"
    );
    fs::remove_dir_all(places.backup()).expect("removed");
    places.back_up().expect("anew");
    tamper(
        &places.backup(),
        "UPDATE events SET clear = zeroblob(2) WHERE position = 11",
    );
    let refused = places.back_up().expect_err("a damaged row");
    assert!(
        matches!(refused, BackupError::CopyDamaged { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_place_inside_what_is_copied_is_refused_and_nothing_is_created_there() {
    let places = Places::filled(3).await;
    let link = places.named("link");
    std::os::unix::fs::symlink(places.data(), &link).expect("linked");
    let inside = [
        places.data().join("backup"),
        link.clone(),
        link.join("backup"),
        places.data().join("../data/backup"),
    ];
    for to in &inside {
        let refused = backed_up(&places.data(), to).expect_err("inside");
        assert!(matches!(refused, BackupError::Inside { .. }), "{refused}");
        let through_link = backed_up(&link, to).expect_err("inside");
        assert!(
            matches!(through_link, BackupError::Inside { .. }),
            "{through_link}"
        );
    }
    assert!(!places.data().join("backup").exists());
    places.back_up().expect("copied");
    let into_backup = restored(&places.backup(), &places.backup().join("data"));
    let into_backup = into_backup.expect_err("inside");
    assert!(
        matches!(into_backup, BackupError::Inside { .. }),
        "{into_backup}"
    );
    // A name that only begins alike is elsewhere.
    backed_up(&places.data(), &places.named("data-backup")).expect("copied");
}

#[tokio::test]
async fn directories_above_a_copy_are_not_made() {
    let places = Places::filled(3).await;
    let refused = backed_up(&places.data(), &places.named("absent/backup")).expect_err("no parent");
    assert!(matches!(refused, BackupError::NoParent { .. }), "{refused}");
    assert!(!places.named("absent").exists());
}

#[tokio::test]
async fn a_restore_does_not_go_where_the_remains_of_another_log_are() {
    let places = Places::filled(3).await;
    places.back_up().expect("copied");
    fs::create_dir(places.restored()).expect("made");
    fs::write(places.restored().join("log.db-wal"), "recent").expect("written");
    let refused = restored(&places.backup(), &places.restored()).expect_err("remains");
    assert!(matches!(refused, BackupError::NotEmpty { .. }), "{refused}");
    let left = fs::read(places.restored().join("log.db-wal")).expect("left alone");
    assert_eq!(left, b"recent");
}
