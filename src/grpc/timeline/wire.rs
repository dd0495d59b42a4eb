//! Timelines as the contract shows them, and the part of one that a request asks for.

use ownerline_projections::timeline::{Force, RowStanding, TimelineFilter};
use ownerline_proto::kind::no_such_type;
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::timeline_entry::Standing as WireStanding;
use ownerline_proto::v1::{
    TimelineEntry as WireEntry, TimelineFilter as WireFilter, TouchpointRef,
};
use ownerline_proto::{Reason, Violation, time};

use crate::command::{Warning, warnings_of};
use crate::grpc::asking::non_empty;
use crate::grpc::convert;
use crate::grpc::problem::Problem;
use crate::query::{PositionText, TimelineEntry, around};

/// An entry as the contract shows it.
pub(super) fn entry(text: PositionText, entry: TimelineEntry) -> WireEntry {
    let mut warnings = warnings_of(&entry.touchpoint);
    if entry.row.standing.without_effect {
        warnings.push(Warning::ReferenceWithoutEffect);
    }
    if entry.row.odometer_fell {
        warnings.push(Warning::OdometerFell);
    }
    let source = entry.touchpoint.source.clone();
    let causes = entry
        .touchpoint
        .causation
        .clone()
        .map(|cause| absolute(cause, &source))
        .into_iter()
        .collect();
    let RowStanding {
        force,
        corrected_by,
        retracted_by,
        ..
    } = entry.row.standing;
    let standing = match force {
        Force::InForce => WireStanding::InForce,
        Force::Corrected => WireStanding::Corrected,
        Force::Retracted => WireStanding::Retracted,
    };
    WireEntry {
        standing: standing.into(),
        corrected_by: corrected_by.map(Into::into),
        retracted_by: retracted_by.map(Into::into),
        headline: entry.headline,
        rank: entry.row.key.rank.byte().into(),
        owner_id: entry.row.owner_id,
        vin: entry.row.vin,
        dealer_id: entry.row.dealer_id,
        causes,
        effects: entry.row.effects.into_iter().map(Into::into).collect(),
        warnings: warnings.iter().map(convert::warning).collect(),
        recorded: Some(around(text, &entry.event, entry.touchpoint)),
    }
}

/// A reference that names its source.
fn absolute(mut reference: TouchpointRef, own_source: &str) -> TouchpointRef {
    if reference.source.is_empty() {
        own_source.clone_into(&mut reference.source);
    }
    reference
}

pub(super) fn filter(filter: Option<WireFilter>) -> Result<TimelineFilter, Problem> {
    let filter = filter.unwrap_or_default();
    let visible_to = filter.visible_to();
    let mut violations = Vec::new();
    let mut kinds = std::collections::BTreeSet::new();
    for (item, name) in filter.types.iter().enumerate() {
        match Schema::get().kind_by_type(name) {
            Some(kind) => {
                kinds.insert(kind.number);
            }
            None => violations.push(Violation::new(
                format!("filter.types[{item}]"),
                Reason::UnknownValue,
                no_such_type(name),
            )),
        }
    }
    if !violations.is_empty() {
        return Err(Problem::malformed(violations));
    }
    Ok(TimelineFilter {
        kinds,
        vin: non_empty(filter.vin),
        dealer_id: non_empty(filter.dealer_id),
        order_id: non_empty(filter.order_id),
        case_id: non_empty(filter.case_id),
        visit_id: non_empty(filter.visit_id),
        feedback_id: non_empty(filter.feedback_id),
        from: filter.from.as_ref().map(time::nanos_clamped),
        until: filter.until.as_ref().map(time::nanos_clamped),
        visible_to: Some(visible_to),
        ..TimelineFilter::default()
    })
}
