//! The distribution of scores, with n beside every figure, and the persons with the highest scores.

use ownerline_proto::v1::advocacy_component_score::Component;
use ownerline_proto::v1::list_advocates_request::GroupBy;
use ownerline_proto::v1::{AdvocacyBand, AdvocacyDistribution, Advocate, ListAdvocatesResponse};

use crate::cli::advocacy::words::policy_name;
use crate::cli::report::{Column, Report, Table, Value, key, key_shown, word};
use crate::cli::terminal_text::{count, one_line};
use crate::cli::time::rfc3339;

/// The answer for people: shares in whole percents, with their intervals in brackets. `filters` ends the heading.
pub(super) fn report(group_by: GroupBy, filters: &str, answer: &ListAdvocatesResponse) -> Report {
    let distributions = distributions(group_by, answer);
    let persons = persons(&answer.advocates);
    // Programs read the first table only: the one that was asked for.
    let mut report = match group_by {
        GroupBy::Unspecified => Report::new().for_programs(self::persons(&answer.advocates)),
        GroupBy::Dealer | GroupBy::Market => Report::new(),
    };
    report = report
        .text("Distribution of advocacy scores\n\n")
        .table(distributions);
    if answer.groups_cut {
        report = report.warning("There are more groups than these.\n");
    }
    let least = answer.least_confidence;
    let listed = answer.advocates.len() as u64;
    report = report.text(format!(
        "\n{} of {} persons with a confidence of at least {least}, highest scores first\n",
        count(listed),
        count(answer.eligible)
    ));
    if listed > 0 {
        report = report.table(persons);
    }
    let as_of = answer.as_of.unwrap_or_default();
    report = report
        .note(format!(
            "\nAs of {}{filters}, known at position {}.\n",
            rfc3339(&as_of),
            answer.position
        ))
        .note(models(answer));
    report.stale(answer.stale)
}

/// A row of the distribution: a group, or the total.
struct Line<'a> {
    /// `None` for the total.
    key: Option<&'a str>,
    of: &'a AdvocacyDistribution,
}

impl Line<'_> {
    fn band(&self, index: usize) -> AdvocacyBand {
        self.of.bands.get(index).cloned().unwrap_or_default()
    }

    /// The parts of the figures that are withheld because there are too few persons.
    fn withheld(&self) -> Value {
        match (self.of.mean, self.of.low) {
            _ if self.of.n == 0 => Value::Nothing,
            (Some(_), _) => Value::Nothing,
            (None, Some(_)) => "points".into(),
            (None, None) => "points, intervals".into(),
        }
    }
}

fn distributions(group_by: GroupBy, answer: &ListAdvocatesResponse) -> Table {
    let nothing = AdvocacyDistribution::default();
    let of = answer.total.as_ref().unwrap_or(&nothing);
    let lines: Vec<Line<'_>> = answer
        .groups
        .iter()
        .map(|of| Line {
            key: Some(&of.key),
            of,
        })
        .collect();
    let columns = columns(match group_by {
        GroupBy::Unspecified => "all",
        GroupBy::Dealer => "dealer",
        GroupBy::Market => "market",
    });
    Table::new(&columns, &lines).with_total(&columns, &Line { key: None, of })
}

/// The bands of a distribution: the heading, and the fields of share, low and high.
const BANDS: [(&str, [&str; 3]); 5] = [
    ("% below 20", ["below_20", "below_20_low", "below_20_high"]),
    ("20 to 40", ["from_20", "from_20_low", "from_20_high"]),
    ("40 to 60", ["from_40", "from_40_low", "from_40_high"]),
    ("60 to 80", ["from_60", "from_60_low", "from_60_high"]),
    ("from 80", ["from_80", "from_80_low", "from_80_high"]),
];

type Of<'a> = Column<'a, Line<'a>>;

fn columns<'a>(group_by: &'static str) -> Vec<Column<'a, Line<'a>>> {
    let mut columns = vec![
        Of::shown(group_by, |it| key_shown(it.key)).field(group_by, |it| key(it.key)),
        Of::of("persons", "persons", |it| it.of.n.into()).folds(0),
        Of::shown("mean (95 %)", |it| mean(it.of))
            .field("mean", |it| it.of.mean.into())
            .field("low", |it| it.of.low.into())
            .field("high", |it| it.of.high.into())
            .field("withheld", Line::withheld)
            .right()
            .folds(0),
    ];
    for (index, (heading, [share, low, high])) in BANDS.into_iter().enumerate() {
        let column = Of::shown(heading, move |it| self::share(&it.band(index)))
            .field(share, move |it| it.band(index).share.into())
            .field(low, move |it| it.band(index).low.into())
            .field(high, move |it| it.band(index).high.into());
        columns.push(column.right());
    }
    columns.push(Of::of("no score", "no_score", |it| it.of.insufficient.into()).folds(2));
    columns
}

/// Shown instead of an empty cell, which would read as none.
const TOO_FEW: &str = "too few";

fn mean(of: &AdvocacyDistribution) -> String {
    match (of.mean, of.low, of.high) {
        (Some(mean), Some(low), Some(high)) => format!("{mean:.1} ({low:.1}–{high:.1})"),
        (None, Some(low), Some(high)) => format!("{low:.1}–{high:.1}"),
        _ => TOO_FEW.to_owned(),
    }
}

fn share(band: &AdvocacyBand) -> String {
    let percent = |share: f64| format!("{:.0}", 100.0 * share);
    match (band.share, band.low, band.high) {
        (Some(share), Some(low), Some(high)) => {
            let ends = [low, high].map(percent).join("–");
            format!("{} ({ends})", percent(share))
        }
        (None, Some(low), Some(high)) => [low, high].map(percent).join("–"),
        _ => TOO_FEW.to_owned(),
    }
}

type Person<'a> = Column<'a, Advocate>;

fn persons(advocates: &[Advocate]) -> Table {
    let known = |text: &str| match text {
        "" => "not known".to_owned(),
        text => one_line(text),
    };
    let columns = [
        Person::of("owner", "owner_id", |it| (&it.owner_id).into()),
        Person::shown("score", |it| format!("{:.1}", it.score))
            .field("score", |it| it.score.into())
            .right()
            .folds(0),
        Person::of("confidence", "confidence", |it| it.confidence.into()).folds(0),
        Person::of("evidence", "evidence", |it| it.evidence.into()).folds(2),
        Person::shown("raised most by", raised_by)
            .field("lifted_by", |it| {
                word(it.lifted_by().as_str_name(), "COMPONENT_")
            })
            .field("lifted_points", |it| it.lifted_points.into())
            .wraps(),
        Person::shown("dealer", move |it| known(&it.dealer_id))
            .field("dealer_id", |it| key(Some(&it.dealer_id))),
        Person::shown("market", move |it| known(&it.market))
            .field("market", |it| key(Some(&it.market))),
    ];
    Table::new(&columns, advocates)
}

fn raised_by(it: &Advocate) -> String {
    let by = match it.lifted_by() {
        Component::Unspecified => return "nothing".to_owned(),
        Component::Advocacy => "friends and public",
        Component::Repurchase => "bought again",
        Component::Verbatim => "own words",
        Component::Case => "how matters went",
        Component::Survey => "surveys",
    };
    format!("{by} ({:+.1})", it.lifted_points)
}

fn models(answer: &ListAdvocatesResponse) -> String {
    let each = answer.models.iter().map(|it| {
        let scoring = policy_name(it.scoring.as_ref(), "scoring policy");
        let lexicon = policy_name(it.lexicon.as_ref(), "lexicon");
        match it.market.as_str() {
            "" => format!("{scoring}, {lexicon}"),
            market => format!("in {}: {scoring}, {lexicon}", one_line(market)),
        }
    });
    format!("Model: {}.\n", each.collect::<Vec<_>>().join("; "))
}
