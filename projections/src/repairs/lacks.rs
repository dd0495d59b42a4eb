//! What a count needs besides its number: a notice, a last opportunity, a fault that persists.

use jiff::civil::Date;
use ownerline_proto::v1::repeat_repair_policy::Rule;
use ownerline_proto::v1::repeat_repair_policy::rule::Test;
use ownerline_proto::v1::repeat_repair_policy::rule::test::{Kind, Notice as Needs};

/// The notice that one test of a rule needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoticeTerms<'r> {
    /// The attempts or days after which it counts.
    pub(super) after: u32,
    means: &'r [String],
    /// The days of the final opportunity; 0: there is none.
    pub(super) final_opportunity_days: u32,
    /// It is needed only if the manufacturer disclosed so.
    pub(super) if_disclosed: bool,
}

impl<'r> NoticeTerms<'r> {
    /// The terms of a test; `None` if it needs no notice.
    pub(super) fn of(rule: &'r Rule, test: &Test) -> Option<Self> {
        let needed = needed(test);
        let Some(notice) = &rule.notice else {
            return is_required_of_old(rule, test).then_some(Self {
                after: 0,
                means: &[],
                final_opportunity_days: 0,
                if_disclosed: false,
            });
        };
        let is_required = match test.notice() {
            Needs::Unspecified => notice.required,
            Needs::Required => true,
            Needs::NotRequired => false,
        };
        let after = match (test.notice_after, test.kind()) {
            (0, Kind::DaysOut) => notice.after_days,
            (0, _) => notice.after_attempts,
            (after, _) => after,
        };
        is_required.then_some(Self {
            after: u32::try_from(after).unwrap_or(0).min(needed),
            means: &notice.means,
            final_opportunity_days: u32::try_from(notice.final_opportunity_days).unwrap_or(0),
            if_disclosed: notice.if_disclosed,
        })
    }

    /// Whether a notice was given by a means that counts.
    pub(super) fn accepts(&self, means: &str) -> bool {
        let folded = folded(means);
        self.means.is_empty() || self.means.iter().any(|it| self::folded(it) == folded)
    }
}

/// The count that meets a test.
pub(super) fn needed(test: &Test) -> u32 {
    use ownerline_proto::v1::repeat_repair_policy::rule::test::Operator;
    let threshold = u32::try_from(test.threshold).unwrap_or(0);
    let more = match test.operator() {
        Operator::Unspecified => test.exclusive,
        Operator::AtLeast => false,
        Operator::MoreThan => true,
    };
    threshold.saturating_add(u32::from(more))
}

/// Whether a rule without the newer terms requires a notice: for the kinds that it names, or for all of them.
fn is_required_of_old(rule: &Rule, test: &Test) -> bool {
    let named = &rule.notice_required_for;
    let kind_of = |text: &str| match folded(text).as_str() {
        "same_defect" => Some(Kind::SameDefect),
        "safety" => Some(Kind::Safety),
        "days_out" => Some(Kind::DaysOut),
        "any_defect" => Some(Kind::AnyDefect),
        _ => None,
    };
    let names_kinds = named.iter().any(|it| kind_of(it).is_some());
    let names_this = named.iter().any(|it| kind_of(it) == Some(test.kind()));
    !named.is_empty() && (names_this || !names_kinds)
}

/// A word without regard to case, and with one kind of separator.
fn folded(text: &str) -> String {
    let folded = text.trim().chars().map(|it| match it {
        '-' | ' ' => '_',
        it => it.to_ascii_lowercase(),
    });
    folded.collect()
}

/// The last day of a final opportunity that began with a notice.
pub(super) fn opportunity_until(noticed_on: Date, days: u32) -> Date {
    super::dates::plus_days(noticed_on, days)
}
