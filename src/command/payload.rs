//! Checks of a payload that concern several of its fields, or the configuration.

use ownerline_proto::schema::scheme_of;
use ownerline_proto::v1::policy_published::{Body, Kind as PolicyKind};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{PolicyPublished, ProductionStageReached, StagePhotographed};
use ownerline_proto::{Reason, Violation, Violations};

use super::limits::RecorderLimits;

/// Adds every violation of a payload that no single field shows.
pub(super) fn check_payload(
    payload: &Payload,
    limits: &RecorderLimits,
    violations: &mut Violations,
) {
    match payload {
        Payload::PolicyPublished(published) => check_policy_kind(published, violations),
        Payload::DeliveryWindowPlanned(it) => check_window(
            "delivery_window_planned",
            &it.date,
            &it.until_date,
            violations,
        ),
        Payload::DeliveryDatePromised(it) => check_window(
            "delivery_date_promised",
            &it.date,
            &it.until_date,
            violations,
        ),
        Payload::DeliveryDateRevised(it) => {
            check_window(
                "delivery_date_revised",
                &it.date,
                &it.until_date,
                violations,
            );
        }
        Payload::ProductionStageReached(it) => check_stage(it, violations),
        Payload::StagePhotographed(it) => check_photograph(it, limits, violations),
        _ => {}
    }
}

fn check_policy_kind(published: &PolicyPublished, violations: &mut Violations) {
    let Some(body) = &published.body else { return };
    let kind = match body {
        Body::Sla(_) => PolicyKind::Sla,
        Body::Calendar(_) => PolicyKind::Calendar,
        Body::Visibility(_) => PolicyKind::Visibility,
        Body::Scoring(_) => PolicyKind::Scoring,
        Body::RepeatRepair(_) => PolicyKind::RepeatRepair,
        Body::StageMapping(_) => PolicyKind::StageMapping,
        Body::Survey(_) => PolicyKind::Survey,
        Body::Lexicon(_) => PolicyKind::Lexicon,
        Body::Tips(_) => PolicyKind::Tips,
    };
    if published.kind != i32::from(kind) {
        violations.push(Violation::new(
            "touchpoint.policy_published.kind",
            Reason::Disagrees,
            format!("must be {} like its body", kind.as_str_name()),
        ));
    }
}

/// A window does not end before it begins. Dates of one form compare as text.
fn check_window(payload: &str, date: &str, until_date: &str, violations: &mut Violations) {
    if !until_date.is_empty() && until_date < date {
        violations.push(Violation::new(
            format!("touchpoint.{payload}.until_date"),
            Reason::Disagrees,
            "must not be before date",
        ));
    }
}

/// A code may stand alone, since the mapping in force can tell its stage; nothing at all says nothing.
fn check_stage(reached: &ProductionStageReached, violations: &mut Violations) {
    if reached.stage == 0 && reached.raw_code.is_empty() {
        violations.push(Violation::new(
            "touchpoint.production_stage_reached.stage",
            Reason::Required,
            "must be set where raw_code is not",
        ));
    }
}

fn check_photograph(
    photograph: &StagePhotographed,
    limits: &RecorderLimits,
    violations: &mut Violations,
) {
    let field = |name: &str| format!("touchpoint.stage_photographed.{name}");
    let is_allowed = |scheme: &str| scheme == "https" || limits.photograph_schemes.contains(scheme);
    // An address without a scheme is refused by its form.
    if scheme_of(&photograph.uri).is_some_and(|scheme| !is_allowed(&scheme)) {
        violations.push(Violation::new(
            field("uri"),
            Reason::Format,
            "must be an https URL, or one of a scheme that limits.photograph_schemes allows",
        ));
    }
    // The digest of bytes of an unknown kind, or a kind of bytes that may be any, is of no use.
    let (sha256, media_type) = (&photograph.sha256, &photograph.media_type);
    for (name, text, other_name, other) in [
        ("sha256", sha256, "media_type", media_type),
        ("media_type", media_type, "sha256", sha256),
    ] {
        if text.is_empty() && !other.is_empty() {
            violations.push(Violation::new(
                field(name),
                Reason::Required,
                format!("must be set where {other_name} is"),
            ));
        }
    }
}
