//! Decisions about commands that depend on state: pure functions from state and command to acceptance or refusal.
//! Reported facts do not depend on state and are never refused for it.

use std::collections::BTreeSet;

use ownerline_proto::v1::PolicyPublished;
use ownerline_proto::v1::policy_published::{Body, Kind};
use thiserror::Error;

/// The facts about a name that decide whether a policy can be published under it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyNames {
    /// The kind that the name belongs to; `None` if nothing was published under it.
    pub kind: Option<Kind>,
    /// Every version ever published under it, including those no longer in force, because somebody may have seen answers
    /// based on them.
    pub versions: BTreeSet<i32>,
    /// Names of usable calendars.
    pub calendars: BTreeSet<String>,
}

impl PolicyNames {
    /// Returns the next free version number.
    #[must_use]
    pub fn next(&self) -> i32 {
        let last = self.versions.last().copied().unwrap_or_default().max(0);
        // After the greatest number, some smaller one is free.
        let next = last.checked_add(1);
        next.unwrap_or_else(|| {
            let mut free = (1..=i32::MAX).filter(|version| !self.versions.contains(version));
            free.next().unwrap_or(i32::MAX)
        })
    }
}

/// A command is refused because of the state of the service.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The version was published before.
    #[error("version {version} of policy {name:?} is published already; the next is {next}")]
    VersionExists {
        /// The policy.
        name: String,
        /// The version to be published.
        version: i32,
        /// The next free version.
        next: i32,
    },
    /// The name belongs to a policy of another kind.
    #[error("policy {name:?} is one of {}, not of {}", kind.as_str_name(), given.as_str_name())]
    OtherKind {
        /// The policy.
        name: String,
        /// The kind that the name belongs to.
        kind: Kind,
        /// The kind that was to be published.
        given: Kind,
    },
    /// There is no usable calendar of this name.
    #[error("no calendar {calendar:?} is published")]
    UnknownCalendar {
        /// The calendar.
        calendar: String,
    },
}

/// Decides about the publication of a policy, and returns the policy to record, with its version.
///
/// # Errors
/// See [`Refusal`].
pub fn publish_policy(
    names: &PolicyNames,
    mut policy: PolicyPublished,
) -> Result<PolicyPublished, Refusal> {
    let given = policy.kind();
    if let Some(kind) = names.kind.filter(|kind| *kind != given) {
        let name = policy.name;
        return Err(Refusal::OtherKind { name, kind, given });
    }
    if policy.version == 0 {
        policy.version = names.next();
    } else if names.versions.contains(&policy.version) {
        return Err(Refusal::VersionExists {
            version: policy.version,
            next: names.next(),
            name: policy.name,
        });
    }
    let owed = match &policy.body {
        Some(Body::Sla(sla)) => sla.obligations.as_slice(),
        _ => &[],
    };
    let calendars = owed.iter().map(|owed| &owed.calendar);
    let mut unknown = calendars.filter(|name| !name.is_empty() && !names.calendars.contains(*name));
    if let Some(calendar) = unknown.next() {
        let calendar = calendar.clone();
        return Err(Refusal::UnknownCalendar { calendar });
    }
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use ownerline_proto::v1::SlaPolicy;
    use ownerline_proto::v1::sla_policy::Obligation;

    use super::*;

    fn given(versions: &[i32]) -> PolicyNames {
        PolicyNames {
            kind: (!versions.is_empty()).then_some(Kind::Sla),
            versions: versions.iter().copied().collect(),
            calendars: ["calendar".to_owned()].into(),
        }
    }

    fn when(version: i32, calendar: &str) -> PolicyPublished {
        let owed = Obligation {
            calendar: calendar.to_owned(),
            ..Obligation::default()
        };
        let obligations = vec![owed];
        PolicyPublished {
            name: "gb".to_owned(),
            kind: Kind::Sla.into(),
            version,
            body: Some(Body::Sla(SlaPolicy { obligations })),
            ..PolicyPublished::default()
        }
    }

    #[test]
    fn a_publication_without_version_is_the_next() {
        for (versions, next) in [(&[][..], 1), (&[1, 2], 3), (&[1, 7], 8), (&[i32::MAX], 1)] {
            let then = publish_policy(&given(versions), when(0, "")).unwrap();
            assert_eq!(then, when(next, ""), "{versions:?}");
        }
    }

    #[test]
    fn a_free_version_may_be_chosen_and_a_published_one_is_refused() {
        let then = publish_policy(&given(&[1, 7]), when(4, "")).unwrap();
        assert_eq!(then.version, 4);
        let refused = publish_policy(&given(&[1, 7]), when(7, "")).unwrap_err();
        let name = "gb".to_owned();
        let expected = Refusal::VersionExists {
            name,
            version: 7,
            next: 8,
        };
        assert_eq!(refused, expected);
    }

    #[test]
    fn a_name_keeps_its_kind() {
        let mut names = given(&[1]);
        names.kind = Some(Kind::Lexicon);
        let refused = publish_policy(&names, when(0, "")).unwrap_err();
        let expected = Refusal::OtherKind {
            name: "gb".to_owned(),
            kind: Kind::Lexicon,
            given: Kind::Sla,
        };
        assert_eq!(refused, expected);
        assert_eq!(
            refused.to_string(),
            "policy \"gb\" is one of KIND_LEXICON, not of KIND_SLA"
        );
    }

    #[test]
    fn a_calendar_that_nobody_published_is_refused() {
        assert!(publish_policy(&given(&[1]), when(0, "calendar")).is_ok());
        let refused = publish_policy(&given(&[1]), when(0, "gb-hours")).unwrap_err();
        assert!(matches!(refused, Refusal::UnknownCalendar { .. }));
    }
}
