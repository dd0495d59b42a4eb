//! An order on one sheet.

use std::fmt::Write as _;

use ownerline_proto::v1::order::{Hold, Promise, Step};
use ownerline_proto::v1::{DeliveryWindow, GetOrderResponse, Order, OrderFact, ProductionStage};
use pbjson_types::{Duration, Timestamp};

use super::words;
use crate::cli::durations::in_two_units;
use crate::cli::terminal_text::{INDENT, labelled, one_line};
use crate::cli::time::{day_and_time, rfc3339};

/// Everything about one order, in at most `width` columns.
pub(super) fn sheet(answer: &GetOrderResponse, width: usize) -> String {
    let order = answer.order.clone().unwrap_or_default();
    let mut sheet = Sheet {
        order: &order,
        width: width.saturating_sub(INDENT),
        text: String::new(),
    };
    sheet.heading();
    sheet.standing();
    sheet.delivery();
    sheet.heard();
    sheet.rest();
    let as_of = answer.as_of.unwrap_or_default();
    let _ = writeln!(
        sheet.text,
        "\nAs of {}, known at position {}. Times are UTC.",
        rfc3339(&as_of),
        answer.position
    );
    sheet.text
}

struct Sheet<'o> {
    order: &'o Order,
    width: usize,
    text: String,
}

/// The instant of a fact.
fn at(fact: Option<&OrderFact>) -> String {
    let instant = fact.and_then(|it| it.occurred_at.as_ref());
    instant.map(day_and_time).unwrap_or_default()
}

/// The parts that are not empty, with dots between.
fn dotted(parts: &[String]) -> String {
    let parts = parts.iter().filter(|it| !it.is_empty());
    parts.cloned().collect::<Vec<_>>().join(" · ")
}

fn words_of(window: Option<&DeliveryWindow>) -> String {
    match window {
        None => "–".to_owned(),
        Some(window) if window.date == window.until_date => window.date.clone(),
        Some(window) => format!("{} to {}", window.date, window.until_date),
    }
}

fn days(count: i32, what: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!("1 day {what}"),
        many => format!("{many} days {what}"),
    }
}

impl Sheet<'_> {
    fn lines(&mut self, label: &str, lines: &[String]) {
        let lines: Vec<String> = lines.iter().filter(|it| !it.is_empty()).cloned().collect();
        labelled(&mut self.text, label, &lines, self.width);
    }

    fn heading(&mut self) {
        let order = self.order;
        let mut heading = format!("Order {}", one_line(&order.order_id));
        if !order.owner_id.is_empty() {
            heading += &format!(" of {}", one_line(&order.owner_id));
        }
        let car = one_line(&format!("{} {}", order.brand, order.model));
        if !car.is_empty() {
            heading += &format!(": {car}");
        }
        let _ = writeln!(self.text, "{heading}\n");
    }

    fn standing(&mut self) {
        let order = self.order;
        let held = match order.held {
            true => "held".to_owned(),
            false => String::new(),
        };
        let since = match order.state() {
            ownerline_proto::v1::OrderState::HandedOver => at(order.handover.as_ref()),
            ownerline_proto::v1::OrderState::Cancelled => at(order.cancelled.as_ref()),
            _ => String::new(),
        };
        let because = match one_line(&order.cancelled_because) {
            words if words.is_empty() => String::new(),
            words => format!("“{words}”"),
        };
        let state = words::state(order.state()).to_owned();
        self.lines("State", &[dotted(&[state, since, because, held])]);
        if order.stage() != ProductionStage::Unspecified {
            let since = at(order.stage_reached.as_ref());
            let line = format!("{} since {since}", words::stage(order.stage()));
            let unknown = match order.unknown_code.as_str() {
                "" => String::new(),
                code => format!("the plant's last code is unknown: {}", one_line(code)),
            };
            self.lines("Stage", &[line, unknown]);
        }
        let steps: Vec<String> = order.steps.iter().map(step).collect();
        self.lines("Way", &steps);
        let dealers = order.dealers.iter().map(|it| match &it.from {
            None => it.dealer_id.clone(),
            Some(from) => format!("{} from {}", it.dealer_id, day_and_time(from)),
        });
        let dealers: Vec<String> = dealers.collect();
        self.lines("Dealer", &dealers);
        let name = |it: &ownerline_proto::v1::order::Name| {
            let given = at(it.given.as_ref());
            match &it.until {
                None => format!("{} from {given}", one_line(&it.name)),
                Some(until) => {
                    let until = day_and_time(until);
                    format!("{} from {given} to {until}", one_line(&it.name))
                }
            }
        };
        let numbers: Vec<String> = order.commission_numbers.iter().map(name).collect();
        self.lines("Commission", &numbers);
        let vins: Vec<String> = order.vins.iter().map(name).collect();
        self.lines("VIN", &vins);
        let also: Vec<String> = order.also.iter().map(|it| one_line(it)).collect();
        self.lines("Also found", &[also.join(", ")]);
    }

    fn delivery(&mut self) {
        let order = self.order;
        if let Some(it) = &order.delivery {
            let now = words_of(it.now.as_ref());
            let line = dotted(&[
                now,
                days(it.slip_days, "later than first promised"),
                days(it.slip_days_against_tightest, "later than ever said"),
                days(it.overdue_days, "overdue"),
            ]);
            self.lines("Delivery", &[line]);
        }
        let promises: Vec<String> = order.promises.iter().flat_map(promise).collect();
        self.lines("Promised", &promises);
        let planned = order.planned.iter().map(|it| {
            let window = words_of(it.window.as_ref());
            dotted(&[
                format!("{window} (said {})", at(it.fact.as_ref())),
                one_line(&it.basis),
            ])
        });
        let planned: Vec<String> = planned.collect();
        self.lines("Planned", &planned);
        let mut holds: Vec<String> = order.holds.iter().flat_map(hold).collect();
        if let Some(held) = order.held_for.as_ref().filter(|it| it.seconds > 0) {
            holds.push(format!("held for {} in all", in_two_units(held.seconds)));
        }
        self.lines("Holds", &holds);
    }

    fn heard(&mut self) {
        let order = self.order;
        let Some(silence) = &order.silence else {
            return;
        };
        let length = |it: &Option<Duration>| it.as_ref().map(|it| in_two_units(it.seconds));
        let last = silence.last_word_at.as_ref().map(day_and_time);
        let mark = if silence.alarm { "! " } else { "" };
        let running = match length(&silence.age) {
            Some(age) => format!("{mark}no word for {age}"),
            None => String::new(),
        };
        let line = dotted(&[
            running,
            last.map_or_else(
                || "the owner never heard a word".to_owned(),
                |at| format!("last word {at}"),
            ),
            length(&silence.longest).map_or_else(String::new, |it| format!("longest silence {it}")),
        ]);
        let late =
            silence.age_as_known != silence.age || silence.longest_as_known != silence.longest;
        let as_known = match (late, length(&silence.longest_as_known)) {
            (true, Some(longest)) => format!("as it was known: longest silence {longest}"),
            _ => String::new(),
        };
        self.lines("Heard", &[line, as_known]);
        if !order.photographs.is_empty() {
            let viewed = order.photographs.iter().filter(|it| it.viewed_at.is_some());
            let line = format!(
                "{}, of which the owner looked at {}: see --photos",
                order.photographs.len(),
                viewed.count()
            );
            self.lines("Photographs", &[line]);
        }
    }

    fn rest(&mut self) {
        let order = self.order;
        let changes = order.changes.iter().map(|it| {
            let summary = one_line(&it.summary);
            format!("{}: “{summary}”", at(it.fact.as_ref()))
        });
        let changes: Vec<String> = changes.collect();
        self.lines("Changes", &changes);
        self.lines("Configured", &[one_line(&order.configuration)]);
        let frozen = order.frozen.as_ref();
        let frozen = frozen.map(|it| format!("no longer to be changed since {}", at(Some(it))));
        self.lines("Frozen", &[frozen.unwrap_or_default()]);
        let flags: Vec<String> = order.flags().map(|it| words::flag(it).to_owned()).collect();
        self.lines("Note", &flags);
        let left_out = order.left_out.iter();
        let left_out = left_out.map(|it| format!("{} older {}", it.count, words::list(it.list())));
        let left_out: Vec<String> = left_out.collect();
        self.lines("Left out", &left_out);
    }
}

fn step(step: &Step) -> String {
    let skipped: Vec<String> = step.skipped().map(words::stage).collect();
    let skipped = match skipped.is_empty() {
        true => String::new(),
        false => format!("without {}", skipped.join(", ")),
    };
    let code = match step.raw_code.as_str() {
        "" => String::new(),
        code => format!("code {}", one_line(code)),
    };
    let after = match step.after_cancelling {
        true => "after the cancellation".to_owned(),
        false => String::new(),
    };
    dotted(&[
        format!("{}: {}", at(step.fact.as_ref()), words::stage(step.stage())),
        words::step(step.kind()).to_owned(),
        code,
        skipped,
        after,
    ])
}

fn promise(promise: &Promise) -> Vec<String> {
    let reason = match one_line(&promise.reason) {
        words if words.is_empty() => String::new(),
        words => format!("“{words}”"),
    };
    let line = dotted(&[
        format!(
            "{}: {}",
            at(promise.fact.as_ref()),
            words_of(promise.window.as_ref())
        ),
        words::statement(promise.kind()).to_owned(),
        reason,
        one_line(&promise.basis),
    ]);
    let told = match (promise.told_at.as_ref(), promise.told_in_time) {
        (Some(told_at), _) => told(promise, told_at),
        (None, Some(_)) => {
            " ! the owner was not told before the former window had passed".to_owned()
        }
        (None, None) if promise.kind() as i32 > 2 => " the owner is not told yet".to_owned(),
        (None, None) => String::new(),
    };
    vec![line, told]
}

fn told(promise: &Promise, told_at: &Timestamp) -> String {
    let lead = promise.notice_lead_days.unwrap_or(0);
    let lead = match lead {
        0 => "on the last day".to_owned(),
        days if days > 0 => format!("{days} days before the former window had passed"),
        days => format!("{} days after the former window had passed", -days),
    };
    let mark = if promise.told_in_time == Some(false) {
        "! "
    } else {
        ""
    };
    let by = words::told_by(promise.told_by());
    format!(" {mark}told {} {by}, {lead}", day_and_time(told_at))
}

fn hold(hold: &Hold) -> Vec<String> {
    let until = match &hold.until {
        None => "open".to_owned(),
        Some(until) => format!("to {}", day_and_time(until)),
    };
    let reason = match one_line(&hold.reason) {
        words if words.is_empty() => String::new(),
        words => format!("“{words}”"),
    };
    let expected = match hold.expected_release.as_str() {
        "" => String::new(),
        day => format!("expected to be lifted on {day}"),
    };
    let past = match hold.past_expected_release {
        true => "! that day has passed".to_owned(),
        false => String::new(),
    };
    let again = match hold.set_again {
        0 => String::new(),
        times => format!("set again {times} times"),
    };
    vec![dotted(&[
        format!(
            "{} from {} {until}",
            one_line(&hold.hold_id),
            at(hold.set.as_ref())
        ),
        reason,
        expected,
        past,
        again,
    ])]
}
