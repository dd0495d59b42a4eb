//! Publishes policies: checks the whole of one at once, decides by what was published before, and appends
//! it where nothing came in between.

use std::future::Future;

use ownerline_projections::policy;
use ownerline_projections::policy::decide::{PolicyNames, Refusal, publish_policy};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Actor, PolicyPublished, Touchpoint};
use ownerline_proto::{Violation, time};
use thiserror::Error;

use super::error::CommandError;
use super::prepare::Door;
use super::recorder::{Outcome, Recorder};
use crate::store::{AppendError, EventKey, Expected, Position, SharedStore, StreamName};

/// How often a publication looks again when something came in between. Whoever loses a race for a number
/// is refused at the second look; more are needed only where the stream takes other touchpoints.
const LOOKS: usize = 8;

/// A version to be published.
#[derive(Debug, Clone)]
pub struct Publication {
    /// The idempotency key.
    pub key: EventKey,
    /// What is published; version 0: the next.
    pub policy: PolicyPublished,
    /// When it was decided (nanoseconds since the Unix epoch); `None`: now.
    pub occurred_at: Option<i64>,
    /// Who publishes it.
    pub actor: Option<Actor>,
    /// At which revision the stream must be.
    pub expected: Expected,
    /// Publish nothing.
    pub validate_only: bool,
}

/// What was published before under a source and id.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// What.
    pub policy: PolicyPublished,
    /// When (nanoseconds since the Unix epoch).
    pub occurred_at: i64,
}

/// What became of a publication.
#[derive(Debug, Clone)]
pub struct Published {
    /// What was published, with its version.
    pub policy: PolicyPublished,
    /// Where it is.
    pub outcome: Outcome,
}

/// Why a policy was not published.
#[derive(Debug, Error)]
pub enum PublishError<E> {
    /// It was refused for what was published before.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is malformed, or the log did not take it.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// What was published before could not be read.
    #[error("what was published before cannot be read")]
    Read(E),
}

/// What a publication has to know of what was published before.
pub trait PublishedBefore {
    /// Why it cannot be told.
    type Error: From<crate::store::ReadError>;

    /// What is known of a name, standing at least on a position.
    fn names(
        &self,
        name: &str,
        at_least: Position,
    ) -> impl Future<Output = Result<PolicyNames, Self::Error>> + Send;

    /// What was published under a source and id, if that was a policy.
    fn earlier(
        &self,
        key: EventKey,
    ) -> impl Future<Output = Result<Option<Earlier>, Self::Error>> + Send;
}

/// Publishes policies.
#[derive(Clone)]
pub struct Publisher {
    /// The way into the log.
    pub recorder: Recorder,
    /// The log.
    pub store: SharedStore,
}

impl Publisher {
    /// Publishes a policy. A retry with the same source and id answers the first result.
    ///
    /// # Errors
    /// See [`PublishError`]; violations have paths that begin at the request (`policy.sla…`).
    pub async fn publish<B: PublishedBefore + Sync>(
        &self,
        publication: Publication,
        violations: Vec<Violation>,
        before: &B,
    ) -> Result<Published, PublishError<B::Error>> {
        let Publication {
            key, occurred_at, ..
        } = &publication;
        let now = occurred_at.unwrap_or_else(|| self.recorder.now());
        self.check(&publication, now, violations)?;
        let earlier = before.earlier(key.clone()).await;
        if let Some(earlier) = earlier.map_err(PublishError::Read)? {
            return self.again(&publication, earlier).await;
        }
        let mut wanted = publication.policy.clone();
        let mut conflict = None;
        for _ in 0..LOOKS {
            let stream = StreamName::new(format!("policy-{}", wanted.name));
            let current = self.store.last_revision(stream.clone()).await;
            let current = current.map_err(|error| PublishError::Read(error.into()))?;
            // Behind the revision, so that what is known of the name stands at least on it.
            let head = self.store.head().borrow().position;
            let names = before.names(&wanted.name, head).await;
            let names = names.map_err(PublishError::Read)?;
            let policy = match publish_policy(&names, wanted.clone()) {
                Ok(policy) => policy,
                Err(refusal) => return self.or_again(&publication, before, refusal.into()).await,
            };
            let expected = match publication.expected {
                Expected::Any => current.map_or(Expected::NoStream, Expected::Exact),
                expected => expected,
            };
            let touchpoint = touchpoint(&publication, policy.clone(), now);
            match self.recorded(&publication, touchpoint, expected).await {
                Ok(outcome) => return Ok(Published { policy, outcome }),
                Err(error) if is_conflict(&error) && publication.expected == Expected::Any => {
                    // The number stays what was decided: who came first has it.
                    wanted.version = policy.version;
                    conflict = Some(error);
                }
                Err(error @ CommandError::Append(AppendError::ContentConflict { .. })) => {
                    return self.or_again(&publication, before, error.into()).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(conflict
            .unwrap_or_else(|| CommandError::from(AppendError::Closing))
            .into())
    }

    /// What stands against it may be another attempt of the same request that came first.
    async fn or_again<B: PublishedBefore + Sync>(
        &self,
        publication: &Publication,
        before: &B,
        error: PublishError<B::Error>,
    ) -> Result<Published, PublishError<B::Error>> {
        let earlier = before.earlier(publication.key.clone()).await;
        match earlier.map_err(PublishError::Read)? {
            Some(earlier) => self.again(publication, earlier).await,
            None => Err(error),
        }
    }

    /// The same request once more: what it left to the server is as it was decided then.
    async fn again<E>(
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
            .recorded(publication, touchpoint, publication.expected)
            .await?;
        Ok(Published { policy, outcome })
    }

    async fn recorded(
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

    /// Everything that is wrong with the policy itself, told where the request says it.
    fn check(
        &self,
        publication: &Publication,
        now: i64,
        mut violations: Vec<Violation>,
    ) -> Result<(), CommandError> {
        let body = policy::check(&publication.policy).into_iter();
        let mut found: Vec<Violation> = body.map(|it| it.below("policy")).collect();
        let mut policy = publication.policy.clone();
        // The number that is left to the server is none of the client's faults.
        policy.version = policy.version.max(1);
        let touchpoint = touchpoint(publication, policy, now);
        match self.recorder.prepare(touchpoint, Door::Live) {
            Ok(_) => {}
            Err(CommandError::Malformed { violations }) => {
                found.extend(violations.into_iter().map(of_request));
            }
            Err(error) => return Err(error),
        }
        for violation in found {
            // What a rule of the schema says is said once.
            if !violations.iter().any(|it| it.field == violation.field) {
                violations.push(violation);
            }
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

/// A violation of the touchpoint, told by the path that the request has for it.
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
