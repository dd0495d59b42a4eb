//! What a filter of the command line may be, and how an answer says which were asked for.

use super::text::one_line;

/// A value that says something: an empty one, as of a variable that is not set, would ask about everything.
pub(super) fn said(value: &str) -> Result<String, String> {
    match value.trim() {
        "" => Err("must say something; leave the flag out to ask about all".to_owned()),
        _ => Ok(value.to_owned()),
    }
}

/// What was asked for, to stand behind a heading: `, dealer dealer-7, received from 2025-01-01T00:00:00Z`.
pub(super) fn asked_for(filters: &[(&str, Option<String>)]) -> String {
    let said = filters.iter().filter_map(|(name, value)| {
        let value = one_line(value.as_ref()?);
        Some(format!(", {name} {value}"))
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_no_value_of_a_filter() {
        assert!(said("").is_err());
        assert!(said(" ").is_err());
        assert_eq!(said("dealer-7"), Ok("dealer-7".to_owned()));
    }

    #[test]
    fn a_heading_names_what_was_asked_for_in_one_line() {
        let filters = [
            ("dealer", Some("a\nb".to_owned())),
            ("market", None),
            ("before", Some("2025".to_owned())),
        ];
        assert_eq!(asked_for(&filters), ", dealer a b, before 2025");
    }
}
