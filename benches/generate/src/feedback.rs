//! One item of feedback: its score, its words, its answers, and what becomes of it later.

use std::collections::BTreeMap;

use ownerline_proto::v1::feedback_excluded::Reason;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, FeedbackEdited, FeedbackExcluded, FeedbackReceived, Subjects, TouchpointRef,
};

use crate::calendar::{DAY, HOUR};
use crate::journey::Journey;
use crate::odds;
use crate::words::{self, Tone};

/// The first two are named as in the survey that ships with the server.
const QUESTIONS: [&str; 4] = ["satisfaction", "effort", "staff", "time"];

/// A feedback item.
pub(crate) struct Item {
    /// The feedback id.
    pub(crate) id: String,
    /// The subjects of its touchpoints.
    pub(crate) subjects: Subjects,
    /// When it was given.
    pub(crate) at: i64,
    /// The reference to its touchpoint.
    pub(crate) reference: TouchpointRef,
    /// Whether it is a complaint.
    pub(crate) negative: bool,
}

/// The occasion of feedback.
pub(crate) struct Circumstances {
    pub(crate) survey: &'static str,
    pub(crate) surge: bool,
    pub(crate) channel: Channel,
    pub(crate) cause: Option<TouchpointRef>,
}

/// A score from 0 to 10 by the mood of the owner; in a surge mostly 9 or 10.
fn score(journey: &mut Journey<'_>, surge: bool) -> i32 {
    if surge && journey.chance.happens(0.85) {
        return journey.chance.weighted(&[(5, 9), (5, 10)]);
    }
    let mood = journey.mood();
    let score = journey
        .chance
        .around(8.0 + 2.6 * mood - if mood < 0.0 { 1.0 } else { 0.0 }, 1.5);
    libm::round(score).clamp(0.0, 10.0) as i32
}

/// The feedback item, and what happens to it later.
pub(crate) fn write_feedback(
    journey: &mut Journey<'_>,
    id: String,
    subjects: Subjects,
    at: i64,
    how: Circumstances,
) -> Item {
    let solicited = !how.survey.is_empty();
    let score = score(journey, how.surge);
    let gives_score = journey.chance.happens(if solicited {
        odds::SCORE_GIVEN
    } else {
        odds::SCORE_GIVEN_UNSOLICITED
    });
    let verbatim = verbatim(journey, score, &how);
    let answers = if solicited {
        survey_answers(journey, score)
    } else {
        BTreeMap::new()
    };
    journey.by_owner(how.channel).at(at);
    if let Some(cause) = &how.cause {
        journey.pen.caused_by(cause);
    }
    let reference = journey
        .pen
        .write(Payload::FeedbackReceived(FeedbackReceived {
            survey: how.survey.to_owned(),
            score: gives_score.then_some(score),
            answers,
            verbatim,
            solicited,
            device_hash: device(journey, how.surge),
        }));
    write_edit(journey, at, &reference);
    if how.surge && journey.chance.happens(odds::SURGE_EXCLUDED) {
        write_exclusion(journey, at + 20 * DAY, Reason::Manipulated);
    } else if journey.chance.happens(odds::FEEDBACK_EXCLUDED) {
        let reason = journey
            .chance
            .weighted(&[(2, Reason::Duplicate), (1, Reason::Spam)]);
        write_exclusion(journey, at + DAY, reason);
    }
    Item {
        id,
        subjects,
        at,
        reference,
        negative: score <= 6,
    }
}

fn verbatim(journey: &mut Journey<'_>, score: i32, how: &Circumstances) -> String {
    let solicited = !how.survey.is_empty();
    if solicited && !journey.chance.happens(odds::VERBATIM_GIVEN) {
        return String::new();
    }
    let tone = match (how.surge && journey.chance.happens(0.4), score) {
        (true, _) => Tone::Incentivised,
        (_, 9..) => Tone::Positive,
        (_, 7..) => Tone::Mixed,
        _ => Tone::Negative,
    };
    words::verbatim(&mut journey.chance, tone)
}

/// The device that the feedback comes from: in a surge a tablet of the dealer, else the owner's own.
fn device(journey: &Journey<'_>, surge: bool) -> String {
    if surge {
        return format!("device-{}", journey.dealer.id);
    }
    let number = journey.number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("device-{number:016x}")
}

/// The edit that some feedback gets.
fn write_edit(journey: &mut Journey<'_>, at: i64, feedback: &TouchpointRef) {
    if !journey.chance.happens(odds::FEEDBACK_EDITED) {
        return;
    }
    let wait = journey.chance.heavy_tailed(4 * HOUR, 1.0);
    let verbatim = words::verbatim(&mut journey.chance, Tone::Mixed);
    let new_question = journey.chance.happens(0.3);
    journey.pen.at(at + wait).caused_by(feedback);
    journey.pen.write(Payload::FeedbackEdited(FeedbackEdited {
        verbatim,
        new_question,
    }));
}

fn survey_answers(journey: &mut Journey<'_>, score: i32) -> BTreeMap<String, String> {
    let straight = journey.chance.happens(odds::SURVEY_STRAIGHT_LINED);
    QUESTIONS
        .iter()
        .map(|question| {
            let score = i64::from(score);
            let value = match *question {
                _ if straight => (score / 2).clamp(1, 5),
                // Effort has seven options, the others five.
                "effort" => (score * 7 / 10 + journey.chance.between(-1, 1)).clamp(1, 7),
                _ => (score / 2 + journey.chance.between(-1, 1)).clamp(1, 5),
            };
            ((*question).to_owned(), value.to_string())
        })
        .collect()
}

pub(crate) fn write_exclusion(journey: &mut Journey<'_>, at: i64, reason: Reason) {
    let at = journey.working(at);
    journey.by_system("surveys", Channel::Api).at(at);
    journey
        .pen
        .write(Payload::FeedbackExcluded(FeedbackExcluded {
            reason: reason.into(),
        }));
}
