//! Earned growth for people, or what it lacks.

use std::fmt::Write as _;

use ownerline_proto::v1::EarnedGrowth;
use ownerline_proto::v1::earned_growth::{Missing, OfCurrency};

use crate::cli::terminal_text::{count, one_line, percent, wrapped};
use crate::cli::time::rfc3339;

/// Currencies without minor units (ISO 4217).
const WHOLE: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
    "XAF", "XOF", "XPF",
];

/// Currencies with thousandths (ISO 4217).
const THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

pub(super) fn earned_growth(text: &mut String, growth: &EarnedGrowth, width: usize) {
    let from = growth.from.as_ref().map(rfc3339).unwrap_or_default();
    let _ = writeln!(
        text,
        "\nEarned growth, every make: the 12 months from {from} compared with the 12 before"
    );
    for currency in &growth.currencies {
        of_currency(text, currency);
    }
    let mut beside = format!(
        "{} of {} orders handed over and {} of {} jobs of work have an amount.",
        count(growth.orders_with_amount),
        count(growth.orders),
        count(growth.work_with_amount),
        count(growth.work)
    );
    for missing in growth
        .missing
        .iter()
        .filter_map(|it| Missing::try_from(*it).ok())
    {
        let _ = write!(beside, " Missing: {}.", words(missing));
    }
    for line in wrapped(&beside, width.saturating_sub(2)) {
        let _ = writeln!(text, "  {line}");
    }
}

fn of_currency(text: &mut String, it: &OfCurrency) {
    let name = one_line(&it.currency);
    let share = |share: Option<f64>| share.map_or_else(|| "not known".to_owned(), percent);
    let money = |minor_units| money(minor_units, &it.currency);
    let _ = writeln!(
        text,
        "  {name}  {} = retention {} + earned new customers {} − 100 %",
        share(it.earned_growth),
        share(it.net_revenue_retention),
        share(it.earned_new_customers),
    );
    let _ = writeln!(
        text,
        "       revenue {} (before: {}): {} from earlier customers, {} from {} new ones",
        money(it.revenue),
        money(it.revenue_before),
        money(it.revenue_retained),
        money(it.revenue.saturating_sub(it.revenue_retained)),
        count(it.new_customers),
    );
    let _ = writeln!(
        text,
        "       source known for {} of the new ones ({}); {} came by recommendation ({})",
        count(it.new_customers_source_known),
        money(it.revenue_source_known),
        count(it.new_customers_earned),
        money(it.revenue_earned),
    );
    for missing in it
        .missing
        .iter()
        .filter_map(|it| Missing::try_from(*it).ok())
    {
        let _ = writeln!(text, "       missing: {}", words(missing));
    }
}

/// Whole units of a currency, rounded towards zero.
fn money(minor_units: i64, currency: &str) -> String {
    let unit = match currency {
        it if WHOLE.contains(&it) => 1,
        it if THOUSANDTHS.contains(&it) => 1_000,
        _ => 100,
    };
    let sign = if minor_units <= -unit { "-" } else { "" };
    format!("{sign}{}", count((minor_units / unit).unsigned_abs()))
}

fn words(missing: Missing) -> &'static str {
    match missing {
        Missing::Unspecified => "unknown data",
        Missing::Revenue => "amounts of the 12 months",
        Missing::RevenueBefore => "amounts of the 12 months before",
        Missing::EarlierHistory => {
            "amounts of any earlier time, so the year before may be known only in part"
        }
        Missing::Sources => "where new customers come from",
        Missing::SomeSources => {
            "where some new customers come from; they count as not earned, so this is a lower bound"
        }
        Missing::SomeAmounts => "the other amounts (including work under warranty)",
        Missing::SomeCustomers => "the customers of some amounts, which are in no figure",
        Missing::OneCurrency => "a single currency: several are never added up",
        Missing::Overflow => "a sum that fits into 64 bits: the one shown is the nearest that does",
    }
}
