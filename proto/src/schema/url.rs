//! URLs: the ones that clients may show as links, and those of pictures.

/// Schemes that browsers run, that read files of whoever follows the link, or that carry their content themselves.
const UNSAFE_SCHEMES: [&str; 10] = [
    "about",
    "blob",
    "chrome",
    "data",
    "file",
    "filesystem",
    "javascript",
    "jar",
    "vbscript",
    "view-source",
];

/// Whether addresses of pictures may have this scheme, if the configuration allows it: a lower-case scheme of RFC 3986
/// that is none that browsers run or that reads files.
#[must_use]
pub fn is_media_scheme(scheme: &str) -> bool {
    let is_scheme_character =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b);
    scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(is_scheme_character)
        && !UNSAFE_SCHEMES.contains(&scheme)
}

/// Returns the scheme of a URL in lower case.
#[must_use]
pub fn scheme_of(url: &str) -> Option<String> {
    url.split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase())
}

/// Whether this can be the address of a picture. The server checks the scheme against its configuration, too.
pub(super) fn is_media_url(text: &str) -> bool {
    scheme_of(text).is_some_and(|scheme| is_media_scheme(&scheme)) && is_url_with_host(text)
}

/// Whether a client may show this as a link.
pub(super) fn is_web_url(text: &str) -> bool {
    scheme_of(text).is_some_and(|scheme| matches!(&*scheme, "http" | "https"))
        && is_url_with_host(text)
}

/// Whether this is a URL with a host and without a user name. Characters that RFC 3986 does not allow are refused before
/// parsing, because browsers drop or change some of them and would then read another scheme.
fn is_url_with_host(text: &str) -> bool {
    let is_url_character = |b: u8| {
        b.is_ascii_graphic()
            && !matches!(
                b,
                b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
            )
    };
    text.bytes().all(is_url_character)
        && text.parse::<http::Uri>().is_ok_and(|url| {
            url.authority().is_some_and(|authority| {
                !authority.host().is_empty() && !authority.as_str().contains('@')
            })
        })
}
