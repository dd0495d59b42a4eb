//! How a journey reaches the centre: late, at night, twice, wrong and then corrected, or without some subjects.

use std::collections::BTreeSet;

use ownerline_proto::kind::{Category, of_encoded};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Subjects, Touchpoint, TouchpointRef, TouchpointRetracted};
use pbjson_types::Timestamp;
use prost::Message as _;

use crate::calendar::{DAY, HOUR};
use crate::chance::Chance;
use crate::dealer::Dealer;
use crate::odds;
use crate::settings::Settings;

/// A touchpoint on its way to the centre, with the instant of its arrival.
type Report = (i64, Touchpoint);

/// The touchpoints of a journey in the order of their arrival, without those that arrive after the end of the
/// period.
pub(crate) fn report(
    settings: &Settings,
    dealers: &[Dealer],
    chance: &mut Chance,
    mut written: Vec<Touchpoint>,
) -> Vec<Touchpoint> {
    written.sort_by(|left, right| history_order(left).cmp(&history_order(right)));
    let mut known = BTreeSet::new();
    let mut reports: Vec<Report> = Vec::with_capacity(written.len() + 8);
    for mut touchpoint in written {
        let Some(stream) = Stream::of(&touchpoint) else {
            continue;
        };
        if stream.category.is_one_matter() && !known.insert(stream.name.clone()) {
            omit_subjects(chance, &mut touchpoint);
        }
        let at = arrival(chance, dealers, &mut touchpoint);
        if chance.happens(odds::REPORT_CORRECTED) && !is_final(&touchpoint) {
            report_corrected(chance, settings, &mut reports, touchpoint, at);
            continue;
        }
        if chance.happens(odds::REPORT_RETRACTED) && !is_final(&touchpoint) {
            report_retracted(chance, &mut reports, &touchpoint, &stream, at);
        }
        if chance.happens(odds::REPORT_REPEATED) {
            let again = at + chance.between(1, 2 * DAY);
            reports.push((again, touchpoint.clone()));
        }
        reports.push((at, touchpoint));
    }
    reports.retain(|(at, _)| *at < settings.until);
    reports.sort_by_key(|(at, _)| *at);
    reports
        .into_iter()
        .map(|(_, touchpoint)| touchpoint)
        .collect()
}

/// The key by which a history is ordered.
fn history_order(touchpoint: &Touchpoint) -> (i64, &str, &str) {
    (occurred(touchpoint), &touchpoint.source, &touchpoint.id)
}

fn occurred(touchpoint: &Touchpoint) -> i64 {
    touchpoint.occurred_at.map_or(0, |at| at.seconds)
}

fn timestamp(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

/// Whether a touchpoint is neither corrected nor retracted.
fn is_final(touchpoint: &Touchpoint) -> bool {
    matches!(
        touchpoint.payload,
        Some(
            Payload::TouchpointRetracted(_)
                | Payload::ErasureRequested(_)
                | Payload::ErasureExecuted(_)
        )
    )
}

struct Stream {
    category: Category,
    name: String,
}

impl Stream {
    fn of(touchpoint: &Touchpoint) -> Option<Self> {
        let alone = Touchpoint {
            payload: touchpoint.payload.clone(),
            ..Touchpoint::default()
        };
        let encoded = alone.encode_to_vec();
        let subjects = touchpoint.subjects.clone().unwrap_or_default();
        let name = of_encoded(&encoded)?.stream(&subjects, &encoded).ok()?;
        let category = Category::of_stream(&name)?;
        Some(Self { category, name })
    }

    /// The one subject that names the stream.
    fn subject(&self, all: &Subjects) -> Subjects {
        let mut only = Subjects::default();
        let (to, from) = match self.category {
            Category::Owner => (&mut only.owner_id, &all.owner_id),
            Category::Vehicle => (&mut only.vin, &all.vin),
            Category::Order => (&mut only.order_id, &all.order_id),
            Category::Visit => (&mut only.visit_id, &all.visit_id),
            Category::Feedback => (&mut only.feedback_id, &all.feedback_id),
            Category::Case => (&mut only.case_id, &all.case_id),
            _ => (&mut only.dealer_id, &all.dealer_id),
        };
        to.clone_from(from);
        only
    }
}

/// Leaves out subjects that the first touchpoint of the stream already names.
fn omit_subjects(chance: &mut Chance, touchpoint: &mut Touchpoint) {
    // The envelope must keep what the payload repeats.
    let names_car = matches!(
        touchpoint.payload,
        Some(Payload::VinAssigned(_) | Payload::HandoverCompleted(_))
    );
    let is_order = touchpoint
        .subjects
        .as_ref()
        .is_some_and(|it| !it.order_id.is_empty());
    if let Some(subjects) = &mut touchpoint.subjects {
        if chance.happens(odds::OWNER_LEFT_OUT) {
            subjects.owner_id.clear();
        }
        // The first touchpoint of an order cannot name the car yet.
        if !names_car && !is_order && chance.happens(odds::CAR_LEFT_OUT) {
            subjects.vin.clear();
        }
        if chance.happens(odds::DEALER_LEFT_OUT) {
            subjects.dealer_id.clear();
        }
    }
}

/// When the report reaches the centre. Sets `received_at` if that is not at once.
fn arrival(chance: &mut Chance, dealers: &[Dealer], touchpoint: &mut Touchpoint) -> i64 {
    let at = occurred(touchpoint);
    let actor = touchpoint
        .actor
        .as_ref()
        .map_or("", |actor| &actor.dealer_id);
    let at_night = dealers
        .iter()
        .find(|dealer| dealer.uploads_at_night && !actor.is_empty() && dealer.id == actor);
    let received = if chance.happens(odds::REPORT_LATE) {
        at + chance.heavy_tailed(3 * DAY, 0.8).max(DAY)
    } else if let Some(dealer) = at_night {
        dealer.place.night(chance, at)
    } else {
        return at;
    };
    touchpoint.received_at = timestamp(received);
    received
}

/// A wrong first report, its correction, and sometimes a correction of that.
fn report_corrected(
    chance: &mut Chance,
    settings: &Settings,
    reports: &mut Vec<Report>,
    right: Touchpoint,
    at: i64,
) {
    let mut wrong = right.clone();
    make_wrong(chance, settings, &mut wrong);
    let mut replaced = TouchpointRef {
        source: right.source.clone(),
        id: right.id.clone(),
    };
    reports.push((at, wrong));
    let mut at = at;
    let times = 1 + i32::from(chance.happens(odds::CORRECTION_CORRECTED));
    for time in 1..=times {
        at += chance.heavy_tailed(2 * DAY, 0.8).max(HOUR);
        let mut correction = Touchpoint {
            id: format!("{}~c{time}", right.id),
            corrects: Some(replaced.clone()),
            received_at: timestamp(at),
            ..right.clone()
        };
        if time < times {
            make_wrong(chance, settings, &mut correction);
        }
        replaced.id.clone_from(&correction.id);
        reports.push((at, correction));
    }
}

/// Makes a report wrong: the distance of an odometer reading, else the time.
fn make_wrong(chance: &mut Chance, settings: &Settings, touchpoint: &mut Touchpoint) {
    if let Some(Payload::OdometerRead(read)) = &mut touchpoint.payload {
        read.distance_metres *= 10;
        return;
    }
    let slip = chance.between(600, 30 * HOUR);
    let earlier = occurred(touchpoint) - slip;
    if earlier >= settings.from() {
        touchpoint.occurred_at = timestamp(earlier);
    }
}

/// The same touchpoint under another id, and its retraction.
fn report_retracted(
    chance: &mut Chance,
    reports: &mut Vec<Report>,
    touchpoint: &Touchpoint,
    stream: &Stream,
    at: i64,
) {
    let twin = Touchpoint {
        id: format!("{}~r", touchpoint.id),
        ..touchpoint.clone()
    };
    let subjects = touchpoint.subjects.clone().unwrap_or_default();
    let retracted = at + chance.heavy_tailed(2 * DAY, 0.8).max(HOUR);
    let retraction = Touchpoint {
        id: format!("{}~x", touchpoint.id),
        occurred_at: timestamp(retracted),
        received_at: None,
        subjects: Some(stream.subject(&subjects)),
        visible_from: None,
        causation: None,
        payload: Some(Payload::TouchpointRetracted(TouchpointRetracted {
            r#ref: Some(TouchpointRef {
                source: twin.source.clone(),
                id: twin.id.clone(),
            }),
            reason: "reported twice under two ids".to_owned(),
            ..TouchpointRetracted::default()
        })),
        ..touchpoint.clone()
    };
    reports.push((at, twin));
    reports.push((retracted, retraction));
}
