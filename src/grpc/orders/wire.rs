//! An order as the contract shows it.

use ownerline_projections::newest::newest;
use ownerline_projections::orders::{
    FoundBy, Hold, NameSpan, OrderFact as Fact, OrderFlag, OrderSheet, OrderState as State,
    Silence, Statement, Step, StepKind, ToldBy, Window, WindowStep, Windows,
};
use ownerline_proto::time;
use ownerline_proto::v1::order::{
    self, Change, Dealer, Delivery, Flag, LeftOut, List, Name, Photograph, Plan, Promise, promise,
    step,
};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{DeliveryWindow, Order, OrderFact, OrderState, ProductionStage};
use pbjson_types::{Duration, Timestamp};

use crate::grpc::obligation::duration;
use crate::grpc::text_room::TextRoom;
use crate::query::{OrderFile, PositionText};

/// An order with what it takes to show it.
struct Shown<'a> {
    text: PositionText,
    file: &'a OrderFile,
    texts: TextRoom,
    left_out: Vec<LeftOut>,
}

/// An order.
pub(super) fn order(text: PositionText, file: &OrderFile) -> Order {
    let sheet = file.answer.sheet();
    let mut shown = Shown {
        text,
        file,
        texts: TextRoom::new(),
        left_out: Vec::new(),
    };
    let found = &file.answer.found;
    let seen = &file.answer.seen;
    let course = &sheet.course;
    let mut order = Order {
        order_id: seen.order_id.clone(),
        found_by: found_by(found.by).into(),
        also: shown.newest(List::Also, &found.also, |_, it| it.clone()),
        state: state(course.state).into(),
        owner_id: seen.owners().first().copied().unwrap_or("").to_owned(),
        dealer_id: sheet.dealers.last().map_or("", |(_, it)| it).to_owned(),
        dealers: shown.newest(List::Dealers, &sheet.dealers, |_, (from, dealer_id)| {
            Dealer {
                dealer_id: (*dealer_id).to_owned(),
                from: (*from != i64::MIN).then(|| time::timestamp(*from)),
            }
        }),
        placed: course.placed.map(|it| shown.fact(it)),
        frozen: course.frozen.map(|it| shown.fact(it)),
        stage: course.stage.map_or(0, |(stage, _)| stage.into()),
        stage_reached: course.stage.map(|(_, it)| shown.fact(it)),
        unknown_code: course
            .last_unknown
            .map_or_else(String::new, |it| it.row.name.clone()),
        unknown_codes: number(course.steps.iter().filter(|it| it.stage.is_none()).count()),
        held: sheet.holds.is_held(),
        held_for: Some(duration(sheet.holds.nanos)),
        silence: Some(silence(&sheet.silence)),
        handover: course.handover.map(|it| shown.fact(it)),
        cancelled: course.cancelled.map(|it| shown.fact(it)),
        flags: sheet.flags.iter().map(|it| flag(*it).into()).collect(),
        ..Order::default()
    };
    ordered(&shown, &sheet, &mut order);
    lists(&mut shown, &sheet, &mut order);
    let texts = shown.texts.left_out();
    shown.note(List::Texts, texts);
    order.left_out = shown.left_out;
    order
}

/// Fills in what was ordered.
fn ordered(shown: &Shown<'_>, sheet: &OrderSheet<'_>, order: &mut Order) {
    if let Some(fact) = sheet.course.ordered {
        order.brand.clone_from(&fact.row.brand);
        order.model.clone_from(&fact.row.model);
        order.sale_type = fact.row.sale_type;
        if let Some(Payload::OrderPlaced(placed)) = shown.payload(fact) {
            order.configuration = shown.texts.shortened(placed.configuration.clone());
            order.amount.clone_from(&placed.amount);
        }
    }
    let cancelled = sheet.course.cancelled.and_then(|it| shown.payload(it));
    if let Some(Payload::OrderCancelled(it)) = cancelled {
        order.cancelled_because = shown.texts.shortened(it.reason.clone());
    }
}

fn lists(shown: &mut Shown<'_>, sheet: &OrderSheet<'_>, order: &mut Order) {
    let name = |shown: &Shown<'_>, span: &NameSpan<'_>| Name {
        name: span.name.to_owned(),
        given: Some(shown.fact(span.by)),
        until: span.until.map(time::timestamp),
    };
    let open = sheet.vins.last().filter(|span| span.until.is_none());
    order.vin = open.map_or("", |span| span.name).to_owned();
    order.vins = shown.newest(List::Vins, &sheet.vins, name);
    order.commission_numbers =
        shown.newest(List::CommissionNumbers, &sheet.commission_numbers, name);
    order.steps = shown.newest(List::Steps, &sheet.course.steps, one_step);
    if let Some(windows) = &sheet.windows {
        order.delivery = Some(delivery(windows));
        order.promises = shown.newest(List::Promises, &windows.steps, one_promise);
    }
    order.planned = shown.newest(List::Planned, &sheet.planned, |shown, fact| {
        plan(shown, fact)
    });
    order.holds = shown.newest(List::Holds, &sheet.holds.all, hold);
    order.photographs = shown.newest(
        List::Photographs,
        &sheet.photographs,
        |shown, (fact, viewed_at)| photograph(shown, fact, *viewed_at),
    );
    order.viewed = shown.newest(List::Viewed, &sheet.viewed, |shown, fact| shown.fact(fact));
    order.changes = shown.newest(List::Changes, &sheet.changes, |shown, fact| Change {
        fact: Some(shown.fact(fact)),
        summary: match shown.payload(fact) {
            Some(Payload::OrderChanged(it)) => shown.texts.shortened(it.summary.clone()),
            _ => String::new(),
        },
    });
}

impl<'a> Shown<'a> {
    /// The newest items of a list, each as it is shown.
    fn newest<T, M>(&mut self, list: List, items: &[T], show: impl Fn(&Self, &T) -> M) -> Vec<M> {
        let (items, left_out) = newest(items);
        self.note(list, left_out);
        items.iter().map(|item| show(self, item)).collect()
    }

    fn note(&mut self, list: List, left_out: usize) {
        if left_out > 0 {
            self.left_out.push(LeftOut {
                list: list.into(),
                count: number(left_out),
            });
        }
    }

    fn fact(&self, fact: &Fact) -> OrderFact {
        OrderFact {
            touchpoint: Some(fact.touchpoint().into()),
            position: self.text.write(fact.position()),
            occurred_at: Some(time::timestamp(fact.at())),
        }
    }

    fn payload(&self, fact: &Fact) -> Option<&'a Payload> {
        let touchpoint = self.file.touchpoints.get(&fact.position())?;
        touchpoint.payload.as_ref()
    }
}

fn one_step(shown: &Shown<'_>, step: &Step<'_>) -> order::Step {
    let mapping_version = match shown.payload(step.fact) {
        Some(Payload::ProductionStageReached(it)) => it.mapping_version.clone(),
        _ => String::new(),
    };
    order::Step {
        fact: Some(shown.fact(step.fact)),
        stage: step.stage.map_or(0, ProductionStage::into),
        raw_code: step.fact.row.name.clone(),
        mapping_version,
        kind: match step.kind {
            StepKind::On => step::Kind::On,
            StepKind::Back => step::Kind::Back,
            StepKind::Again => step::Kind::Again,
            StepKind::ToldAgain => step::Kind::ToldAgain,
            StepKind::Rework => step::Kind::Rework,
            StepKind::Returned => step::Kind::Returned,
            StepKind::Lost => step::Kind::Lost,
            StepKind::Cancelled => step::Kind::Cancelled,
            StepKind::Unknown => step::Kind::UnknownCode,
        }
        .into(),
        skipped: step.skipped.iter().map(|it| (*it).into()).collect(),
        after_cancelling: step.after_cancelling,
    }
}

fn delivery(windows: &Windows<'_>) -> Delivery {
    Delivery {
        first: Some(window(windows.first)),
        now: Some(window(windows.now)),
        tightest_end: windows.tightest_end.to_string(),
        revisions: number(windows.revisions()),
        shrunk: number(windows.shrunk()),
        moved: number(windows.moved()),
        slip_days: windows.slip_days(),
        slip_days_against_tightest: windows.against_tightest(),
        overdue_days: windows.overdue_days,
        slipped: windows.is_slipped(),
    }
}

fn one_promise(shown: &Shown<'_>, step: &WindowStep<'_>) -> Promise {
    let (reason, basis) = match shown.payload(step.fact) {
        Some(Payload::DeliveryDatePromised(it)) => ("", it.basis.as_str()),
        Some(Payload::DeliveryDateRevised(it)) => (it.reason.as_str(), it.basis.as_str()),
        _ => ("", ""),
    };
    Promise {
        fact: Some(shown.fact(step.fact)),
        window: Some(window(step.window)),
        kind: match step.statement {
            Statement::Promised => promise::Kind::Promised,
            Statement::Restated => promise::Kind::Restated,
            Statement::Shrunk => promise::Kind::Shrunk,
            Statement::Widened => promise::Kind::Widened,
            Statement::MovedLater => promise::Kind::MovedLater,
            Statement::MovedEarlier => promise::Kind::MovedEarlier,
        }
        .into(),
        slip_days: step.slip_days,
        reason: shown.texts.shortened(reason.to_owned()),
        basis: basis.to_owned(),
        told_at: step.told.map(|it| time::timestamp(it.at)),
        told_by: step
            .told
            .map_or(promise::ToldBy::Unspecified, |it| match it.by {
                ToldBy::Revision => promise::ToldBy::Revision,
                ToldBy::Notice => promise::ToldBy::Notice,
                ToldBy::View => promise::ToldBy::View,
            })
            .into(),
        notice_lead_days: step.told.map(|it| it.lead_days),
        told_in_time: step.told_in_time,
    }
}

fn plan(shown: &Shown<'_>, fact: &Fact) -> Plan {
    let basis = match shown.payload(fact) {
        Some(Payload::DeliveryWindowPlanned(it)) => it.basis.clone(),
        _ => String::new(),
    };
    Plan {
        fact: Some(shown.fact(fact)),
        window: Window::of(fact).map(window),
        basis,
    }
}

fn hold(shown: &Shown<'_>, hold: &Hold<'_>) -> order::Hold {
    let reason = match shown.payload(hold.last) {
        Some(Payload::OrderHeld(it)) => it.reason.clone(),
        _ => String::new(),
    };
    order::Hold {
        hold_id: hold.set.row.name.clone(),
        set: Some(shown.fact(hold.set)),
        until: hold.until.map(time::timestamp),
        reason: shown.texts.shortened(reason),
        expected_release: hold.last.row.date.clone(),
        set_again: number(hold.set_again),
        past_expected_release: hold.past_expected_release,
        lifted_first: hold.lifted_first,
        never_lifted: hold.never_lifted,
    }
}

fn photograph(shown: &Shown<'_>, fact: &Fact, viewed_at: Option<i64>) -> Photograph {
    let mut photograph = Photograph {
        fact: Some(shown.fact(fact)),
        stage: fact.row.stage,
        visible_from: fact.row.visible_from.map(Timestamp::from),
        viewed_at: viewed_at.map(time::timestamp),
        ..Photograph::default()
    };
    if let Some(Payload::StagePhotographed(it)) = shown.payload(fact) {
        photograph.uri.clone_from(&it.uri);
        photograph.sha256.clone_from(&it.sha256);
        photograph.media_type.clone_from(&it.media_type);
        photograph.caption = shown.texts.shortened(it.caption.clone());
    }
    photograph
}

fn silence(silence: &Silence) -> order::Silence {
    let length = |nanos: i64| -> Duration { duration(nanos) };
    order::Silence {
        last_word_at: silence.last_word_at.map(time::timestamp),
        age: silence.age.map(length),
        age_as_known: silence.age_as_known.map(length),
        longest: Some(length(silence.longest)),
        longest_as_known: Some(length(silence.longest_as_known)),
        alarm: silence.is_alarm(),
    }
}

fn window(window: Window) -> DeliveryWindow {
    DeliveryWindow {
        date: window.first.to_string(),
        until_date: window.last.to_string(),
    }
}

fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

fn state(state: State) -> OrderState {
    match state {
        State::NotPlaced => OrderState::NotPlaced,
        State::Open => OrderState::Open,
        State::Cancelled => OrderState::Cancelled,
        State::HandedOver => OrderState::HandedOver,
    }
}

fn found_by(by: FoundBy) -> order::FoundBy {
    match by {
        FoundBy::OrderId => order::FoundBy::OrderId,
        FoundBy::Vin => order::FoundBy::Vin,
        FoundBy::CommissionNumber => order::FoundBy::CommissionNumber,
    }
}

fn flag(flag: OrderFlag) -> Flag {
    match flag {
        OrderFlag::StageAfterCancellation => Flag::StageAfterCancellation,
        OrderFlag::ContinuedAfterCancellation => Flag::ContinuedAfterCancellation,
        OrderFlag::CancelledAfterHandover => Flag::CancelledAfterHandover,
        OrderFlag::VinReplaced => Flag::VinReplaced,
        OrderFlag::VinWithdrawnUnmatched => Flag::VinWithdrawnUnmatched,
        OrderFlag::FirstWindowFromRevision => Flag::FirstWindowFromRevision,
        OrderFlag::HoldLiftedFirst => Flag::HoldLiftedFirst,
        OrderFlag::HoldNeverLifted => Flag::HoldNeverLifted,
    }
}
