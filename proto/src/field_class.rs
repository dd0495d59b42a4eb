//! The classes of fields: who may see what (docs/field-classes.md).

use std::fmt;

/// The class of a field, as `FieldRules.Class` declares it. The list is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldClass {
    /// Names a person, thing, matter or touchpoint.
    Id,
    /// States what happened, in words from closed vocabularies.
    Fact,
    /// Identifies or reaches a person.
    Personal,
    /// Written by a human.
    Words,
    /// A survey score or answer, and every figure made of them.
    Score,
    /// The brand's own view of a matter.
    Internal,
    /// An amount of money.
    Amount,
}

impl FieldClass {
    /// Every class.
    pub const ALL: [Self; 7] = [
        Self::Id,
        Self::Fact,
        Self::Personal,
        Self::Words,
        Self::Score,
        Self::Internal,
        Self::Amount,
    ];

    /// The name of the class in a VISIBILITY policy.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Fact => "fact",
            Self::Personal => "personal",
            Self::Words => "words",
            Self::Score => "score",
            Self::Internal => "internal",
            Self::Amount => "amount",
        }
    }

    /// The class with this name in a VISIBILITY policy.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }

    /// The class with this number in `FieldRules.Class`.
    pub(crate) fn from_number(number: i32) -> Option<Self> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        Self::ALL.get(index).copied()
    }
}

/// A set of field classes; by default empty.
#[derive(Default, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FieldClasses(u8);

impl FieldClasses {
    /// No class.
    pub const NONE: Self = Self(0);
    /// All seven classes.
    pub const ALL: Self = Self(0b111_1111);

    /// The set with `class` in it as well.
    #[must_use]
    pub const fn with(self, class: FieldClass) -> Self {
        Self(self.0 | 1 << class as u8)
    }

    /// The classes of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The classes of this set that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether every class of `other` is in this set.
    #[must_use]
    pub const fn includes(self, other: Self) -> bool {
        other.without(self).is_empty()
    }

    /// Whether `class` is in this set.
    #[must_use]
    pub const fn contains(self, class: FieldClass) -> bool {
        self.includes(Self::NONE.with(class))
    }

    /// Whether no class is in this set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all seven classes are in this set.
    #[must_use]
    pub const fn is_all(self) -> bool {
        self.0 == Self::ALL.0
    }

    /// The classes of this set, in the order of the list.
    pub fn iter(self) -> impl Iterator<Item = FieldClass> {
        FieldClass::ALL
            .into_iter()
            .filter(move |class| self.contains(*class))
    }
}

impl FromIterator<FieldClass> for FieldClasses {
    fn from_iter<I: IntoIterator<Item = FieldClass>>(classes: I) -> Self {
        classes.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for FieldClasses {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set()
            .entries(self.iter().map(FieldClass::as_str))
            .finish()
    }
}
