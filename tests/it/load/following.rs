//! Somebody who follows the whole log across the ends of its server, by position.

use ownerline_proto::v1::subscribe_request::Start;
use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::{RecordedTouchpoint, SubscribeRequest, SubscribeResponse};
use prost::Message as _;
use tokio::sync::Semaphore;
use tonic::{Status, Streaming};

use crate::remote::Remote;

/// The number in a position.
pub(crate) fn number(position: &str) -> u64 {
    u64::from_str_radix(&position[9..], 16).unwrap()
}

/// The touchpoints delivered so far.
#[derive(Default)]
pub(crate) struct Follower {
    /// Where to start again; absent: nothing came yet.
    after: Option<String>,
    /// A hash of each touchpoint, by position.
    pub(super) seen: Vec<[u8; 8]>,
}

impl Follower {
    async fn open(&self, remote: &Remote) -> Result<Streaming<SubscribeResponse>, Status> {
        let request = SubscribeRequest {
            start: self.after.clone().map(Start::AfterPosition),
            filter: None,
        };
        let opened = remote.touchpoints().subscribe(request).await?;
        Ok(opened.into_inner())
    }

    /// Every position once, in order.
    fn take(&mut self, recorded: &RecordedTouchpoint) {
        let next = self.seen.len() as u64 + 1;
        assert_eq!(number(&recorded.position), next, "missed or repeated");
        let hash = blake3::hash(&recorded.encode_to_vec());
        self.seen.push(*hash.as_bytes().first_chunk().unwrap());
        self.after = Some(recorded.position.clone());
    }

    /// Follows until the server ends it, however that comes; how it came.
    pub(super) async fn follow_until_ended(&mut self, remote: &Remote, open: &Semaphore) -> Status {
        let mut answers = match self.open(remote).await {
            Ok(answers) => answers,
            Err(status) => return status,
        };
        open.add_permits(1);
        loop {
            match answers.message().await {
                Ok(Some(answer)) => self.answer(answer, &mut |_| {}),
                Ok(None) => return Status::ok("it ended without a word"),
                Err(status) => return status,
            };
        }
    }

    /// Follows until the end of the log.
    pub(crate) async fn catch_up(
        &mut self,
        remote: &Remote,
        mut each: impl FnMut(&RecordedTouchpoint),
    ) {
        let mut answers = self.open(remote).await.unwrap();
        loop {
            let answer = answers.message().await.unwrap();
            if self.answer(answer.expect("it goes on"), &mut each) {
                return;
            }
        }
    }

    /// Whether it has caught up.
    fn answer(
        &mut self,
        answer: SubscribeResponse,
        each: &mut impl FnMut(&RecordedTouchpoint),
    ) -> bool {
        match answer.item.unwrap() {
            Item::Batch(batch) => {
                for recorded in &batch.touchpoints {
                    self.take(recorded);
                    each(recorded);
                }
                false
            }
            Item::CaughtUp(caught_up) => {
                assert_eq!(number(&caught_up.position), self.seen.len() as u64);
                true
            }
            // Without a filter everything passes: it only says that it is alive.
            Item::Checkpoint(checkpoint) => {
                assert_eq!(number(&checkpoint.position), self.seen.len() as u64);
                false
            }
        }
    }
}
