//! The log in streams: ReadStream and Subscribe. Each is bounded in what it holds, and ends when the
//! server drains.

use std::collections::VecDeque;

use futures::stream;
use ownerline_projections::Viewer;
use ownerline_proto::replay::subscribe_response::{Batch, CaughtUp, Checkpoint, Item};
use ownerline_proto::replay::{ReadStreamResponse, SubscribeResponse};
use ownerline_proto::v1::read_stream_request::Direction as WireDirection;
use ownerline_proto::v1::subscribe_request::Start;
use ownerline_proto::v1::{ReadStreamRequest, SubscribeRequest};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::calls::Calls;
use super::progress::Progress;
use super::replay::chunks;
use crate::grpc::advice::Resume;
use crate::grpc::convert;
use crate::grpc::paced::{Answers, paced, permit};
use crate::grpc::problem::Problem;
use crate::grpc::status::status;
use crate::query::PositionText;
use crate::store::{
    self, Direction, Position, ReadStream, Revision, StreamName, Subscription, SubscriptionItem,
};
use crate::telemetry::followers::Follower;

struct Reading {
    calls: Calls,
    viewer: Viewer,
    stream: StreamName,
    direction: Direction,
    from: Option<Revision>,
    left: u64,
    ready: VecDeque<ReadStreamResponse>,
    done: bool,
}

/// Reads a stream in bounded steps, at the pace of its reader.
pub(super) fn read_stream(
    calls: Calls,
    viewer: Viewer,
    request: &ReadStreamRequest,
) -> Answers<ReadStreamResponse> {
    let direction = match request.direction() {
        WireDirection::Unspecified | WireDirection::Forwards => Direction::Forward,
        WireDirection::Backwards => Direction::Backward,
    };
    let reading = Reading {
        calls,
        viewer,
        stream: StreamName::new(request.stream.as_str()),
        direction,
        from: request.from_revision.map(Revision),
        left: if request.max_count == 0 {
            u64::MAX
        } else {
            request.max_count
        },
        ready: VecDeque::new(),
        done: false,
    };
    Box::pin(stream::try_unfold(reading, |mut reading| async move {
        loop {
            if let Some(response) = reading.ready.pop_front() {
                return Ok(Some((response, reading)));
            }
            if reading.done {
                return Ok(None);
            }
            if reading.calls.parts.drain.is_cancelled() {
                return Err(status(Problem::stopping()));
            }
            reading.step().await.map_err(status)?;
        }
    }))
}

impl Reading {
    async fn step(&mut self) -> Result<(), Problem> {
        let parts = &self.calls.parts;
        let max = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(parts.limits.read_batch);
        let read = ReadStream {
            stream: self.stream.clone(),
            from: self.from,
            direction: self.direction,
            max,
        };
        let events = parts.store.read_stream(read).await?;
        self.left = self.left.saturating_sub(events.len() as u64);
        let next = events.last().and_then(|last| match self.direction {
            Direction::Forward => last.revision.0.checked_add(1),
            Direction::Backward => last.revision.0.checked_sub(1),
        });
        self.done = events.len() < max || self.left == 0 || next.is_none();
        self.from = next.map(Revision);
        for touchpoints in chunks(parts.text, &self.viewer, &events)? {
            self.ready.push_back(ReadStreamResponse { touchpoints });
        }
        Ok(())
    }
}

struct Following {
    viewer: Viewer,
    subscription: Subscription,
    text: PositionText,
    drain: CancellationToken,
    ready: VecDeque<SubscribeResponse>,
    follower: Follower,
    progress: Progress,
    /// Held while the subscription lives.
    _permit: OwnedSemaphorePermit,
}

/// Follows the log at the pace of its reader: what is not read yet stays in the log.
pub(super) fn subscribe(
    calls: &Calls,
    viewer: Viewer,
    request: SubscribeRequest,
) -> Result<Answers<SubscribeResponse>, Problem> {
    let parts = &calls.parts;
    let mut violations = convert::violations(&request);
    let (filter, more) = convert::filter(request.filter);
    violations.extend(more);
    convert::refuse(violations)?;
    let permit = permit(&parts.subscriptions, &parts.limits)?;
    let head = parts.store.head().borrow().position;
    let after = match request.start {
        None => Position::START,
        Some(Start::Now(true)) => head,
        Some(Start::Now(false)) => return Err(convert::must_be_true("now")),
        Some(Start::AfterPosition(text)) => {
            convert::position(parts.text, "after_position", &text)?.unwrap_or_default()
        }
    };
    if after > head {
        return Err(crate::query::QueryError::BehindEnd {
            field: "after_position",
        }
        .into());
    }
    let following = Following {
        viewer,
        subscription: store::subscribe(parts.store.clone(), after, filter, parts.limits.read_batch),
        text: parts.text,
        drain: parts.drain.clone(),
        ready: VecDeque::new(),
        follower: parts.followers.join(after.0),
        progress: Progress::begin(parts.limits.watch_silence),
        _permit: permit,
    };
    let answers = stream::try_unfold(following, |mut following| async move {
        loop {
            if let Some(response) = following.ready.pop_front() {
                return Ok(Some((response, following)));
            }
            following.step().await.map_err(status)?;
        }
    });
    Ok(paced(
        answers,
        parts.limits.slow_reader,
        Resume::FromPosition,
    ))
}

impl Following {
    async fn step(&mut self) -> Result<(), Problem> {
        // Whatever came before was taken.
        self.follower.advance(self.subscription.position().0);
        let item = tokio::select! {
            biased;
            () = self.drain.cancelled() => return Err(Problem::stopping()),
            item = self.subscription.next() => item?,
            () = tokio::time::sleep_until(self.progress.due()) => {
                self.progress.sends_position();
                self.push_checkpoint(self.subscription.position());
                return Ok(());
            }
        };
        let passed = match item {
            SubscriptionItem::Batch(events) => {
                let chunks = chunks(self.text, &self.viewer, &events)?;
                let end = self.subscription.position();
                let nothing = chunks.is_empty();
                for touchpoints in chunks {
                    self.progress.sends();
                    self.push(Item::Batch(Batch { touchpoints }));
                }
                nothing.then_some(end)
            }
            SubscriptionItem::Checkpoint(position) => Some(position),
            SubscriptionItem::CaughtUp(position) if self.progress.catches_up() => {
                let position = self.text.write(position);
                self.push(Item::CaughtUp(CaughtUp { position }));
                None
            }
            SubscriptionItem::CaughtUp(position) => Some(position),
        };
        if let Some(position) = passed
            && self.progress.advances()
        {
            self.push_checkpoint(position);
        }
        Ok(())
    }

    fn push_checkpoint(&mut self, position: Position) {
        let position = self.text.write(position);
        self.push(Item::Checkpoint(Checkpoint { position }));
    }

    fn push(&mut self, item: Item) {
        self.ready.push_back(SubscribeResponse { item: Some(item) });
    }
}
