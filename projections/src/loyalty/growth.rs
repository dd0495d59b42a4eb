//! Earned growth: the growth from returning and recommended customers (F. Reichheld, D. Darnell and M. Burns, "Net
//! Promoter 3.0", Harvard Business Review, November–December 2021).

use ownerline_proto::time;
use ownerline_proto::v1::EarnedGrowth;
use ownerline_proto::v1::earned_growth::{Missing, OfCurrency};

use super::amounts::{Amount, Amounts};
use super::years::Years;
use crate::fold::numbering::Numbering;
use crate::stats::rounded;

/// Computes earned growth from the payments.
pub(super) fn growth(mut amounts: Amounts, currencies: &Numbering, years: Years) -> EarnedGrowth {
    amounts.paid.sort_unstable();
    let mut by_currency: Vec<OfCurrency> = Vec::new();
    for (name, currency) in currencies.iter() {
        let from = amounts.paid.partition_point(|it| it.currency < currency);
        let until = amounts.paid.partition_point(|it| it.currency <= currency);
        let paid = amounts.paid.get(from..until).unwrap_or_default();
        if !paid.is_empty() {
            by_currency.push(of_currency(name, currency, paid, &amounts, years));
        }
    }
    let mut missing = Vec::new();
    if by_currency.is_empty() {
        missing.extend([Missing::Revenue, Missing::RevenueBefore]);
    }
    if by_currency.len() > 1 {
        missing.push(Missing::OneCurrency);
    }
    let (orders, work) = (amounts.orders, amounts.work);
    if orders.with_amount < orders.all || work.with_amount < work.all {
        missing.push(Missing::SomeAmounts);
    }
    if amounts.of_unknown_person > 0 {
        missing.push(Missing::SomeCustomers);
    }
    EarnedGrowth {
        before_from: Some(time::timestamp(years.before_from)),
        from: Some(time::timestamp(years.from)),
        currencies: by_currency,
        missing: missing.into_iter().map(i32::from).collect(),
        orders: orders.all,
        orders_with_amount: orders.with_amount,
        work: work.all,
        work_with_amount: work.with_amount,
        amounts_of_nobody: amounts.of_unknown_person,
    }
}

/// Sums in minor units.
#[derive(Default)]
struct Sums {
    before: i128,
    now: i128,
    retained: i128,
    earned: i128,
    source_known: i128,
    customers: u64,
    customers_source_known: u64,
    customers_earned: u64,
    /// Whether there are payments before the 12 months; below, within them.
    has_before: bool,
    has_now: bool,
}

fn of_currency(
    name: &str,
    currency: u32,
    paid: &[Amount],
    amounts: &Amounts,
    years: Years,
) -> OfCurrency {
    let mut sums = Sums::default();
    for of_person in paid.chunk_by(|one, next| one.person == next.person) {
        sums.add(of_person, amounts, years);
    }
    let first = amounts.first.get(&currency).copied();
    let is_short = first.is_none_or(|first| first > years.before_from);
    let mut missing = Vec::new();
    if !sums.has_now {
        missing.push(Missing::Revenue);
    }
    if !sums.has_before || sums.before <= 0 {
        missing.push(Missing::RevenueBefore);
    }
    if is_short {
        missing.push(Missing::EarlierHistory);
    }
    let is_complete = missing.is_empty();
    let of_before = |part: i128| part as f64 / sums.before as f64;
    let retention = is_complete.then(|| of_before(sums.retained));
    let sources_known = sums.customers == 0 || sums.customers_source_known > 0;
    let earned = (is_complete && sources_known).then(|| of_before(sums.earned));
    if !sources_known {
        missing.push(Missing::Sources);
    } else if sums.customers_source_known < sums.customers {
        missing.push(Missing::SomeSources);
    }
    let all = [
        sums.before,
        sums.now,
        sums.retained,
        sums.earned,
        sums.source_known,
    ];
    if all.iter().any(|sum| i64::try_from(*sum).is_err()) {
        missing.push(Missing::Overflow);
    }
    let growth = retention.zip(earned);
    OfCurrency {
        currency: name.to_owned(),
        revenue_before: clamped(sums.before),
        revenue: clamped(sums.now),
        revenue_retained: clamped(sums.retained),
        revenue_earned: clamped(sums.earned),
        revenue_source_known: clamped(sums.source_known),
        new_customers: sums.customers,
        new_customers_source_known: sums.customers_source_known,
        new_customers_earned: sums.customers_earned,
        net_revenue_retention: retention.map(rounded),
        earned_new_customers: earned.map(rounded),
        earned_growth: growth.map(|(retention, earned)| rounded(retention + earned - 1.0)),
        missing: missing.into_iter().map(i32::from).collect(),
    }
}

impl Sums {
    /// Adds the payments of one person, who is a new customer if not a customer before the 12 months.
    fn add(&mut self, paid: &[Amount], amounts: &Amounts, years: Years) {
        let Some(person) = paid.first().map(|amount| amount.person) else {
            return;
        };
        let sum = |inside: &dyn Fn(i64) -> bool| {
            let inside = paid.iter().filter(|amount| inside(amount.at));
            inside.fold((0_i128, false), |(sum, _), amount| {
                (sum + i128::from(amount.minor_units), true)
            })
        };
        let (before, has_before) = sum(&|at| years.is_before(at));
        let (now, has_now) = sum(&|at| years.is_now(at));
        self.before += before;
        self.now += now;
        self.has_before |= has_before;
        self.has_now |= has_now;
        if !has_now {
            return;
        }
        let since = amounts.since.get(person as usize).copied();
        if since.is_some_and(|since| since <= years.from) {
            self.retained += now;
            return;
        }
        self.customers += 1;
        let Some((_, earned)) = amounts.earned.get(&person) else {
            return;
        };
        self.customers_source_known += 1;
        self.source_known += now;
        if *earned {
            self.customers_earned += 1;
            self.earned += now;
        }
    }
}

fn clamped(sum: i128) -> i64 {
    i64::try_from(sum.clamp(i64::MIN.into(), i64::MAX.into())).unwrap_or(i64::MAX)
}
