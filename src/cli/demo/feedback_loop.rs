//! The feedback loop: the dealer who knows the owner replies within a day, another one does not; an automatic receipt
//! is not a reply; and a score that was solicited with a gift is evidence of manipulation.

use ownerline_proto::closed_list::Purpose;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, ConsentGiven, DealerReplied, FeedbackClosed, FeedbackExcluded, FeedbackReassigned,
    FeedbackReceived, GiftGiven, IntegritySignalRaised, InvitationDelivered, OwnerMessageReceived,
    OwnerRegistered, ReferralMade, ResolutionConfirmed, Subjects, SurveyInvited, TouchpointRef,
    Visibility, dealer_replied, feedback_excluded, integrity_signal_raised,
};
use pbjson_types::Timestamp;

use super::house::House;
use super::pen::Pen;

pub(super) const OWNER: &str = "owner-1";

/// `house` knows the owner; `other` services the car elsewhere.
pub(super) fn journey(house: &House, other: &House, now: Timestamp) -> Pen {
    let mut pen = Pen::new("feedback-loop", now);
    pen.behind_utc(6);
    beginning(&mut pen, house);
    praise(&mut pen, house);
    complaint(&mut pen, house);
    unheard(&mut pen, house, other);
    bought_score(&mut pen, other);
    advocacy(&mut pen, house);
    pen
}

fn about(feedback: &str, house: &House) -> Subjects {
    Subjects {
        owner_id: OWNER.to_owned(),
        feedback_id: feedback.to_owned(),
        dealer_id: house.id.clone(),
        ..Subjects::default()
    }
}

fn beginning(pen: &mut Pen, house: &House) {
    pen.about(about("", house)).days_ago(520, 10, 0);
    pen.staff("advisor", house)
        .via(Channel::InPerson)
        .write(Payload::OwnerRegistered(OwnerRegistered {
            locale: "en-US".to_owned(),
            market: "US".to_owned(),
            tier: "core".to_owned(),
            panel_member: true,
            ..OwnerRegistered::default()
        }));
    pen.minutes_later(2)
        .write(Payload::ConsentGiven(ConsentGiven {
            purpose: Purpose::Contact.as_str().to_owned(),
        }));
}

fn invitation(pen: &mut Pen, feedback: &str, house: &House, days_ago: i64) -> TouchpointRef {
    pen.about(about(feedback, house))
        .system("survey-desk")
        .via(Channel::Email);
    let invited = pen
        .days_ago(days_ago, 9, 0)
        .write(Payload::SurveyInvited(SurveyInvited {
            survey: "after-service".to_owned(),
        }));
    pen.minutes_later(1).because_of(&invited);
    pen.write(Payload::InvitationDelivered(InvitationDelivered {}))
}

fn answer(pen: &mut Pen, cause: &TouchpointRef, score: i32, words: &str) -> TouchpointRef {
    pen.minutes_later(320).because_of(cause);
    pen.owner()
        .via(Channel::Survey)
        .essential()
        .write(Payload::FeedbackReceived(FeedbackReceived {
            survey: "after-service".to_owned(),
            score: Some(score),
            verbatim: words.to_owned(),
            solicited: true,
            ..FeedbackReceived::default()
        }))
}

fn reply(pen: &mut Pen, cause: &TouchpointRef, kind: dealer_replied::Kind, words: &str) {
    pen.because_of(cause).via(Channel::Email).essential();
    pen.write(Payload::DealerReplied(DealerReplied {
        kind: kind.into(),
        text: words.to_owned(),
        visible_to_owner: true,
        bounced: false,
    }));
}

fn praise(pen: &mut Pen, house: &House) {
    let delivered = invitation(pen, "feedback-1", house, 430);
    let words = "They remembered how I like the seats. The coffee was cold.";
    let praise = answer(pen, &delivered, 9, words);
    pen.minutes_later(180).staff("manager", house);
    let words = "Thank you. The machine is repaired; the next one is hot and on us.";
    reply(pen, &praise, dealer_replied::Kind::Human, words);
    pen.days_ago(427, 16, 0)
        .write(Payload::FeedbackClosed(FeedbackClosed {
            reason: "answered".to_owned(),
        }));
}

fn complaint(pen: &mut Pen, house: &House) {
    let delivered = invitation(pen, "feedback-2", house, 250);
    let words = "Picked the car up with an empty tank and a stranger's phone paired to it.";
    let complaint = answer(pen, &delivered, 4, words);
    pen.minutes_later(1).system("mailbox");
    let words = "We have received your message.";
    reply(pen, &complaint, dealer_replied::Kind::Automatic, words);
    pen.days_ago(249, 9, 40).staff("manager", house);
    let words =
        "That must not happen. The phone is unpaired, and we come by today to fill the tank.";
    reply(pen, &complaint, dealer_replied::Kind::Human, words);
    pen.minutes_later(400)
        .owner()
        .via(Channel::Message)
        .write(Payload::OwnerMessageReceived(OwnerMessageReceived {
            text: "They came. That was quick.".to_owned(),
            in_reply_to: None,
        }));
    pen.minutes_later(3)
        .write(Payload::ResolutionConfirmed(ResolutionConfirmed {}));
    pen.minutes_later(25).staff("manager", house);
    let words = "Thank you for telling us. Call me whenever something is not right.";
    reply(pen, &complaint, dealer_replied::Kind::Human, words);
}

/// Nobody replies until the feedback is reassigned to the dealer who knows the owner, days too late.
fn unheard(pen: &mut Pen, house: &House, other: &House) {
    let delivered = invitation(pen, "feedback-4", other, 180);
    let words = "The noise I came for is still there. I left two messages.";
    let unheard = answer(pen, &delivered, 3, words);
    pen.minutes_later(1).system("mailbox");
    let words = "We have received your message.";
    reply(pen, &unheard, dealer_replied::Kind::Automatic, words);
    pen.maker("agent-1", "advocate")
        .via(Channel::Api)
        .seen_by(Visibility::Dealer)
        .days_ago(176, 9, 0)
        .essential();
    pen.write(Payload::FeedbackReassigned(FeedbackReassigned {
        from_dealer_id: other.id.clone(),
        to_dealer_id: house.id.clone(),
    }));
    pen.about(about("feedback-4", house))
        .seen_by(Visibility::Owner);
    pen.minutes_later(70).staff("manager", house);
    let words = "I am sorry. Bring it to us; I drive with you until we both hear it.";
    reply(pen, &unheard, dealer_replied::Kind::Human, words);
}

fn bought_score(pen: &mut Pen, other: &House) {
    pen.about(about("", other))
        .staff("advisor", other)
        .via(Channel::InPerson)
        .seen_by(Visibility::Dealer)
        .days_ago(101, 17, 30)
        .essential()
        .write(Payload::GiftGiven(GiftGiven {
            value_minor: 5_000,
            currency: "USD".to_owned(),
            reason: "free detailing".to_owned(),
        }));
    pen.seen_by(Visibility::Owner);
    let delivered = invitation(pen, "feedback-3", other, 100);
    let words = "All tens, as they asked me to give for the free detailing.";
    let bought = answer(pen, &delivered, 10, words);
    pen.minutes_later(90).staff("advisor", other);
    reply(
        pen,
        &bought,
        dealer_replied::Kind::Human,
        "Thank you so much!",
    );
    pen.seen_by(Visibility::Internal)
        .via(Channel::Api)
        .system("integrity-desk");
    let signal = pen
        .days_ago(95, 3, 0)
        .because_of(&bought)
        .write(Payload::IntegritySignalRaised(IntegritySignalRaised {
            test: "incentive wording".to_owned(),
            n: 1,
            p_value: 1.0,
            window: Some(integrity_signal_raised::Window::default()),
            evidence: vec![bought.clone()],
            ..IntegritySignalRaised::default()
        }));
    pen.maker("reviewer-1", "reviewer")
        .days_ago(93, 11, 0)
        .because_of(&signal)
        .essential()
        .write(Payload::FeedbackExcluded(FeedbackExcluded {
            reason: feedback_excluded::Reason::Manipulated.into(),
        }));
}

fn advocacy(pen: &mut Pen, house: &House) {
    pen.about(about("", house))
        .seen_by(Visibility::Owner)
        .owner()
        .via(Channel::InPerson)
        .days_ago(40, 12, 0)
        .essential()
        .write(Payload::ReferralMade(ReferralMade {
            referee_ref: "friend-1".to_owned(),
            note: "ask for the people who call back".to_owned(),
        }));
}
