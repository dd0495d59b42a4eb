//! The checks of a policy body beyond the rules of single fields. They report every violation at once, with paths in the
//! schema's names that begin at the policy (`sla.obligations[0].calendar`).

mod calendar;
mod lists;
mod repeat_repair;
mod scoring;
mod sla;
mod tips;
mod violations;

use std::collections::BTreeSet;

use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::{PolicyPublished, SlaPolicy};
use ownerline_proto::{Reason, Violation};
use violations::Violations;

/// Returns all violations for which a policy cannot be used, apart from those of its version.
#[must_use]
pub fn check(policy: &PolicyPublished) -> Vec<Violation> {
    let mut violations = Violations::default();
    if let Some(scope) = &policy.scope
        && !scope.market.is_empty()
        && !scope.dealer_id.is_empty()
    {
        let why =
            "must be unset where a dealer is named: the dealer's market follows from the dealer";
        violations.add("scope.market", Reason::Disagrees, why);
    }
    let Some(body) = &policy.body else {
        violations.add("body", Reason::Required, "must be set");
        return violations.into_list();
    };
    let kind = kind_of(body);
    if policy.kind() != kind {
        let why = format!("must be {} like its body", kind.as_str_name());
        violations.add("kind", Reason::Disagrees, why);
    }
    match body {
        Body::Sla(sla) => sla::check(sla, &mut violations),
        Body::Calendar(calendar) => calendar::check(calendar, &mut violations),
        Body::Visibility(visibility) => lists::visibility(visibility, &mut violations),
        Body::Scoring(scoring) => scoring::check(scoring, &mut violations),
        Body::RepeatRepair(repeat_repair) => repeat_repair::check(repeat_repair, &mut violations),
        Body::StageMapping(mapping) => lists::stage_mapping(mapping, &mut violations),
        Body::Survey(survey) => lists::survey(survey, &mut violations),
        Body::Lexicon(lexicon) => lists::lexicon(lexicon, &mut violations),
        Body::Tips(tips) => tips::check(tips, &mut violations),
    }
    violations.into_list()
}

/// Checks the version of an imported policy; versions published here always begin with 1.
pub(super) fn number(policy: &PolicyPublished) -> Option<Violation> {
    let why = "must be at least 1";
    (policy.version < 1).then(|| Violation::new("version", Reason::Range, why))
}

/// Returns a violation for each calendar that an SLA names and nobody published.
pub(super) fn unknown_calendars(sla: &SlaPolicy, calendars: &BTreeSet<String>) -> Vec<Violation> {
    let owed = sla.obligations.iter().enumerate();
    let unknown =
        owed.filter(|(_, owed)| !owed.calendar.is_empty() && !calendars.contains(&owed.calendar));
    unknown
        .map(|(item, _)| {
            let field = format!("sla.obligations[{item}].calendar");
            Violation::new(
                field,
                Reason::UnknownValue,
                "must be a calendar that is published",
            )
        })
        .collect()
}

pub(super) fn kind_of(body: &Body) -> Kind {
    match body {
        Body::Sla(_) => Kind::Sla,
        Body::Calendar(_) => Kind::Calendar,
        Body::Visibility(_) => Kind::Visibility,
        Body::Scoring(_) => Kind::Scoring,
        Body::RepeatRepair(_) => Kind::RepeatRepair,
        Body::StageMapping(_) => Kind::StageMapping,
        Body::Survey(_) => Kind::Survey,
        Body::Lexicon(_) => Kind::Lexicon,
        Body::Tips(_) => Kind::Tips,
    }
}

#[cfg(test)]
mod tests;
