//! The lines of the log about calls: one about the end of each, and one about the refused touchpoints of a message, as far
//! as they repeat no other line of the same second.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ownerline_proto::v1::RecordResult;
use ownerline_proto::v1::record_result::Result as ItemResult;
use tonic::Code;
use tracing::{Level, Span, field};

use super::counted::{Call, code_name};
use super::messages::Passed;
use super::status::Ending;
use crate::telemetry::{Kind, is_first};

/// What a stream carried both ways.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traffic<'p> {
    /// From the client.
    pub(super) received: &'p Passed,
    /// To the client.
    pub(super) sent: &'p Passed,
}

/// The lines that an end may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Failed,
    StreamEnded,
    Refused,
    Answered,
    Cancelled,
}

impl Line {
    fn of(code: Code, is_stream: bool) -> Self {
        match code {
            Code::Internal | Code::DataLoss | Code::Unknown => Self::Failed,
            _ if is_stream => Self::StreamEnded,
            Code::Ok => Self::Answered,
            Code::Cancelled => Self::Cancelled,
            _ => Self::Refused,
        }
    }

    fn level(self) -> Level {
        match self {
            Self::Failed => Level::ERROR,
            Self::StreamEnded | Self::Refused => Level::INFO,
            Self::Answered | Self::Cancelled => Level::DEBUG,
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::StreamEnded => "stream ended",
            Self::Refused => "refused",
            Self::Answered => "answered",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether anybody reads a line of this level; what it says costs something to say.
    fn is_read(level: Level) -> bool {
        match level {
            Level::ERROR => tracing::enabled!(Level::ERROR),
            Level::INFO => tracing::enabled!(Level::INFO),
            _ => tracing::enabled!(Level::DEBUG),
        }
    }

    fn write(self, level: Level) {
        let message = self.message();
        match level {
            Level::ERROR => tracing::error!("{message}"),
            Level::INFO => tracing::info!("{message}"),
            _ => tracing::debug!("{message}"),
        }
    }
}

impl Ending {
    /// Writes the one line about a call, with what its span lacked at its begin. What a stream carried comes with it. A
    /// repeat is counted, and a line at the level `debug`.
    pub(super) fn log(&self, call: &Call, span: &Span, stream: Option<Traffic<'_>>) {
        let line = Line::of(self.code, stream.is_some());
        let mut level = line.level();
        let kind = || Kind {
            method: Cow::Owned(call.method().to_owned()),
            code: code_name(self.code),
            reason: Cow::Owned(self.reason.clone().unwrap_or_default()),
            ..Kind::of_line(level, line.message())
        };
        if level != Level::DEBUG && !is_first(kind, 1) {
            level = Level::DEBUG;
        }
        if !Line::is_read(level) {
            return;
        }
        let millis = u64::try_from(call.elapsed().as_millis()).unwrap_or(u64::MAX);
        span.record("code", field::debug(self.code));
        span.record("millis", millis);
        if let Some(reason) = &self.reason {
            span.record("reason", reason);
        }
        if let Some(Traffic { received, sent }) = stream {
            span.record("received", received.messages());
            span.record("received_bytes", received.bytes());
            span.record("sent", sent.messages());
            span.record("sent_bytes", sent.bytes());
        }
        line.write(level);
    }
}

/// Writes how many touchpoints of one message of a call were refused: a line for each reason.
pub(super) fn refused_touchpoints(call: &Span, method: &'static str, results: &[RecordResult]) {
    let mut reasons = BTreeMap::<&str, u64>::new();
    for result in results {
        if let Some(ItemResult::Refused(refusal)) = &result.result {
            *reasons.entry(&refusal.reason).or_default() += 1;
        }
    }
    if reasons.is_empty() {
        return;
    }
    let _entered = call.enter();
    let line = "touchpoints refused";
    for (reason, count) in reasons {
        let kind = || Kind {
            method: Cow::Borrowed(method),
            reason: Cow::Owned(reason.to_owned()),
            ..Kind::of_line(Level::INFO, line)
        };
        if is_first(kind, count) {
            tracing::info!(method, reason, count, "{line}");
        } else {
            tracing::debug!(method, reason, count, "{line}");
        }
    }
}
