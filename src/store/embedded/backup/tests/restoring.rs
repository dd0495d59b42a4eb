//! Restores: a new epoch, the same identities, and no derived data from before.

use std::fs;

use super::*;
use crate::store::embedded::EmbeddedOptions;
use crate::store::embedded::LogReader;
use crate::store::embedded::backup::target::Target;
use crate::store::embedded::backup::{Source, copy};
use crate::store::embedded::rows::RowReader;
use crate::store::embedded::schema::LogRole;
use crate::store::{EventStore, OpenError, Position};

#[tokio::test]
async fn a_restored_store_has_a_greater_epoch_and_knows_what_it_holds() {
    let places = Places::filled(30).await;
    let epoch = LogReader::open(&places.data()).expect("opens").epoch();
    fs::write(places.data().join("token.key"), [7; 32]).expect("written");
    places.back_up().expect("copied");
    let copy = restored(&places.backup(), &places.restored()).expect("restored");
    assert!(copy.epoch > epoch);
    assert_eq!((copy.copied, copy.damage), (30, None));
    assert_eq!(
        Some(copy.certificate),
        verified(&places.restored()).certificate
    );
    let key = fs::read(places.restored().join("token.key")).expect("goes along");
    assert_eq!(key, [7; 32]);
    assert_eq!(
        rows(&places.data(), "events"),
        rows(&places.restored(), "events")
    );

    let store = open(&places.restored()).expect("opens");
    assert_eq!((store.epoch(), store.log_id()), (copy.epoch, copy.log_id));
    let shared: SharedStore = store.clone();
    let again = append(&shared, "owner-1", Expected::Any, vec![event(13)]).await;
    let again = again.expect("known");
    assert!(again.replayed);
    assert_eq!(again.first, Position(14));
    let lost = append(&shared, "owner-1", Expected::Any, vec![event(31)]).await;
    let lost = lost.expect("new here");
    assert_eq!((lost.replayed, lost.first), (false, Position(31)));
    store.close();
}

#[tokio::test]
async fn every_restore_of_one_backup_begins_an_epoch_of_its_own_and_leaves_the_backup() {
    let places = Places::filled(3).await;
    places.back_up().expect("copied");
    let before = rows(&places.backup(), "log");
    let mut last = restored(&places.backup(), &places.named("0")).expect("restored");
    for (from, to) in [("0", "1"), ("1", "2")] {
        // Also from a store, so that a copied data directory can become a log of its own.
        let next = restored(&places.named(from), &places.named(to)).expect("restored");
        assert!(next.epoch > last.epoch);
        last = next;
    }
    assert_eq!(rows(&places.backup(), "log"), before);
}

#[tokio::test]
async fn neither_a_backup_nor_an_unfinished_restore_opens_as_a_store() {
    let places = Places::filled(6_000).await;
    places.back_up().expect("copied");
    let refused = open(&places.backup()).err().expect("refused");
    assert!(matches!(refused, OpenError::Backup { .. }), "{refused}");

    // The first group of a restore, as a kill leaves it.
    let source = Source::open(&places.backup()).expect("opens");
    let mut target = Target::open(
        &places.restored(),
        &places.backup(),
        &source.log,
        LogRole::UnfinishedRestore,
    )
    .expect("opens");
    target.keep_schema(&source.connection).expect("kept");
    let mut checked = RowReader::default();
    let damage = copy::group(&source.connection, &mut checked, &mut target, source.head);
    assert_eq!(damage.expect("copied"), None);
    assert_eq!(target.copied.position, Position(4_096));
    drop((source, target));
    let refused = open(&places.restored()).err().expect("refused");
    assert!(
        matches!(refused, OpenError::UnfinishedRestore { .. }),
        "{refused}"
    );
    let source = restored(&places.restored(), &places.named("more")).expect_err("half of it");
    assert!(
        matches!(
            source,
            BackupError::Open(OpenError::UnfinishedRestore { .. })
        ),
        "{source}"
    );

    let copy = restored(&places.backup(), &places.restored()).expect("goes on");
    assert_eq!(copy.copied, 6_000 - 4_096);
    assert_eq!(
        rows(&places.data(), "events"),
        rows(&places.restored(), "events")
    );
    open(&places.restored()).expect("opens").close();
    let again = restored(&places.backup(), &places.restored()).expect_err("a store is there");
    assert!(matches!(again, BackupError::OtherRole { .. }), "{again}");
}

#[tokio::test]
async fn a_file_says_in_its_application_id_what_it_is() {
    let places = Places::filled(1).await;
    places.back_up().expect("copied");
    tamper(&places.backup(), "UPDATE events SET clear = zeroblob(3)");
    restored(&places.backup(), &places.restored()).expect("ends at the damage");
    for (data, id) in [
        (places.data(), "OwnL"),
        (places.backup(), "OwnB"),
        (places.restored(), "OwnR"),
    ] {
        let found: i32 = log_file(&data)
            .pragma_query_value(None, "application_id", |row| row.get(0))
            .expect("reads");
        assert_eq!(found.to_be_bytes(), id.as_bytes());
    }
}

#[tokio::test]
async fn a_damaged_backup_becomes_no_store() {
    for (sql, position) in [
        (
            "UPDATE events SET clear = zeroblob(3) WHERE position = 8",
            8,
        ),
        // Every row is intact, but they do not match the certificate.
        ("UPDATE copied SET certificate = zeroblob(32)", 20),
    ] {
        let places = Places::filled(20).await;
        places.back_up().expect("copied");
        tamper(&places.backup(), sql);
        let found = verify(&places.backup(), &mut |_, _| {}).expect("can be checked");
        assert_eq!(found.findings.len(), 1, "{found:?}");
        let copy = restored(&places.backup(), &places.restored()).expect("ends at the damage");
        assert_eq!(copy.damage.expect("found").position, Position(position));
        let refused = open(&places.restored()).err().expect("refused");
        assert!(
            matches!(refused, OpenError::UnfinishedRestore { .. }),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn an_index_from_before_is_rebuilt_also_if_it_is_ahead_of_the_restored_log() {
    let places = Places::filled(10).await;
    places.back_up().expect("copied");
    fill(&places.data(), 10, 25).await;
    restored(&places.backup(), &places.restored()).expect("restored");
    fs::rename(places.data().join("index"), places.restored().join("index")).expect("moved");
    let store = open(&places.restored()).expect("opens");
    assert_eq!(store.indexed(), Position(10));
    let found = store.find(event(20).key).await.expect("reads");
    assert!(found.is_none(), "the index knows nothing of what was lost");
    store.close();
}

#[tokio::test]
async fn the_index_of_another_log_of_the_same_epoch_is_rebuilt() {
    let places = Places::filled(10).await;
    fill(&places.named("other"), 50, 90).await;
    let log = log_file(&places.data());
    let mut row = crate::store::embedded::schema::recognise(&log, "log").expect("a log row");
    row.epoch = LogReader::open(&places.named("other"))
        .expect("opens")
        .epoch();
    log.execute(
        "UPDATE log SET epoch = ?1, digest = ?2",
        (row.epoch.0, row.digest()),
    )
    .expect("as chance may have it");
    drop(log);
    fs::remove_dir_all(places.data().join("index")).expect("removed");
    fs::rename(
        places.named("other").join("index"),
        places.data().join("index"),
    )
    .expect("moved");
    let options = EmbeddedOptions::new(places.data(), bytes::Bytes::new());
    let store = EmbeddedStore::open(&options, test_clock()).expect("opens");
    assert_eq!(store.indexed(), Position(10));
    store.close();
}
