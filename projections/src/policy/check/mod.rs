//! What a body must say to be used, beyond the rules of its fields: every violation at once, with paths
//! in the schema's names that begin at the policy (`sla.obligations[0].calendar`).

mod calendar;
mod lists;
mod scoring;
mod sla;
mod violations;

use std::collections::BTreeSet;

use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::{PolicyPublished, SlaPolicy};
use ownerline_proto::{Reason, Violation};
use violations::Violations;

/// Everything that keeps a policy from being used, apart from its version.
#[must_use]
pub fn check(policy: &PolicyPublished) -> Vec<Violation> {
    let mut found = Violations::default();
    if let Some(scope) = &policy.scope
        && !scope.market.is_empty()
        && !scope.dealer_id.is_empty()
    {
        let why =
            "must be unset where a dealer is named: the dealer's market follows from the dealer";
        found.add("scope.market", Reason::Disagrees, why);
    }
    let Some(body) = &policy.body else {
        found.add("body", Reason::Required, "must be set");
        return found.into_list();
    };
    let kind = kind_of(body);
    if policy.kind() != kind {
        let why = format!("must be {} like its body", kind.as_str_name());
        found.add("kind", Reason::Disagrees, why);
    }
    match body {
        Body::Sla(sla) => sla::check(sla, &mut found),
        Body::Calendar(calendar) => calendar::check(calendar, &mut found),
        Body::Visibility(visibility) => lists::visibility(visibility, &mut found),
        Body::Scoring(scoring) => scoring::check(scoring, &mut found),
        Body::RepeatRepair(repeat_repair) => lists::repeat_repair(repeat_repair, &mut found),
        Body::StageMapping(mapping) => lists::stage_mapping(mapping, &mut found),
        Body::Survey(survey) => lists::survey(survey, &mut found),
        Body::Lexicon(lexicon) => lists::lexicon(lexicon, &mut found),
    }
    found.into_list()
}

/// The number of a version that was reported, not published here: numbers of ours begin with 1.
pub(super) fn number(policy: &PolicyPublished) -> Option<Violation> {
    let why = "must be at least 1";
    (policy.version < 1).then(|| Violation::new("version", Reason::Range, why))
}

/// Calendars that an SLA names and nobody published.
pub(super) fn unknown_calendars(sla: &SlaPolicy, calendars: &BTreeSet<String>) -> Vec<Violation> {
    let owed = sla.obligations.iter().enumerate();
    let unknown =
        owed.filter(|(_, it)| !it.calendar.is_empty() && !calendars.contains(&it.calendar));
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
    }
}

#[cfg(test)]
mod tests;
