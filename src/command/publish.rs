//! Publishes policies: checks a policy as a whole, decides by what was published before, and appends it if nothing
//! was published in the meantime.

use std::future::Future;

use ownerline_projections::policy;
use ownerline_projections::policy::decide::{PolicyNames, Refusal, publish_policy};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Actor, PolicyPublished, Touchpoint};
use ownerline_proto::{Violation, Violations, time};
use thiserror::Error;

use super::error::CommandError;
use super::prepare::Door;
use super::recorder::{Outcome, Recorder};
use crate::store::{AppendError, EventKey, Expected, Position, SharedStore, StreamName};

/// The number of attempts when the stream changes in the meantime. A publication that loses a race for a version
/// is refused at the second attempt; more are needed only if the stream receives other touchpoints.
const ATTEMPTS: usize = 8;

/// A version of a policy to publish.
#[derive(Debug, Clone)]
pub struct Publication {
    /// The idempotency key.
    pub key: EventKey,
    /// The policy. Version 0 stands for the next version.
    pub policy: PolicyPublished,
    /// When it was decided (nanoseconds since the Unix epoch); `None` for now.
    pub occurred_at: Option<i64>,
    /// The publisher.
    pub actor: Option<Actor>,
    /// The expected state of the stream.
    pub expected: Expected,
    /// Whether to check only, and publish nothing.
    pub validate_only: bool,
}

/// An earlier publication with the same source and id.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The policy.
    pub policy: PolicyPublished,
    /// Its `occurred_at` (nanoseconds since the Unix epoch).
    pub occurred_at: i64,
}

/// The result of a publication.
#[derive(Debug, Clone)]
pub struct Published {
    /// The published policy, with its version.
    pub policy: PolicyPublished,
    /// The place of its touchpoint.
    pub outcome: Outcome,
}

/// Why a policy was not published.
#[derive(Debug, Error)]
pub enum PublishError<E> {
    /// It contradicts an earlier publication.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is malformed, or the log did not accept it.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The earlier publications could not be read.
    #[error("what was published before cannot be read")]
    Read(E),
}

/// Access to earlier publications.
pub trait PublishedBefore {
    /// Why they could not be read.
    type Error: From<crate::store::ReadError>;

    /// The publications under a name, as of at least a position.
    fn names(
        &self,
        name: &str,
        at_least: Position,
    ) -> impl Future<Output = Result<PolicyNames, Self::Error>> + Send;

    /// The policy that was published under a source and id, if any.
    fn earlier(
        &self,
        key: EventKey,
    ) -> impl Future<Output = Result<Option<Earlier>, Self::Error>> + Send;
}

/// Publishes policies.
#[derive(Clone)]
pub struct Publisher {
    /// The recorder into the log.
    pub recorder: Recorder,
    /// The log.
    pub store: SharedStore,
}

impl Publisher {
    /// Publishes a policy. A retry with the same source and id returns the first result.
    ///
    /// # Errors
    /// See [`PublishError`]. The paths of violations begin at the request (`policy.sla…`).
    pub async fn publish<B: PublishedBefore + Sync>(
        &self,
        publication: Publication,
        violations: Violations,
        before: &B,
    ) -> Result<Published, PublishError<B::Error>> {
        let Publication {
            key, occurred_at, ..
        } = &publication;
        let now = occurred_at.unwrap_or_else(|| self.recorder.now());
        self.check(&publication, now, violations)?;
        let earlier = before.earlier(key.clone()).await;
        if let Some(earlier) = earlier.map_err(PublishError::Read)? {
            return self.repeat(&publication, earlier).await;
        }
        let mut wanted = publication.policy.clone();
        let mut conflict = None;
        for _ in 0..ATTEMPTS {
            let stream = StreamName::new(format!("policy-{}", wanted.name));
            let current = self.store.last_revision(stream.clone()).await;
            let current = current.map_err(|error| PublishError::Read(error.into()))?;
            // Read after the revision, so that the names include everything up to it.
            let head = self.store.head().borrow().position;
            let names = before.names(&wanted.name, head).await;
            let names = names.map_err(PublishError::Read)?;
            let policy = match publish_policy(&names, wanted.clone()) {
                Ok(policy) => policy,
                Err(refusal) => return self.repeat_or(&publication, before, refusal.into()).await,
            };
            let expected = match publication.expected {
                Expected::Any => current.map_or(Expected::NoStream, Expected::Exact),
                expected => expected,
            };
            let touchpoint = touchpoint(&publication, policy.clone(), now);
            match self.record(&publication, touchpoint, expected).await {
                Ok(outcome) => return Ok(Published { policy, outcome }),
                Err(error) if is_conflict(&error) && publication.expected == Expected::Any => {
                    // The version stays as decided: the first publication with it wins.
                    wanted.version = policy.version;
                    conflict = Some(error);
                }
                Err(error @ CommandError::IdReused { .. }) => {
                    return self.repeat_or(&publication, before, error.into()).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(conflict
            .unwrap_or_else(|| CommandError::from(AppendError::Closing))
            .into())
    }

    /// Returns the first result if the same request was published in the meantime, and otherwise the error.
    async fn repeat_or<B: PublishedBefore + Sync>(
        &self,
        publication: &Publication,
        before: &B,
        error: PublishError<B::Error>,
    ) -> Result<Published, PublishError<B::Error>> {
        let earlier = before.earlier(publication.key.clone()).await;
        match earlier.map_err(PublishError::Read)? {
            Some(earlier) => self.repeat(publication, earlier).await,
            None => Err(error),
        }
    }

    /// Repeats a request. What it left to the server to decide stays as decided the first time.
    async fn repeat<E>(
        &self,
        publication: &Publication,
        earlier: Earlier,
    ) -> Result<Published, PublishError<E>> {
        let mut policy = publication.policy.clone();
        if policy.version == 0 && policy.name == earlier.policy.name {
            policy.version = earlier.policy.version;
        }
        let occurred_at = publication.occurred_at.unwrap_or(earlier.occurred_at);
        let touchpoint = touchpoint(publication, policy.clone(), occurred_at);
        let outcome = self
            .record(publication, touchpoint, publication.expected)
            .await?;
        Ok(Published { policy, outcome })
    }

    async fn record(
        &self,
        publication: &Publication,
        touchpoint: Touchpoint,
        expected: Expected,
    ) -> Result<Outcome, CommandError> {
        let recorder = &self.recorder;
        if publication.validate_only {
            return recorder.validate(touchpoint, expected, Door::Live).await;
        }
        let prepared = recorder.prepare(touchpoint, Door::Live)?;
        recorder.append(prepared, expected).await
    }

    /// Checks the policy itself, adding to the violations of the request, by the paths of the request.
    fn check(
        &self,
        publication: &Publication,
        now: i64,
        mut violations: Violations,
    ) -> Result<(), CommandError> {
        let body = policy::check(&publication.policy).into_iter();
        violations.extend(body.map(|it| it.below("policy")));
        let mut policy = publication.policy.clone();
        // A version that is left to the server is not a violation.
        policy.version = policy.version.max(1);
        let touchpoint = touchpoint(publication, policy, now);
        match self.recorder.prepare(touchpoint, Door::Live) {
            Ok(_) => {}
            Err(CommandError::Malformed { violations: more }) => {
                violations.extend(more.into_listed().map(of_request));
            }
            Err(error) => return Err(error),
        }
        if violations.is_empty() {
            Ok(())
        } else {
            Err(CommandError::Malformed { violations })
        }
    }
}

fn touchpoint(publication: &Publication, policy: PolicyPublished, occurred_at: i64) -> Touchpoint {
    Touchpoint {
        source: publication.key.source.to_string(),
        id: publication.key.id.to_string(),
        occurred_at: Some(time::timestamp(occurred_at)),
        actor: publication.actor.clone(),
        payload: Some(Payload::PolicyPublished(policy)),
        ..Touchpoint::default()
    }
}

/// Converts the path of a violation from the touchpoint to the request.
fn of_request(mut violation: Violation) -> Violation {
    for (from, to) in [
        ("touchpoint.policy_published", "policy"),
        ("touchpoint.", ""),
    ] {
        if let Some(rest) = violation.field.strip_prefix(from) {
            violation.field = format!("{to}{rest}");
            break;
        }
    }
    violation
}

fn is_conflict(error: &CommandError) -> bool {
    matches!(
        error,
        CommandError::Append(AppendError::WrongRevision { .. })
    )
}
