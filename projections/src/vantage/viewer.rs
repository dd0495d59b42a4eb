//! Who asks, and what they may see.

use std::collections::BTreeSet;

use ownerline_proto::field_class::FieldClasses;

/// The dealers whose matters a viewer may see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DealerScope {
    /// Those of every dealer, and of none.
    #[default]
    Every,
    /// Those of these dealers only.
    Only(BTreeSet<String>),
}

/// Who asks a question. Every answer is computed for one; until identities exist that is [`Viewer::unrestricted`].
///
/// The scope decides what an answer is computed from. Fields of classes that the viewer may not read are left out on the
/// way to the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The dealers whose matters they may see.
    pub dealers: DealerScope,
    /// The classes of fields that they may read.
    pub readable: FieldClasses,
}

impl Default for Viewer {
    fn default() -> Self {
        Self::unrestricted()
    }
}

impl Viewer {
    /// The viewer who sees everything.
    #[must_use]
    pub const fn unrestricted() -> Self {
        Self {
            dealers: DealerScope::Every,
            readable: FieldClasses::ALL,
        }
    }

    /// Whether a matter of this dealer may be seen; an empty id stands for no dealer.
    #[must_use]
    pub fn sees_dealer(&self, dealer_id: &str) -> bool {
        match &self.dealers {
            DealerScope::Every => true,
            DealerScope::Only(dealers) => dealers.contains(dealer_id),
        }
    }

    /// Whether matters of every dealer may be seen, so that figures of a whole network may be.
    #[must_use]
    pub fn sees_network(&self) -> bool {
        self.dealers == DealerScope::Every
    }
}
