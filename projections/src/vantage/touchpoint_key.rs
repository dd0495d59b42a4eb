//! The identity of a touchpoint.

use std::fmt;

use ownerline_proto::v1::TouchpointRef;

use crate::HistoryKey;

/// The identity of a touchpoint: (source, id). At most one touchpoint of a log has it. Ordered by source, then id, bytewise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TouchpointKey {
    /// The system that reported it.
    pub source: String,
    /// Its id in that system.
    pub id: String,
}

impl TouchpointKey {
    /// The key of these two names.
    #[must_use]
    pub fn new(source: &str, id: &str) -> Self {
        Self {
            source: source.to_owned(),
            id: id.to_owned(),
        }
    }

    /// The key that a reference means. One without a source means the source of the touchpoint that carries it.
    #[must_use]
    pub fn of_reference(reference: &TouchpointRef, carrier_source: &str) -> Self {
        let source = match reference.source.as_str() {
            "" => carrier_source,
            source => source,
        };
        Self::new(source, &reference.id)
    }
}

impl From<&HistoryKey> for TouchpointKey {
    fn from(key: &HistoryKey) -> Self {
        Self::new(&key.source, &key.id)
    }
}

impl From<TouchpointKey> for TouchpointRef {
    fn from(TouchpointKey { source, id }: TouchpointKey) -> Self {
        Self { source, id }
    }
}

impl fmt::Display for TouchpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.id, self.source)
    }
}
