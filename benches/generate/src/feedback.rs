//! What owners say: surveys from the chance to be asked to the answer, and what nobody asked for.

use std::collections::BTreeMap;

use ownerline_proto::v1::feedback_excluded::Reason;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, FeedbackEdited, FeedbackExcluded, FeedbackReceived, GiftGiven, InvitationBounced,
    InvitationDelivered, Subjects, SurveyEligible, SurveyInvited, SurveyNotInvited, TouchpointRef,
    Visibility,
};

use super::calendar::{DAY, HOUR};
use super::car::Car;
use super::journey::Journey;
use super::network::Habit;
use super::words::{self, Verbatim};
use super::{complaint, odds, reply};

const NOT_INVITED: [&str; 4] = [
    "asked within the last 90 days",
    "no consent",
    "address unknown",
    "left out by the dealer",
];
const GIFTS: [(&str, i64); 4] = [
    ("a voucher for the café", 25),
    ("a scale model", 60),
    ("a service free of charge", 350),
    ("a gift basket", 80),
];
/// The first two are named as in the survey that ships.
const QUESTIONS: [&str; 4] = ["satisfaction", "effort", "staff", "time"];

/// One thing an owner said.
pub(super) struct Item {
    /// Its id.
    pub(super) id: String,
    /// What it is about.
    pub(super) subjects: Subjects,
    /// When it was said.
    pub(super) at: i64,
    /// How to refer to it.
    pub(super) said: TouchpointRef,
    /// Whether it is a complaint.
    pub(super) negative: bool,
}

/// An owner who could be asked about a visit or a handover at `at`.
pub(super) fn survey(
    journey: &mut Journey<'_>,
    survey: &'static str,
    car: &Car,
    visit: &str,
    at: i64,
) {
    let id = journey.matter("feedback");
    let subjects = Subjects {
        feedback_id: id.clone(),
        visit_id: visit.to_owned(),
        ..car.subjects(journey)
    };
    journey
        .pen
        .about(subjects.clone())
        .together("")
        .seen_by(Visibility::Internal);
    journey.by_system("surveys", Channel::Api).at(at + 600);
    journey
        .pen
        .write(Payload::SurveyEligible(SurveyEligible {}));
    let surge = journey.dealer.habit == Habit::Gaming && journey.dealer.place.ends_quarter(at);
    let hidden = journey.dealer.habit == Habit::Gaming
        && journey.mood() < 0.0
        && journey.chance.happens(odds::GAMING_HIDES_UNHAPPY);
    if hidden || journey.chance.happens(odds::SURVEY_NOT_INVITED) {
        let reason = journey.chance.text(&NOT_INVITED).to_owned();
        journey
            .pen
            .at(at + 660)
            .write(Payload::SurveyNotInvited(SurveyNotInvited { reason }));
        journey.pen.seen_by(Visibility::Owner);
        return;
    }
    let invited = if surge {
        at + 900
    } else {
        journey.working(at + 20 * HOUR)
    };
    journey
        .by_system("surveys", Channel::Email)
        .seen_by(Visibility::Owner)
        .at(invited);
    let invitation = journey.pen.write(Payload::SurveyInvited(SurveyInvited {
        survey: survey.to_owned(),
    }));
    let after = journey.chance.between(2, 90);
    journey.pen.at(invited + after).because_of(&invitation);
    if journey.chance.happens(odds::INVITATION_BOUNCED) {
        journey
            .pen
            .write(Payload::InvitationBounced(InvitationBounced {}));
        return;
    }
    journey
        .pen
        .write(Payload::InvitationDelivered(InvitationDelivered {}));
    if !journey.chance.happens(if surge {
        odds::SURVEY_ANSWERED_IN_SURGE
    } else {
        odds::SURVEY_ANSWERED
    }) {
        return;
    }
    let arrived = invited + after;
    let answered = if surge {
        arrived + journey.chance.between(300, HOUR)
    } else {
        let wait = journey.chance.heavy_tailed(30 * HOUR, 1.1);
        journey.leisure(arrived + wait)
    };
    if surge {
        bought_with_a_gift(journey, answered - 240);
        journey.pen.about(subjects.clone());
    }
    let said = Said {
        survey,
        surge,
        channel: Channel::Survey,
        cause: Some(invitation),
    };
    let item = received(journey, id, subjects, answered, said);
    reply::follows(journey, &item);
    carried_on(journey, car, &item);
}

/// The owner says something without having been asked.
pub(super) fn unasked(journey: &mut Journey<'_>, car: Option<&Car>, at: i64) {
    let id = journey.matter("feedback");
    let mut subjects = match car {
        Some(car) => car.subjects(journey),
        None => journey.subjects(),
    };
    subjects.feedback_id.clone_from(&id);
    let anonymous = journey.chance.happens(odds::FEEDBACK_ANONYMOUS);
    if anonymous {
        subjects.owner_id.clear();
        subjects.vin.clear();
    }
    let wait = journey.chance.heavy_tailed(6 * HOUR, 1.0);
    let at = journey.leisure(at + wait);
    let channel = journey.chance.weighted(&[
        (4, Channel::Email),
        (3, Channel::Portal),
        (2, Channel::App),
        (1, Channel::Message),
    ]);
    journey.pen.about(subjects.clone()).together("");
    let said = Said {
        survey: "",
        surge: false,
        channel,
        cause: None,
    };
    let item = received(journey, id, subjects, at, said);
    if anonymous {
        excluded(journey, at + 2 * DAY, Reason::Anonymous);
        return;
    }
    reply::follows(journey, &item);
    if let Some(car) = car {
        carried_on(journey, car, &item);
    }
}

/// In which way something is said.
struct Said {
    survey: &'static str,
    surge: bool,
    channel: Channel,
    cause: Option<TouchpointRef>,
}

/// 0 to 10, from how the owner feels; heaped at the top where the score is asked for.
fn score(journey: &mut Journey<'_>, surge: bool) -> i32 {
    if surge && journey.chance.happens(0.85) {
        return journey.chance.weighted(&[(5, 9), (5, 10)]);
    }
    let mood = journey.mood();
    let told = journey
        .chance
        .around(8.0 + 2.6 * mood - if mood < 0.0 { 1.0 } else { 0.0 }, 1.5);
    libm::round(told).clamp(0.0, 10.0) as i32
}

fn received(journey: &mut Journey<'_>, id: String, subjects: Subjects, at: i64, how: Said) -> Item {
    let solicited = !how.survey.is_empty();
    let score = score(journey, how.surge);
    let negative = score <= 6;
    let told = journey.chance.happens(if solicited {
        odds::SCORE_GIVEN
    } else {
        odds::SCORE_GIVEN_UNASKED
    });
    let verbatim = if !solicited || journey.chance.happens(odds::VERBATIM_GIVEN) {
        let kind = match (how.surge && journey.chance.happens(0.4), score) {
            (true, _) => Verbatim::Bought,
            (_, 9..) => Verbatim::Positive,
            (_, 7..) => Verbatim::Mixed,
            _ => Verbatim::Negative,
        };
        words::verbatim(&mut journey.chance, kind)
    } else {
        String::new()
    };
    let device_hash = if how.surge {
        // The tablet on the counter.
        format!("device-{}", journey.dealer.id)
    } else {
        format!(
            "device-{:016x}",
            journey.number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        )
    };
    let answers = if solicited {
        answers(journey, score)
    } else {
        BTreeMap::new()
    };
    journey.by_owner(how.channel).at(at);
    if let Some(cause) = &how.cause {
        journey.pen.because_of(cause);
    }
    let said = journey
        .pen
        .write(Payload::FeedbackReceived(FeedbackReceived {
            survey: how.survey.to_owned(),
            score: told.then_some(score),
            answers,
            verbatim,
            solicited,
            device_hash,
        }));
    if journey.chance.happens(odds::FEEDBACK_EDITED) {
        let wait = journey.chance.heavy_tailed(4 * HOUR, 1.0);
        let verbatim = words::verbatim(&mut journey.chance, Verbatim::Mixed);
        let new_question = journey.chance.happens(0.3);
        journey.pen.at(at + wait).because_of(&said);
        journey.pen.write(Payload::FeedbackEdited(FeedbackEdited {
            verbatim,
            new_question,
        }));
    }
    if how.surge && journey.chance.happens(odds::SURGE_EXCLUDED) {
        excluded(journey, at + 20 * DAY, Reason::Manipulated);
    } else if journey.chance.happens(odds::FEEDBACK_EXCLUDED) {
        let reason = journey
            .chance
            .weighted(&[(2, Reason::Duplicate), (1, Reason::Spam)]);
        excluded(journey, at + DAY, reason);
    }
    Item {
        id,
        subjects,
        at,
        said,
        negative,
    }
}

fn answers(journey: &mut Journey<'_>, score: i32) -> BTreeMap<String, String> {
    let straight = journey.chance.happens(odds::SURVEY_STRAIGHT_LINED);
    QUESTIONS
        .iter()
        .map(|question| {
            let score = i64::from(score);
            let value = match *question {
                _ if straight => (score / 2).clamp(1, 5),
                // It has seven boxes, the others five.
                "effort" => (score * 7 / 10 + journey.chance.between(-1, 1)).clamp(1, 7),
                _ => (score / 2 + journey.chance.between(-1, 1)).clamp(1, 5),
            };
            ((*question).to_owned(), value.to_string())
        })
        .collect()
}

fn excluded(journey: &mut Journey<'_>, at: i64, reason: Reason) {
    let at = journey.working(at);
    journey.by_system("surveys", Channel::Api).at(at);
    journey
        .pen
        .write(Payload::FeedbackExcluded(FeedbackExcluded {
            reason: reason.into(),
        }));
}

fn bought_with_a_gift(journey: &mut Journey<'_>, at: i64) {
    if journey.chance.happens(odds::GIFT_IN_SURGE) {
        gift(journey, at);
    }
}

/// Something for the owner, from the dealer.
pub(super) fn gift(journey: &mut Journey<'_>, at: i64) {
    let (reason, euros) = *journey.chance.one_of(&GIFTS);
    let (value_minor, currency) = (journey.minor_units(euros), journey.currency());
    let about = journey.subjects();
    journey.pen.about(about).at(at);
    journey.by_staff("manager", Channel::InPerson);
    journey.pen.write(Payload::GiftGiven(GiftGiven {
        value_minor,
        currency,
        reason: reason.to_owned(),
    }));
}

/// Some complaints become a case.
fn carried_on(journey: &mut Journey<'_>, car: &Car, item: &Item) {
    if item.negative && journey.chance.happens(odds::CASE_AFTER_COMPLAINT) {
        let at = item.at + DAY;
        complaint::carried(journey, car, &complaint::Origin::Feedback(&item.id), at);
    }
}
