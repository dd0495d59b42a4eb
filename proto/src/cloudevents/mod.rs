//! The line format of import and export: one touchpoint as one CloudEvents 1.0 JSON object.
//!
//! `type` is `com.ownerline.<event>.v1`, `time` is `occurred_at`, `data` is the proto3 JSON of the
//! payload, and the rest of the envelope are extension attributes, all of them strings:
//!
//! | attribute | field of the touchpoint |
//! |---|---|
//! | `receivedtime`, `visiblefrom` | `received_at`, `visible_from` |
//! | `ownerid`, `vin`, `orderid`, `visitid`, `feedbackid`, `caseid`, `defectid`, `dealerid` | `subjects` |
//! | `actorid`, `actorkind`, `actorrole`, `actordealerid` | `actor` |
//! | `operatedby`, `onbehalfof`, `correlationid`, `traceparent` | the field of that name |
//! | `channel`, `visibility` (and `actorkind`) | lower-case short names: `in_person` |
//! | `causationid` with `causationsource`, `corrects` with `correctssource` | references |
//!
//! A line of a recorded touchpoint also carries what the log added: `position`, `stream`, `revision`
//! and `recordedtime`. They are accepted and ignored when a line is read, so that an export can be
//! imported again; the log that imports it adds its own. `origin` is not an attribute: the server stamps it.
//!
//! Of CloudEvents itself, `subject` and `dataschema` are accepted and ignored, and so are the documented extensions
//! about transport: `tracestate`, `partitionkey`, `sequence`, `sequencetype` and `sampledrate`. `data_base64` may
//! replace `data` and holds the same JSON. Any other attribute is refused, because it would be lost.

mod attribute;
mod line;
mod name;
mod read;
mod write;

pub use line::LineError;
pub use name::ShortName;
pub use read::from_line;
pub use write::{Unwritable, to_line, to_recorded_line};

#[cfg(test)]
mod tests;
