//! Values of filter flags, and the part of a heading that repeats them.

use ownerline_proto::cloudevents::ShortName as _;
use ownerline_proto::kind::meant;
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::Channel;

use super::terminal_text::one_line;

/// Accepts a value that is not blank: a blank one, for example from an unset variable, would match everything.
pub(super) fn not_blank(value: &str) -> Result<String, String> {
    match value.trim() {
        "" => Err("must not be blank; leave the flag out to match everything".to_owned()),
        _ => Ok(value.to_owned()),
    }
}

/// Parses a channel by its short name, such as `in_person`.
pub(super) fn channel(text: &str) -> Result<Channel, String> {
    Channel::from_short_name(&text.to_ascii_lowercase()).ok_or_else(|| {
        let names: Vec<String> = Channel::values().filter_map(Channel::short_name).collect();
        format!("must be one of {}", names.join(", "))
    })
}

/// Returns the CloudEvents type of a kind of touchpoint that is given by its short or full name, or by that of its
/// message.
pub(super) fn touchpoint_type(text: &str) -> Result<String, String> {
    let schema = Schema::get();
    if let Some(kind) = schema
        .kind_by_name(text)
        .or_else(|| schema.kind_by_type(text))
        .or_else(|| meant(text))
    {
        return Ok(kind.type_name.clone());
    }
    let similar: Vec<&str> = schema
        .kinds()
        .iter()
        .map(|kind| &*kind.name)
        .filter(|name| {
            text.split('_')
                .any(|word| word.len() > 3 && name.contains(word))
        })
        .take(8)
        .collect();
    Err(if similar.is_empty() {
        "there is no such kind of touchpoint".to_owned()
    } else {
        format!(
            "there is no such kind of touchpoint; similar ones are {}",
            similar.join(", ")
        )
    })
}

/// Returns the filters that were given, to append to a heading: `, dealer dealer-7, before 2025-01-01T00:00:00Z`.
pub(super) fn applied_filters(filters: &[(&str, Option<String>)]) -> String {
    let applied = filters.iter().filter_map(|(name, value)| {
        let value = one_line(value.as_ref()?);
        Some(format!(", {name} {value}"))
    });
    applied.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_filter_is_refused() {
        assert!(not_blank("").is_err());
        assert!(not_blank(" ").is_err());
        assert_eq!(not_blank("dealer-7"), Ok("dealer-7".to_owned()));
    }

    #[test]
    fn a_channel_may_be_upper_case() {
        assert_eq!(channel("in_person"), Ok(Channel::InPerson));
        assert_eq!(channel("PHONE"), Ok(Channel::Phone));
        assert!(channel("unspecified").is_err());
        assert!(channel("fax").is_err());
    }

    #[test]
    fn a_heading_repeats_the_filters_in_one_line() {
        let filters = [
            ("dealer", Some("a\nb".to_owned())),
            ("market", None),
            ("before", Some("2025".to_owned())),
        ];
        assert_eq!(applied_filters(&filters), ", dealer a b, before 2025");
    }

    #[test]
    fn a_type_may_be_short() {
        let full = "com.ownerline.dealer_replied.v1";
        assert_eq!(touchpoint_type("dealer_replied").as_deref(), Ok(full));
        assert_eq!(touchpoint_type(full).as_deref(), Ok(full));
    }

    #[test]
    fn a_wrong_type_suggests_similar_ones() {
        let refused = touchpoint_type("dealer_answered").unwrap_err();
        assert!(refused.contains("dealer_registered"), "{refused}");
        assert!(touchpoint_type("x").is_err());
    }
}
