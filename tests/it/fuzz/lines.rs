//! Lines of CloudEvents: accepted ones survive a round trip.

use ownerline_proto::cloudevents::{from_line, to_line};
use ownerline_proto::json_input::from_json;
use ownerline_proto::v1::PolicyPublished;
use ownerline_proto::v1::touchpoint::Payload;

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

/// JSON of policies is read as strictly as lines: what is taken means the same when it is written again.
fn policy(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Ok(policy) = from_json::<PolicyPublished>(&text) else {
        return false;
    };
    let written = serde_json::to_string(&policy).expect("what is read is written");
    let again: PolicyPublished = from_json(&written).expect("what is written is read");
    assert_eq!(again, policy);
    true
}

#[test]
fn a_policy_is_refused_or_survives_a_round_trip() {
    let corpus = samples()
        .into_iter()
        .filter_map(|touchpoint| match touchpoint.payload? {
            Payload::PolicyPublished(policy) => Some(serde_json::to_vec(&policy).unwrap()),
            _ => None,
        })
        .chain([br#"{"name":"a","kind":"KIND_LEXICON","version":"2.0","sla":{"obligations":[{"kind":1,"budgetSeconds":6e1}]}}"#.to_vec()])
        .collect();
    fuzz("policies", corpus, 2_000, policy);
}

#[test]
fn a_line_is_refused_or_survives_a_round_trip() {
    let corpus = samples()
        .iter()
        .map(|touchpoint| to_line(touchpoint).unwrap().into_bytes())
        .collect();
    fuzz("lines", corpus, 2_000, line);
}
