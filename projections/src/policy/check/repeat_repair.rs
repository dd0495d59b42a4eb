//! Checks of REPEAT_REPAIR, the rules about repeated repairs.

use ownerline_proto::Reason;
use ownerline_proto::v1::RepeatRepairPolicy;
use ownerline_proto::v1::repeat_repair_policy::Rule;
use ownerline_proto::v1::repeat_repair_policy::rule::Test;
use ownerline_proto::v1::repeat_repair_policy::rule::extension::Event;
use ownerline_proto::v1::repeat_repair_policy::rule::test::{Notice, Operator};

use super::violations::Violations;

pub(super) fn check(policy: &RepeatRepairPolicy, violations: &mut Violations) {
    let path = |item: usize| format!("repeat_repair.rules[{item}]");
    let ids = policy.rules.iter().enumerate();
    violations.unique(
        ids.map(|(item, rule)| (format!("{}.id", path(item)), &rule.id)),
        "the id",
    );
    for (item, rule) in policy.rules.iter().enumerate() {
        let path = path(item);
        dates(&path, rule, violations);
        tests(&path, rule, violations);
        notice(&path, rule, violations);
        extensions(&path, rule, violations);
        let makers = rule.limitation.iter().flat_map(|it| &it.makers).enumerate();
        let brand = |place: usize| format!("{path}.limitation.makers[{place}].brand");
        let brands = makers.map(|(place, it)| (brand(place), it.brand.to_ascii_lowercase()));
        violations.unique(brands, "the brand");
        let assumed = rule.assumes.iter().enumerate();
        let assumed = assumed.map(|(place, it)| (format!("{path}.assumes[{place}]"), it));
        violations.unique(assumed, "the condition");
    }
}

fn dates(path: &str, rule: &Rule, violations: &mut Violations) {
    let both = !rule.effective_from.is_empty() && !rule.effective_to.is_empty();
    // ISO dates of four-digit years sort as text.
    if both && rule.effective_to < rule.effective_from {
        let field = format!("{path}.effective_to");
        let why = "must not be before effective_from";
        violations.add(field, Reason::Disagrees, why);
    }
}

fn tests(path: &str, rule: &Rule, violations: &mut Violations) {
    if rule.tests.is_empty() {
        let field = format!("{path}.tests");
        violations.add(field, Reason::Required, "must have a test");
    }
    let kinds = rule.tests.iter().enumerate();
    let kinds = kinds.map(|(place, it)| (format!("{path}.tests[{place}].kind"), it.kind));
    violations.unique(kinds, "the kind");
    for (place, test) in rule.tests.iter().enumerate() {
        let field = |name: &str| format!("{path}.tests[{place}].{name}");
        if test.threshold < 1 {
            violations.add(field("threshold"), Reason::Range, "must be at least 1");
        }
        if test.operator() == Operator::AtLeast && test.exclusive {
            let why = "must be OPERATOR_MORE_THAN, or unset, where exclusive is set";
            violations.add(field("operator"), Reason::Disagrees, why);
        }
        if test.notice() == Notice::Required && rule.notice.is_none() {
            let why = "must not be NOTICE_REQUIRED where the rule has no notice";
            violations.add(field("notice"), Reason::Disagrees, why);
        }
        if test.notice_after > 0 && !needs_notice(rule, test) {
            let why = "must be unset where the test needs no notice";
            violations.add(field("notice_after"), Reason::Disagrees, why);
        }
    }
}

fn needs_notice(rule: &Rule, test: &Test) -> bool {
    let by_rule = rule.notice.as_ref().is_some_and(|it| it.required);
    match test.notice() {
        Notice::Required => true,
        Notice::NotRequired => false,
        Notice::Unspecified => by_rule,
    }
}

fn notice(path: &str, rule: &Rule, violations: &mut Violations) {
    let Some(notice) = &rule.notice else {
        return;
    };
    if !rule.tests.iter().any(|test| needs_notice(rule, test)) {
        let why = "must be needed by a test";
        violations.add(format!("{path}.notice"), Reason::Disagrees, why);
    }
    let means = notice.means.iter().enumerate();
    let means = means.map(|(place, it)| (format!("{path}.notice.means[{place}]"), it));
    violations.unique(means, "the means");
    let of_old = [
        ("notice_required_for", !rule.notice_required_for.is_empty()),
        ("notice_to", !rule.notice_to.is_empty()),
    ];
    for (name, _) in of_old.into_iter().filter(|(_, is_set)| *is_set) {
        let why = "must be unset where notice is set, which replaces it";
        violations.add(format!("{path}.{name}"), Reason::Disagrees, why);
    }
}

fn extensions(path: &str, rule: &Rule, violations: &mut Violations) {
    for (place, extension) in rule.extends.iter().enumerate() {
        let field = |name: &str| format!("{path}.extends[{place}].{name}");
        if extension.event() == Event::Unspecified {
            violations.add(field("event"), Reason::Required, "must be set");
        }
        if extension.months < 1 {
            violations.add(field("months"), Reason::Range, "must be at least 1");
        }
        if extension.event() == Event::Other && extension.text.is_empty() {
            let why = "must say what extends the window";
            violations.add(field("text"), Reason::Required, why);
        }
        if rule.window_months == 0 {
            let why = "must be empty where the window has no months";
            violations.add(format!("{path}.extends[{place}]"), Reason::Disagrees, why);
        }
    }
}
