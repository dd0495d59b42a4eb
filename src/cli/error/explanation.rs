//! The explanation of an error for people: what happened, why, and what to do.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::CliError;
use crate::cli::proxies;
use crate::cli::terminal_text::one_line;
use crate::grpc::code_name;

impl CliError {
    /// Returns whether the reader of a pipe went away, which is not reported.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        let kind = match self {
            Self::Output(source) => Some(source.kind()),
            Self::Json(source) => source.io_error_kind(),
            _ => None,
        };
        kind == Some(io::ErrorKind::BrokenPipe)
    }

    /// Returns the error for people: what happened, why, and what to do. It ends with a line break.
    #[must_use]
    pub fn explanation(&self) -> String {
        match self {
            Self::Server(status) => of_status(status),
            Self::GaveUp { source, .. } => format!(
                "error: {self}\n{}  advice: run the same command again to continue; nothing is \
                 stored twice\n",
                indented(&source.explanation())
            ),
            Self::Outage { .. } => format!(
                "{}  advice: no line is at fault; repair the server, then continue\n",
                with_sources(self)
            ),
            Self::Connect { .. } => format!(
                "{}  advice: is it running, and is it a gRPC server? choose another with --server or OWNERLINE_SERVER\n",
                with_sources(self)
            ),
            Self::NoTls { .. } => format!(
                "{}  advice: use http:// for a server on this machine; reach another one through a \
                 local proxy that speaks TLS\n",
                with_sources(self)
            ),
            _ => with_sources(self),
        }
    }
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut all, line| {
        // Writing to a string cannot fail.
        let _ = writeln!(all, "  {line}");
        all
    })
}

fn with_sources(error: &CliError) -> String {
    let mut text = format!("error: {error}\n");
    let mut source = error.source();
    let mut last = error.to_string();
    while let Some(cause) = source {
        let message = cause.to_string();
        // A transparent error repeats the message of its source.
        if !last.ends_with(&message) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  because: {}", one_line(&message));
        }
        last = message;
        source = cause.source();
    }
    text
}

/// Explains a status: message, reason, code, one line per violation, and whether to try again.
fn of_status(status: &Status) -> String {
    let details = status.get_error_details();
    let mut lines = vec![format!("error: {}", one_line(status.message()))];
    let reason = details.error_info().map(|info| info.reason.as_str());
    lines.push(match reason {
        Some(reason) => format!("  reason: {reason} ({})", code_name(status.code())),
        None => format!("  reason: {}", code_name(status.code())),
    });
    for field in details
        .bad_request()
        .into_iter()
        .flat_map(|it| &it.field_violations)
    {
        let reason = if field.reason.is_empty() {
            String::new()
        } else {
            format!(" ({})", field.reason)
        };
        let description = one_line(&field.description);
        lines.push(format!("  field {}: {description}{reason}", field.field));
    }
    for broken in details
        .precondition_failure()
        .into_iter()
        .flat_map(|it| &it.violations)
    {
        let description = one_line(&broken.description);
        lines.push(format!(
            "  {} {}: {description}",
            broken.r#type, broken.subject
        ));
    }
    let left_out = details
        .error_info()
        .and_then(|info| info.metadata.get("violations_left_out"));
    if let Some(left_out) = left_out {
        lines.push(format!(
            "  and {left_out} more that did not fit in the answer"
        ));
    }
    if let Some(resource) = details.resource_info() {
        let (kind, name) = (&resource.resource_type, &resource.resource_name);
        lines.push(format!("  {kind}: {name}"));
    }
    if let Some(request) = details.request_info() {
        lines.push(format!("  request: {}", request.request_id));
    }
    let delay = details.retry_info().and_then(|it| it.retry_delay);
    let advices = [
        proxies::advice(&details).map(str::to_owned),
        advice(status.code(), delay)
            .filter(|_| delay.is_some() || proxies::advice(&details).is_none()),
    ];
    let advices: Vec<String> = advices.into_iter().flatten().collect();
    if !advices.is_empty() {
        lines.push(format!("  advice: {}", advices.join("; ")));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn advice(code: Code, delay: Option<Duration>) -> Option<String> {
    match (code, delay) {
        (_, Some(delay)) if delay.is_zero() => Some("try again".to_owned()),
        (_, Some(delay)) => Some(format!("try again in {delay:?}")),
        (Code::DeadlineExceeded | Code::Unknown, None) => Some(
            "the outcome is unknown; it is safe to try again, nothing is stored twice".to_owned(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use ownerline_proto::{Reason, Violation, malformed};
    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn every_violation_has_a_line_of_its_own() {
        let violations = [
            Violation::new("filter.vin", Reason::Format, "17 characters"),
            Violation::new("owner_id", Reason::Required, "must be set"),
        ];
        let status = malformed(&violations.into_iter().collect());
        insta::assert_snapshot!(CliError::from(status).explanation(), @r"
        error: request is malformed: owner_id: must be set (and 1 more)
          reason: MALFORMED_REQUEST (INVALID_ARGUMENT)
          field owner_id: must be set (REQUIRED)
          field filter.vin: 17 characters (FORMAT)
        ");
    }

    #[test]
    fn the_advice_says_when_to_try_again() {
        let mut details = ErrorDetails::with_retry_info(Some(Duration::from_millis(250)));
        details.set_error_info("QUEUE_FULL", "ownerline", HashMap::new());
        let status = Status::with_error_details(
            Code::Unavailable,
            "the queue of the writer is full",
            details,
        );
        insta::assert_snapshot!(CliError::from(status).explanation(), @r"
        error: the queue of the writer is full
          reason: QUEUE_FULL (UNAVAILABLE)
          advice: try again in 250ms
        ");
    }

    #[test]
    fn giving_up_says_how_to_continue() {
        let error = CliError::GaveUp {
            attempts: 8,
            line: 501,
            source: Box::new(Status::unavailable("connection reset").into()),
        };
        insta::assert_snapshot!(error.explanation(), @r"
        error: gave up after 8 attempts without an answer; lines before 501 are decided
          error: connection reset
            reason: UNAVAILABLE
          advice: run the same command again to continue; nothing is stored twice
        ");
    }

    #[test]
    fn only_a_broken_pipe_is_quiet() {
        let pipe = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(CliError::Output(pipe()).is_broken_pipe());
        assert!(CliError::Json(serde_json::Error::io(pipe())).is_broken_pipe());
        assert!(!CliError::Output(io::Error::from(io::ErrorKind::Other)).is_broken_pipe());
        assert!(!CliError::from(Status::unknown("x")).is_broken_pipe());
    }
}
