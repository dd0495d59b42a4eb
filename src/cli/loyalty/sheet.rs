//! Loyalty for people: a line a make, the curve, and earned growth or what is missing of it.

use std::fmt::Write as _;

use ownerline_proto::v1::loyalty::{Median, Point, Rate};
use ownerline_proto::v1::{GetLoyaltyResponse, Loyalty, LoyaltyOfMake};
use pbjson_types::Duration;

use super::LoyaltyArgs;
use super::growth::earned_growth;
use crate::cli::filters::asked_for;
use crate::cli::report::{Column, Report, Table, Value, key};
use crate::cli::terminal_text::{count, one_line, wrapped};
use crate::cli::time::rfc3339;

/// Makes whose curve is shown without asking for one.
const CURVES: usize = 1;

/// Everything.
pub(super) fn sheet(args: &LoyaltyArgs, answer: &GetLoyaltyResponse, width: usize) -> Report {
    let nothing = Loyalty::default();
    let total = answer.total.as_ref().unwrap_or(&nothing);
    let as_of = answer.as_of.as_ref().map(rfc3339).unwrap_or_default();
    let mut text = format!("Loyalty, as of {as_of}");
    text += &asked_for(&[
        ("make", args.make.clone()),
        ("of owners in", args.market.clone()),
        ("returns from", args.from.as_ref().map(rfc3339)),
        ("returns before", args.to.as_ref().map(rfc3339)),
    ]);
    text.push_str("\nIt is not advocacy: who recommends a brand need not buy it again.\n\n");
    let mut report = Report::new().text(text).table(makes(&answer.groups, total));
    if answer.groups_cut {
        report = report.warning("There are more makes than were answered; ask for one.\n");
    }
    let mut text = String::new();
    notes(&mut text, answer, width);
    let known = answer.groups.iter().filter(|it| !it.make.is_empty());
    let known: Vec<_> = known.collect();
    if known.len() > CURVES || known.is_empty() {
        curve(&mut text, "every make", total);
    }
    let most = known
        .iter()
        .max_by_key(|it| it.loyalty.as_ref().map(|it| it.spells));
    if let Some(LoyaltyOfMake {
        make,
        loyalty: Some(loyalty),
    }) = most
    {
        curve(&mut text, &one_line(make), loyalty);
    }
    if let Some(growth) = &answer.earned_growth {
        earned_growth(&mut text, growth, width);
    }
    report = report
        .text(text)
        .note(format!("\nKnown at position {}.\n", answer.position));
    report.stale(answer.stale)
}

/// A line of the table: a make, or every make.
struct Line<'a> {
    /// `None` of every make.
    make: Option<&'a str>,
    loyalty: Loyalty,
}

impl Line<'_> {
    fn rate(&self) -> Rate {
        self.loyalty.rate.unwrap_or_default()
    }

    /// The parts of the rate that too few returns withhold.
    fn withheld(&self) -> Value {
        let rate = self.rate();
        match (rate.rate, rate.low) {
            _ if rate.returns == 0 => Value::Nothing,
            (Some(_), _) => Value::Nothing,
            (None, Some(_)) => "rate".into(),
            (None, None) => "rate, interval".into(),
        }
    }
}

fn makes(groups: &[LoyaltyOfMake], total: &Loyalty) -> Table {
    let line = |make, loyalty: Option<&Loyalty>| Line {
        make,
        loyalty: loyalty.cloned().unwrap_or_default(),
    };
    let lines: Vec<Line<'_>> = groups
        .iter()
        .map(|group| line(Some(&group.make), group.loyalty.as_ref()))
        .collect();
    let columns = columns();
    Table::new(&columns, &lines).with_total(&columns, &line(None, Some(total)))
}

type Of<'a> = Column<'a, Line<'a>>;

fn columns<'a>() -> Vec<Column<'a, Line<'a>>> {
    vec![
        Of::shown("make", |it| match it.make {
            None => "every make".to_owned(),
            Some("") => "not known".to_owned(),
            Some(make) => one_line(make),
        })
        .field("make", |it| key(it.make)),
        Of::shown("came back for it (95 %)", |it| {
            it.loyalty
                .rate
                .as_ref()
                .map_or_else(|| "–".to_owned(), came_back)
        })
        .field("rate", |it| it.rate().rate.into())
        .field("rate_low", |it| it.rate().low.into())
        .field("rate_high", |it| it.rate().high.into())
        .field("withheld", Line::withheld)
        .right()
        .folds(0),
        Of::of("returns", "returns", |it| it.rate().returns.into()).folds(0),
        Of::of("bought", "bought", |it| it.loyalty.same_brand_bought.into()),
        Of::of("leased", "leased", |it| it.loyalty.same_brand_leased.into()),
        Of::of("unsaid", "unsaid", |it| {
            it.loyalty.same_brand_kind_not_told.into()
        }),
        Of::of("other", "other", |it| it.loyalty.other_brand.into()),
        Of::of("defected", "defected", |it| it.loyalty.defected.into()),
        Of::of("unclear", "unclear", |it| it.loyalty.undecided.into()).folds(2),
        Of::of("owners", "owners", |it| it.loyalty.owners.into()).folds(2),
        Of::of("open", "open", |it| it.loyalty.open.into()).folds(0),
    ]
}

fn came_back(rate: &Rate) -> String {
    match (rate.rate, rate.low, rate.high) {
        (Some(share), Some(low), Some(high)) => {
            format!("{} ({}–{})", percent(share), percent(low), percent(high))
        }
        (None, Some(low), Some(high)) => format!("{}–{}", percent(low), percent(high)),
        _ => "too few".to_owned(),
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// What the numbers are of.
fn notes(text: &mut String, answer: &GetLoyaltyResponse, width: usize) {
    let mut said = "Of returns of which both makes are known; below 10 there is their number alone, below 30 the \
        interval. Bought, leased, unsaid: the same make. Unclear: one of the two makes is not known. Open: who \
        is not back is censored, not disloyal, and in no rate."
        .to_owned();
    if answer.groups.iter().any(|it| it.make.is_empty()) {
        said.push_str(
            " Where it is not known what an owner had before, there are counts alone, outside the total.",
        );
    }
    for line in wrapped(&said, width) {
        let _ = writeln!(text, "{line}");
    }
}

fn curve(text: &mut String, of: &str, loyalty: &Loyalty) {
    let _ = writeln!(
        text,
        "\nBy length of ownership: {of}, {} spells, {} of them not over",
        count(loyalty.spells),
        count(loyalty.open)
    );
    let cells = |cells: [&str; 5]| {
        let [within, left, same, other, risk] = cells;
        format!("  {within:<18}{left:>26}{same:>14}{other:>18}{risk:>12}\n")
    };
    text.push_str(&cells([
        "within",
        "not back (95 %)",
        "back for it",
        "gone to another",
        "so long",
    ]));
    // Behind the longest spell nothing was seen: its figures would only be repeated.
    let seen = loyalty.curve.iter().take_while(|point| point.at_risk > 0);
    let seen: Vec<&Point> = seen.collect();
    for point in &seen {
        let interval = match (point.low, point.high) {
            (Some(low), Some(high)) => format!(" ({}–{})", percent(low), percent(high)),
            _ => String::new(),
        };
        let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
        text.push_str(&cells([
            &point.at.as_ref().map(length).unwrap_or_default(),
            &format!("{}{interval}", share(point.not_returned)),
            &share(point.same_brand),
            &share(point.other_brand),
            &count(point.at_risk),
        ]));
    }
    if seen.len() < loyalty.curve.len() {
        text.push_str("  No spell is longer yet.\n");
    }
    if let Some(median) = &loyalty.median {
        let _ = writeln!(text, "  Half are back: {}", half(median));
    }
}

/// With its interval; a bound that is not reached is a question mark.
fn half(median: &Median) -> String {
    let end = |end: &Option<Duration>| end.as_ref().map_or_else(|| "?".to_owned(), length);
    match &median.at {
        Some(at) => format!(
            "within {} (95 %: {} to {}), Kaplan–Meier",
            length(at),
            end(&median.low),
            end(&median.high)
        ),
        None => "not reached".to_owned(),
    }
}

/// `1.0 y (366 d)`.
fn length(duration: &Duration) -> String {
    let days = duration.seconds / 86_400;
    // One decimal: the loss of precision of a long time does not show.
    format!("{:.1} y ({days} d)", days as f64 / 365.25)
}
