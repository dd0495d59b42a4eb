//! Writes a touchpoint as a line.

use pbjson_types::Timestamp;
use prost::Message as _;
use serde_json::Value;

use super::attribute::Written;
use super::line::{CONTENT_TYPE, SPEC_VERSION};
use super::name::ShortName;
use crate::kind;
use crate::v1::{
    Actor, Channel, RecordedTouchpoint, Subjects, Touchpoint, TouchpointRef, Visibility, actor,
};

/// Why a touchpoint cannot be written as a line. No log holds such a touchpoint, because the server refuses it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// It has no payload.
    #[error("the touchpoint has no payload")]
    NoPayload,
    /// It has an instant outside the years 1 to 9999, or a value that its enum does not have.
    #[error("{field} has no text form")]
    Value {
        /// The attribute of the value.
        field: &'static str,
    },
    /// The payload has a value that JSON cannot express.
    #[error("data has no JSON form: {reason}")]
    Data {
        /// A description for humans.
        reason: String,
    },
}

/// Returns the line of a touchpoint, without a line break.
///
/// # Errors
/// If the touchpoint is not valid: see [`Unwritable`].
pub fn to_line(touchpoint: &Touchpoint) -> Result<String, Unwritable> {
    line(touchpoint, None)
}

/// Returns the line of a recorded touchpoint, including what the log added, without a line break.
///
/// # Errors
/// If the touchpoint is not valid: see [`Unwritable`].
pub fn to_recorded_line(recorded: &RecordedTouchpoint) -> Result<String, Unwritable> {
    match &recorded.touchpoint {
        Some(touchpoint) => line(touchpoint, Some(recorded)),
        None => Err(Unwritable::NoPayload),
    }
}

fn line(
    touchpoint: &Touchpoint,
    recorded: Option<&RecordedTouchpoint>,
) -> Result<String, Unwritable> {
    let alone = Touchpoint {
        payload: touchpoint.payload.clone(),
        ..Touchpoint::default()
    };
    let kind = kind::of_encoded(&alone.encode_to_vec()).ok_or(Unwritable::NoPayload)?;
    let mut line = Written::default();
    line.text("specversion", SPEC_VERSION);
    line.text("id", &touchpoint.id);
    line.text("source", &touchpoint.source);
    line.text("type", &kind.type_name);
    time(&mut line, "time", touchpoint.occurred_at.as_ref())?;
    time(&mut line, "receivedtime", touchpoint.received_at.as_ref())?;
    line.text("datacontenttype", CONTENT_TYPE);
    if let Some(recorded) = recorded {
        line.text("position", &recorded.position);
        line.text("stream", &recorded.stream);
        line.text("revision", &recorded.revision.to_string());
        time(&mut line, "recordedtime", recorded.recorded_at.as_ref())?;
    }
    if let Some(subjects) = &touchpoint.subjects {
        put_subjects(&mut line, subjects);
    }
    if let Some(actor) = &touchpoint.actor {
        put_actor(&mut line, actor)?;
    }
    line.text("operatedby", &touchpoint.operated_by);
    line.text("onbehalfof", &touchpoint.on_behalf_of);
    short::<Channel>(&mut line, "channel", touchpoint.channel)?;
    short::<Visibility>(&mut line, "visibility", touchpoint.visibility)?;
    time(&mut line, "visiblefrom", touchpoint.visible_from.as_ref())?;
    line.text("correlationid", &touchpoint.correlation_id);
    let references = [
        (&touchpoint.causation, "causationid", "causationsource"),
        (&touchpoint.corrects, "corrects", "correctssource"),
    ];
    for (reference, id, source) in references {
        put_reference(&mut line, reference.as_ref(), id, source);
    }
    line.text("traceparent", &touchpoint.traceparent);
    line.0.push(("data", data(&alone)?));
    serde_json::to_string(&line).map_err(|error| Unwritable::Data {
        reason: error.to_string(),
    })
}

/// Returns the payload's JSON: the one member of the JSON of a touchpoint that has nothing else.
fn data(alone: &Touchpoint) -> Result<Value, Unwritable> {
    let json = serde_json::to_value(alone).map_err(|error| Unwritable::Data {
        reason: error.to_string(),
    })?;
    match json {
        Value::Object(members) => members
            .into_iter()
            .next()
            .map(|(_, data)| data)
            .ok_or(Unwritable::NoPayload),
        _ => Err(Unwritable::NoPayload),
    }
}

fn put_subjects(line: &mut Written, subjects: &Subjects) {
    line.text("ownerid", &subjects.owner_id);
    line.text("vin", &subjects.vin);
    line.text("orderid", &subjects.order_id);
    line.text("visitid", &subjects.visit_id);
    line.text("feedbackid", &subjects.feedback_id);
    line.text("caseid", &subjects.case_id);
    line.text("defectid", &subjects.defect_id);
    line.text("dealerid", &subjects.dealer_id);
}

fn put_actor(line: &mut Written, actor: &Actor) -> Result<(), Unwritable> {
    line.text("actorid", &actor.id);
    short::<actor::Kind>(line, "actorkind", actor.kind)?;
    line.text("actorrole", &actor.role);
    line.text("actordealerid", &actor.dealer_id);
    Ok(())
}

fn put_reference(
    line: &mut Written,
    reference: Option<&TouchpointRef>,
    id: &'static str,
    source: &'static str,
) {
    if let Some(reference) = reference {
        line.text(id, &reference.id);
        line.text(source, &reference.source);
    }
}

fn short<E: ShortName>(
    line: &mut Written,
    field: &'static str,
    number: i32,
) -> Result<(), Unwritable> {
    let value = E::try_from(number).map_err(|_| Unwritable::Value { field })?;
    line.text(field, &value.short_name().unwrap_or_default());
    Ok(())
}

fn time(
    line: &mut Written,
    field: &'static str,
    instant: Option<&Timestamp>,
) -> Result<(), Unwritable> {
    if let Some(instant) = instant {
        let text = rfc3339(instant).ok_or(Unwritable::Value { field })?;
        line.text(field, &text);
    }
    Ok(())
}

/// Returns the instant in RFC 3339, in UTC with `Z`, with no more fraction digits than it needs.
fn rfc3339(instant: &Timestamp) -> Option<String> {
    if !crate::time::is_valid(instant) {
        return None;
    }
    let Value::String(text) = serde_json::to_value(instant).ok()? else {
        return None;
    };
    let local = text.strip_suffix("+00:00")?;
    let trimmed = match local.split_once('.') {
        Some((whole, fraction)) => format!("{whole}.{}", fraction.trim_end_matches('0')),
        None => local.to_owned(),
    };
    Some(format!("{}Z", trimmed.trim_end_matches('.')))
}
