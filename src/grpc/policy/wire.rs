//! Policies as the contract shows them.

use ownerline_projections::policy::{Flaw, Version};
use ownerline_proto::v1::policy::Standing;
use ownerline_proto::v1::{FieldViolation, Policy, TouchpointRef};
use ownerline_proto::{Reason, Violation, time};

use crate::query::PositionText;

pub(super) fn policy(text: PositionText, version: &Version) -> Policy {
    let (standing, problems) = match &version.flaw {
        None => (Standing::Usable, Vec::new()),
        Some(Flaw::Unusable(violations)) => (Standing::Unusable, violations.clone()),
        Some(Flaw::VersionTaken) => {
            let why = "another publication, earlier in the history, is this version";
            let problem = Violation::new("version", Reason::Disagrees, why);
            (Standing::VersionTaken, vec![problem])
        }
        Some(Flaw::OtherKind(kind)) => {
            let why = format!("the name belongs to a policy of {}", kind.as_str_name());
            let problem = Violation::new("kind", Reason::Disagrees, why);
            (Standing::OtherKind, vec![problem])
        }
    };
    let problems = problems.into_iter().map(|problem| FieldViolation {
        field: problem.field,
        reason: problem.reason.as_str().to_owned(),
        description: problem.description,
    });
    let shown = Policy {
        published: Some(version.published.clone()),
        standing: standing.into(),
        problems: problems.collect(),
        shipped: version.publication.is_none(),
        ..Policy::default()
    };
    let Some(publication) = &version.publication else {
        return shown;
    };
    Policy {
        touchpoint: Some(TouchpointRef {
            source: publication.key.source.clone(),
            id: publication.key.id.clone(),
        }),
        occurred_at: Some(time::timestamp(publication.key.occurred_at)),
        received_at: Some(time::timestamp(publication.received_at)),
        recorded_at: Some(time::timestamp(publication.recorded_at)),
        position: text.write(publication.key.position),
        revision: publication.revision,
        ..shown
    }
}
