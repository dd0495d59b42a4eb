//! Reads during writes, and subscriptions.

use super::{Harness, Setup, event, within};
use crate::store::{
    EventFilter, Expected, Position, SharedStore, Subscription, SubscriptionItem, subscribe,
};

pub(crate) async fn an_acknowledged_append_is_visible_to_every_read(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    for n in 0..50 {
        let appended = engine.fill("owner-1", n, n + 1).await.remove(0);
        let found = engine.store.find(event(n).key).await.expect("reads");
        assert_eq!(found.expect("found").position, appended.first);
        let stream = engine.stream("owner-1").await;
        assert_eq!(stream.len() as u64, n + 1);
        let by_position = engine.store.read_positions(vec![appended.first]).await;
        assert_eq!(by_position.expect("reads").len(), 1);
        assert_eq!(engine.everything().await.len() as u64, n + 1);
        let at = engine.store.position_at(appended.recorded_at).await;
        assert_eq!(at.expect("reads"), appended.last);
    }
}

fn write_in_background(store: &SharedStore, from: u64, to: u64) -> tokio::task::JoinHandle<()> {
    let store = store.clone();
    tokio::spawn(async move {
        let mut tasks = tokio::task::JoinSet::new();
        for n in from..to {
            let store = store.clone();
            let stream = format!("owner-{}", n % 5);
            tasks.spawn(async move {
                super::append(&store, &stream, Expected::Any, vec![event(n)]).await
            });
            if tasks.len() >= 16 {
                let done = tasks.join_next().await.expect("there are tasks");
                done.expect("the task ends").expect("the append is taken");
            }
        }
        while let Some(done) = tasks.join_next().await {
            done.expect("the task ends").expect("the append is taken");
        }
    })
}

pub(crate) async fn readers_see_a_whole_prefix_while_writers_write(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let writing = write_in_background(&engine.store, 0, 1_000);
    let mut seen = 0;
    let reading = async {
        while seen < 1_000 {
            let everything = engine.everything().await;
            assert!(everything.len() >= seen, "what was readable stays readable");
            seen = everything.len();
            if engine.store.capabilities().gapless {
                let holes = everything
                    .iter()
                    .zip(1..)
                    .filter(|(event, p)| event.position != Position(*p));
                assert_eq!(holes.count(), 0);
            }
        }
    };
    within("a thousand events", reading).await;
    writing.await.expect("the writers end");
}

/// Takes items until `count` events have come. Returns their positions, and how often it caught up.
async fn take(subscription: &mut Subscription, count: usize) -> (Vec<Position>, usize) {
    let mut positions = Vec::new();
    let mut caught_up = 0;
    let taking = async {
        while positions.len() < count {
            match subscription.next().await.expect("the subscription goes on") {
                SubscriptionItem::Batch(events) => {
                    assert!(!events.is_empty(), "a batch is never empty");
                    positions.extend(events.iter().map(|e| e.position));
                }
                SubscriptionItem::CaughtUp(at) => {
                    assert_eq!(at, positions.last().copied().unwrap_or(at));
                    caught_up += 1;
                }
                SubscriptionItem::Checkpoint(_) => {}
            }
        }
    };
    within("the events of the subscription", taking).await;
    (positions, caught_up)
}

pub(crate) async fn a_subscription_crosses_from_catch_up_to_live_without_gap_or_repeat(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 100).await;
    let everything = EventFilter::default();
    let mut early = subscribe(
        engine.store.clone(),
        Position::START,
        everything.clone(),
        16,
    );
    let (first, _) = take(&mut early, 50).await;
    let writing = write_in_background(&engine.store, 100, 1_100);
    let mut late = subscribe(engine.store.clone(), Position::START, everything, 16);
    let (rest, _) = take(&mut early, 1_100 - first.len()).await;
    let (all, _) = take(&mut late, 1_100).await;
    writing.await.expect("the writers end");
    let seen: Vec<Position> = first.into_iter().chain(rest).collect();
    let stored: Vec<Position> = engine
        .everything()
        .await
        .iter()
        .map(|e| e.position)
        .collect();
    assert_eq!(seen, stored);
    assert_eq!(all, stored);
    // Live: it reports that it caught up, and then yields new events.
    let item = within("caught up", late.next()).await.expect("goes on");
    assert!(matches!(item, SubscriptionItem::CaughtUp(at) if Some(&at) == stored.last()));
    let appended = engine.fill("owner-1", 2_000, 2_001).await;
    let (live, _) = take(&mut late, 1).await;
    assert_eq!(live, [appended[0].first]);
}

pub(crate) async fn a_subscription_continues_where_another_stopped(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 60).await;
    let mut seen = Vec::new();
    let mut after = Position::START;
    while seen.len() < 60 {
        let filter = EventFilter::default();
        let mut subscription = subscribe(engine.store.clone(), after, filter, 7);
        let (some, _) = take(&mut subscription, 7.min(60 - seen.len())).await;
        seen.extend(some);
        after = subscription.position();
    }
    let stored: Vec<Position> = engine
        .everything()
        .await
        .iter()
        .map(|e| e.position)
        .collect();
    assert_eq!(seen, stored);
}

pub(crate) async fn a_filtered_subscription_reports_how_far_it_scanned(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let head = engine.fill("owner-1", 0, 20).await[19].last;
    let filter = EventFilter {
        categories: ["visit".to_owned()].into(),
        ..EventFilter::default()
    };
    let mut subscription = subscribe(engine.store.clone(), Position::START, filter, 5);
    let reached = async {
        loop {
            match subscription.next().await.expect("goes on") {
                SubscriptionItem::Batch(_) => panic!("nothing passes the filter"),
                SubscriptionItem::Checkpoint(_) => {}
                SubscriptionItem::CaughtUp(at) => return at,
            }
        }
    };
    assert_eq!(within("caught up", reached).await, head);
    let visit = engine.fill("visit-1", 20, 21).await;
    let (live, _) = take(&mut subscription, 1).await;
    assert_eq!(live, [visit[0].first]);
}
