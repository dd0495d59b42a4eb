//! Cases: how they stand, what they keep of corrections, and what the owner heard.

mod course;
mod loaded;
mod random;
mod sheet;
mod silence;

use std::collections::BTreeSet;

use ownerline_projections::cases::{
    CaseCourse, CaseFlag, CaseHistory, CaseReader, CaseState, CaseStates,
};
use ownerline_projections::person::PersonLookup;
use ownerline_projections::{Position, Viewer};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Actor, CaseClosed, Visibility, actor};

use crate::history::{TestTouchpoint, answered, log};

pub(crate) const HOUR: i64 = 3_600_000_000_000;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A touchpoint of the case `c`, by an advocate and visible to the owner.
pub(crate) fn said(id: &str, at: i64, payload: Payload) -> TestTouchpoint {
    let mut said = TestTouchpoint::with_payload(id, at, payload).by("adv", actor::Kind::Human);
    said.visibility = Visibility::Owner.into();
    said.about(|it| it.case_id = "c".to_owned())
}

/// The same, by the owner ann.
pub(crate) fn by_owner(mut said: TestTouchpoint) -> TestTouchpoint {
    said.actor = Some(Actor {
        id: "ann".to_owned(),
        kind: actor::Kind::Human.into(),
        role: "owner".to_owned(),
        ..Actor::default()
    });
    said
}

/// Ann's case is opened at dealer `d1`.
pub(crate) fn opened(id: &str, at: i64) -> TestTouchpoint {
    by_owner(said(id, at, Payload::CaseOpened(Default::default()))).about(|it| {
        it.owner_id = "ann".to_owned();
        it.dealer_id = "d1".to_owned();
    })
}

pub(crate) fn closed(id: &str, at: i64, unmet: &[&str]) -> TestTouchpoint {
    let payload = Payload::CaseClosed(CaseClosed {
        unmet_requests: unmet.iter().map(|it| (*it).to_owned()).collect(),
    });
    said(id, at, payload)
}

/// Reads a case as of an instant, and as known at a position.
pub(crate) fn read<A>(
    said: &[TestTouchpoint],
    as_of: i64,
    known_at: u64,
    read: impl FnOnce(&CaseHistory, &CaseCourse<'_>) -> A,
) -> Option<A> {
    let log = log(said);
    let viewer = Viewer::unrestricted();
    let found = answered(
        &log,
        Position(known_at),
        as_of,
        &viewer,
        |snapshots, vantage| {
            let validity = vantage.validity()?;
            let states = CaseStates::of(snapshots);
            let persons = PersonLookup::new(states.timeline.identity, &validity);
            let reader = CaseReader::at(states, vantage, &validity, &persons);
            let history = reader.history("c")?;
            Ok(history.map(|history| read(&history, &CaseCourse::of(&history))))
        },
    );
    found.unwrap()
}

/// Reads a case as of an instant, as known at the end of the log.
pub(crate) fn now<A>(
    said: &[TestTouchpoint],
    as_of: i64,
    of: impl FnOnce(&CaseHistory, &CaseCourse<'_>) -> A,
) -> A {
    read(said, as_of, said.len() as u64, of).unwrap()
}

pub(crate) fn state(said: &[TestTouchpoint], as_of: i64) -> CaseState {
    now(said, as_of, |_, course| course.state())
}

pub(crate) fn flags(said: &[TestTouchpoint], as_of: i64) -> BTreeSet<CaseFlag> {
    now(said, as_of, |_, course| course.flags.clone())
}
