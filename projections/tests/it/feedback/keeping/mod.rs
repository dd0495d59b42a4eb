//! The events that the clock-keeper issues, and when: each sentence of the rule by its name.

mod levels;
mod properties;
mod revisions;
mod subjects;

use std::collections::BTreeMap;

use ownerline_projections::TouchpointKey;
use ownerline_projections::obligation::terms::InForce;
use ownerline_projections::obligation::{
    Cause, Keeping, Notice, NoticeKind, NoticesDue, Publications, notices_due,
};
use ownerline_proto::time;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    ObligationBreached, ObligationOutcomeRevised, ObligationWarned, TouchpointRef,
};

use super::touchpoints::*;

/// Terms that owe nothing but a first reply within 24 hours.
fn first_reply() -> Rules {
    rules(vec![term(Kind::FirstReply, 24)])
}

/// The publications of the policy by version.
#[derive(Default)]
struct Known(BTreeMap<i32, Cause>);

impl Publications for Known {
    fn publication(&self, _: &str, version: i32) -> Option<Cause> {
        self.0.get(&version).cloned()
    }
}

/// A clock-keeper that looks at feedback `f`.
struct Keeper<'k> {
    rules: &'k dyn InForce,
    known: Known,
    /// Its first start, in hours.
    since: i64,
}

impl<'k> Keeper<'k> {
    fn by(rules: &'k dyn InForce) -> Self {
        Self {
            rules,
            known: Known::default(),
            since: -1_000,
        }
    }

    fn looks(&self, touchpoints: &[FeedbackTouchpoint], hour: i64) -> NoticesDue {
        self.looks_at("f", touchpoints, hour)
    }

    fn looks_at(
        &self,
        feedback: &str,
        touchpoints: &[FeedbackTouchpoint],
        hour: i64,
    ) -> NoticesDue {
        let keeping = Keeping {
            in_force: self.rules,
            publications: &self.known,
            since: self.since * HOUR,
            now: hour * HOUR,
        };
        let item = folded(touchpoints).item(feedback);
        item.map_or_else(NoticesDue::default, |item| notices_due(&item, &keeping))
    }

    /// Records due notices until none is left, and returns them.
    fn keeps(&self, touchpoints: &mut Vec<FeedbackTouchpoint>, hour: i64) -> Vec<Notice> {
        self.keeps_at("f", touchpoints, hour)
    }

    fn keeps_at(
        &self,
        feedback: &str,
        touchpoints: &mut Vec<FeedbackTouchpoint>,
        hour: i64,
    ) -> Vec<Notice> {
        let mut all = Vec::new();
        loop {
            let notices = self.looks_at(feedback, touchpoints, hour).notices;
            if notices.is_empty() {
                return all;
            }
            assert!(all.len() < 1_000, "it does not come to an end");
            touchpoints.extend(notices.iter().map(|it| recorded(feedback, it, hour)));
            all.extend(notices);
        }
    }
}

/// The event of a notice, recorded at an hour.
fn recorded(feedback: &str, notice: &Notice, hour: i64) -> FeedbackTouchpoint {
    let (policy, policy_version) = notice.policy.clone();
    let due_at = notice.due_at.map(time::timestamp);
    let obligation_id = notice.obligation_id.clone();
    let (kind, level) = (notice.kind.into(), notice.share);
    let episode = i32::try_from(notice.episode).unwrap();
    let payload = match &notice.event {
        NoticeKind::Warned => Payload::ObligationWarned(ObligationWarned {
            obligation_id,
            episode,
            kind,
            policy,
            policy_version,
            due_at,
            level,
            subject_id: String::new(),
        }),
        NoticeKind::Breached => Payload::ObligationBreached(ObligationBreached {
            obligation_id,
            episode,
            kind,
            policy,
            policy_version,
            due_at,
            level,
            subject_id: String::new(),
        }),
        NoticeKind::Revised {
            previous,
            now,
            because: TouchpointKey { source, id },
        } => Payload::ObligationOutcomeRevised(ObligationOutcomeRevised {
            obligation_id,
            episode,
            kind,
            policy,
            policy_version,
            due_at,
            level,
            previous: previous.clone(),
            now: (*now).to_owned(),
            because: Some(TouchpointRef {
                source: source.clone(),
                id: id.clone(),
            }),
            subject_id: String::new(),
        }),
    };
    let mut touchpoints = FeedbackTouchpoint::new(&notice.id, hour, payload)
        .of(feedback)
        .about(|subjects| {
            subjects.owner_id.clone_from(&notice.owner_id);
            subjects.vin.clone_from(&notice.vin);
            subjects.dealer_id.clone_from(&notice.dealer_id);
        });
    touchpoints.touchpoint.source = "//ownerline/clock-keeper".to_owned();
    touchpoints.occurred_at = notice.occurred_at;
    touchpoints
}

/// The share in percent and the instant in minutes of each warning and breach.
fn levels_of(notices: &[Notice]) -> Vec<(i64, i64)> {
    let levels = notices.iter().filter(|it| match it.event {
        NoticeKind::Warned => it.share < 1.0,
        NoticeKind::Breached => it.share >= 1.0,
        NoticeKind::Revised { .. } => false,
    });
    let percent = |share: f64| (share * 100.0).round() as i64;
    levels
        .map(|it| (percent(it.share), it.occurred_at / (HOUR / 60)))
        .collect()
}

/// The previous outcome, the outcome now and the cause of each revision.
fn revisions_of(notices: &[Notice]) -> Vec<(String, String, String)> {
    let said = notices.iter().filter_map(|it| match &it.event {
        NoticeKind::Revised {
            previous,
            now,
            because,
        } => Some((previous.clone(), (*now).to_owned(), because.id.clone())),
        _ => None,
    });
    said.collect()
}
