//! Violations: malformed fields, and the status that reports all of them at once.

use std::collections::HashMap;
use std::fmt;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::bounds;

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

/// Returns INVALID_ARGUMENT with reason MALFORMED_REQUEST and every violation. It is the only status made in this crate,
/// because the codec needs it before a handler is reached. Violations that do not fit into a header are left out; the
/// metadata then has their total number (`violations`) and how many are left out (`violations_left_out`).
#[must_use]
pub fn malformed(violations: &[Violation]) -> Status {
    let message = match violations {
        [] => "request is malformed".to_owned(),
        [one] => format!("request is malformed: {}", bounds::value(&one.to_string())),
        [first, rest @ ..] => {
            let first = first.to_string();
            let (first, rest) = (bounds::value(&first), rest.len());
            format!("request is malformed: {first} (and {rest} more)")
        }
    };
    let (fields, left_out) = bounds::violations(violations);
    let mut metadata = HashMap::new();
    if left_out > 0 {
        metadata.insert("violations".to_owned(), violations.len().to_string());
        metadata.insert("violations_left_out".to_owned(), left_out.to_string());
    }
    let mut details = ErrorDetails::with_bad_request(fields);
    details.set_error_info("MALFORMED_REQUEST", "ownerline", metadata);
    let message = bounds::message(&message);
    Status::with_error_details(Code::InvalidArgument, message, details)
}
