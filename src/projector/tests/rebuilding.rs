//! Views are derived: deleted, damaged, of another version or epoch, they come back the same. What
//! the log has lost is never accepted quietly.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ownerline_projections::timeline::{self, TimelinePage};

use uuid::Uuid;

use super::world::{Counting, Log, Running};
use crate::projector::ProjectorError;
use crate::store::Position;

async fn filled(epoch: u32) -> Arc<Log> {
    let log = Log::of_epoch(epoch);
    for id in ["a", "b", "c", "d", "e"] {
        log.append(id).await;
    }
    log
}

/// The answer of the timeline, and its certificate.
async fn built(log: &Arc<Log>, data: &Path) -> (TimelinePage, String) {
    let running = Running::timeline(log, data).await;
    running.reaches("timeline", Position(5)).await;
    let built = (running.page(), running.status("timeline").applied_hash);
    running.stop().await;
    built
}

fn files(path: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[tokio::test]
async fn a_deleted_directory_is_rebuilt_to_equal_answers() {
    let (log, data) = (filled(1).await, tempfile::tempdir().unwrap());
    let before = built(&log, data.path()).await;
    fs::remove_dir_all(data.path().join("views")).unwrap();
    assert_eq!(built(&log, data.path()).await, before);
}

#[tokio::test]
async fn a_damaged_directory_is_rebuilt_to_equal_answers() {
    let (log, data) = (filled(1).await, tempfile::tempdir().unwrap());
    let before = built(&log, data.path()).await;
    for file in files(&data.path().join("views")) {
        fs::write(file, b"not what was written").unwrap();
    }
    assert_eq!(built(&log, data.path()).await, before);
    assert!(!data.path().join("views.dropped").exists());
}

#[tokio::test]
async fn the_views_of_another_epoch_are_rebuilt() {
    let data = tempfile::tempdir().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    for (epoch, calls_then) in [(1, 5), (1, 5), (2, 10)] {
        let log = filled(epoch).await;
        let running = Running::start(&log, data.path(), vec![Counting::view(&calls)]).await;
        running.reaches("counting", Position(5)).await;
        running.stop().await;
        assert_eq!(calls.load(Ordering::SeqCst), calls_then);
    }
}

#[tokio::test]
async fn the_views_of_another_log_of_the_same_epoch_are_rebuilt() {
    let data = tempfile::tempdir().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    for (log_id, calls_then) in [(1, 1), (1, 1), (2, 2)] {
        let log = Log::of(Uuid::from_u128(log_id), 1);
        log.append("a").await;
        let running = Running::start(&log, data.path(), vec![Counting::view(&calls)]).await;
        running.reaches("counting", Position(1)).await;
        running.stop().await;
        assert_eq!(calls.load(Ordering::SeqCst), calls_then);
    }
}

#[tokio::test]
async fn another_version_is_built_from_the_log_and_the_former_is_dropped() {
    let (log, data) = (filled(1).await, tempfile::tempdir().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    for (version, calls_then) in [(1, 5), (2, 10), (1, 15)] {
        let mut counting = Counting::new(&calls);
        counting.version = version;
        let running = Running::start(&log, data.path(), vec![counting.leaked()]).await;
        running.reaches("counting", Position(5)).await;
        assert_eq!(running.status("counting").version, version);
        running.stop().await;
        assert_eq!(calls.load(Ordering::SeqCst), calls_then);
    }
}

#[tokio::test]
async fn a_log_that_ends_before_the_position_of_a_view_is_refused() {
    let data = tempfile::tempdir().unwrap();
    built(&filled(1).await, data.path()).await;
    let shorter = Log::new();
    shorter.append("a").await;
    let timeline = format!("timeline.v{}", timeline::VIEW.version);
    let views = vec![Counting::view(&Arc::default()), timeline::VIEW];
    for view in views {
        let refused = Running::try_start(&shorter, data.path(), vec![view]).await;
        match refused.err() {
            Some(ProjectorError::LostEvents { view, seen, head }) => {
                assert_eq!((&*view, seen, head), (&*timeline, Position(5), Position(1)));
            }
            other => panic!("{other:?}"),
        }
    }
}
