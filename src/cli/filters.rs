//! What a filter of the command line may be, and how an answer says which were asked for.

use ownerline_proto::schema::Schema;

use super::terminal_text::one_line;

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

/// The CloudEvents type of a kind named in short or in full.
pub(super) fn type_name(text: &str) -> Result<String, String> {
    let schema = Schema::get();
    if let Some(kind) = schema
        .kind_by_name(text)
        .or_else(|| schema.kind_by_type(text))
    {
        return Ok(kind.type_name.clone());
    }
    let alike: Vec<&str> = schema
        .kinds()
        .iter()
        .map(|kind| &*kind.name)
        .filter(|name| {
            text.split('_')
                .any(|word| word.len() > 3 && name.contains(word))
        })
        .take(8)
        .collect();
    Err(if alike.is_empty() {
        "there is no such kind of touchpoint".to_owned()
    } else {
        format!(
            "there is no such kind of touchpoint; there are {}",
            alike.join(", ")
        )
    })
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

    #[test]
    fn a_type_may_be_short() {
        let full = "com.ownerline.dealer_replied.v1";
        assert_eq!(type_name("dealer_replied").as_deref(), Ok(full));
        assert_eq!(type_name(full).as_deref(), Ok(full));
    }

    #[test]
    fn a_wrong_type_suggests_those_alike() {
        let refused = type_name("dealer_answered").unwrap_err();
        assert!(refused.contains("dealer_registered"), "{refused}");
        assert!(type_name("x").is_err());
    }
}
