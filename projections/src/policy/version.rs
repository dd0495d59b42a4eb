//! One version of a policy, as published or as shipped with the server.

use ownerline_proto::Violation;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::PolicyPublished;
use ownerline_proto::v1::policy_published::Kind;

use crate::HistoryKey;

/// A version of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// The published policy.
    pub published: PolicyPublished,
    /// The instant from which it can be in force.
    pub effective_from: Instant,
    /// Its publication; `None` if it ships with the server.
    pub publication: Option<Publication>,
    /// The reason why it is never in force, if there is one.
    pub flaw: Option<Flaw>,
}

/// The publication of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Its history key.
    pub key: HistoryKey,
    /// Its revision in the stream of the policy.
    pub revision: u64,
    /// When it reached the centre, in nanoseconds since the Unix epoch.
    pub received_at: i64,
    /// When the log took it, in nanoseconds since the Unix epoch.
    pub recorded_at: i64,
}

/// The reason why a version is never in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// It is unusable, with every violation.
    Unusable(Vec<Violation>),
    /// An earlier publication has this version number.
    VersionTaken,
    /// The name belongs to a policy of this kind.
    OtherKind(Kind),
}

impl Version {
    pub(super) fn shipped(published: PolicyPublished) -> Self {
        Self {
            published,
            effective_from: Instant::MIN,
            publication: None,
            flaw: None,
        }
    }

    /// Its place among the publications of one version; a shipped one comes first.
    pub(super) fn place(&self) -> Option<&HistoryKey> {
        self.publication
            .as_ref()
            .map(|publication| &publication.key)
    }
}
