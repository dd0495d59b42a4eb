//! Reads a touchpoint from a line, or reports everything that is wrong with the line.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pbjson_types::Timestamp;
use serde_json::{Map, Value};

use super::line::{IGNORED_ATTRIBUTES, LineError, SPEC_VERSION};
use super::name::ShortName;
use crate::json_input::Json;
use crate::schema::Schema;
use crate::v1::touchpoint::Payload;
use crate::v1::{Actor, Channel, Subjects, Touchpoint, TouchpointRef, Visibility, actor};
use crate::{Reason, Violation, kind, time};

/// Reads one line. `data` may be absent if the payload is empty. An attribute that is `null` counts as absent, and so
/// does an empty one that is not of CloudEvents itself. The server checks the schema's rules, this does not.
///
/// # Errors
/// Every problem of the line at once: names and values of attributes, and every field of `data`.
pub fn from_line(line: &str) -> Result<Touchpoint, LineError> {
    let no_object = |why: String| LineError {
        id: None,
        problems: vec![Violation::new(
            "",
            Reason::Malformed,
            format!("the line is not a JSON object{why}"),
        )],
    };
    let members = match serde_json::from_str(line) {
        Ok(Json::Object(members)) => members,
        Ok(_) => return Err(no_object(String::new())),
        Err(error) => return Err(no_object(format!(": {error}"))),
    };
    let mut reader = Reader {
        attributes: BTreeMap::new(),
        problems: Vec::new(),
    };
    for (name, value) in members {
        match reader.attributes.entry(name) {
            Entry::Occupied(entry) => {
                let name = entry.key().clone();
                reader.problem(&name, Reason::Malformed, "is given twice");
            }
            Entry::Vacant(entry) => {
                entry.insert(value);
            }
        }
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

struct Reader {
    attributes: BTreeMap<String, Json>,
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
        for name in IGNORED_ATTRIBUTES {
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
        for name in ["datacontenttype", "subject", "dataschema"] {
            let given = self.attributes.get(name).and_then(Json::as_text);
            let value = given.map(str::to_owned);
            match value.as_deref() {
                None => {
                    self.text(name);
                    continue;
                }
                Some("") => self.problem(name, Reason::Required, "must not be empty if it is set"),
                Some(content) if name == "datacontenttype" && !is_json(content) => self.problem(
                    name,
                    Reason::UnknownValue,
                    "must be application/json or another media type of JSON",
                ),
                Some(_) => {}
            }
            self.attributes.remove(name);
        }
    }

    fn payload(&mut self) -> Option<Payload> {
        let type_name = self.required("type");
        let kind = Schema::get().kind_by_type(&type_name);
        if kind.is_none() && !type_name.is_empty() {
            self.problem("type", Reason::UnknownValue, kind::no_such_type(&type_name));
        }
        let (path, data) = self.data()?;
        if !matches!(data, Json::Object(_)) {
            self.problem(path, Reason::Malformed, "must be a JSON object");
            return None;
        }
        let (kind, before) = (kind?, self.problems.len());
        let data = Schema::get().json_payload(kind, data, path, &mut self.problems);
        if self.problems.len() > before {
            return None;
        }
        // Proto3 JSON also accepts a field by its name in the schema.
        let alone = Map::from_iter([(kind.name.to_string(), data)]);
        match serde_json::from_value::<Touchpoint>(Value::Object(alone)) {
            Ok(alone) => alone.payload,
            Err(error) => {
                self.problem(path, Reason::Malformed, error.to_string());
                None
            }
        }
    }

    /// Returns the JSON of the payload and the attribute that holds it.
    fn data(&mut self) -> Option<(&'static str, Json)> {
        let mut given = |name| {
            let value = self.attributes.remove(name);
            value.filter(|value| *value != Json::Null)
        };
        let (data, encoded) = (given("data"), given("data_base64"));
        let Some(encoded) = encoded else {
            return Some(("data", data.unwrap_or(Json::Object(Vec::new()))));
        };
        let path = "data_base64";
        if data.is_some() {
            self.problem(path, Reason::Disagrees, "must not be set beside data");
            return None;
        }
        let bytes = encoded
            .as_text()
            .and_then(|text| STANDARD.decode(text).ok());
        let read = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if read.is_none() {
            self.problem(path, Reason::Malformed, "must be the Base64 of JSON");
        }
        read.map(|data| (path, data))
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
        let read = time::read(&text);
        read.map_err(|description| self.problem(name, Reason::Format, description))
            .ok()
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
            None | Some(Json::Null) => String::new(),
            Some(Json::Text(text)) => text,
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

/// Whether a media type says that content is JSON (RFC 6839 for `+json`), whatever its parameters.
fn is_json(content: &str) -> bool {
    let essence = content.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence.split_once('/').is_some_and(|(of, subtype)| {
        !of.is_empty() && (subtype == "json" || subtype.ends_with("+json"))
    })
}
