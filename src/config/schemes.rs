//! Schemes of addresses, as a list in one value.

use ownerline_proto::schema::is_media_scheme;

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
            let is_scheme = scheme != NONE && is_media_scheme(scheme);
            is_scheme.then(|| scheme.to_owned())
        });
        schemes.collect::<Option<Vec<_>>>().map(Self)
    }

    fn expected((): &()) -> String {
        format!(
            "schemes of URLs in lower case separated by commas such as \"http, dealer-media\", none of which may carry scripts or read files, or \"{NONE}\""
        )
    }

    fn show(&self) -> String {
        match self.0.is_empty() {
            true => NONE.to_owned(),
            false => self.0.join(", "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_shown_as_they_are_read_and_unsafe_ones_are_refused() {
        for text in ["none", "http", "http, dealer-media"] {
            assert_eq!(Schemes::parse(text, &()).unwrap().show(), text);
        }
        let spaced = Schemes::parse(" http ,s3", &()).unwrap();
        assert!(spaced.contains("http") && spaced.contains("s3") && !spaced.contains("https"));
        for refused in [
            "",
            "http,",
            "HTTP",
            "javascript",
            "http, data",
            "http://",
            "none, http",
        ] {
            assert_eq!(Schemes::parse(refused, &()), None, "{refused:?}");
        }
    }
}
