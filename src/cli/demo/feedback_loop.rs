//! The feedback loop: every piece is answered within a day by the dealer who knows the owner, an
//! automatic acknowledgement is not an answer, and a score asked for with a gift is evidence.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, ConsentGiven, DealerRegistered, DealerReplied, FeedbackClosed, FeedbackExcluded,
    FeedbackReceived, GiftGiven, IntegritySignalRaised, InvitationDelivered, OwnerMessageReceived,
    OwnerRegistered, ReferralMade, ResolutionConfirmed, Subjects, SurveyInvited, Touchpoint,
    TouchpointRef, Visibility, dealer_replied, feedback_excluded, integrity_signal_raised,
};
use pbjson_types::Timestamp;

use super::pen::Pen;

pub(super) const OWNER: &str = "owner-1";
const DEALER: &str = "dealer-harbour";
const OTHER_DEALER: &str = "dealer-hill";

pub(super) fn journey(now: Timestamp) -> Vec<Touchpoint> {
    let mut pen = Pen::new("feedback-loop", now);
    beginning(&mut pen);
    praise(&mut pen);
    complaint(&mut pen);
    bought_score(&mut pen);
    advocacy(&mut pen);
    pen.finish()
}

fn about(feedback: &str, dealer: &str) -> Subjects {
    Subjects {
        owner_id: OWNER.to_owned(),
        feedback_id: feedback.to_owned(),
        dealer_id: dealer.to_owned(),
        ..Subjects::default()
    }
}

fn beginning(pen: &mut Pen) {
    pen.system("network").via(Channel::Api);
    for (dealer, zone) in [(DEALER, "Europe/London"), (OTHER_DEALER, "Europe/London")] {
        pen.about(about("", dealer))
            .days_ago(540, 8, 0)
            .write(Payload::DealerRegistered(DealerRegistered {
                name: dealer.replace("dealer-", "the centre at the "),
                market: "GB".to_owned(),
                time_zone: zone.to_owned(),
                brands: vec!["the brand".to_owned()],
            }));
    }
    pen.about(about("", DEALER)).days_ago(520, 10, 0);
    pen.staff("advisor", DEALER)
        .via(Channel::InPerson)
        .write(Payload::OwnerRegistered(OwnerRegistered {
            locale: "en-GB".to_owned(),
            market: "GB".to_owned(),
            tier: "core".to_owned(),
            panel_member: true,
            ..OwnerRegistered::default()
        }));
    pen.minutes_later(2)
        .write(Payload::ConsentGiven(ConsentGiven {
            purpose: "surveys".to_owned(),
        }));
}

fn invitation(pen: &mut Pen, feedback: &str, dealer: &str, days_ago: i64) -> TouchpointRef {
    pen.about(about(feedback, dealer))
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

fn said(pen: &mut Pen, cause: &TouchpointRef, score: i32, words: &str) -> TouchpointRef {
    pen.minutes_later(320).because_of(cause);
    pen.owner()
        .via(Channel::Survey)
        .write(Payload::FeedbackReceived(FeedbackReceived {
            survey: "after-service".to_owned(),
            score: Some(score),
            verbatim: words.to_owned(),
            solicited: true,
            ..FeedbackReceived::default()
        }))
}

fn reply(pen: &mut Pen, cause: &TouchpointRef, kind: dealer_replied::Kind, words: &str) {
    pen.because_of(cause).via(Channel::Email);
    pen.write(Payload::DealerReplied(DealerReplied {
        kind: kind.into(),
        text: words.to_owned(),
        visible_to_owner: true,
        bounced: false,
    }));
}

fn praise(pen: &mut Pen) {
    let delivered = invitation(pen, "feedback-1", DEALER, 430);
    let words = "They remembered how I like the seats. The coffee was cold.";
    let praise = said(pen, &delivered, 9, words);
    pen.minutes_later(180).staff("manager", DEALER);
    let words = "Thank you. The machine is repaired; the next one is hot and on us.";
    reply(pen, &praise, dealer_replied::Kind::Human, words);
    pen.days_ago(427, 16, 0)
        .write(Payload::FeedbackClosed(FeedbackClosed {
            reason: "answered".to_owned(),
        }));
}

fn complaint(pen: &mut Pen) {
    let delivered = invitation(pen, "feedback-2", DEALER, 250);
    let words = "Picked the car up with an empty tank and a stranger's phone paired to it.";
    let complaint = said(pen, &delivered, 4, words);
    pen.minutes_later(1).system("mailbox");
    let words = "We have received your message.";
    reply(pen, &complaint, dealer_replied::Kind::Automatic, words);
    pen.days_ago(249, 9, 40).staff("manager", DEALER);
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
}

fn bought_score(pen: &mut Pen) {
    pen.about(about("", OTHER_DEALER))
        .staff("advisor", OTHER_DEALER)
        .via(Channel::InPerson)
        .seen_by(Visibility::Dealer)
        .days_ago(101, 17, 30)
        .write(Payload::GiftGiven(GiftGiven {
            value_minor: 5_000,
            currency: "GBP".to_owned(),
            reason: "free valet".to_owned(),
        }));
    pen.seen_by(Visibility::Owner);
    let delivered = invitation(pen, "feedback-3", OTHER_DEALER, 100);
    let words = "All tens, as they asked me to give for the free valet.";
    let bought = said(pen, &delivered, 10, words);
    pen.minutes_later(90).staff("advisor", OTHER_DEALER);
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
        .write(Payload::FeedbackExcluded(FeedbackExcluded {
            reason: feedback_excluded::Reason::Manipulated.into(),
        }));
}

fn advocacy(pen: &mut Pen) {
    pen.about(about("", DEALER))
        .seen_by(Visibility::Owner)
        .owner()
        .via(Channel::InPerson)
        .days_ago(40, 12, 0)
        .write(Payload::ReferralMade(ReferralMade {
            referee_ref: "friend-1".to_owned(),
            note: "ask for the ones at the harbour".to_owned(),
        }));
}
