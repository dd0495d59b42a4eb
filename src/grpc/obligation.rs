//! Obligations as the contract shows them.

use ownerline_projections::obligation::{Detail, Level, Remark, State};
use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::Obligation;
use ownerline_proto::v1::obligation::{Flag, Level as WireLevel, State as WireState};
use pbjson_types::Duration;

const SECOND: i128 = 1_000_000_000;

/// The matter that an obligation belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Matter<'m> {
    /// A feedback.
    Feedback(&'m str),
    /// A case.
    Case(&'m str),
}

/// One obligation, as of an instant.
pub(super) fn obligation(matter: Matter<'_>, detail: &Detail, as_of: Instant) -> Obligation {
    let (feedback_id, case_id) = match matter {
        Matter::Feedback(feedback_id) => (feedback_id, ""),
        Matter::Case(case_id) => ("", case_id),
    };
    let owed = &detail.obligation;
    let outcome = &owed.outcome;
    let answer = owed.answer.as_ref();
    let levels = detail.levels.iter().map(|it| level(it, as_of));
    let flags = detail.remarks.iter().map(|remark| flag(*remark).into());
    Obligation {
        obligation_id: owed.obligation_id.clone(),
        feedback_id: feedback_id.to_owned(),
        episode: i32::try_from(owed.episode).unwrap_or(i32::MAX),
        kind: owed.kind.into(),
        opened_by: Some(owed.opened_by.clone().into()),
        started_at: Some(time::timestamp(owed.start)),
        due_at: outcome.due_at.map(time::timestamp),
        state: state(outcome.state).into(),
        ended_at: outcome.ended_at.map(time::timestamp),
        spent: Some(duration(outcome.spent)),
        budget: Some(duration(detail.budget())),
        share: outcome.share,
        in_time_as_told: outcome.in_time_as_told.unwrap_or(false),
        in_time_as_known: outcome.in_time_as_known.unwrap_or(false),
        answered_by: answer.map(|answer| answer.key.clone().into()),
        responder_id: answer.map(|it| it.actor_id.clone()).unwrap_or_default(),
        responder_dealer_id: answer.map(|it| it.dealer_id.clone()).unwrap_or_default(),
        responsible_dealer_id: owed.dealer_at_end.clone(),
        policy: owed.policy.0.clone(),
        policy_version: owed.policy.1,
        levels: levels.collect(),
        flags: flags.collect(),
        in_time_until: outcome.in_time_until.map(time::timestamp),
        case_id: case_id.to_owned(),
        subject_id: owed.subject_id.clone(),
    }
}

fn level(level: &Level, as_of: Instant) -> WireLevel {
    let come = level.at.is_some_and(|at| at <= as_of);
    let issued = level.issued_by.clone().filter(|_| come);
    WireLevel {
        share: level.share,
        at: level.at.map(time::timestamp),
        issued: issued.map(Into::into),
    }
}

/// The protobuf form of nanoseconds; what no duration can say, beyond 10,000 years, is the longest that one can.
pub(super) fn duration(nanos: impl Into<i128>) -> Duration {
    let longest = i128::from(time::LONGEST_DURATION_SECONDS) * SECOND;
    let nanos = nanos.into().clamp(-longest, longest);
    Duration {
        // Both fit: the longest is below 2^39 seconds, the remainder below 10^9.
        seconds: i64::try_from(nanos / SECOND).unwrap_or_default(),
        nanos: i32::try_from(nanos % SECOND).unwrap_or_default(),
    }
}

fn state(state: State) -> WireState {
    match state {
        State::Open => WireState::Open,
        State::AnsweredInTime => WireState::AnsweredInTime,
        State::AnsweredLate => WireState::AnsweredLate,
        State::ClosedUnanswered => WireState::ClosedUnanswered,
        State::Excluded => WireState::Excluded,
    }
}

/// The state that the contract names; `None`: none.
pub(super) fn state_of(state: WireState) -> Option<State> {
    Some(match state {
        WireState::Unspecified => return None,
        WireState::Open => State::Open,
        WireState::AnsweredInTime => State::AnsweredInTime,
        WireState::AnsweredLate => State::AnsweredLate,
        WireState::ClosedUnanswered => State::ClosedUnanswered,
        WireState::Excluded => State::Excluded,
    })
}

fn flag(remark: Remark) -> Flag {
    match remark {
        Remark::ReplyFirst => Flag::ReplyFirst,
        Remark::ByOtherDealer => Flag::ByOtherDealer,
        Remark::ReportedLate => Flag::ReportedLate,
        Remark::AnsweredAfterClosing => Flag::AnsweredAfterClosing,
        Remark::ReplyWithdrawn => Flag::ReplyWithdrawn,
        Remark::ReceivedBeforeOccurred => Flag::ReceivedBeforeOccurred,
        Remark::ResolutionRejected => Flag::ResolutionRejected,
        Remark::OpeningMissing => Flag::OpeningMissing,
        Remark::DueMoved => Flag::DueMoved,
        Remark::MovedAfterDue => Flag::MovedAfterDue,
        Remark::DueBeforeMade => Flag::DueBeforeMade,
        Remark::DueCorrectedLate => Flag::DueCorrectedLate,
        Remark::Broken => Flag::Broken,
        Remark::Withdrawn => Flag::Withdrawn,
    }
}
