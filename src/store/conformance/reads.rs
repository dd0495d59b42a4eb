//! All kinds of reads.

use super::{BEGIN, Harness, Setup, event, key, named_event, read_to_head};
use crate::store::{
    Direction, EventFilter, Expected, Position, ReadAll, ReadError, ReadStream, Revision,
    StreamName,
};

async fn revisions(
    engine: &Harness,
    from: Option<u64>,
    direction: Direction,
    max: usize,
) -> Vec<u64> {
    let read = ReadStream {
        stream: StreamName::new("owner-1"),
        from: from.map(Revision),
        direction,
        max,
    };
    let events = engine.store.read_stream(read).await.expect("reads");
    assert!(events.iter().all(|e| e.stream.as_str() == "owner-1"));
    events.iter().map(|e| e.revision.0).collect()
}

pub(crate) async fn a_stream_reads_forward_and_backward(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 5).await;
    let forward = revisions(&engine, None, Direction::Forward, 100).await;
    assert_eq!(forward, [0, 1, 2, 3, 4]);
    let backward = revisions(&engine, None, Direction::Backward, 100).await;
    assert_eq!(backward, [4, 3, 2, 1, 0]);
}

pub(crate) async fn a_stream_read_respects_from_and_max(open: &impl Fn(&Setup) -> Harness) {
    use Direction::{Backward, Forward};
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 6).await;
    assert_eq!(revisions(&engine, Some(2), Forward, 3).await, [2, 3, 4]);
    assert_eq!(revisions(&engine, Some(5), Forward, 3).await, [5]);
    assert!(revisions(&engine, Some(6), Forward, 3).await.is_empty());
    assert_eq!(revisions(&engine, Some(2), Backward, 9).await, [2, 1, 0]);
    assert_eq!(revisions(&engine, Some(99), Backward, 2).await, [5, 4]);
    assert_eq!(revisions(&engine, Some(0), Backward, 2).await, [0]);
    assert_eq!(revisions(&engine, None, Backward, 1).await, [5]);
    let most = revisions(&engine, Some(u64::MAX), Backward, 9).await;
    assert_eq!(most.len(), 6);
    assert!(
        revisions(&engine, Some(u64::MAX), Forward, 9)
            .await
            .is_empty()
    );
    assert!(revisions(&engine, None, Forward, 0).await.is_empty());
}

pub(crate) async fn an_unknown_stream_is_empty(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 2).await;
    assert!(engine.stream("owner-2").await.is_empty());
    let none = engine.store.last_revision(StreamName::new("owner-2")).await;
    assert_eq!(none.expect("reads"), None);
}

pub(crate) async fn streams_do_not_mix(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    for n in 0..30 {
        engine.fill(&format!("owner-{}", n % 3), n, n + 1).await;
    }
    for n in 0..3 {
        let name = format!("owner-{n}");
        let stream = engine.stream(&name).await;
        assert_eq!(stream.len(), 10);
        assert!(stream.iter().all(|e| e.stream.as_str() == name));
    }
}

pub(crate) async fn a_long_stream_is_read_whole(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    for start in 0..10 {
        let thousand = (start * 1_000..(start + 1) * 1_000).map(event).collect();
        let taken = engine.append("owner-1", Expected::Any, thousand).await;
        taken.expect("taken");
    }
    let stream = engine.stream("owner-1").await;
    assert_eq!(stream.len(), 10_000);
    assert!(stream.is_sorted_by(|a, b| a.revision < b.revision));
    assert_eq!(engine.everything().await, stream);
}

pub(crate) async fn reading_all_pages_through_the_log(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 25).await;
    let whole = engine.everything().await;
    assert_eq!(whole.len(), 25);
    for page in [1, 2, 7, 25, 26, 10_000] {
        let paged = read_to_head(&engine.store, EventFilter::default(), page).await;
        assert_eq!(paged, whole);
    }
}

pub(crate) async fn a_filter_by_kind_and_category_still_makes_progress(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    for n in 0..40 {
        let mut new = event(n);
        new.kind = if n % 4 == 0 {
            "nps_answered"
        } else {
            "visit_closed"
        }
        .into();
        let stream = if n % 2 == 0 { "owner-1" } else { "visit-1" };
        let taken = engine.append(stream, Expected::Any, vec![new]).await;
        taken.expect("taken");
    }
    let kinds = |names: &[&str]| names.iter().map(|n| (*n).into()).collect();
    let by = |kinds, category: Option<&str>| EventFilter {
        kinds,
        categories: category.map(Into::into).into_iter().collect(),
        ..EventFilter::default()
    };
    for (filter, count) in [
        (by(kinds(&[]), None), 40),
        (by(kinds(&["nps_answered"]), None), 10),
        (by(kinds(&["nps_answered", "visit_closed"]), None), 40),
        (by(kinds(&[]), Some("visit")), 20),
        (by(kinds(&["visit_closed"]), Some("owner")), 10),
        (by(kinds(&["nps_answered"]), Some("visit")), 0),
        (by(kinds(&["unheard_of"]), None), 0),
        (by(kinds(&[]), Some("own")), 0),
    ] {
        for page in [1, 3, 100] {
            let passed = read_to_head(&engine.store, filter.clone(), page).await;
            assert_eq!(passed.len(), count, "{filter:?}");
            assert!(
                passed
                    .iter()
                    .all(|e| filter.admits(&e.kind, &e.stream, &e.clear) == Ok(true))
            );
        }
    }
}

pub(crate) async fn reading_after_the_head_is_empty_and_at_head(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    let appended = engine.fill("owner-1", 0, 3).await;
    for after in [appended[2].last, Position(1_000_000)] {
        let read = ReadAll {
            after,
            filter: EventFilter::default(),
            max: 10,
        };
        let scanned = engine.store.read_all(read).await.expect("reads");
        assert!(scanned.events.is_empty());
        assert!(scanned.at_head);
        assert_eq!(scanned.through, after);
    }
}

pub(crate) async fn positions_are_read_in_the_given_order(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    let at: Vec<Position> = engine
        .fill("owner-1", 0, 5)
        .await
        .iter()
        .map(|a| a.first)
        .collect();
    let given = vec![at[4], at[0], at[2], at[0]];
    let read = engine
        .store
        .read_positions(given.clone())
        .await
        .expect("reads");
    let returned: Vec<Position> = read.iter().map(|e| e.position).collect();
    assert_eq!(returned, given);
    let none = engine
        .store
        .read_positions(Vec::new())
        .await
        .expect("reads");
    assert!(none.is_empty());
}

pub(crate) async fn a_position_that_does_not_exist_is_reported(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    let head = engine.fill("owner-1", 0, 3).await[2].last;
    for missing in [Position::START, Position(head.0 + 1), Position(u64::MAX)] {
        let answer = engine.store.read_positions(vec![head, missing]).await;
        match answer.expect_err("one is missing") {
            ReadError::NoSuchPosition { position } => assert_eq!(position, missing),
            other => panic!("expected no such position, got {other}"),
        }
        let answer = engine.store.same_content(missing, [0; 32]).await;
        assert!(matches!(answer, Err(ReadError::NoSuchPosition { .. })));
    }
}

pub(crate) async fn find_returns_stored_events_and_nothing_else(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 10).await;
    for n in 0..10 {
        let found = engine.store.find(event(n).key).await.expect("reads");
        assert_eq!(found.expect("stored").clear, event(n).clear);
    }
    for absent in [event(10).key, key("dms/munich", "e0"), key("", "")] {
        assert_eq!(engine.store.find(absent).await.expect("reads"), None);
    }
}

pub(crate) async fn same_content_compares_with_what_was_supplied(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let at = engine.fill("owner-1", 0, 2).await[1].first;
    let same = engine.store.same_content(at, event(1).content_hash).await;
    assert!(same.expect("reads"));
    let other = named_event("e1", "something else").content_hash;
    assert!(!engine.store.same_content(at, other).await.expect("reads"));
}

pub(crate) async fn last_revision_follows_every_append(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    for n in 0..20 {
        let appended = engine.fill("owner-1", n, n + 1).await;
        let last = engine.store.last_revision(StreamName::new("owner-1")).await;
        assert_eq!(last.expect("reads"), Some(appended[0].revision));
    }
}

pub(crate) async fn position_at_is_the_last_event_at_or_before_an_instant(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let empty = engine.store.position_at(i64::MAX).await.expect("reads");
    assert_eq!(empty, Position::START);
    let mut at = Vec::new();
    // Two events each at 0, 10, 20, 30 and 40.
    for n in 0..10 {
        engine
            .clock
            .set(BEGIN + 10 * i64::try_from(n / 2).expect("small"));
        at.push(engine.fill("owner-1", n, n + 1).await[0].first);
    }
    for (instant, expected) in [
        (i64::MIN, Position::START),
        (BEGIN - 1, Position::START),
        (BEGIN, at[1]),
        (BEGIN + 9, at[1]),
        (BEGIN + 10, at[3]),
        (BEGIN + 39, at[7]),
        (BEGIN + 40, at[9]),
        (i64::MAX, at[9]),
    ] {
        let answer = engine.store.position_at(instant).await.expect("reads");
        assert_eq!(answer, expected, "at {}", instant.saturating_sub(BEGIN));
    }
}
