//! Short lower-case names of the envelope's enums: `in_person` for `CHANNEL_IN_PERSON`.

use crate::v1::{Channel, Visibility, actor};

/// An enum whose values have short names.
pub trait ShortName: Copy + TryFrom<i32> {
    /// The prefix of every name in the schema.
    const PREFIX: &'static str;

    /// Returns the name in the schema.
    fn schema_name(self) -> &'static str;

    /// Returns the short name; `None` if the value is unspecified.
    #[must_use]
    fn short_name(self) -> Option<String> {
        let name = self.schema_name().strip_prefix(Self::PREFIX)?;
        (name != "UNSPECIFIED").then(|| name.to_ascii_lowercase())
    }

    /// Returns the value with this short name; case matters.
    #[must_use]
    fn from_short_name(name: &str) -> Option<Self> {
        Self::values().find(|value| value.short_name().as_deref() == Some(name))
    }

    /// Returns every value except the unspecified one, ascending.
    fn values() -> impl Iterator<Item = Self> {
        (1..).map_while(|number| Self::try_from(number).ok())
    }
}

impl ShortName for Channel {
    const PREFIX: &'static str = "CHANNEL_";

    fn schema_name(self) -> &'static str {
        self.as_str_name()
    }
}

impl ShortName for Visibility {
    const PREFIX: &'static str = "VISIBILITY_";

    fn schema_name(self) -> &'static str {
        self.as_str_name()
    }
}

impl ShortName for actor::Kind {
    const PREFIX: &'static str = "KIND_";

    fn schema_name(self) -> &'static str {
        self.as_str_name()
    }
}
