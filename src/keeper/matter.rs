//! A matter whose obligations are kept.

use std::sync::Arc;

use crate::store::StreamName;

/// A feedback or a case, by its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Matter {
    /// A feedback.
    Feedback(Arc<str>),
    /// A case.
    Case(Arc<str>),
}

impl Matter {
    pub(super) fn feedback(id: &str) -> Self {
        Self::Feedback(id.into())
    }

    pub(super) fn case(id: &str) -> Self {
        Self::Case(id.into())
    }

    /// Its stream.
    pub(super) fn stream(&self) -> StreamName {
        match self {
            Self::Feedback(id) => StreamName::new(format!("feedback-{id}")),
            Self::Case(id) => StreamName::new(format!("case-{id}")),
        }
    }
}
