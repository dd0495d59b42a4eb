//! From a line to its touchpoint, or to everything that is wrong with it.

use pbjson_types::Timestamp;
use serde_json::{Map, Value};

use super::attribute::Given;
use super::{CONTENT_TYPE, LOG_ATTRIBUTES, LineError, SPEC_VERSION, ShortName};
use crate::kind::Kind;
use crate::schema::Schema;
use crate::v1::touchpoint::Payload;
use crate::v1::{Actor, Channel, Subjects, Touchpoint, TouchpointRef, Visibility, actor};
use crate::{Reason, Violation};

/// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// Reads one line. `data` may be absent where the payload has nothing to say; an attribute that is
/// `null` or empty is absent. What the schema's rules demand of the touchpoint is the server's to check.
///
/// # Errors
/// Every problem of the line at once: names and values of attributes, and the first problem of `data`.
pub fn from_line(line: &str) -> Result<Touchpoint, LineError> {
    let given: Given = serde_json::from_str(line).map_err(|error| LineError {
        id: None,
        problems: vec![Violation::new(
            "",
            Reason::Malformed,
            format!("the line is not a JSON object: {error}"),
        )],
    })?;
    let mut reader = Reader {
        attributes: given.values,
        problems: Vec::new(),
    };
    for name in given.repeated {
        reader.problem(&name, Reason::Malformed, "is given twice");
    }
    let touchpoint = reader.touchpoint();
    if reader.problems.is_empty() {
        return Ok(touchpoint);
    }
    Err(LineError {
        id: Some(touchpoint.id).filter(|id| !id.is_empty()),
        problems: reader.problems,
    })
}

/// Whether this is a timestamp of the years 1 to 9999.
pub(super) fn is_valid(instant: &Timestamp) -> bool {
    SECONDS.contains(&instant.seconds) && (0..1_000_000_000).contains(&instant.nanos)
}

struct Reader {
    attributes: std::collections::BTreeMap<String, Value>,
    problems: Vec<Violation>,
}

impl Reader {
    fn touchpoint(&mut self) -> Touchpoint {
        self.envelope();
        let payload = self.payload();
        let touchpoint = Touchpoint {
            id: self.required("id"),
            source: self.required("source"),
            occurred_at: self.occurred_at(),
            received_at: self.time("receivedtime"),
            origin: 0,
            subjects: self.subjects(),
            actor: self.actor(),
            operated_by: self.text("operatedby"),
            on_behalf_of: self.text("onbehalfof"),
            channel: self.short("channel", Channel::into),
            visibility: self.short("visibility", Visibility::into),
            visible_from: self.time("visiblefrom"),
            correlation_id: self.text("correlationid"),
            causation: self.reference("causationid", "causationsource"),
            traceparent: self.text("traceparent"),
            corrects: self.reference("corrects", "correctssource"),
            payload,
        };
        for name in LOG_ATTRIBUTES {
            self.attributes.remove(name);
        }
        for (name, _) in std::mem::take(&mut self.attributes) {
            self.problem(&name, Reason::UnknownField, "there is no such attribute");
        }
        touchpoint
    }

    fn envelope(&mut self) {
        let version = self.required("specversion");
        if !version.is_empty() && version != SPEC_VERSION {
            self.problem("specversion", Reason::UnknownValue, "must be 1.0");
        }
        let content = self.text("datacontenttype");
        if !content.is_empty() && content != CONTENT_TYPE {
            self.problem(
                "datacontenttype",
                Reason::UnknownValue,
                "must be application/json",
            );
        }
    }

    fn payload(&mut self) -> Option<Payload> {
        let type_name = self.required("type");
        let kind = Schema::get().kind_by_type(&type_name);
        if kind.is_none() && !type_name.is_empty() {
            self.problem("type", Reason::UnknownValue, "there is no such type");
        }
        let data = match self.attributes.remove("data") {
            None | Some(Value::Null) => Value::Object(Map::new()),
            Some(data) => data,
        };
        if !data.is_object() {
            self.problem("data", Reason::Malformed, "must be a JSON object");
            return None;
        }
        let kind = kind?;
        match payload(kind, data) {
            Ok(payload) => payload,
            Err(error) => {
                self.problem("data", Reason::Malformed, error.to_string());
                None
            }
        }
    }

    fn occurred_at(&mut self) -> Option<Timestamp> {
        let problems = self.problems.len();
        let time = self.time("time");
        if time.is_none() && self.problems.len() == problems {
            self.problem("time", Reason::Required, "must be set");
        }
        time
    }

    fn subjects(&mut self) -> Option<Subjects> {
        let subjects = Subjects {
            owner_id: self.text("ownerid"),
            vin: self.text("vin"),
            order_id: self.text("orderid"),
            visit_id: self.text("visitid"),
            feedback_id: self.text("feedbackid"),
            case_id: self.text("caseid"),
            defect_id: self.text("defectid"),
            dealer_id: self.text("dealerid"),
        };
        (subjects != Subjects::default()).then_some(subjects)
    }

    fn actor(&mut self) -> Option<Actor> {
        let actor = Actor {
            id: self.text("actorid"),
            kind: self.short("actorkind", actor::Kind::into),
            role: self.text("actorrole"),
            dealer_id: self.text("actordealerid"),
        };
        (actor != Actor::default()).then_some(actor)
    }

    fn reference(&mut self, id: &str, source: &str) -> Option<TouchpointRef> {
        let reference = TouchpointRef {
            id: self.text(id),
            source: self.text(source),
        };
        if reference.id.is_empty() && !reference.source.is_empty() {
            let description = format!("must be set, because {source} is");
            self.problem(id, Reason::Required, description);
        }
        (!reference.id.is_empty()).then_some(reference)
    }

    fn time(&mut self, name: &str) -> Option<Timestamp> {
        let text = self.text(name);
        if text.is_empty() {
            return None;
        }
        let instant = serde_json::from_value::<Timestamp>(Value::String(text)).ok();
        let instant = instant.filter(is_valid);
        if instant.is_none() {
            self.problem(
                name,
                Reason::Format,
                "must be an RFC 3339 time like 2014-01-04T09:30:00Z",
            );
        }
        instant
    }

    fn short<E: ShortName>(&mut self, name: &str, number: impl Fn(E) -> i32) -> i32 {
        let text = self.text(name);
        if text.is_empty() {
            return 0;
        }
        if let Some(value) = E::from_short_name(&text) {
            return number(value);
        }
        let names: Vec<String> = E::values().filter_map(E::short_name).collect();
        let description = format!("must be one of {}", names.join(", "));
        self.problem(name, Reason::UnknownValue, description);
        0
    }

    fn required(&mut self, name: &str) -> String {
        let problems = self.problems.len();
        let text = self.text(name);
        if text.is_empty() && self.problems.len() == problems {
            self.problem(name, Reason::Required, "must be set");
        }
        text
    }

    fn text(&mut self, name: &str) -> String {
        match self.attributes.remove(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text,
            Some(_) => {
                self.problem(name, Reason::Malformed, "must be a string");
                String::new()
            }
        }
    }

    fn problem(&mut self, attribute: &str, reason: Reason, description: impl Into<String>) {
        self.problems
            .push(Violation::new(attribute, reason, description));
    }
}

/// A payload from its JSON: `data` as the one member of a touchpoint that has nothing else.
fn payload(kind: &Kind, data: Value) -> Result<Option<Payload>, serde_json::Error> {
    let mut alone = Map::new();
    // Proto3 JSON takes a field by its name in the schema as well.
    alone.insert(kind.name.to_string(), data);
    serde_json::from_value::<Touchpoint>(Value::Object(alone)).map(|alone| alone.payload)
}
