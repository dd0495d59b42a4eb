//! The policy that a what-if query supposes instead of those in force.

use std::sync::Arc;

use ownerline_proto::Violation;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::{CalendarPolicy, PolicyPublished, SlaPolicy};

use super::load::Policies;
use super::terms::TermsInForce;
use super::version::Version;
use super::{check, shipped};

/// The field of a request that supposes an SLA, and the name of the policy in its answer.
const SUPPOSED: &str = "what_if";

/// The version of the policy in such an answer.
const SUPPOSED_VERSION: i32 = 1;

/// The calendar that ships with the server, which is in force at every instant.
const SHIPPED_CALENDAR: &str = "calendar";

/// A supposed SLA, which applies to every dealer at every instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Supposed {
    /// The obligations.
    pub sla: SlaPolicy,
    /// Open hours that replace those of the calendars named by the SLA; they need not be published.
    pub calendar: Option<CalendarPolicy>,
}

impl From<SlaPolicy> for Supposed {
    fn from(sla: SlaPolicy) -> Self {
        let calendar = None;
        Self { sla, calendar }
    }
}

impl Supposed {
    /// Returns the terms of the supposed SLA. Where a calendar that it names is not in force, the SLA that ships with the
    /// server holds.
    ///
    /// # Errors
    /// Every violation for which the SLA cannot be used, by the field of the request.
    pub fn terms(&self, policies: &Policies) -> Result<TermsInForce, Vec<Violation>> {
        let mut sla = self.sla.clone();
        if self.calendar.is_some() {
            // The supposed hours replace every calendar, so each obligation names one that is always in force.
            for owed in &mut sla.obligations {
                if !owed.calendar.is_empty() {
                    SHIPPED_CALENDAR.clone_into(&mut owed.calendar);
                }
            }
        }
        let mut problems = problems(SUPPOSED, Body::Sla(sla.clone()));
        let calendars = policies.names(SUPPOSED).calendars;
        let unknown = check::unknown_calendars(&sla, &calendars).into_iter();
        problems.extend(unknown.map(|violation| in_field(SUPPOSED, violation)));
        if !problems.is_empty() {
            return Err(problems);
        }
        let version = PolicyPublished {
            name: SUPPOSED.to_owned(),
            version: SUPPOSED_VERSION,
            ..published(Body::Sla(sla))
        };
        // It takes effect just after the shipped version, which holds where the calendars of this one are not in force.
        let version = Version {
            effective_from: Instant::MIN.plus(1),
            ..Version::shipped(version)
        };
        let shipped = shipped().iter();
        let shipped = shipped.filter(|version| version.published.kind() == Kind::Sla);
        let slas = shipped.cloned().chain([Arc::new(version)]).collect();
        Ok(policies.terms_of(slas, self.calendar.as_ref()))
    }
}

/// Returns the violations of a supposed body that can be found without the published policies. Paths begin at the field
/// of the request that holds the body.
#[must_use]
pub fn problems(field: &str, body: Body) -> Vec<Violation> {
    let violations = check(&published(body)).into_iter();
    violations.map(|it| in_field(field, it)).collect()
}

fn published(body: Body) -> PolicyPublished {
    PolicyPublished {
        kind: check::kind_of(&body).into(),
        body: Some(body),
        ..PolicyPublished::default()
    }
}

/// Replaces the start of a violation's path, which is the body of a policy (`sla.obligations`), by a field of a request.
fn in_field(field: &str, mut violation: Violation) -> Violation {
    let rest = violation.field.find(['.', '[']);
    let rest = rest.and_then(|at| violation.field.get(at..));
    violation.field = format!("{field}{}", rest.unwrap_or_default());
    violation
}
