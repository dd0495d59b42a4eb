//! Journeys are repeatable, keep every rule, and have plausible proportions.

mod proportions;
mod rules;
mod worth_a_look;

use std::collections::BTreeSet;

use ownerline_proto::cloudevents::to_line;
use ownerline_proto::v1::Touchpoint;

use super::chance::Chance;
use super::words::{self, Tone};
use super::{Network, Settings, odds};

/// 2026-01-01T00:00:00Z.
const UNTIL: i64 = 1_767_225_600;

fn settings(owners: u64, seed: u64) -> Settings {
    Settings {
        owners,
        seed,
        months: 18,
        dealers: 12,
        until: UNTIL,
    }
}

fn lines(settings: Settings) -> Vec<String> {
    Network::new(settings)
        .journeys()
        .flatten()
        .map(|touchpoint| to_line(&touchpoint).unwrap())
        .collect()
}

fn key(touchpoint: &Touchpoint) -> (String, String) {
    (touchpoint.source.clone(), touchpoint.id.clone())
}

#[test]
fn the_same_settings_make_the_same_bytes() {
    assert_eq!(lines(settings(30, 7)), lines(settings(30, 7)));
    assert_ne!(lines(settings(30, 7)), lines(settings(30, 8)));
}

/// The hash changes whenever odds, words or stories change, which is fine; it must not change with the machine.
#[test]
fn these_bytes_are_made_on_every_machine() {
    let text = lines(settings(40, 7)).join("\n");
    insta::assert_snapshot!(blake3::hash(text.as_bytes()));
}

#[test]
fn an_owner_does_not_depend_on_how_many_there_are() {
    let few = Network::new(settings(3, 7));
    let many = Network::new(settings(1_000_000_000, 7));
    let journeys: Vec<_> = few.owners().collect();
    assert_eq!(journeys, many.owners().take(3).collect::<Vec<_>>());
    assert_eq!(journeys[2], many.owner(2));
    assert_eq!(few.owner(999_999_999), many.owner(999_999_999));
}

#[test]
fn an_end_in_the_middle_of_a_second_or_day_is_fine() {
    for (months, until) in [(1, UNTIL + 12_345), (240, UNTIL), (600, -UNTIL)] {
        let network = Network::new(Settings {
            months,
            until,
            ..settings(5, 3)
        });
        assert!(network.journeys().all(|journey| !journey.is_empty()));
    }
}

#[test]
fn journeys_of_two_seeds_fit_into_one_log() {
    let keys = |seed| -> BTreeSet<(String, String)> {
        let network = Network::new(settings(20, seed));
        network.journeys().flatten().map(|it| key(&it)).collect()
    };
    assert!(keys(1).is_disjoint(&keys(2)));
}

#[test]
fn owners_have_thousands_of_things_to_say() {
    let mut chance = Chance::new(1, 1);
    for tone in [Tone::Positive, Tone::Negative, Tone::Mixed] {
        let mut texts = BTreeSet::new();
        for _ in 0..10_000 {
            texts.insert(words::verbatim(&mut chance, tone));
        }
        assert!(texts.len() > 5_000, "{tone:?}: {}", texts.len());
        for text in texts {
            assert!(!text.contains("  ") && text.len() < 300, "{text}");
        }
    }
}

#[test]
fn the_documentation_has_every_probability() {
    let rows: String = odds::ROWS
        .iter()
        .map(|(name, text, value)| format!("| `{name}` |{text} | {value} |\n"))
        .collect();
    let documentation = include_str!("../../../docs/generator.md");
    assert!(documentation.contains(&rows), "the table must be:\n{rows}");
}
