//! Loyalty for people: a row per make, the curve, and earned growth or what it lacks.

use std::fmt::Write as _;

use ownerline_proto::v1::loyalty::{Median, Point, Rate};
use ownerline_proto::v1::{GetLoyaltyResponse, Loyalty, LoyaltyOfMake};
use pbjson_types::Duration;

use super::args::LoyaltyArgs;
use super::growth::earned_growth;
use crate::cli::filters::applied_filters;
use crate::cli::report::{Column, Report, Table, Value, key};
use crate::cli::terminal_text::{count, one_line, percent, wrapped};
use crate::cli::time::rfc3339;

/// The number of makes up to which only the curve of the largest one is shown.
const CURVES: usize = 1;

/// The whole answer.
pub(super) fn sheet(args: &LoyaltyArgs, answer: &GetLoyaltyResponse, width: usize) -> Report {
    let nothing = Loyalty::default();
    let total = answer.total.as_ref().unwrap_or(&nothing);
    let as_of = answer.as_of.as_ref().map(rfc3339).unwrap_or_default();
    let mut text = format!("Loyalty, as of {as_of}");
    text += &applied_filters(&[
        ("make", args.make.clone()),
        ("owners in", args.market.clone()),
        ("returns from", args.from.as_ref().map(rfc3339)),
        ("returns before", args.to.as_ref().map(rfc3339)),
    ]);
    text.push_str(
        "\nLoyalty is not advocacy: owners who recommend a brand need not buy it again.\n\n",
    );
    let mut report = Report::new().text(text).table(makes(&answer.groups, total));
    if answer.groups_cut {
        report = report.warning("There are more makes than these; use --make to choose one.\n");
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
    report.text(text).known_at(&answer.position, answer.stale)
}

/// A row of the table: a make, or every make.
struct Line<'a> {
    /// `None` for every make.
    make: Option<&'a str>,
    loyalty: Loyalty,
}

impl Line<'_> {
    fn rate(&self) -> Rate {
        self.loyalty.rate.unwrap_or_default()
    }

    /// The parts of the rate that are withheld because there are too few returns.
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
        Of::shown("same make again (95 %)", |it| {
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
        Of::of("unspecified", "unsaid", |it| {
            it.loyalty.same_brand_kind_not_told.into()
        }),
        Of::of("other make", "other", |it| it.loyalty.other_brand.into()),
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

/// The notes below the table.
fn notes(text: &mut String, answer: &GetLoyaltyResponse, width: usize) {
    let mut notes = "The rate is of returns with both makes known; below 30 returns only its interval is shown, below \
        10 only their number. Bought, leased, unspecified: the same make again, and how. Unclear: one of the two \
        makes is not known. Open: owners who have not bought again are censored, and in no rate."
        .to_owned();
    if answer.groups.iter().any(|it| it.make.is_empty()) {
        notes.push_str(
            " Where the make that an owner had before is not known, only counts are shown, outside the total.",
        );
    }
    for line in wrapped(&notes, width) {
        let _ = writeln!(text, "{line}");
    }
}

fn curve(text: &mut String, of: &str, loyalty: &Loyalty) {
    let _ = writeln!(
        text,
        "\nBy length of ownership: {of}, {} spells, {} of them not ended",
        count(loyalty.spells),
        count(loyalty.open)
    );
    let cells = |cells: [&str; 5]| {
        let [within, left, same, other, risk] = cells;
        format!("  {within:<18}{left:>26}{same:>14}{other:>18}{risk:>12}\n")
    };
    text.push_str(&cells([
        "within",
        "not returned (95 %)",
        "same make",
        "other make",
        "at risk",
    ]));
    // Beyond the longest spell, its figures would only be repeated.
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
        let _ = writeln!(text, "  Half have returned: {}", half(median));
    }
}

/// The median with its interval; a bound that is not reached is a question mark.
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
    // With one decimal, the loss of precision of a long time does not show.
    format!("{:.1} y ({days} d)", days as f64 / 365.25)
}
