//! Damage in the log is reported where it is, and does not spread.

use std::path::Path;

use super::{log_file, open};
use crate::store::conformance::{append, event};
use crate::store::embedded::digest::{Personal, erased};
use crate::store::{
    AppendError, EventFilter, EventStore, Expected, Position, ReadAll, ReadError, SharedStore,
};

/// Creates a log of 20 events, tampers with it, and reopens it.
async fn tampered(data: &Path, sql: &str) -> SharedStore {
    let store = open(data).expect("opens");
    let shared: SharedStore = store.clone();
    for n in 0..20 {
        let appended = append(&shared, "owner-1", Expected::Any, vec![event(n)]).await;
        appended.expect("taken");
    }
    store.close();
    let log = log_file(data);
    log.execute_batch("DROP TRIGGER events_are_not_changed")
        .expect("unprotected");
    log.execute_batch(sql).expect("tampered with");
    drop(log);
    open(data).expect("opens")
}

#[tokio::test]
async fn a_flipped_byte_answers_damaged_for_that_position_and_no_other() {
    for sql in [
        "UPDATE events SET clear = CAST('X' || substr(clear, 2) AS BLOB) WHERE position = 8",
        "UPDATE events SET digest = zeroblob(32) WHERE position = 8",
        "UPDATE events SET content_digest = zeroblob(32) WHERE position = 8",
        "UPDATE events SET type = 'feedback_receivee' WHERE position = 8",
        "UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 8",
        "UPDATE events SET revision = 99 WHERE position = 8",
        "UPDATE events SET personal = NULL WHERE position = 8",
        "UPDATE events SET personal = zeroblob(50) WHERE position = 8",
    ] {
        let data = tempfile::tempdir().expect("a directory");
        let store = tampered(data.path(), sql).await;
        for n in 1..=20 {
            let read = store.read_positions(vec![Position(n)]).await;
            match read {
                Ok(_) => assert!(n != 8, "{sql}"),
                Err(ReadError::Damaged { position, .. }) => {
                    assert_eq!((n, position), (8, Position(8)), "{sql}");
                }
                Err(other) => panic!("{other}"),
            }
        }
        // A read of the whole log stops before the damage, then reports it, and continues after it.
        let read = |after| ReadAll {
            after: Position(after),
            filter: EventFilter::default(),
            max: 100,
        };
        let before = store.read_all(read(0)).await.expect("up to the damage");
        assert_eq!((before.through, before.at_head), (Position(7), false));
        let at = store.read_all(read(7)).await;
        assert!(matches!(
            at,
            Err(ReadError::Damaged {
                position: Position(8),
                ..
            })
        ));
        let behind = store.read_all(read(8)).await.expect("behind the damage");
        assert_eq!((behind.events.len(), behind.at_head), (12, true));
    }
}

#[tokio::test]
async fn a_retry_of_a_damaged_event_is_refused_and_not_stored_twice() {
    let data = tempfile::tempdir().expect("a directory");
    let sql = "UPDATE events SET clear = zeroblob(3) WHERE position = 8";
    let store = tampered(data.path(), sql).await;
    let refused = append(&store, "owner-1", Expected::Any, vec![event(7)]).await;
    assert!(matches!(
        refused,
        Err(AppendError::Damaged {
            position: Position(8),
            ..
        })
    ));
    let taken = append(&store, "owner-1", Expected::Any, vec![event(20)]).await;
    assert_eq!(taken.expect("others go on").first, Position(21));
}

#[tokio::test]
async fn a_filter_does_not_hide_damage() {
    let data = tempfile::tempdir().expect("a directory");
    let sql = "UPDATE events SET type = 'something_else' WHERE position = 1";
    let store = tampered(data.path(), sql).await;
    let read = ReadAll {
        after: Position::START,
        filter: EventFilter {
            kinds: ["feedback_received".into()].into(),
            ..EventFilter::default()
        },
        max: 100,
    };
    let answer = store.read_all(read).await;
    assert!(matches!(answer, Err(ReadError::Damaged { .. })));
}

#[tokio::test]
async fn the_log_refuses_update_and_delete_but_for_the_erasure_of_what_is_personal() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    let mut personal = event(0);
    personal.personal = "phone".into();
    let appended = append(&shared, "owner-1", Expected::Any, vec![personal]).await;
    appended.expect("taken");
    let log = log_file(data.path());
    for sql in [
        "DELETE FROM events",
        "UPDATE events SET clear = zeroblob(1)",
        "UPDATE events SET position = 7",
        "UPDATE events SET stream = 'owner-2'",
        "UPDATE events SET digest = zeroblob(32)",
        "UPDATE events SET personal = NULL, key_id = zeroblob(1)",
    ] {
        let refused = log.execute(sql, []).expect_err(sql).to_string();
        assert!(refused.contains("append only"), "{sql}: {refused}");
    }
    let column: Vec<u8> = log
        .query_row("SELECT personal FROM events", [], |row| row.get(0))
        .expect("reads");
    let kept = Personal::read(Some(&column)).expect("well-formed");
    let column = erased(kept.commitment().expect("something personal"));
    log.execute("UPDATE events SET personal = ?1", [column])
        .expect("erased");
    let event = store
        .read_positions(vec![Position(1)])
        .await
        .expect("still provable");
    assert!(event[0].personal.is_empty());
}
