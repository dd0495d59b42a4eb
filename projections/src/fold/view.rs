//! The definition of a read model: its name, its version, the touchpoints it reads and its fold.

use std::fmt;

use ownerline_proto::kind::Category;
use ownerline_proto::schema::Schema;

use crate::Recorded;
use crate::fold::FoldError;
use crate::fold::state::StateMap;

/// A fold: adds one touchpoint to the state. The driver calls it in position order, once for each touchpoint.
///
/// # Errors
/// If the state cannot be read or the touchpoint cannot be handled; the view stops there.
pub type Apply = dyn Fn(&Recorded, &mut dyn StateMap) -> Result<(), FoldError> + Send + Sync;

/// A read model: a pure fold over the log. All of them are listed in [`VIEWS`](crate::VIEWS).
#[derive(Clone, Copy)]
pub struct ViewDef {
    /// The name, as `projections list` shows it; lower case, stable.
    pub name: &'static str,
    /// The version of fold and keys. A view with a new version is built from the log beside the old one.
    pub version: u32,
    /// The touchpoints that the fold reads. The checkpoint counts and certifies all the others, too.
    pub kinds: Kinds,
    /// The fold.
    pub apply: &'static Apply,
}

impl fmt::Debug for ViewDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewDef")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("kinds", &self.kinds)
            .finish_non_exhaustive()
    }
}

/// The touchpoints that a view reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// Every touchpoint.
    All,
    /// The kinds with these short names.
    Named(&'static [&'static str]),
    /// Every kind, in streams of these categories.
    InStreams(&'static [Category]),
}

impl ViewDef {
    /// Whether it reads touchpoints of the kind with this number, for a view that names its kinds.
    pub(crate) fn names_kind(&self, number: u32) -> bool {
        let kind = Schema::get().kind_by_number(number);
        match self.kinds {
            Kinds::Named(names) => kind.is_some_and(|kind| names.contains(&&*kind.name)),
            Kinds::All | Kinds::InStreams(_) => false,
        }
    }
}

/// Decides which touchpoints a fold is called for.
pub(super) enum KindFilter {
    All,
    /// The numbers of the kinds, ascending.
    Numbers(Vec<u32>),
    InStreams(&'static [Category]),
}

impl KindFilter {
    pub(super) fn new(kinds: Kinds) -> Self {
        match kinds {
            Kinds::All => Self::All,
            Kinds::Named(names) => {
                let kinds = names.iter().filter_map(|name| {
                    let kind = Schema::get().kind_by_name(name)?;
                    Some(kind.number)
                });
                let mut numbers: Vec<u32> = kinds.collect();
                numbers.sort_unstable();
                Self::Numbers(numbers)
            }
            Kinds::InStreams(categories) => Self::InStreams(categories),
        }
    }

    pub(super) fn admits(&self, recorded: &Recorded) -> bool {
        match self {
            Self::All => true,
            Self::Numbers(numbers) => numbers.binary_search(&recorded.kind.number).is_ok(),
            Self::InStreams(categories) => Category::of_stream(&recorded.stream)
                .is_some_and(|category| categories.contains(&category)),
        }
    }
}
