//! Lines of CloudEvents: what is taken is written and read again as the same.

use ownerline_proto::cloudevents::{from_line, to_line};

use super::{fuzz, samples};

fn line(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Ok(touchpoint) = from_line(&text) else {
        return false;
    };
    let Ok(written) = to_line(&touchpoint) else {
        // What no line can say is no touchpoint that is recorded, either.
        return false;
    };
    let again = from_line(&written).expect("what is written is read");
    assert_eq!(again, touchpoint);
    true
}

#[test]
fn a_line_is_refused_or_means_the_same_when_it_is_written_again() {
    let corpus = samples()
        .iter()
        .map(|touchpoint| to_line(touchpoint).unwrap().into_bytes())
        .collect();
    fuzz("lines", corpus, 2_000, line);
}
