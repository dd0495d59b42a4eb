//! Schemes of addresses, as a list in one value.

use super::setting::Setting;

/// A list of schemes of URLs, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schemes(Vec<String>);

impl Schemes {
    /// No scheme.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Whether the list has this scheme, in lower case.
    #[must_use]
    pub fn contains(&self, scheme: &str) -> bool {
        self.0.iter().any(|it| it == scheme)
    }
}

/// The value without schemes.
const NONE: &str = "none";

impl Setting for Schemes {
    type Bounds = ();

    fn parse(text: &str, (): &()) -> Option<Self> {
        if text.trim() == NONE {
            return Some(Self::none());
        }
        let schemes = text.split(',').map(|part| {
            let scheme = part.trim();
            is_scheme(scheme).then(|| scheme.to_owned())
        });
        schemes.collect::<Option<Vec<_>>>().map(Self)
    }

    fn expected((): &()) -> String {
        format!(
            "schemes of URLs in lower case separated by commas such as \"http, dealer-media\", or \"{NONE}\""
        )
    }

    fn show(&self) -> String {
        match self.0.is_empty() {
            true => NONE.to_owned(),
            false => self.0.join(", "),
        }
    }
}

/// Whether this is a scheme of RFC 3986 in lower case.
fn is_scheme(text: &str) -> bool {
    let is_scheme_character =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b);
    text != NONE
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(is_scheme_character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_shown_as_they_are_read() {
        for text in ["none", "http", "http, dealer-media"] {
            assert_eq!(Schemes::parse(text, &()).unwrap().show(), text);
        }
        let spaced = Schemes::parse(" http ,s3", &()).unwrap();
        assert!(spaced.contains("http") && spaced.contains("s3") && !spaced.contains("https"));
        for refused in ["", "http,", "HTTP", "3s", "http://", "none, http"] {
            assert_eq!(Schemes::parse(refused, &()), None, "{refused:?}");
        }
    }
}
