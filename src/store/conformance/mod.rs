//! The conformance suite of the port. [`suite!`] runs it on an engine; [`durable_suite!`] adds the guarantees across
//! a restart.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{
    Append, AppendError, Appended, Direction, EventFilter, EventKey, Expected, NewEvent, Position,
    ReadAll, ReadStream, SharedStore, StoredEvent, StreamName,
};
use crate::runtime::ManualClock;

mod durable;
mod identity;
mod live;
mod order;
mod reads;
mod revisions;

pub(crate) use durable::*;
pub(crate) use identity::*;
pub(crate) use live::*;
pub(crate) use order::*;
pub(crate) use reads::*;
pub(crate) use revisions::*;

/// The instant at which every test begins.
pub(crate) const BEGIN: i64 = 1_700_000_000_000_000_000;

/// The options of the engine that a test needs.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) queue_events: usize,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            queue_events: 65_536,
        }
    }
}

type Reopen = Box<dyn FnMut() -> SharedStore + Send>;

/// An engine under test with its clock.
pub(crate) struct Harness {
    pub(crate) store: SharedStore,
    pub(crate) clock: Arc<ManualClock>,
    reopen: Option<Reopen>,
}

impl Harness {
    /// An engine that is not durable.
    pub(crate) fn volatile(store: SharedStore, clock: Arc<ManualClock>) -> Self {
        Self {
            store,
            clock,
            reopen: None,
        }
    }

    /// An engine that `reopen` closes and reopens on the same data.
    pub(crate) fn durable(
        store: SharedStore,
        clock: Arc<ManualClock>,
        reopen: impl FnMut() -> SharedStore + Send + 'static,
    ) -> Self {
        Self {
            store,
            clock,
            reopen: Some(Box::new(reopen)),
        }
    }

    pub(crate) fn reopen(&mut self) {
        let reopen = self.reopen.as_mut().expect("the engine is durable");
        self.store = reopen();
    }

    pub(crate) async fn append(
        &self,
        stream: &str,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        append(&self.store, stream, expected, events).await
    }

    /// Appends events `from..to` of [`event`] to a stream, one at a time.
    pub(crate) async fn fill(&self, stream: &str, from: u64, to: u64) -> Vec<Appended> {
        let mut appended = Vec::new();
        for n in from..to {
            let one = self.append(stream, Expected::Any, vec![event(n)]).await;
            appended.push(one.expect("the append is taken"));
        }
        appended
    }

    pub(crate) async fn stream(&self, name: &str) -> Vec<StoredEvent> {
        let read = ReadStream {
            stream: StreamName::new(name),
            from: None,
            direction: Direction::Forward,
            max: usize::MAX,
        };
        self.store
            .read_stream(read)
            .await
            .expect("the stream reads")
    }

    /// Everything in the log, in reads of 100.
    pub(crate) async fn everything(&self) -> Vec<StoredEvent> {
        read_to_head(&self.store, EventFilter::default(), 100).await
    }
}

pub(crate) fn test_clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(BEGIN))
}

pub(crate) async fn append(
    store: &SharedStore,
    stream: &str,
    expected: Expected,
    events: Vec<NewEvent>,
) -> Result<Appended, AppendError> {
    let append = Append {
        stream: StreamName::new(stream),
        expected,
        events,
    };
    store.append(append).await
}

pub(crate) async fn read_to_head(
    store: &SharedStore,
    filter: EventFilter,
    max: usize,
) -> Vec<StoredEvent> {
    let mut after = Position::START;
    let mut all = Vec::new();
    loop {
        let filter = filter.clone();
        let read = ReadAll { after, filter, max };
        let scanned = store.read_all(read).await.expect("the log reads");
        assert!(scanned.events.len() <= max, "a read answers at most max");
        let before = after;
        after = scanned.through;
        all.extend(scanned.events);
        if scanned.at_head {
            return all;
        }
        assert!(after > before, "a read that is not at the head moves on");
    }
}

pub(crate) fn key(source: &str, id: &str) -> EventKey {
    EventKey {
        source: source.into(),
        id: id.into(),
    }
}

/// The n-th event; the number determines its identity and content.
pub(crate) fn event(n: u64) -> NewEvent {
    named_event(&format!("e{n}"), &format!("content of {n}"))
}

/// An event with this id and content.
pub(crate) fn named_event(id: &str, content: &str) -> NewEvent {
    NewEvent {
        key: key("dms/berlin", id),
        kind: "feedback_received".into(),
        clear: Bytes::copy_from_slice(content.as_bytes()),
        personal: if content.len().is_multiple_of(2) {
            Bytes::from(format!("personal of {content}"))
        } else {
            Bytes::new()
        },
        content_hash: *blake3::hash(content.as_bytes()).as_bytes(),
    }
}

/// Waits for a future, and fails the test if it takes too long.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(60), future).await {
        Ok(value) => value,
        Err(_) => panic!("still waiting for: {what}"),
    }
}

/// Runs every test of the contract on the engine that `$open` creates from a [`Setup`].
macro_rules! suite {
    ($open:expr) => {
        $crate::store::conformance::suite!(@each $open;
            positions_rise_in_the_order_of_acknowledgement,
            concurrent_appends_leave_positions_and_revisions_without_gaps,
            an_append_of_several_events_is_stored_as_a_whole_in_order,
            recorded_at_never_decreases_when_the_clock_jumps_back,
            the_head_shows_an_append_once_it_is_acknowledged,
            an_empty_append_is_refused,
            an_append_over_the_queue_limit_is_refused_and_the_next_is_taken,
            the_first_revision_is_zero_and_each_next_one_more,
            expecting_no_stream_is_met_once,
            expecting_a_stream_needs_one,
            an_exact_revision_is_met_only_by_the_last_one,
            append_with_stale_revision_is_rejected_and_writes_nothing,
            of_many_writers_expecting_no_stream_one_wins,
            of_many_writers_expecting_the_same_revision_one_wins,
            the_same_content_again_returns_the_first_result,
            a_replay_wins_over_a_stale_expected_revision,
            a_replay_of_several_events_returns_the_first_result,
            a_replay_under_another_stream_returns_the_first_place,
            other_content_under_the_same_identity_is_a_conflict,
            an_append_stored_in_part_is_refused_whole,
            one_identity_twice_in_one_append_is_malformed,
            the_same_id_of_another_source_is_another_event,
            identities_are_compared_byte_for_byte,
            of_eight_clients_with_the_same_retry_one_stores_and_seven_replay,
            of_eight_clients_with_one_identity_and_other_content_one_stores,
            a_stream_reads_forward_and_backward,
            a_stream_read_respects_from_and_max,
            an_unknown_stream_is_empty,
            streams_do_not_mix,
            a_long_stream_is_read_whole,
            reading_all_pages_through_the_log,
            a_filter_by_kind_and_category_still_makes_progress,
            reading_after_the_head_is_empty_and_at_head,
            positions_are_read_in_the_given_order,
            a_position_that_does_not_exist_is_reported,
            find_returns_stored_events_and_nothing_else,
            same_content_compares_with_what_was_supplied,
            last_revision_follows_every_append,
            position_at_is_the_last_event_at_or_before_an_instant,
            an_acknowledged_append_is_visible_to_every_read,
            readers_see_a_whole_prefix_while_writers_write,
            a_subscription_crosses_from_catch_up_to_live_without_gap_or_repeat,
            a_subscription_continues_where_another_stopped,
            a_filtered_subscription_reports_how_far_it_scanned,
        );
    };
    (@each $open:expr; $($name:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::store::conformance::$name(&$open).await;
            }
        )*
    };
}
pub(crate) use suite;

/// Runs the tests of a durable engine across restarts.
macro_rules! durable_suite {
    ($open:expr) => {
        $crate::store::conformance::suite!(@each $open;
            everything_is_there_after_a_restart,
            identities_hold_across_a_restart,
            revisions_go_on_after_a_restart,
            recorded_at_never_decreases_across_a_restart,
            the_epoch_stays_across_a_restart,
        );
    };
}
pub(crate) use durable_suite;
