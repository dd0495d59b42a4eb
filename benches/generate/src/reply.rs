//! How a dealer replies to feedback, how late and by whom, and how the owner reacts.

use ownerline_proto::v1::dealer_replied::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, DealerReplied, FeedbackClosed, FeedbackReassigned, FeedbackReopened,
    OwnerMessageReceived, ReplyBounced, ReplyWithdrawn, ResolutionConfirmed, ResolutionRejected,
    TouchpointRef,
};

use crate::calendar::{DAY, HOUR};
use crate::dealer::{Dealer, Habit};
use crate::feedback::Item;
use crate::journey::Journey;
use crate::pen::Performer;
use crate::{goodwill, odds, words};

/// How a dealer replies.
struct ReplyPace {
    /// The probability that a person replies.
    human: f64,
    /// The median time to that reply, and the standard deviation of its logarithm.
    median_hours: i64,
    sigma: f64,
    /// The probability that a template is sent first.
    template: f64,
}

fn pace(habit: Habit) -> ReplyPace {
    let (human, median_hours, sigma, template) = match habit {
        Habit::Fast => (odds::REPLIED_FAST, 3, 0.8, 0.0),
        Habit::Steady => (odds::REPLIED_STEADY, 8, 0.9, 0.1),
        Habit::Slow => (odds::REPLIED_SLOW, 30, 1.1, 0.1),
        Habit::Templates => (odds::REPLIED_TEMPLATES, 40, 1.0, 0.9),
        Habit::Gaming => (odds::REPLIED_GAMING, 10, 0.9, 0.2),
    };
    ReplyPace {
        human,
        median_hours,
        sigma,
        template,
    }
}

/// What follows from a feedback item, except a case.
pub(crate) fn write_follow_up(journey: &mut Journey<'_>, item: &Item) {
    journey.pen.about(item.subjects.clone());
    if journey.chance.happens(odds::ACKNOWLEDGED_AUTOMATICALLY) {
        write_acknowledgement(journey, item);
    }
    let mut responder = journey.dealer;
    if journey.chance.happens(odds::FEEDBACK_REASSIGNED) {
        responder = write_reassignment(journey, item);
    }
    let pace = pace(responder.habit);
    if journey.chance.happens(pace.template) {
        let wait = journey.chance.heavy_tailed(40 * 60, 0.6);
        write_reply(journey, item, responder, item.at + wait, Kind::Template);
    }
    let wait = journey
        .chance
        .heavy_tailed(pace.median_hours * HOUR, pace.sigma);
    let at = journey.open(item.at + wait.max(300));
    if journey.chance.happens(pace.human) {
        if journey.chance.happens(odds::REPLIED_BY_ANOTHER_DEALER) {
            responder = journey.another_dealer();
        }
        let reply = write_reply(journey, item, responder, at, Kind::Human);
        let in_time = at - item.at <= DAY;
        journey.change_mood(if in_time { 0.12 } else { -0.05 });
        if journey.chance.happens(odds::REPLY_TAKEN_BACK) {
            write_end_of_reply(journey, item, responder, at, &reply);
        }
        write_conversation(journey, item, at, &reply);
    } else {
        journey.change_mood(-0.15);
        if journey.chance.happens(odds::CLOSED_WITHOUT_REPLY) {
            let wait = journey.chance.between(3, 20) * DAY;
            let closed = journey.working(item.at + wait);
            write_closing(journey, item, closed, "no answer needed");
        }
    }
}

fn write_acknowledgement(journey: &mut Journey<'_>, item: &Item) {
    let text = words::acknowledgement(&mut journey.chance).to_owned();
    let after = journey.chance.between(1, 40);
    journey
        .pen
        .by(&Performer::Bot(journey.dealer), Channel::Email);
    journey.pen.at(item.at + after).caused_by(&item.reference);
    journey.pen.write(Payload::DealerReplied(DealerReplied {
        kind: Kind::Automatic.into(),
        text,
        visible_to_owner: true,
        bounced: false,
    }));
}

fn write_reassignment<'n>(journey: &mut Journey<'n>, item: &Item) -> &'n Dealer {
    let to = journey.another_dealer();
    if to.id == journey.dealer.id {
        return to;
    }
    let wait = journey.chance.heavy_tailed(5 * HOUR, 0.7);
    let at = journey.open(item.at + wait);
    journey
        .pen
        .by(&Performer::Maker("owner-care"), Channel::Api)
        .at(at);
    journey
        .pen
        .write(Payload::FeedbackReassigned(FeedbackReassigned {
            from_dealer_id: journey.dealer.id.clone(),
            to_dealer_id: to.id.clone(),
        }));
    to
}

fn write_reply(
    journey: &mut Journey<'_>,
    item: &Item,
    responder: &Dealer,
    at: i64,
    kind: Kind,
) -> TouchpointRef {
    let text = match kind {
        Kind::Human => words::dealer_reply(&mut journey.chance, item.negative),
        _ => words::reply_template(&mut journey.chance).to_owned(),
    };
    let hidden = kind == Kind::Human && journey.chance.happens(odds::REPLY_NOT_VISIBLE);
    let bounced = kind == Kind::Human && journey.chance.happens(odds::REPLY_BOUNCED_AT_ONCE);
    let channel = journey.chance.weighted(&[
        (6, Channel::Email),
        (3, Channel::Phone),
        (1, Channel::Portal),
    ]);
    journey
        .pen
        .by(&Performer::Staff("manager", responder), channel);
    journey.pen.at(at).caused_by(&item.reference);
    journey.pen.write(Payload::DealerReplied(DealerReplied {
        kind: kind.into(),
        text,
        visible_to_owner: !hidden,
        bounced,
    }))
}

/// The withdrawal or bounce of a reply, and perhaps another reply.
fn write_end_of_reply(
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
            .by(&Performer::Staff("manager", responder), Channel::Email)
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
        write_reply(journey, item, responder, again, Kind::Human);
    }
}

/// The owner writes back, and confirms or rejects the resolution; the item is closed and sometimes reopened.
fn write_conversation(journey: &mut Journey<'_>, item: &Item, at: i64, reply: &TouchpointRef) {
    let wait = journey.chance.heavy_tailed(10 * HOUR, 1.0);
    let mut at = journey.leisure(at + wait);
    if journey
        .chance
        .happens(if item.negative { 0.45 } else { 0.12 })
    {
        write_owner_message(journey, item, at, reply);
        if journey.chance.happens(odds::MESSAGE_ANSWERED) {
            let wait = journey.chance.heavy_tailed(14 * HOUR, 1.0);
            let answered = journey.open(at + wait);
            let dealer = journey.dealer;
            write_reply(journey, item, dealer, answered, Kind::Human);
            at = answered;
        }
    }
    if !item.negative {
        if journey.chance.happens(odds::CLOSED_AFTER_PRAISE) {
            let closed = journey.working(at + DAY);
            write_closing(journey, item, closed, "thanked");
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
        journey.change_mood(if confirms { 0.2 } else { -0.2 });
    }
    let closed = journey.working(decided + DAY);
    write_closing(journey, item, closed, "settled");
    if !confirms && journey.chance.happens(odds::FEEDBACK_REOPENED) {
        write_reopening(journey, item, closed);
    } else if confirms && journey.chance.happens(odds::GOODWILL_GRANTED) {
        goodwill::write_goodwill(journey, item.subjects.clone(), closed + HOUR);
        journey.pen.about(item.subjects.clone());
    }
}

fn write_owner_message(journey: &mut Journey<'_>, item: &Item, at: i64, reply: &TouchpointRef) {
    let text = words::owner_message(&mut journey.chance, item.negative);
    let channel =
        journey
            .chance
            .weighted(&[(4, Channel::Email), (2, Channel::Phone), (3, Channel::App)]);
    journey.by_owner(channel).at(at).caused_by(reply);
    journey
        .pen
        .write(Payload::OwnerMessageReceived(OwnerMessageReceived {
            text,
            in_reply_to: Some(reply.clone()),
        }));
}

fn write_closing(journey: &mut Journey<'_>, item: &Item, at: i64, reason: &str) {
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

fn write_reopening(journey: &mut Journey<'_>, item: &Item, closed: i64) {
    let wait = journey.chance.heavy_tailed(2 * DAY, 0.8);
    let at = journey.leisure(closed + wait);
    journey.by_owner(Channel::Portal).at(at);
    journey
        .pen
        .write(Payload::FeedbackReopened(FeedbackReopened {}));
    let wait = journey.chance.heavy_tailed(18 * HOUR, 1.0);
    let answered = journey.open(at + wait);
    let dealer = journey.dealer;
    write_reply(journey, item, dealer, answered, Kind::Human);
    let again = journey.working(answered + 3 * DAY);
    write_closing(journey, item, again, "settled after all");
}
