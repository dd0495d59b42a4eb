//! What a caller is told who uses a source and id for other content: which fields differ, never their values.

use tonic::Code;

use super::problem::Problem;
use crate::store::EventKey;

/// Bytes of the names of fields: below what a value of the metadata may have.
const NAMES_BYTES: usize = 240;

impl Problem {
    /// A source and id are recorded with other content, which differs in these fields (none: not known).
    pub(super) fn id_reused(key: EventKey, fields: &[String]) -> Self {
        let message = "a touchpoint with this source and id is recorded with other content";
        let (names, left_out) = names(fields);
        let (code, reason) = (Code::AlreadyExists, "ID_REUSED");
        let mut problem = match (names.as_str(), left_out) {
            ("", _) => Self::new(code, reason, message),
            (names, 0) => Self::new(code, reason, format!("{message}: {names}")),
            (names, more) => Self::new(
                code,
                reason,
                format!("{message}: {names} (and {more} more)"),
            ),
        };
        problem = problem.with("source", key.source).with("id", key.id);
        if !names.is_empty() {
            problem = problem.with("fields", names);
        }
        if left_out > 0 {
            problem = problem.with("fields_left_out", left_out);
        }
        problem
    }
}

/// The first names, whole and as many as fit, and how many are left out.
fn names(fields: &[String]) -> (String, usize) {
    let mut names = String::new();
    for (index, field) in fields.iter().enumerate() {
        let comma = if names.is_empty() { "" } else { ", " };
        if names.len() + comma.len() + field.len() > NAMES_BYTES {
            return (names, fields.len() - index);
        }
        names.push_str(comma);
        names.push_str(field);
    }
    (names, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_whole_and_those_that_do_not_fit_are_counted() {
        let fields: Vec<_> = (10..60).map(|n| format!("touchpoint.field_{n}")).collect();
        let (shown, left_out) = names(&fields);
        assert_eq!(shown.split(", ").count() + left_out, 50);
        assert!(
            left_out > 0 && shown.ends_with("touchpoint.field_20"),
            "{shown}"
        );
    }
}
