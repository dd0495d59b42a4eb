//! How feedback comes about: surveys, from eligibility to the answer, and unsolicited feedback.

use ownerline_proto::v1::feedback_excluded::Reason;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, InvitationBounced, InvitationDelivered, Subjects, SurveyEligible, SurveyInvited,
    SurveyNotInvited, TouchpointRef, Visibility,
};

use crate::calendar::{DAY, HOUR};
use crate::car::Car;
use crate::case;
use crate::dealer::Habit;
use crate::feedback::{self, Circumstances, Item};
use crate::journey::Journey;
use crate::words::Matter;
use crate::{goodwill, odds, reply};

const NOT_INVITED: [&str; 4] = [
    "asked within the last 90 days",
    "no consent",
    "address unknown",
    "left out by the dealer",
];

/// The survey about a visit or a handover at `at`, and what follows from its answer; `matter` is what a complaint is
/// about.
pub(crate) fn write_survey(
    journey: &mut Journey<'_>,
    survey: &'static str,
    car: &Car,
    visit: &str,
    at: i64,
    matter: Matter,
) {
    let id = journey.next_id("feedback");
    let subjects = Subjects {
        feedback_id: id.clone(),
        visit_id: visit.to_owned(),
        ..car.subjects(journey)
    };
    journey
        .pen
        .about(subjects.clone())
        .correlated("")
        .seen_by(Visibility::Internal);
    journey.by_system("surveys", Channel::Api).at(at + 600);
    journey
        .pen
        .write(Payload::SurveyEligible(SurveyEligible {}));
    let gaming = journey.dealer.habit == Habit::Gaming;
    let surge = gaming && journey.dealer.place.ends_quarter(at);
    let hidden =
        gaming && journey.mood() < 0.0 && journey.chance.happens(odds::GAMING_HIDES_UNHAPPY);
    if hidden || journey.chance.happens(odds::SURVEY_NOT_INVITED) {
        let reason = journey.chance.text(&NOT_INVITED).to_owned();
        journey
            .pen
            .at(at + 660)
            .write(Payload::SurveyNotInvited(SurveyNotInvited { reason }));
        journey.pen.seen_by(Visibility::Owner);
        return;
    }
    let Some((delivered, invitation)) = write_invitation(journey, survey, surge, at) else {
        return;
    };
    if !journey.chance.happens(if surge {
        odds::SURVEY_ANSWERED_IN_SURGE
    } else {
        odds::SURVEY_ANSWERED
    }) {
        return;
    }
    let answered = if surge {
        delivered + journey.chance.between(300, HOUR)
    } else {
        let wait = journey.chance.heavy_tailed(30 * HOUR, 1.1);
        journey.leisure(delivered + wait)
    };
    if surge {
        if journey.chance.happens(odds::GIFT_IN_SURGE) {
            goodwill::write_gift(journey, answered - 240);
        }
        journey.pen.about(subjects.clone());
    }
    let how = Circumstances {
        survey,
        surge,
        channel: Channel::Survey,
        cause: Some(invitation),
    };
    let item = feedback::write_feedback(journey, id, subjects, answered, how);
    reply::write_follow_up(journey, &item);
    write_case_after_complaint(journey, car, &item, matter);
}

/// The invitation to a survey, and its delivery. Returns when it is delivered, and its reference; `None` if it
/// bounces.
fn write_invitation(
    journey: &mut Journey<'_>,
    survey: &str,
    surge: bool,
    at: i64,
) -> Option<(i64, TouchpointRef)> {
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
    let delivered = invited + journey.chance.between(2, 90);
    journey.pen.at(delivered).caused_by(&invitation);
    if journey.chance.happens(odds::INVITATION_BOUNCED) {
        journey
            .pen
            .write(Payload::InvitationBounced(InvitationBounced {}));
        return None;
    }
    journey
        .pen
        .write(Payload::InvitationDelivered(InvitationDelivered {}));
    Some((delivered, invitation))
}

/// Unsolicited feedback, and what follows from it.
pub(crate) fn write_unsolicited_feedback(
    journey: &mut Journey<'_>,
    car: Option<&Car>,
    at: i64,
    matter: Matter,
) {
    let id = journey.next_id("feedback");
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
    journey.pen.about(subjects.clone()).correlated("");
    let how = Circumstances {
        survey: "",
        surge: false,
        channel,
        cause: None,
    };
    let item = feedback::write_feedback(journey, id, subjects, at, how);
    if anonymous {
        feedback::write_exclusion(journey, at + 2 * DAY, Reason::Anonymous);
        return;
    }
    reply::write_follow_up(journey, &item);
    if let Some(car) = car {
        write_case_after_complaint(journey, car, &item, matter);
    }
}

/// The case that some complaints become.
fn write_case_after_complaint(journey: &mut Journey<'_>, car: &Car, item: &Item, matter: Matter) {
    if item.negative && journey.chance.happens(odds::CASE_AFTER_COMPLAINT) {
        let at = item.at + DAY;
        case::write_case(journey, car, &case::Origin::Feedback(&item.id), matter, at);
    }
}
