//! One version of a policy, as published or as shipped with the server.

use ownerline_proto::Violation;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::PolicyPublished;
use ownerline_proto::v1::policy_published::Kind;

use crate::HistoryKey;

/// A version of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// What was published.
    pub published: PolicyPublished,
    /// From when on.
    pub effective_from: Instant,
    /// How it was published; `None`: it ships with the server.
    pub publication: Option<Publication>,
    /// Why it is never in force.
    pub flaw: Option<Flaw>,
}

/// Where and when a version was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Its place in the history.
    pub key: HistoryKey,
    /// Its place in the stream of the policy.
    pub revision: u64,
    /// When it reached the centre, in nanoseconds since the Unix epoch.
    pub received_at: i64,
    /// When the log took it, in nanoseconds since the Unix epoch.
    pub recorded_at: i64,
}

/// Why a version is never in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// It cannot be used: every reason.
    Unusable(Vec<Violation>),
    /// Another publication is this version of the policy.
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

    /// Its place among the publications of one version; what ships comes first.
    pub(super) fn place(&self) -> Option<&HistoryKey> {
        self.publication
            .as_ref()
            .map(|publication| &publication.key)
    }
}
