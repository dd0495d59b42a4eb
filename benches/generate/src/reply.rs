//! What the network answers, how late, by whom, and what the owner makes of it.

use ownerline_proto::v1::dealer_replied::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, DealerReplied, FeedbackClosed, FeedbackReassigned, FeedbackReopened,
    OwnerMessageReceived, ReplyBounced, ReplyWithdrawn, ResolutionConfirmed, ResolutionRejected,
    TouchpointRef,
};

use super::calendar::{DAY, HOUR};
use super::feedback::Item;
use super::journey::Journey;
use super::network::{Dealer, Habit};
use super::pen::Who;
use super::words;
use super::{advocacy, odds};

/// How a dealer answers: how often a person does, after how many hours (median), how heavy the tail.
struct Pace {
    answers: f64,
    median_hours: i64,
    sigma: f64,
    template: f64,
}

fn pace(habit: Habit) -> Pace {
    let (answers, median_hours, sigma, template) = match habit {
        Habit::Fast => (odds::REPLIED_FAST, 3, 0.8, 0.0),
        Habit::Steady => (odds::REPLIED_STEADY, 8, 0.9, 0.1),
        Habit::Slow => (odds::REPLIED_SLOW, 30, 1.1, 0.1),
        Habit::Templates => (odds::REPLIED_TEMPLATES, 40, 1.0, 0.9),
        Habit::Gaming => (odds::REPLIED_GAMING, 10, 0.9, 0.2),
    };
    Pace {
        answers,
        median_hours,
        sigma,
        template,
    }
}

/// Everything that follows from an item but a case.
pub(super) fn follows(journey: &mut Journey<'_>, item: &Item) {
    journey.pen.about(item.subjects.clone());
    if journey.chance.happens(odds::ACKNOWLEDGED_AUTOMATICALLY) {
        acknowledged(journey, item);
    }
    let mut responder = journey.dealer;
    if journey.chance.happens(odds::FEEDBACK_REASSIGNED) {
        responder = reassigned(journey, item);
    }
    let pace = pace(responder.habit);
    if journey.chance.happens(pace.template) {
        let wait = journey.chance.heavy_tailed(40 * 60, 0.6);
        replied(journey, item, responder, item.at + wait, Kind::Template);
    }
    let wait = journey
        .chance
        .heavy_tailed(pace.median_hours * HOUR, pace.sigma);
    let at = journey.open(item.at + wait.max(300));
    if journey.chance.happens(pace.answers) {
        if journey.chance.happens(odds::REPLIED_BY_ANOTHER_DEALER) {
            responder = journey.another_dealer();
        }
        let reply = replied(journey, item, responder, at, Kind::Human);
        let in_time = at - item.at <= DAY;
        journey.feels(if in_time { 0.12 } else { -0.05 });
        if journey.chance.happens(odds::REPLY_TAKEN_BACK) {
            taken_back(journey, item, responder, at, &reply);
        }
        conversation(journey, item, at, &reply);
    } else {
        journey.feels(-0.15);
        if journey.chance.happens(odds::CLOSED_WITHOUT_REPLY) {
            let wait = journey.chance.between(3, 20) * DAY;
            let closed = journey.working(item.at + wait);
            close(journey, item, closed, "no answer needed");
        }
    }
}

fn acknowledged(journey: &mut Journey<'_>, item: &Item) {
    let text = words::acknowledgement(&mut journey.chance).to_owned();
    let after = journey.chance.between(1, 40);
    journey.pen.by(&Who::Bot(journey.dealer), Channel::Email);
    journey.pen.at(item.at + after).because_of(&item.said);
    journey.pen.write(Payload::DealerReplied(DealerReplied {
        kind: Kind::Automatic.into(),
        text,
        visible_to_owner: true,
        bounced: false,
    }));
}

fn reassigned<'n>(journey: &mut Journey<'n>, item: &Item) -> &'n Dealer {
    let to = journey.another_dealer();
    if to.id == journey.dealer.id {
        return to;
    }
    let wait = journey.chance.heavy_tailed(5 * HOUR, 0.7);
    let at = journey.open(item.at + wait);
    journey
        .pen
        .by(&Who::Maker("owner-care"), Channel::Api)
        .at(at);
    journey
        .pen
        .write(Payload::FeedbackReassigned(FeedbackReassigned {
            from_dealer_id: journey.dealer.id.clone(),
            to_dealer_id: to.id.clone(),
        }));
    to
}

fn replied(
    journey: &mut Journey<'_>,
    item: &Item,
    responder: &Dealer,
    at: i64,
    kind: Kind,
) -> TouchpointRef {
    let text = match kind {
        Kind::Human => words::reply(&mut journey.chance, item.negative),
        _ => words::template(&mut journey.chance).to_owned(),
    };
    let hidden = kind == Kind::Human && journey.chance.happens(odds::REPLY_NOT_VISIBLE);
    let bounced = kind == Kind::Human && journey.chance.happens(odds::REPLY_BOUNCED_AT_ONCE);
    let channel = journey.chance.weighted(&[
        (6, Channel::Email),
        (3, Channel::Phone),
        (1, Channel::Portal),
    ]);
    journey.pen.by(&Who::Staff("manager", responder), channel);
    journey.pen.at(at).because_of(&item.said);
    journey.pen.write(Payload::DealerReplied(DealerReplied {
        kind: kind.into(),
        text,
        visible_to_owner: !hidden,
        bounced,
    }))
}

/// A reply that did not count in the end, and perhaps another one.
fn taken_back(
    journey: &mut Journey<'_>,
    item: &Item,
    responder: &Dealer,
    at: i64,
    reply: &TouchpointRef,
) {
    let wait = journey.chance.heavy_tailed(2 * HOUR, 0.8);
    let at = at + wait.max(60);
    if journey.chance.happens(0.5) {
        journey
            .pen
            .by(&Who::Staff("manager", responder), Channel::Email)
            .at(at);
        journey.pen.write(Payload::ReplyWithdrawn(ReplyWithdrawn {
            reply: Some(reply.clone()),
        }));
    } else {
        journey.by_system("mail", Channel::Email).at(at);
        journey.pen.write(Payload::ReplyBounced(ReplyBounced {
            reply: Some(reply.clone()),
        }));
    }
    if journey.chance.happens(0.7) {
        let wait = journey.chance.heavy_tailed(12 * HOUR, 0.9);
        let again = journey.open(at + wait);
        replied(journey, item, responder, again, Kind::Human);
    }
}

/// The owner writes back, confirms or rejects; the item is closed and sometimes opened again.
fn conversation(journey: &mut Journey<'_>, item: &Item, at: i64, reply: &TouchpointRef) {
    let wait = journey.chance.heavy_tailed(10 * HOUR, 1.0);
    let mut at = journey.leisure(at + wait);
    if journey
        .chance
        .happens(if item.negative { 0.45 } else { 0.12 })
    {
        message(journey, item, at, reply);
        if journey.chance.happens(odds::MESSAGE_ANSWERED) {
            let wait = journey.chance.heavy_tailed(14 * HOUR, 1.0);
            let answered = journey.open(at + wait);
            let dealer = journey.dealer;
            replied(journey, item, dealer, answered, Kind::Human);
            at = answered;
        }
    }
    if !item.negative {
        if journey.chance.happens(odds::CLOSED_AFTER_PRAISE) {
            let closed = journey.working(at + DAY);
            close(journey, item, closed, "thanked");
        }
        return;
    }
    let wait = journey.chance.heavy_tailed(3 * DAY, 0.8);
    let decided = journey.leisure(at + wait);
    let confirms = journey.chance.happens(odds::RESOLUTION_CONFIRMED);
    if journey.chance.happens(odds::RESOLUTION_STATED) {
        journey.by_owner(Channel::Portal).at(decided);
        journey.pen.write(if confirms {
            Payload::ResolutionConfirmed(ResolutionConfirmed {})
        } else {
            Payload::ResolutionRejected(ResolutionRejected {})
        });
        journey.feels(if confirms { 0.2 } else { -0.2 });
    }
    let closed = journey.working(decided + DAY);
    close(journey, item, closed, "settled");
    if !confirms && journey.chance.happens(odds::FEEDBACK_REOPENED) {
        reopened(journey, item, closed);
    } else if confirms && journey.chance.happens(odds::GOODWILL_GRANTED) {
        advocacy::goodwill(journey, closed + HOUR);
        journey.pen.about(item.subjects.clone());
    }
}

fn message(journey: &mut Journey<'_>, item: &Item, at: i64, reply: &TouchpointRef) {
    let text = words::message(&mut journey.chance, item.negative);
    let channel =
        journey
            .chance
            .weighted(&[(4, Channel::Email), (2, Channel::Phone), (3, Channel::App)]);
    journey.by_owner(channel).at(at).because_of(reply);
    journey
        .pen
        .write(Payload::OwnerMessageReceived(OwnerMessageReceived {
            text,
            in_reply_to: Some(reply.clone()),
        }));
}

fn close(journey: &mut Journey<'_>, item: &Item, at: i64, reason: &str) {
    journey.pen.about(item.subjects.clone());
    journey.by_staff("manager", Channel::Api).at(at);
    journey.pen.write(Payload::FeedbackClosed(FeedbackClosed {
        reason: reason.to_owned(),
    }));
    if journey.chance.happens(odds::CLOSED_TWICE) {
        journey
            .pen
            .at(at + DAY)
            .write(Payload::FeedbackClosed(FeedbackClosed {
                reason: reason.to_owned(),
            }));
    }
}

fn reopened(journey: &mut Journey<'_>, item: &Item, closed: i64) {
    let wait = journey.chance.heavy_tailed(2 * DAY, 0.8);
    let at = journey.leisure(closed + wait);
    journey.by_owner(Channel::Portal).at(at);
    journey
        .pen
        .write(Payload::FeedbackReopened(FeedbackReopened {}));
    let wait = journey.chance.heavy_tailed(18 * HOUR, 1.0);
    let answered = journey.open(at + wait);
    let dealer = journey.dealer;
    replied(journey, item, dealer, answered, Kind::Human);
    let again = journey.working(answered + 3 * DAY);
    close(journey, item, again, "settled after all");
}
