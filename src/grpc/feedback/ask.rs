//! What requests about feedback ask for; everything wrong with one is told at once.

use ownerline_projections::feedback::inbox::{Inbox, InboxFilter, InboxOrder, InboxQuestion};
use ownerline_projections::policy::Supposed;
use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::list_obligations_request::Order as WireOrder;
use ownerline_proto::v1::obligation::State as WireState;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::{
    Channel, ListObligationsRequest, ObligationFilter, WatchObligationsRequest,
};
use ownerline_proto::{Reason, Violation, Violations};

use crate::grpc::convert;
use crate::grpc::obligation::state_of;
use crate::grpc::problem::Problem;
use crate::query::{PositionText, WatchFrom};

/// The question of a request for an inbox.
pub(super) fn inbox(request: ListObligationsRequest) -> Result<InboxQuestion, Problem> {
    let mut violations = convert::violations(&request);
    match (request.dealer_id.is_empty(), request.unassigned) {
        (true, false) => {
            violations.push(Violation::new("dealer_id", Reason::Required, "must be set"));
        }
        (false, true) => violations.push(Violation::new(
            "unassigned",
            Reason::Disagrees,
            "asks for what no dealer is responsible for: leave dealer_id out",
        )),
        (true, true) | (false, false) => {}
    }
    let order = match request.order() {
        WireOrder::Unspecified | WireOrder::Due => InboxOrder::Due,
        WireOrder::Age => InboxOrder::Age,
        WireOrder::Share => InboxOrder::Share,
    };
    let filter = filter(request.filter, &mut violations);
    convert::refuse(violations)?;
    Ok(InboxQuestion {
        inbox: Inbox {
            dealer_id: request.dealer_id,
            filter,
        },
        order,
        what_if: request.what_if.map(Supposed::from),
        ..InboxQuestion::default()
    })
}

/// The inbox to watch, and where the watch begins.
pub(super) fn watch(
    text: PositionText,
    request: WatchObligationsRequest,
) -> Result<(Inbox, WatchFrom), Problem> {
    let mut violations = convert::violations(&request);
    let filter = filter(request.filter, &mut violations);
    // Position and instant come together.
    let missing = match (request.after.is_empty(), &request.after_as_of) {
        (true, Some(_)) => Some(("after", "must be the position that came with after_as_of")),
        (false, None) => Some(("after_as_of", "must be the as_of that came with after")),
        _ => None,
    };
    let missing = missing.map(|(field, why)| Violation::new(field, Reason::Required, why));
    violations.extend(missing);
    convert::refuse(violations)?;
    let after = convert::position(text, "after", &request.after)?;
    let after_as_of = request.after_as_of.as_ref().map(Instant::from);
    let inbox = Inbox {
        dealer_id: request.dealer_id,
        filter,
    };
    let from = WatchFrom {
        after: after.zip(after_as_of),
        at_least: convert::position(text, "at_least", &request.at_least)?,
    };
    Ok((inbox, from))
}

fn filter(filter: Option<ObligationFilter>, violations: &mut Violations) -> InboxFilter {
    let filter = filter.unwrap_or_default();
    let channel = filter.channel();
    let mut unsaid = |field: &str, item: usize| {
        let field = format!("filter.{field}[{item}]");
        let violation = Violation::new(field, Reason::Required, "must be set");
        violations.push(violation);
    };
    let mut states = Vec::new();
    // A number that the contract does not know is told by the schema.
    for (item, state) in filter.states.iter().enumerate() {
        match WireState::try_from(*state).map(state_of) {
            Ok(Some(state)) => states.push(state),
            Ok(None) => unsaid("states", item),
            Err(_) => {}
        }
    }
    let mut kinds = Vec::new();
    for (item, kind) in filter.kinds.iter().enumerate() {
        match Kind::try_from(*kind) {
            Ok(Kind::Unspecified) => unsaid("kinds", item),
            Ok(kind) => kinds.push(kind),
            Err(_) => {}
        }
    }
    InboxFilter {
        states,
        kinds,
        channel: (channel != Channel::Unspecified).then_some(channel),
        survey: (!filter.survey.is_empty()).then_some(filter.survey),
        due_until: filter.due_until.as_ref().map(time::nanos_clamped),
        min_share: (filter.min_share > 0.0).then_some(filter.min_share),
        from: filter.from.as_ref().map(time::nanos_clamped),
        until: filter.until.as_ref().map(time::nanos_clamped),
    }
}
