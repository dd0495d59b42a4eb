//! Violations: malformed fields of a request.

use std::fmt;

/// Why a field is malformed. The text form is stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The field must be set and is not.
    Required,
    /// The field must not be set, because the server stamps it.
    ServerAssigned,
    /// The schema of this server has no such field.
    UnknownField,
    /// The enum has no such value.
    UnknownValue,
    /// Too many characters.
    TooLong,
    /// Too many items.
    TooMany,
    /// A character that is not allowed.
    Characters,
    /// Not of the declared form.
    Format,
    /// Outside the bounds.
    Range,
    /// Later than the server's clock allows.
    Future,
    /// Contradicts another field.
    Disagrees,
    /// Names itself.
    SelfReference,
    /// The bytes are not a protobuf encoding of the message.
    Malformed,
}

impl Reason {
    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "REQUIRED",
            Self::ServerAssigned => "SERVER_ASSIGNED",
            Self::UnknownField => "UNKNOWN_FIELD",
            Self::UnknownValue => "UNKNOWN_VALUE",
            Self::TooLong => "TOO_LONG",
            Self::TooMany => "TOO_MANY",
            Self::Characters => "CHARACTERS",
            Self::Format => "FORMAT",
            Self::Range => "RANGE",
            Self::Future => "FUTURE",
            Self::Disagrees => "DISAGREES",
            Self::SelfReference => "SELF_REFERENCE",
            Self::Malformed => "MALFORMED",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One malformed field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The path, in names of the schema, for example `touchpoint.subjects.vin`.
    pub field: String,
    /// Why the field is malformed.
    pub reason: Reason,
    /// A description for humans, without the value, which may be personal.
    pub description: String,
}

impl Violation {
    /// Creates a violation of `field`.
    #[must_use]
    pub fn new(field: impl Into<String>, reason: Reason, description: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            reason,
            description: description.into(),
        }
    }

    /// Returns the same violation with its path below another message.
    #[must_use]
    pub fn below(mut self, prefix: &str) -> Self {
        if self.field.is_empty() {
            self.field = prefix.to_owned();
        } else if !prefix.is_empty() {
            self.field = format!("{prefix}.{}", self.field);
        }
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => f.write_str(&self.description),
            field => write!(f, "{field}: {}", self.description),
        }
    }
}
