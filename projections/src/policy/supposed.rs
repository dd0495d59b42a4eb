//! Policies that a question supposes instead of those in force ("what if").

use std::sync::Arc;

use ownerline_proto::Violation;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::{CalendarPolicy, PolicyPublished, SlaPolicy};

use super::load::Policies;
use super::terms::TermsInForce;
use super::version::Version;
use super::{check, shipped};

/// The field of a request that supposes an SLA, and the name of the policy that answers then show.
const SUPPOSED: &str = "what_if";

/// The version of the policy that answers show.
const SUPPOSED_VERSION: i32 = 1;

/// The calendar that ships with the server: it is in force at every instant.
const SHIPPED_CALENDAR: &str = "calendar";

/// An SLA that is supposed to be owed by everybody and at every time.
#[derive(Debug, Clone, PartialEq)]
pub struct Supposed {
    /// The obligations.
    pub sla: SlaPolicy,
    /// The open hours that count instead of those of the calendars that the SLA names; they need not be published.
    pub calendar: Option<CalendarPolicy>,
}

impl From<SlaPolicy> for Supposed {
    fn from(sla: SlaPolicy) -> Self {
        let calendar = None;
        Self { sla, calendar }
    }
}

impl Supposed {
    /// The terms that follow. Where a calendar that the SLA names is not in force, the SLA that ships with the server
    /// holds.
    ///
    /// # Errors
    /// Every reason why the SLA cannot be used, by the field of the request.
    pub fn terms(&self, policies: &Policies) -> Result<TermsInForce, Vec<Violation>> {
        let mut sla = self.sla.clone();
        if self.calendar.is_some() {
            // Under whichever name, the supposed hours stand in for a calendar that is always in force.
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
        let ships = shipped().iter();
        let ships = ships.filter(|it| it.published.kind() == Kind::Sla);
        let slas = ships.cloned().chain([Arc::new(version)]).collect();
        Ok(policies.terms_of(slas, self.calendar.as_ref()))
    }
}

/// Every reason why a supposed body cannot be used that is known without the published policies, by the field of the
/// request that holds the body.
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

/// A violation whose path begins at the body of a policy (`sla.obligations`), told of the field that holds the body.
fn in_field(field: &str, mut violation: Violation) -> Violation {
    let rest = violation.field.find(['.', '[']);
    let rest = rest.and_then(|at| violation.field.get(at..));
    violation.field = format!("{field}{}", rest.unwrap_or_default());
    violation
}
