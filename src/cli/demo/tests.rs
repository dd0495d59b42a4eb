//! The situations are valid touchpoints of the past with unique keys, and are shown as a server returns them.

use std::collections::BTreeSet;

use ownerline_proto::cloudevents::{from_line, to_line};
use ownerline_proto::kind::{of_encoded, subject};
use ownerline_proto::schema::{Limits, Schema};
use ownerline_proto::v1::Touchpoint;
use prost::Message as _;

use super::*;

const NOW: Timestamp = Timestamp {
    seconds: 1_750_000_000,
    nanos: 5,
};

fn journeys(now: Timestamp) -> Vec<Vec<Touchpoint>> {
    let situations = History::new(1, 7, now).situations.into_iter();
    situations.map(|it| it.journey).collect()
}

fn all() -> Vec<Touchpoint> {
    journeys(NOW).into_iter().flatten().collect()
}

#[test]
fn every_touchpoint_keeps_every_rule_and_has_a_stream() {
    for touchpoint in all() {
        let encoded = touchpoint.encode_to_vec();
        let message = "ownerline.v1.Touchpoint";
        let checked = Schema::get().check(message, &encoded, "", Limits::default());
        let violations = checked.violations;
        assert!(violations.is_empty(), "{violations:?} {touchpoint:?}");
        let subjects = touchpoint.subjects.clone().unwrap_or_default();
        for agreement in checked.agreements {
            let named = subject(&subjects, &agreement.subject);
            assert_eq!(named, Some(&*agreement.value), "{touchpoint:?}");
        }
        let kind = of_encoded(&encoded).unwrap();
        kind.stream(&subjects, &encoded).unwrap();
        assert_eq!(
            from_line(&to_line(&touchpoint).unwrap()).unwrap(),
            touchpoint
        );
    }
}

#[test]
fn every_key_is_unique_and_everything_happens_within_eighteen_months() {
    let mut keys = BTreeSet::new();
    let earliest = NOW.seconds - 18 * 31 * 86_400;
    for touchpoint in all() {
        let at = touchpoint.occurred_at.unwrap().seconds;
        assert!((earliest..NOW.seconds).contains(&at), "{touchpoint:?}");
        assert!(keys.insert((touchpoint.source, touchpoint.id)));
    }
    assert!((60..=130).contains(&keys.len()), "{}", keys.len());
}

#[test]
fn a_journey_is_in_order_and_the_same_all_day() {
    for journey in journeys(NOW) {
        let times: Vec<i64> = journey
            .iter()
            .map(|it| it.occurred_at.unwrap().seconds)
            .collect();
        assert!(times.is_sorted(), "{:?}", journey[0].source);
    }
    let later = Timestamp {
        seconds: NOW.seconds + 60,
        nanos: 0,
    };
    assert_eq!(journeys(NOW), journeys(later));
}

#[test]
fn causes_are_touchpoints_of_the_same_journey() {
    for journey in journeys(NOW) {
        let ids: BTreeSet<&str> = journey.iter().map(|it| &*it.id).collect();
        for cause in journey.iter().filter_map(|it| it.causation.as_ref()) {
            assert!(ids.contains(&*cause.id));
        }
    }
}

#[test]
fn every_seed_has_a_dealer_for_every_situation() {
    for seed in 0..50 {
        let houses = History::new(0, seed, NOW).situations.into_iter();
        assert!(houses.map(|it| it.house).all(|house| !house.id.is_empty()));
    }
}

#[test]
fn a_situation_is_shown_in_about_a_dozen_touchpoints() {
    for situation in History::new(0, 7, NOW).situations {
        let shown = situation.essential.len();
        assert!((10..=16).contains(&shown), "{}: {shown}", situation.title);
        assert!(shown < situation.journey.len());
    }
}

/// Runs the whole demo against a server of its own and returns its output.
async fn shown() -> String {
    let directory = tempfile::tempdir().unwrap();
    let flags = [
        ("store.data", directory.path().into()),
        ("server.listen", "127.0.0.1:0".into()),
        // The history is old, so there is nothing to warn of, and the log holds only what is shown.
        ("keeper.enabled", "false".into()),
    ];
    let config = Config::load(None, [], &flags).unwrap();
    let running = app::start(config).await.unwrap();
    let server = format!("http://{}", running.addr());
    let args = DemoArgs {
        keep: false,
        owners: 3,
        seed: 7,
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut output = Output {
        out: Box::new(&mut out),
        err: Box::new(&mut err),
        width: 120,
        is_terminal: true,
    };
    show_situations(&server, "ownerline", &args, NOW, &mut output)
        .await
        .unwrap();
    drop(output);
    running.stop().await.unwrap();
    assert_eq!(err, b"");
    String::from_utf8(out).unwrap()
}

#[tokio::test]
async fn four_situations_are_shown_as_the_server_returns_them() {
    let text = shown().await;
    let begin = text.find("\n1. ").unwrap();
    let end = text.find("\nThe server reports").unwrap();
    insta::assert_snapshot!(&text[begin..end]);
    let figures = &text[end..];
    let views = ownerline_projections::VIEWS.len();
    let at_head = format!("{views} of {views} views are at the head");
    let in_one_line = figures.replace('\n', " ");
    assert!(in_one_line.contains(&at_head), "{figures}");
    assert!(figures.contains(", 7 of them of owners;"), "{figures}");
}
