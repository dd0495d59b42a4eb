//! No touchpoint breaks a rule: the server would accept each.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::cloudevents::{from_line, to_line};
use ownerline_proto::kind::{Category, of_encoded, subject};
use ownerline_proto::schema::{Limits, Schema};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{DeliveryDatePromised, DeliveryDateRevised, Touchpoint, TouchpointRef};
use prost::Message as _;

use super::{UNTIL, key, settings};
use crate::{Network, Settings, words};

fn stream(touchpoint: &Touchpoint) -> String {
    let encoded = touchpoint.encode_to_vec();
    let subjects = touchpoint.subjects.clone().unwrap_or_default();
    let kind = of_encoded(&encoded).unwrap();
    kind.stream(&subjects, &encoded).unwrap()
}

/// Makes the checks of the server that need no log.
fn check(touchpoint: &Touchpoint, settings: &Settings) {
    let encoded = touchpoint.encode_to_vec();
    let message = "ownerline.v1.Touchpoint";
    let checked = Schema::get().check(message, &encoded, "", Limits::default());
    let violations = checked.violations;
    assert!(violations.is_empty(), "{violations:?} {touchpoint:?}");
    let subjects = touchpoint.subjects.clone().unwrap_or_default();
    for agreement in checked.agreements {
        let value = subject(&subjects, &agreement.subject);
        assert_eq!(value, Some(&*agreement.value), "{touchpoint:?}");
    }
    assert!(encoded.len() < 4_096, "{touchpoint:?}");
    assert_eq!(touchpoint.origin, 0);
    stream(touchpoint);
    let occurred = touchpoint.occurred_at.unwrap().seconds;
    let received = touchpoint.received_at.map_or(occurred, |at| at.seconds);
    assert!(occurred >= settings.from(), "{touchpoint:?}");
    assert!(
        occurred <= received && received < settings.until,
        "{touchpoint:?}"
    );
    let itself = |reference: &Option<TouchpointRef>| {
        reference.as_ref().is_some_and(|it| {
            it.id == touchpoint.id && (it.source.is_empty() || it.source == touchpoint.source)
        })
    };
    match touchpoint.payload.as_ref().unwrap() {
        Payload::DeliveryWindowPlanned(it) => assert!(it.until_date >= it.date),
        Payload::DeliveryDatePromised(DeliveryDatePromised {
            date, until_date, ..
        })
        | Payload::DeliveryDateRevised(DeliveryDateRevised {
            date, until_date, ..
        }) => assert!(until_date.is_empty() || until_date >= date),
        Payload::ProductionStageReached(it) => assert!(it.stage != 0 || !it.raw_code.is_empty()),
        _ => {}
    }
    assert!(!itself(&touchpoint.corrects) && !itself(&touchpoint.causation));
    let line = to_line(touchpoint).unwrap();
    assert_eq!(from_line(&line).as_ref(), Ok(touchpoint), "{line}");
}

#[test]
fn every_touchpoint_keeps_every_rule_within_the_period() {
    for (owners, seed, months, dealers, until) in [
        (400, 7, 18, 12, UNTIL),
        (60, 1, 1, 5, UNTIL + 4_711),
        (20, 2, 6, 1, UNTIL),
        (30, u64::MAX, 60, 40, 1_700_000_000),
    ] {
        let settings = Settings {
            owners,
            seed,
            months,
            dealers,
            until,
        };
        for touchpoint in Network::new(settings).journeys().flatten() {
            check(&touchpoint, &settings);
        }
    }
}

#[test]
fn an_identity_means_one_content() {
    let mut known: BTreeMap<(String, String), Touchpoint> = BTreeMap::new();
    let mut repeated = 0;
    for touchpoint in Network::new(settings(300, 5)).journeys().flatten() {
        if let Some(before) = known.insert(key(&touchpoint), touchpoint.clone()) {
            assert_eq!(before, touchpoint);
            repeated += 1;
        }
    }
    assert!(repeated > 20, "{repeated}");
}

#[test]
fn corrections_and_retractions_stay_in_their_stream_and_come_later() {
    for journey in Network::new(settings(200, 5)).owners() {
        let known: BTreeMap<_, _> = journey.iter().map(|it| (key(it), it)).collect();
        for touchpoint in &journey {
            let retracted = match &touchpoint.payload {
                Some(Payload::TouchpointRetracted(it)) => it.r#ref.clone(),
                _ => None,
            };
            let Some(about) = touchpoint.corrects.clone().or(retracted) else {
                continue;
            };
            let target = known[&(about.source, about.id)];
            assert_eq!(stream(target), stream(touchpoint));
            let at = |it: &Touchpoint| it.received_at.or(it.occurred_at).unwrap().seconds;
            // A mistyped report may itself be late, and then arrive behind its retraction.
            if touchpoint.id.contains('~') {
                assert!(at(target) <= at(touchpoint));
            }
        }
    }
}

#[test]
fn a_cause_is_a_touchpoint_of_the_same_journey() {
    let (mut known_causes, mut unreported) = (0, 0);
    for journey in Network::new(settings(200, 5)).owners() {
        let known: BTreeMap<_, _> = journey.iter().map(|it| (key(it), it)).collect();
        for cause in journey.iter().filter_map(|it| it.causation.clone()) {
            match known.contains_key(&(cause.source, cause.id)) {
                true => known_causes += 1,
                // Its report had not arrived at the end of the period.
                false => unreported += 1,
            }
        }
    }
    assert!(
        known_causes > 1_000 && unreported < known_causes / 500,
        "{known_causes} {unreported}"
    );
}

#[test]
fn what_is_left_out_is_named_earlier_in_the_stream() {
    let mut left_out = 0;
    for mut journey in Network::new(settings(200, 5)).owners() {
        journey.sort_by_key(|it| (it.occurred_at.map(|at| at.seconds), key(it)));
        let mut named: BTreeMap<String, (String, String)> = BTreeMap::new();
        for touchpoint in &journey {
            let stream = stream(touchpoint);
            let category = Category::of_stream(&stream).unwrap();
            let subjects = touchpoint.subjects.clone().unwrap_or_default();
            let (owner, dealer) = (subjects.owner_id, subjects.dealer_id);
            if !category.is_one_matter() || touchpoint.corrects.is_some() {
                continue;
            }
            let first = named.entry(stream).or_default();
            left_out += usize::from(owner.is_empty() && !first.0.is_empty());
            for (place, named) in [(&mut first.0, owner), (&mut first.1, dealer)] {
                if place.is_empty() {
                    *place = named;
                } else {
                    assert!(named.is_empty() || *place == named, "{touchpoint:?}");
                }
            }
        }
    }
    assert!(left_out > 500, "{left_out}");
}

#[test]
fn a_case_about_a_fault_is_about_the_fault_of_its_defects() {
    let faults = words::faults();
    let fault_of = |text: &str| {
        let said = |fault: &&words::Fault| fault.says().iter().any(|it| text.starts_with(it));
        faults.iter().find(said).map(|fault| fault.name)
    };
    let (mut cases, mut thrice) = (0, 0);
    for journey in Network::new(settings(600, 5)).owners() {
        let mut symptoms: BTreeMap<String, &str> = BTreeMap::new();
        let mut subjects_of_cases: BTreeMap<String, String> = BTreeMap::new();
        let mut linked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for touchpoint in journey.iter().filter(|it| it.corrects.is_none()) {
            let subjects = touchpoint.subjects.clone().unwrap_or_default();
            match &touchpoint.payload {
                Some(Payload::DefectReported(it)) => {
                    let fault = fault_of(&it.symptom).expect("a known symptom");
                    symptoms.insert(subjects.defect_id, fault);
                }
                Some(Payload::CaseOpened(it)) => {
                    subjects_of_cases.insert(subjects.case_id, it.subject.clone());
                }
                Some(Payload::DefectLinked(it)) => {
                    let defects = linked.entry(subjects.case_id).or_default();
                    defects.extend([it.defect_id.clone(), it.same_as.clone()]);
                }
                _ => {}
            }
        }
        for (case_id, defects) in linked {
            let Some(subject) = subjects_of_cases.get(&case_id) else {
                continue;
            };
            let known = defects.iter().filter_map(|it| symptoms.get(it));
            for fault in known {
                assert_eq!(fault_of(subject), Some(*fault), "{case_id}: {subject}");
            }
            cases += 1;
            thrice += usize::from(defects.len() > 2);
        }
    }
    assert!(cases > 10 && thrice > 3, "{cases} {thrice}");
}
