//! The owners of seed 3 that `docs/generator.md` names are worth a look: what it says of them is what is generated.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Subjects, Touchpoint};

use super::settings;
use crate::{Network, owner_id};

const SEED: u64 = 3;
/// The number of owners that the page generates.
const OWNERS: u64 = 200;

/// What the page says of an owner: the matter that it names, and how to find the matters of which it holds.
struct Said {
    what: &'static str,
    owner: u64,
    matter: &'static str,
    find: fn(&[Touchpoint]) -> BTreeSet<String>,
}

const SAID: [Said; 8] = [
    Said {
        what: "a warning light is repaired in three visits or more, for one defect by the word of a foreman",
        owner: 117,
        matter: "case~3.117.17",
        find: the_light_comes_back,
    },
    Said {
        what: "a promise is broken",
        owner: 117,
        matter: "case~3.117.17",
        find: broken,
    },
    Said {
        what: "a promise is moved before its date has passed",
        owner: 154,
        matter: "case~3.154.10",
        find: moved_in_time,
    },
    Said {
        what: "a case goes to another dealer",
        owner: 154,
        matter: "case~3.154.10",
        find: reassigned,
    },
    Said {
        what: "a promise is moved only after its date has passed",
        owner: 142,
        matter: "case~3.142.5",
        find: moved_too_late,
    },
    Said {
        what: "a link between defects is taken back",
        owner: 115,
        matter: "case~3.115.16",
        find: unlinked,
    },
    Said {
        what: "one dealer turns the owner away, another takes it up, and somebody else settles it",
        owner: 157,
        matter: "visit~3.157.4",
        find: helped_elsewhere,
    },
    Said {
        what: "it is this dealer that turns the owner away",
        owner: 157,
        matter: "dealer~3.004",
        find: helped_elsewhere,
    },
];

fn journey(network: &Network, owner: u64) -> Vec<Touchpoint> {
    let mut journey = network.owner(owner);
    journey.sort_by_key(|it| it.occurred_at.map(|at| (at.seconds, at.nanos)));
    journey
}

fn subjects(touchpoint: &Touchpoint) -> Subjects {
    touchpoint.subjects.clone().unwrap_or_default()
}

/// The cases in which something is told.
fn cases(journey: &[Touchpoint], is: impl Fn(&Payload) -> bool) -> BTreeSet<String> {
    let told = journey
        .iter()
        .filter(|it| it.payload.as_ref().is_some_and(&is));
    told.map(|it| subjects(it).case_id).collect()
}

fn broken(journey: &[Touchpoint]) -> BTreeSet<String> {
    cases(journey, |it| matches!(it, Payload::CommitmentBroken(_)))
}

fn reassigned(journey: &[Touchpoint]) -> BTreeSet<String> {
    cases(journey, |it| matches!(it, Payload::CaseReassigned(_)))
}

fn unlinked(journey: &[Touchpoint]) -> BTreeSet<String> {
    cases(journey, |it| matches!(it, Payload::DefectUnlinked(_)))
}

/// The cases with a promise that gets another date, before or after its date has passed.
fn moved(journey: &[Touchpoint], in_time: bool) -> BTreeSet<String> {
    let mut dates: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for touchpoint in journey {
        let Some(Payload::CommitmentMade(made)) = &touchpoint.payload else {
            continue;
        };
        let (Some(due), Some(at)) = (made.due_at, touchpoint.occurred_at) else {
            continue;
        };
        let case_id = subjects(touchpoint).case_id;
        let key = (case_id.clone(), made.commitment_id.clone());
        let before = dates.insert(key, due.seconds);
        if before.is_some_and(|before| before != due.seconds && (at.seconds < before) == in_time) {
            found.insert(case_id);
        }
    }
    found
}

fn moved_in_time(journey: &[Touchpoint]) -> BTreeSet<String> {
    moved(journey, true)
}

fn moved_too_late(journey: &[Touchpoint]) -> BTreeSet<String> {
    moved(journey, false)
}

/// The cases in which defects of three visits or more, all about a light, are linked.
fn the_light_comes_back(journey: &[Touchpoint]) -> BTreeSet<String> {
    let mut lights = BTreeSet::new();
    let mut tried: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut linked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for touchpoint in journey {
        let about = subjects(touchpoint);
        match &touchpoint.payload {
            Some(Payload::DefectReported(it)) if it.symptom.contains("light") => {
                lights.insert(about.defect_id);
            }
            Some(Payload::RepairAttempted(_)) => {
                tried
                    .entry(about.defect_id)
                    .or_default()
                    .insert(about.visit_id);
            }
            Some(Payload::DefectLinked(it)) => {
                let defects = linked.entry(about.case_id).or_default();
                defects.extend([it.defect_id.clone(), it.same_as.clone()]);
            }
            _ => {}
        }
    }
    linked.retain(|_, defects| {
        let visits = defects.iter().filter_map(|it| tried.get(it)).flatten();
        let visits: BTreeSet<&String> = visits.collect();
        visits.len() >= 3 && defects.is_subset(&lights)
    });
    linked.into_keys().collect()
}

/// The visits of whoever took a car up that another dealer had turned away, where somebody else settled the matter; and that
/// other dealer.
fn helped_elsewhere(journey: &[Touchpoint]) -> BTreeSet<String> {
    let mut turned_away: Vec<Subjects> = Vec::new();
    let mut found = BTreeSet::new();
    for touchpoint in journey {
        let about = subjects(touchpoint);
        match &touchpoint.payload {
            Some(Payload::AssistanceDeclined(_)) => turned_away.push(about),
            Some(Payload::ResolvedElsewhere(_)) => {
                let mut here = turned_away
                    .iter()
                    .filter(|it| it.visit_id == about.visit_id);
                let here = here.next().cloned().unwrap_or_default();
                let elsewhere = turned_away
                    .iter()
                    .find(|it| it.vin == here.vin && it.dealer_id != here.dealer_id);
                if let Some(elsewhere) = elsewhere {
                    found.extend([about.visit_id, elsewhere.dealer_id.clone()]);
                }
            }
            _ => {}
        }
    }
    found
}

#[test]
fn what_the_page_says_of_an_owner_is_generated() {
    let network = Network::new(settings(OWNERS, SEED));
    for said in SAID {
        let found = (said.find)(&journey(&network, said.owner));
        if found.contains(said.matter) {
            continue;
        }
        let others = (0..OWNERS).flat_map(|it| (said.find)(&journey(&network, it)));
        let others: Vec<String> = others.collect();
        panic!(
            "{} is not a matter where {}; name one of {others:?} in docs/generator.md and here",
            said.matter, said.what
        );
    }
}

#[test]
fn the_page_names_these_owners_and_nothing_that_is_not_generated() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/generator.md");
    let page = std::fs::read_to_string(page).unwrap();
    let words = page.split(|c: char| !c.is_ascii_alphanumeric() && !"~.-_".contains(c));
    let words = words.map(|it| it.trim_end_matches('.'));
    let named: BTreeSet<&str> = words.filter(|it| it.contains("~3.")).collect();
    for said in SAID {
        let owner = owner_id(SEED, said.owner);
        assert!(named.contains(&*owner), "{owner}");
        assert!(named.contains(said.matter), "{}", said.matter);
    }
    let network = Network::new(settings(OWNERS, SEED));
    let generated: BTreeSet<String> = network
        .journeys()
        .flatten()
        .map(|it| subjects(&it))
        .flat_map(|it| [it.owner_id, it.case_id, it.visit_id, it.dealer_id])
        .collect();
    let unknown: Vec<&&str> = named
        .iter()
        .filter(|it| !generated.contains(**it))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let cars = [("117", "SZZ300008RA000936")];
    for (owner, vin) in cars {
        assert!(page.contains(vin), "{vin}");
        let journey = network.owner(owner.parse().unwrap());
        assert!(journey.iter().any(|it| subjects(it).vin == vin), "{vin}");
    }
}
