//! The forms of strings, by example.

use crate::Reason;
use crate::schema::format::Format;
use crate::schema::{Limits, is_media_scheme, scheme_of};

fn accepts(format: Format, text: &str) -> bool {
    format.check(text, Limits::default()).is_ok()
}

#[track_caller]
fn examples(format: Format, good: &[&str], bad: &[&str]) {
    assert!(accepts(format, ""), "an empty string is absence");
    for text in good {
        assert!(accepts(format, text), "{text:?} is good");
    }
    for text in bad {
        assert!(!accepts(format, text), "{text:?} is bad");
    }
}

#[test]
fn identifiers() {
    let longest = "x".repeat(128);
    let longer = "x".repeat(129);
    examples(
        Format::Id,
        &["a", "crm~4711", "A.b_c:d~e-F9", "-", &longest],
        &["a b", "a/b", "ä", "a\n", "a#", &longer],
    );
}

#[test]
fn keys() {
    let longest = "ü".repeat(256);
    let longer = "x".repeat(257);
    examples(
        Format::Key,
        &["1", "//helpdesk", "a b", "a/b?c", &longest],
        &["a\tb", "a\u{a0}b", "\u{0}", "a\u{2028}b", &longer],
    );
}

#[test]
fn vehicles() {
    examples(
        Format::Vin,
        &[
            "1M8GDM9AXKP042788",
            "11111111111111111",
            "WBA00000000000000",
            "chassis~alvis~12345",
            "chassis~a~123",
            "chassis~a~1234567890123456",
        ],
        &[
            "1M8GDM9AXKP04278",
            "1M8GDM9AXKP0427888",
            "1m8gdm9axkp042788",
            "IM8GDM9AXKP042788",
            "OM8GDM9AXKP042788",
            "QM8GDM9AXKP042788",
            "1M8GDM9AXKP04278-",
            "chassis~a~12",
            "chassis~a~12345678901234567",
            "chassis~~12345",
            "chassis~12345",
            "chassis~a b~12345",
            "CHASSIS~alvis~1234",
        ],
    );
}

#[test]
fn labels() {
    let longest = "日".repeat(256);
    let longer = "x".repeat(257);
    examples(
        Format::Label,
        &["grand tourer", "Zürich", &longest],
        &["two\nlines", "a\tb", &longer],
    );
}

#[test]
fn dates() {
    examples(
        Format::Date,
        &["2025-03-29", "2024-02-29", "1899-12-31"],
        &[
            "2025-02-29",
            "2025-13-01",
            "2025-3-29",
            "20250329",
            "29.03.2025",
            "2025-W13-6",
            "2025-03-29T00:00:00Z",
            "+02025-3-9",
            "2025/03/29",
        ],
    );
}

#[test]
fn currencies() {
    examples(
        Format::Currency,
        &["EUR", "GBP"],
        &["eur", "EU", "EURO", "E1R"],
    );
}

#[test]
fn time_zones() {
    examples(
        Format::TimeZone,
        &["Europe/London", "America/New_York", "UTC"],
        &["Europe/Nowhere", "London", "+01:00", "../etc/passwd", "a b"],
    );
}

#[test]
fn trace_contexts() {
    examples(
        Format::Traceparent,
        &["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
        &[
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        ],
    );
}

#[test]
fn hashes() {
    let hash = "0123456789abcdef".repeat(4);
    examples(
        Format::Sha256,
        &[&hash],
        &[&hash.to_ascii_uppercase(), &hash[1..], "g"],
    );
}

#[test]
fn positions() {
    examples(
        Format::Position,
        &["00000001-00000000000000ff"],
        &[
            "00000001-00000000000000FF",
            "0000000100000000000000ff0",
            "00-00001-00000000000000ff",
            "255",
        ],
    );
}

#[test]
fn streams() {
    examples(
        Format::Stream,
        &[
            "case-1",
            "owner-crm~4711",
            "feedback-a-b",
            "vehicle-WBAVN31070VP67890",
            "vehicle-chassis~bmw~2002",
        ],
        &[
            "case",
            "case-",
            "-1",
            "case-a b",
            "OWNER-1",
            "nosuch-1",
            "vehicle-wbavn31070vp67890",
        ],
    );
}

#[test]
fn tokens() {
    let longest = "x".repeat(1_024);
    let longer = "x".repeat(1_025);
    examples(
        Format::Token,
        &["aZ9_=/+", &longest],
        &["a b", "ä", &longer],
    );
}

#[test]
fn links() {
    let longer = format!("https://media.example/{}", "x".repeat(2_048));
    examples(
        Format::Url,
        &[
            "https://media.example/order-1/3.jpg",
            "HTTP://media.example",
            "http://[2001:db8::1]:8080/a?b=c&d=%20#e",
            "https://xn--mnchen-3ya.example/",
        ],
        &[
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " https://media.example/",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "file:///etc/passwd",
            "ftp://media.example/x",
            "blob:https://media.example/x",
            "//media.example/x",
            "/order-1/3.jpg",
            "media.example",
            "https://",
            "https:///x",
            "https:media.example",
            "https:\\\\media.example",
            "https://bank.example@media.example/",
            "https://media.example/a b",
            "https://media.example/\"onerror=alert(1)",
            "https://m\u{fc}nchen.example/",
            &longer,
        ],
    );
}

#[test]
fn addresses_of_pictures() {
    let longer = format!("https://media.example/{}", "x".repeat(2_048));
    examples(
        Format::MediaUrl,
        &[
            "https://media.example/order-1/3.jpg",
            "HTTPS://media.example/3.jpg",
            "http://media.example/3.jpg",
            "dealer-media://order-1/3.jpg",
            "s3://bucket/3.jpg",
        ],
        &[
            "javascript:alert(1)",
            "javascript://media.example/%0aalert(1)",
            "JaVaScRiPt://media.example/%0aalert(1)",
            "data:text/html,<script>alert(1)</script>",
            "data://media.example/3.jpg",
            "vbscript://media.example/x",
            "file://media.example/etc/passwd",
            "blob://media.example/x",
            "view-source://media.example/x",
            "3s://bucket/3.jpg",
            "https:media.example/3.jpg",
            "//media.example/3.jpg",
            "https://",
            "https:///3.jpg",
            "https://bank.example@media.example/3.jpg",
            "https://media.example/a b.jpg",
            "https://media.example/\"onerror=alert(1)",
            &longer,
        ],
    );
}

#[test]
fn schemes_of_pictures_are_plain_and_carry_no_scripts() {
    for scheme in ["https", "http", "s3", "dealer-media", "x.y+z"] {
        assert!(is_media_scheme(scheme), "{scheme}");
    }
    for scheme in [
        "",
        "HTTPS",
        "3s",
        "javascript",
        "data",
        "file",
        "a b",
        "a:",
        "ä",
    ] {
        assert!(!is_media_scheme(scheme), "{scheme}");
    }
    assert_eq!(scheme_of("S3://bucket/x").as_deref(), Some("s3"));
    assert_eq!(scheme_of("mailto:x"), None);
}

#[test]
fn words_of_closed_lists() {
    examples(
        Format::Purpose,
        &[
            "marketing",
            "telemetry",
            "photographs",
            "contact",
            "sharing",
        ],
        &["Marketing", "surveys", "marketing "],
    );
    examples(
        Format::Measure,
        &["NPS", "CES_TOP_THREE", "ON_TIME", "SLIPPED_ORDERS"],
        &["nps", "sales", "NPS\n"],
    );
    let (reason, why) = Format::Purpose
        .check("surveys", Limits::default())
        .unwrap_err();
    assert_eq!(reason, Reason::UnknownValue);
    assert!(why.contains("marketing, telemetry"), "{why}");
}

#[test]
fn pictures() {
    examples(
        Format::PictureType,
        &[
            "image/jpeg",
            "IMAGE/PNG",
            "image/avif",
            "video/mp4",
            "image/vnd.x-y",
        ],
        &[
            "image/svg+xml",
            "image/SVG+XML",
            "text/html",
            "application/xhtml+xml",
            "application/javascript",
            "image/",
            "/jpeg",
            "jpeg",
            "image/jpeg; charset=x",
            "image/jpeg/x",
            "image/x y",
        ],
    );
}
