//! Turns a touchpoint from a client into an event for the log: the checks that need no state, the stamps, the
//! deterministic encoding, and the split into a clear and a personal part.

use ownerline_proto::kind::{self, Kind};
use ownerline_proto::schema::{Agreement, Limits, Schema};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Origin, Subjects, Touchpoint, TouchpointRef};
use ownerline_proto::{Reason, Violation, Violations, time};
use prost::Message as _;

use super::error::CommandError;
use super::limits::RecorderLimits;
use super::payload::check_payload;
use super::warnings::{Warning, warnings_of};
use crate::store::{EventKey, NewEvent, StreamName};

/// 1800-01-01T00:00:00Z: early enough for any history, and within the range of nanoseconds.
const EARLIEST: i64 = -5_364_662_400_000_000_000;

/// The way by which a touchpoint comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Reported as it happens. The server stamps `received_at`.
    Live,
    /// Imported as history. `received_at` is kept, or set to `occurred_at` if it is unset.
    Import,
}

/// A touchpoint ready for the log.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The stream.
    pub stream: StreamName,
    /// The event to append.
    pub event: NewEvent,
    /// The subjects of the touchpoint.
    pub subjects: Subjects,
    /// Warnings about the touchpoint.
    pub warnings: Vec<Warning>,
}

/// Checks and encodes a touchpoint received at `now` (nanoseconds since the Unix epoch).
///
/// # Errors
/// [`CommandError::Malformed`] with every violation, [`CommandError::TooLarge`].
pub(super) fn prepare(
    mut touchpoint: Touchpoint,
    door: Door,
    now: i64,
    limits: &RecorderLimits,
) -> Result<Prepared, CommandError> {
    let size = touchpoint.encoded_len() as u64;
    if size > limits.touchpoint_bytes {
        return Err(CommandError::TooLarge {
            given: size,
            limit: limits.touchpoint_bytes,
        });
    }
    let mut stamps = Violations::default();
    let received_at = take_stamps(&mut touchpoint, door, now, limits, &mut stamps);

    // What is left was supplied by the client: the content that a retry must repeat.
    let content = touchpoint.encode_to_vec();
    let schema = Schema::get();
    let text = Limits {
        text_characters: limits.text_characters,
    };
    let checked = schema.check("ownerline.v1.Touchpoint", &content, "touchpoint", text);
    // The larger number of violations is kept as it is, because only it may have some that are not listed.
    let mut violations = checked.violations;
    violations.extend(stamps.into_listed());
    let subjects = touchpoint.subjects.take().unwrap_or_default();
    check_agreements(&checked.agreements, &subjects, &mut violations);
    check_meaning(&touchpoint, now, limits, &mut violations);
    let stream = kind::of_encoded(&content)
        .and_then(|kind| stream(kind, &subjects, &content, &mut violations));
    if !violations.is_empty() {
        return Err(CommandError::Malformed { violations });
    }
    let Some((kind, stream)) = stream else {
        return Err(CommandError::Malformed {
            violations: required("touchpoint.payload").into(),
        });
    };

    put_stamps(&mut touchpoint, door, now, received_at);
    touchpoint.subjects = (subjects != Subjects::default()).then(|| subjects.clone());
    let (clear, personal) = schema.split(&touchpoint.encode_to_vec()).map_err(|error| {
        let violation = Violation::new("touchpoint", Reason::Malformed, error.to_string());
        CommandError::Malformed {
            violations: violation.into(),
        }
    })?;
    Ok(Prepared {
        warnings: warnings_of(&touchpoint),
        stream: StreamName::new(stream),
        event: NewEvent {
            key: EventKey {
                source: touchpoint.source.into(),
                id: touchpoint.id.into(),
            },
            kind: kind.name.clone(),
            clear: clear.into(),
            personal: personal.into(),
            content_hash: *blake3::hash(&content).as_bytes(),
        },
        subjects,
    })
}

/// Removes the stamps of the server from the touchpoint, and returns the `received_at` of an import.
fn take_stamps(
    touchpoint: &mut Touchpoint,
    door: Door,
    now: i64,
    limits: &RecorderLimits,
    violations: &mut Violations,
) -> Option<pbjson_types::Timestamp> {
    if touchpoint.origin != 0 {
        violations.push(Violation::new(
            "touchpoint.origin",
            Reason::ServerAssigned,
            "is stamped by the server and must be unset",
        ));
        touchpoint.origin = 0;
    }
    let received_at = touchpoint.received_at.take()?;
    match door {
        Door::Live => violations.push(Violation::new(
            "touchpoint.received_at",
            Reason::ServerAssigned,
            "is stamped by the server and must be unset; only Import brings its own",
        )),
        Door::Import => check_instant(
            &received_at,
            "touchpoint.received_at",
            now,
            limits,
            violations,
        ),
    }
    Some(received_at)
}

/// Stamps the touchpoint. `received_at` is the value that an import supplied.
fn put_stamps(
    touchpoint: &mut Touchpoint,
    door: Door,
    now: i64,
    received_at: Option<pbjson_types::Timestamp>,
) {
    let occurred_at = touchpoint.occurred_at;
    touchpoint.received_at = received_at.or(match door {
        Door::Live => Some(time::timestamp(now)),
        Door::Import => occurred_at,
    });
    touchpoint.set_origin(match door {
        Door::Live => Origin::Live,
        Door::Import => Origin::Imported,
    });
}

/// Checks that concern more than a single field, which the rules of the schema cannot express.
fn check_meaning(
    touchpoint: &Touchpoint,
    now: i64,
    limits: &RecorderLimits,
    violations: &mut Violations,
) {
    if let Some(occurred_at) = &touchpoint.occurred_at {
        check_instant(
            occurred_at,
            "touchpoint.occurred_at",
            now,
            limits,
            violations,
        );
    }
    for (field, reference) in [
        ("corrects", &touchpoint.corrects),
        ("causation", &touchpoint.causation),
    ] {
        if reference
            .as_ref()
            .is_some_and(|reference| names_itself(reference, touchpoint))
        {
            violations.push(Violation::new(
                format!("touchpoint.{field}"),
                Reason::SelfReference,
                "must name another touchpoint",
            ));
        }
    }
    match &touchpoint.payload {
        Some(Payload::TouchpointRetracted(retracted))
            if retracted
                .r#ref
                .as_ref()
                .is_some_and(|reference| names_itself(reference, touchpoint)) =>
        {
            let field = "touchpoint.touchpoint_retracted.ref";
            violations.push(Violation::new(
                field,
                Reason::SelfReference,
                "must name another touchpoint",
            ));
        }
        Some(payload) => check_payload(payload, limits, violations),
        None => {}
    }
}

fn check_instant(
    timestamp: &pbjson_types::Timestamp,
    field: &str,
    now: i64,
    limits: &RecorderLimits,
    violations: &mut Violations,
) {
    let tolerance = i64::try_from(limits.future_tolerance.as_nanos()).unwrap_or(i64::MAX);
    let at = time::nanos_clamped(timestamp);
    if !time::is_valid(timestamp) {
        violations.push(Violation::new(field, Reason::Range, time::NOT_IN_RANGE));
    } else if at < EARLIEST {
        violations.push(Violation::new(
            field,
            Reason::Range,
            "must not be before 1800-01-01T00:00:00Z",
        ));
    } else if at > now.saturating_add(tolerance) {
        let seconds = limits.future_tolerance.as_secs();
        violations.push(Violation::new(
            field,
            Reason::Future,
            format!("is more than {seconds} s ahead of the server's clock"),
        ));
    }
}

fn names_itself(reference: &TouchpointRef, touchpoint: &Touchpoint) -> bool {
    reference.id == touchpoint.id
        && (reference.source.is_empty() || reference.source == touchpoint.source)
}

/// Checks that the envelope has the same subjects as the payload.
fn check_agreements(agreements: &[Agreement], subjects: &Subjects, violations: &mut Violations) {
    for Agreement {
        field,
        subject,
        value,
    } in agreements
    {
        let in_envelope = kind::subject(subjects, subject).unwrap_or_default();
        if in_envelope != value {
            violations.push(Violation::new(
                format!("touchpoint.subjects.{subject}"),
                Reason::Disagrees,
                format!("must say the same as {field}"),
            ));
        }
    }
}

fn stream(
    kind: &'static Kind,
    subjects: &Subjects,
    content: &[u8],
    violations: &mut Violations,
) -> Option<(&'static Kind, String)> {
    match kind.stream(subjects, content) {
        Ok(stream) => Some((kind, stream)),
        Err(missing) => {
            for field in missing.fields {
                let path = format!("touchpoint.{field}");
                let description = format!("must be set: it names the stream of {}", kind.name);
                violations.push(Violation::new(path, Reason::Required, description));
            }
            None
        }
    }
}

fn required(field: &str) -> Violation {
    Violation::new(field, Reason::Required, "must be set")
}
