//! Short lower-case names of the envelope's enums: `in_person` for `CHANNEL_IN_PERSON`.

use crate::v1::{Channel, Visibility, actor};

/// An enum whose values have short names.
pub trait ShortName: Copy + TryFrom<i32> {
    /// What every name of the schema begins with.
    const PREFIX: &'static str;

    /// The name in the schema.
    fn schema_name(self) -> &'static str;

    /// The short name; `None` if the value is unspecified.
    #[must_use]
    fn short_name(self) -> Option<String> {
        let name = self.schema_name().strip_prefix(Self::PREFIX)?;
        (name != "UNSPECIFIED").then(|| name.to_ascii_lowercase())
    }

    /// The value with this short name; letters are compared exactly.
    #[must_use]
    fn from_short_name(name: &str) -> Option<Self> {
        Self::values().find(|value| value.short_name().as_deref() == Some(name))
    }

    /// Every value but the unspecified one, ascending.
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
