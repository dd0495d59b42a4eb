//! WatchTimeline: every change is sent once, as it happens, from whatever position the watch resumes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ownerline_proto::time;
use ownerline_proto::v1::{
    GetTimelineRequest, TimelineFilter, Touchpoint, Visibility, WatchTimelineRequest,
};
use tonic::Code;

use crate::generated::{history, owners};
use crate::support::{Dice, NOW, Server, all_of, feedback, pairs, reason, violations};
use crate::timeline::persons::{acquired, read};
use crate::timeline::watcher::{Watcher, next};

/// How often the watcher of an import is cut off.
const RESTARTS: usize = 1_000;

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_nanos()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_continues_from_a_page_and_shows_what_is_recorded_next() {
    let server = Server::start().await;
    let first = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let page = GetTimelineRequest {
        at_least: first.position,
        ..all_of("owner-1")
    };
    let page = server.page(page).await.unwrap();
    let mut watcher = Watcher::of("owner-1");
    watcher.request.after = page.position.clone();
    watcher.request.after_as_of = page.as_of;
    let mut stream = watcher.open(&server).await.unwrap();
    let at_once = next(&mut stream).await.unwrap();
    assert!(at_once.changes.is_empty(), "the page had everything");
    assert!(watcher.take(at_once));

    server.record(feedback("owner-2", "2", NOW)).await.unwrap();
    let second = server.record(feedback("owner-1", "3", NOW - 5)).await;
    watcher.follow(&mut stream, &second.unwrap().position).await;
    let ids: Vec<String> = watcher.timeline().into_iter().map(id_of).collect();
    assert_eq!(ids, ["3"], "another's is not shown");
    server.stop().await;
}

fn id_of(entry: ownerline_proto::v1::TimelineEntry) -> String {
    entry.recorded.unwrap().touchpoint.unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_restarted_a_thousand_times_during_an_import_ends_with_the_final_timeline() {
    let server = Server::start().await;
    let history = history(7);
    let mut dice = Dice(7);
    let owner = busiest(&history);
    let (more, mut wanted) = tokio::sync::mpsc::channel::<()>(1);
    let importing = async {
        let size = history.len().div_ceil(RESTARTS);
        for batch in history.chunks(size) {
            // Goes on as the watcher does, so that the import lasts as long as the restarts.
            wanted.recv().await;
            server.import(batch.to_vec()).await;
        }
        while wanted.recv().await.is_some() {}
    };
    let watching = async {
        let mut watcher = Watcher::of(&owner);
        let mut restarts = 0;
        let mut stands = std::collections::BTreeSet::new();
        while restarts < RESTARTS {
            // Full: the import is busy, and the watcher does not wait for it.
            let _ = more.try_send(());
            match watcher.open(&server).await {
                Ok(mut stream) => {
                    restarts += 1;
                    for _ in 0..dice.below(3) {
                        match tokio::time::timeout(Duration::from_millis(5), stream.message()).await
                        {
                            Ok(Ok(Some(message))) => {
                                if watcher.take(message) {
                                    stands.insert(watcher.request.after.clone());
                                }
                            }
                            // Nothing of them is imported yet.
                            Ok(Err(error)) if error.code() == Code::NotFound => {
                                restarts -= 1;
                                break;
                            }
                            Ok(other) => panic!("{other:?}"),
                            // Cut off while it waits.
                            Err(_) => break,
                        }
                    }
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        drop(more);
        assert!(stands.len() > 100, "stood on {} positions", stands.len());
        watcher
    };
    let (mut watcher, ()) = tokio::join!(watching, importing);
    server.import(history.clone()).await;
    let head = server.head().await;
    let mut stream = watcher.open(&server).await.unwrap();
    watcher.follow(&mut stream, &head).await;
    let whole = GetTimelineRequest {
        at_least: head,
        ..all_of(&owner)
    };
    let whole = server.timeline(whole).await.unwrap();
    assert!(whole.entries.len() > 100, "{}", whole.entries.len());
    assert_eq!(watcher.timeline(), whole.entries);
    drop(stream);
    server.stop().await;
}

/// The owner that is named most often.
fn busiest(history: &[Touchpoint]) -> String {
    let named = |owner: &String| {
        let subjects = history.iter().filter_map(|one| one.subjects.as_ref());
        subjects.filter(|one| one.owner_id == *owner).count()
    };
    owners(history).into_iter().max_by_key(named).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn watches_of_all_owners_end_with_the_same_answers_as_queries() {
    let server = Server::start_with_settings(&[("limits.watch_silence", "50ms")]).await;
    let history = history(8);
    let owners = owners(&history);
    let (known, rest) = history.split_at(history.len() / 3);
    server.import(known.to_vec()).await;
    let head = server.head().await;
    let mut watching = Vec::new();
    for (number, owner) in owners.iter().enumerate() {
        let mut watcher = Watcher::of(owner);
        watcher.request.filter = (number % 2 == 0).then(|| TimelineFilter {
            visible_to: Visibility::Owner.into(),
            ..TimelineFilter::default()
        });
        let asked = GetTimelineRequest {
            filter: watcher.request.filter.clone(),
            at_least: head.clone(),
            ..all_of(owner)
        };
        // Whoever is not known yet cannot be watched.
        if server.page(asked).await.is_ok() {
            let stream = watcher.open(&server).await.unwrap();
            watching.push((watcher, stream));
        }
    }
    assert!(watching.len() > 20, "{} are watched", watching.len());
    server.import(rest.to_vec()).await;
    let head = server.head().await;
    for (watcher, stream) in &mut watching {
        watcher.follow(stream, &head).await;
        let whole = GetTimelineRequest {
            filter: watcher.request.filter.clone(),
            at_least: head.clone(),
            ..all_of(&watcher.request.owner_id)
        };
        let whole = server.timeline(whole).await.unwrap();
        assert_eq!(watcher.timeline(), whole.entries);
    }
    drop(watching);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_that_is_reported_late_takes_away_later_touchpoints() {
    let server = Server::start().await;
    server.record(acquired("a", NOW, "ann")).await.unwrap();
    let last = server.record(read("r", NOW + 20)).await.unwrap();
    let mut watcher = Watcher::of("ann");
    watcher.request.at_least.clone_from(&last.position);
    let mut stream = watcher.open(&server).await.unwrap();
    watcher.follow(&mut stream, &last.position).await;
    assert_eq!(watcher.entries.len(), 2);
    let sold = server.record(acquired("b", NOW + 10, "ben")).await.unwrap();
    watcher.follow(&mut stream, &sold.position).await;
    let ids: Vec<String> = watcher.timeline().into_iter().map(id_of).collect();
    assert_eq!(ids, ["a"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reveals_and_future_touchpoints_arrive_on_a_watch_by_themselves() {
    let server = Server::start().await;
    let soon = now() + 700_000_000;
    let planned = Touchpoint {
        visible_from: Some(time::timestamp(soon)),
        ..feedback("owner-1", "planned", NOW)
    };
    let planned = server.record(planned).await.unwrap();
    let mut watcher = Watcher::of("owner-1");
    watcher.request.at_least = planned.position;
    watcher.request.filter = Some(TimelineFilter {
        visible_to: Visibility::Owner.into(),
        ..TimelineFilter::default()
    });
    let mut stream = watcher.open(&server).await.unwrap();
    let ahead = Touchpoint {
        occurred_at: Some(time::timestamp(soon + 1)),
        ..feedback("owner-1", "ahead", NOW)
    };
    server.record(ahead).await.unwrap();
    while watcher.entries.len() < 2 {
        watcher.take(next(&mut stream).await.unwrap());
        let as_of = time::nanos_clamped(&watcher.request.after_as_of.unwrap());
        assert!(
            watcher.entries.is_empty() || as_of >= soon,
            "seen too early"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_watch_reports_its_position() {
    let server = Server::start_with_settings(&[("limits.watch_silence", "20ms")]).await;
    let first = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let mut watcher = Watcher::of("owner-1");
    watcher.request.at_least = first.position;
    let mut stream = watcher.open(&server).await.unwrap();
    let others = server.record(feedback("owner-2", "2", NOW)).await.unwrap();
    watcher.follow(&mut stream, &others.position).await;
    assert_eq!(watcher.entries.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_does_not_read_is_ended_with_a_status() {
    let settings = [
        ("limits.slow_reader", "200ms"),
        ("limits.subscriptions", "1"),
    ];
    let server = Server::start_with_settings(&settings).await;
    // Far more than what is on its way without being read.
    let verbatim = "a".repeat(5_000);
    let said = (0..1_500).map(|number| {
        let mut touchpoint = feedback("owner-1", &format!("{number:04}"), NOW + number);
        if let Some(ownerline_proto::v1::touchpoint::Payload::FeedbackReceived(received)) =
            &mut touchpoint.payload
        {
            received.verbatim.clone_from(&verbatim);
        }
        touchpoint
    });
    server.import(said.collect()).await;
    let request = GetTimelineRequest {
        at_least: server.head().await,
        page_size: 1,
        ..all_of("owner-1")
    };
    server.page(request).await.unwrap();
    let mut watcher = Watcher::of("owner-1");
    let mut stream = watcher.open(&server).await.unwrap();
    next(&mut stream).await.unwrap();

    // The only permit comes back without the reader doing anything.
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    let mut another = Watcher::of("owner-1");
    loop {
        match another.open(&server).await {
            Ok(_) => break,
            Err(busy) => assert_eq!(reason(&busy), "BUSY"),
        }
        assert!(tokio::time::Instant::now() < deadline, "it is not let go");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ended = loop {
        match next(&mut stream).await {
            Ok(_) => {}
            Err(ended) => break ended,
        }
    };
    assert_eq!(
        (ended.code(), reason(&ended).as_str()),
        (Code::ResourceExhausted, "SLOW_READER")
    );
    drop((stream, another));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_ends_when_the_server_drains() {
    let server = Server::start().await;
    let last = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let mut watcher = Watcher::of("owner-1");
    watcher.request.at_least.clone_from(&last.position);
    let mut stream = watcher.open(&server).await.unwrap();
    watcher.follow(&mut stream, &last.position).await;
    let reading = tokio::spawn(async move {
        loop {
            if let Err(ended) = next(&mut stream).await {
                return ended;
            }
        }
    });
    server.stop().await;
    let ended = reading.await.unwrap();
    assert_eq!(
        (ended.code(), reason(&ended).as_str()),
        (Code::Unavailable, "STOPPING")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_is_not_possible_is_refused() {
    let server = Server::start().await;
    let last = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let ask = |after: &str, as_of: Option<i64>| WatchTimelineRequest {
        owner_id: "owner-1".to_owned(),
        after: after.to_owned(),
        after_as_of: as_of.map(time::timestamp),
        ..WatchTimelineRequest::default()
    };
    let refused = async |request: WatchTimelineRequest| {
        let mut timelines = server.timelines();
        match timelines.watch_timeline(request).await {
            Ok(stream) => next(&mut stream.into_inner()).await.unwrap_err(),
            Err(status) => status,
        }
    };
    let unknown = WatchTimelineRequest {
        owner_id: "owner-2".to_owned(),
        ..WatchTimelineRequest::default()
    };
    assert_eq!(refused(unknown).await.code(), Code::NotFound);
    let nobody = WatchTimelineRequest {
        after: "nonsense".to_owned(),
        ..WatchTimelineRequest::default()
    };
    let malformed = refused(nobody).await;
    assert_eq!(
        violations(&malformed),
        pairs(&[("owner_id", "REQUIRED"), ("after", "FORMAT")])
    );
    for (request, field) in [
        (ask(&last.position, None), "after_as_of"),
        (ask("", Some(now())), "after"),
    ] {
        let status = refused(request).await;
        assert_eq!(violations(&status), pairs(&[(field, "REQUIRED")]));
    }
    let behind = format!("{}-{:016x}", &last.position[..8], 999);
    let status = refused(ask(&behind, Some(now()))).await;
    assert_eq!(reason(&status), "BEHIND_END_OF_LOG");
    let other = format!("{:08x}-{:016x}", 0, 1);
    let status = refused(ask(&other, Some(now()))).await;
    assert_eq!(reason(&status), "OTHER_EPOCH");
    server.stop().await;
}
