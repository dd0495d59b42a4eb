//! Clients that write until the server is gone, and go on with the next one where they stood.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ownerline_generate::{Network, Settings};
use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::{ImportRequest, ImportResponse, Touchpoint};
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::IMPORTER;
use super::making::made;
use super::sent::{SharedSent, key, locked};
use crate::remote::Remote;
use crate::support::{Dice, NOW, reason};

/// Touchpoints in one batch of an import, and batches without an answer.
const BATCH: usize = 20;
const IN_FLIGHT: usize = 3;

/// Set just before the server is ended: from there on an error is no surprise.
pub(crate) type Ending = Arc<AtomicBool>;

/// Records one touchpoint after the other.
pub(super) struct Recorder {
    client: usize,
    dice: Dice,
    sent: SharedSent,
    /// How many it made.
    made: usize,
    /// The last of them.
    last: Option<Touchpoint>,
    /// The batches whose outcome is unknown.
    unsure: Option<Touchpoint>,
}

impl Recorder {
    pub(super) fn new(client: usize, seed: u64, sent: SharedSent) -> Self {
        Self {
            client,
            dice: Dice(seed.wrapping_add(client as u64)),
            sent,
            made: 0,
            last: None,
            unsure: None,
        }
    }

    /// The next batch: a new one, or now and then a repeated one.
    fn next(&mut self) -> Touchpoint {
        let last = self.last.clone();
        if let Some(again) = last.filter(|_| self.dice.below(20) == 0)
            && locked(&self.sent).is_acknowledged(&key(&again))
        {
            return again;
        }
        self.made += 1;
        let next = made(self.client, self.made, self.last.as_ref(), &mut self.dice);
        self.last = Some(next.clone());
        next
    }

    pub(super) async fn record_until_ended(&mut self, remote: &Remote, ending: &Ending) {
        // Some never come back to what they did not get an answer to.
        let unsure = self.unsure.take();
        let mut again = unsure.filter(|_| self.dice.below(4) > 0);
        loop {
            let touchpoint = match again.take() {
                Some(again) => again,
                None => self.next(),
            };
            locked(&self.sent).send(self.client, &touchpoint);
            match remote.record(touchpoint.clone()).await {
                Ok(answer) => locked(&self.sent).acknowledge(&touchpoint, answer),
                Err(status) => {
                    assert!(ending.load(Ordering::SeqCst), "refused: {status:?}");
                    if reason(&status) == "STOPPING" {
                        locked(&self.sent).refuse(&touchpoint);
                    }
                    self.unsure = Some(touchpoint);
                    return;
                }
            }
        }
    }
}

/// Imports generated journeys, several batches ahead of the answers.
pub(super) struct Importer {
    network: Network,
    sent: SharedSent,
    owners: u64,
    /// Journeys not sent yet.
    ahead: VecDeque<Touchpoint>,
    /// Sent without an answer.
    unanswered: VecDeque<Vec<Touchpoint>>,
}

impl Importer {
    pub(super) fn new(seed: u64, sent: SharedSent) -> Self {
        let network = Network::new(Settings {
            owners: u64::MAX,
            seed,
            months: 18,
            dealers: 4,
            until: NOW,
        });
        Self {
            ahead: network.dealers().into(),
            network,
            sent,
            owners: 0,
            unanswered: VecDeque::new(),
        }
    }

    fn batch(&mut self) -> Vec<Touchpoint> {
        let mut batch = Vec::with_capacity(BATCH);
        while batch.len() < BATCH {
            while self.ahead.is_empty() {
                self.ahead = self.network.owner(self.owners).into();
                self.owners += 1;
            }
            // What comes twice comes once: replays are the matter of the recorders.
            let next = self.ahead.pop_front().unwrap();
            let mut sent = locked(&self.sent);
            if !sent.knows(&next) {
                sent.send(IMPORTER, &next);
                batch.push(next);
            }
        }
        batch
    }

    /// How the stream ended.
    pub(super) async fn import_until_ended(
        &mut self,
        remote: &Remote,
        ending: &Ending,
        open: &Semaphore,
    ) -> Status {
        let (send, requests) = mpsc::channel(IN_FLIGHT);
        let mut touchpoints = remote.touchpoints();
        let opened = touchpoints.import(ReceiverStream::new(requests));
        let mut answers = match opened.await {
            Ok(opened) => opened.into_inner(),
            Err(status) => return status,
        };
        open.add_permits(1);
        let mut again = std::mem::take(&mut self.unanswered);
        let status = loop {
            while self.unanswered.len() < IN_FLIGHT {
                let batch = match again.pop_front() {
                    Some(again) => self.again(again),
                    None => self.batch(),
                };
                self.unanswered.push_back(batch.clone());
                // A stream that has ended takes nothing; its end is read below.
                let _ = send
                    .send(ImportRequest {
                        touchpoints: batch,
                        validate_only: false,
                    })
                    .await;
            }
            match self.answer(&mut answers, ending).await {
                Ok(()) => {}
                Err(status) => break status,
            }
        };
        self.unanswered.extend(again);
        status
    }

    fn again(&self, batch: Vec<Touchpoint>) -> Vec<Touchpoint> {
        let mut sent = locked(&self.sent);
        for touchpoint in &batch {
            sent.send(IMPORTER, touchpoint);
        }
        batch
    }

    async fn answer(
        &mut self,
        answers: &mut Streaming<ImportResponse>,
        ending: &Ending,
    ) -> Result<(), Status> {
        let answer = answers.message().await?;
        let answer = answer.ok_or_else(|| Status::ok("it ended without a word"))?;
        let batch = self.unanswered.pop_front().unwrap();
        assert_eq!(answer.results.len(), batch.len());
        let mut refused = Vec::new();
        for (touchpoint, result) in batch.into_iter().zip(answer.results) {
            match result.result.unwrap() {
                ItemResult::Recorded(answer) => locked(&self.sent).acknowledge(&touchpoint, answer),
                ItemResult::Refused(refusal) => {
                    assert!(ending.load(Ordering::SeqCst), "{refusal:?}");
                    assert_eq!(refusal.reason, "STOPPING");
                    locked(&self.sent).refuse(&touchpoint);
                    refused.push(touchpoint);
                }
            }
        }
        if refused.is_empty() {
            return Ok(());
        }
        self.unanswered.push_front(refused);
        Err(answers.message().await.expect_err("it is being ended"))
    }
}
