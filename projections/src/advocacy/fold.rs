//! The fold: turns a touchpoint into rows. It never reads, so the order of arrival cannot matter.

use ownerline_proto::kind::Category;
use ownerline_proto::v1::IntegritySignalRaised;
use ownerline_proto::v1::advocacy_observed::Kind;
use ownerline_proto::v1::touchpoint::Payload;

use super::rows::{
    DECISIONS, ORIGINS, Obligation, ROWS, Row, RowKind, SIGNALS, SUSPECTS, WORDS, hash,
};
use crate::Recorded;
use crate::fold::state::StateMap;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::obligation::is_missed;

/// The view. See the [module documentation](super).
pub const VIEW: ViewDef = ViewDef {
    name: "advocacy",
    version: 4,
    kinds: Kinds::Named(KINDS),
    apply: &apply,
};

/// The kinds that the fold reads.
const KINDS: &[&str] = &[
    "advocacy_observed",
    "case_opened",
    "commitment_broken",
    "commitment_kept",
    "commitment_made",
    "commitment_withdrawn",
    "consideration_listed",
    "defect_reported",
    "defected",
    "feedback_edited",
    "feedback_excluded",
    "feedback_received",
    "integrity_review_decided",
    "integrity_signal_raised",
    "obligation_breached",
    "obligation_outcome_revised",
    "owner_registered",
    "prior_brand_recorded",
    "referee_purchased",
    "referee_test_drove",
    "referral_made",
    "repurchased",
    "resolution_confirmed",
    "resolution_rejected",
    "task_assigned",
];

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let Some(payload) = &recorded.touchpoint.payload else {
        return Ok(());
    };
    match payload {
        Payload::IntegritySignalRaised(signal) => raise_signal(recorded, signal, state),
        Payload::IntegrityReviewDecided(review) => {
            let signal = review.signal_id.as_str();
            let tail = history_tail(recorded, &[&recorded.stream, signal])?;
            DECISIONS.put_bytes(state, [&recorded.stream, signal], &tail, Vec::new());
            Ok(())
        }
        Payload::CaseOpened(opened) if !opened.origin_feedback_id.is_empty() => {
            let feedback_id = opened.origin_feedback_id.as_str();
            let tail = history_tail(recorded, &[feedback_id])?;
            let stream = recorded.stream.as_bytes().to_vec();
            ORIGINS.put_bytes(state, [feedback_id], &tail, stream);
            Ok(())
        }
        _ => match row_and_words(payload) {
            Some((row, words)) => write_row(recorded, row, words, state),
            None => Ok(()),
        },
    }
}

/// Returns the row of a touchpoint and the owner's words in it; `None` if the view does not need it.
fn row_and_words(payload: &Payload) -> Option<(Row, &str)> {
    let words = match payload {
        Payload::AdvocacyObserved(it) => &it.verbatim,
        Payload::FeedbackReceived(it) => &it.verbatim,
        Payload::FeedbackEdited(it) => &it.verbatim,
        _ => "",
    };
    let row = conduct(payload)
        .or_else(|| opinion(payload))
        .or_else(|| promise(payload))
        .or_else(|| background(payload))?;
    Some((row, words))
}

/// Returns a row with nothing but its kind.
fn plain(kind: RowKind) -> Row {
    Row {
        kind: kind.into(),
        ..Row::default()
    }
}

/// Returns a row of a kind about something with this name.
fn about(kind: RowKind, name: &str) -> Row {
    Row {
        about: hash(name),
        ..plain(kind)
    }
}

/// Returns the row of an owner's conduct for or against the brand.
fn conduct(payload: &Payload) -> Option<Row> {
    Some(match payload {
        Payload::ReferralMade(it) => about(RowKind::ReferralMade, &it.referee_ref),
        Payload::ConsiderationListed(it) => about(RowKind::ConsiderationListed, &it.referee_ref),
        Payload::RefereeTestDrove(it) => about(RowKind::RefereeTestDrove, &it.referee_ref),
        Payload::RefereePurchased(it) => Row {
            order_id: it.order_id.clone(),
            ..about(RowKind::RefereePurchased, &it.referee_ref)
        },
        Payload::AdvocacyObserved(it) => {
            // A story that is neither for nor against counts by its words only.
            let kind = match it.kind() {
                Kind::Positive | Kind::Negative => RowKind::AdvocacyObserved,
                Kind::Unspecified => RowKind::Unknown,
            };
            Row {
                against: it.kind() == Kind::Negative,
                ..about(kind, &it.url)
            }
        }
        Payload::Repurchased(_) => plain(RowKind::Repurchased),
        Payload::Defected(it) => about(RowKind::Defected, &it.brand),
        _ => return None,
    })
}

/// Returns the row of an owner's opinion, or of a reported defect.
fn opinion(payload: &Payload) -> Option<Row> {
    Some(match payload {
        Payload::FeedbackReceived(it) => Row {
            score: it.score,
            ..plain(RowKind::FeedbackReceived)
        },
        Payload::FeedbackEdited(_) => plain(RowKind::FeedbackEdited),
        Payload::FeedbackExcluded(_) => plain(RowKind::FeedbackExcluded),
        Payload::ResolutionConfirmed(_) => plain(RowKind::ResolutionConfirmed),
        Payload::ResolutionRejected(_) => plain(RowKind::ResolutionRejected),
        Payload::DefectReported(_) => plain(RowKind::DefectReported),
        _ => return None,
    })
}

/// Returns the row of a promise or an obligation of the brand.
fn promise(payload: &Payload) -> Option<Row> {
    let obligation = |policy: &str, version: i32, is_missed: bool| Obligation {
        policy: policy.to_owned(),
        version,
        is_missed,
        ..Obligation::default()
    };
    Some(match payload {
        Payload::CommitmentMade(it) => about(RowKind::CommitmentMade, &it.commitment_id),
        Payload::CommitmentKept(it) => about(RowKind::CommitmentKept, &it.commitment_id),
        Payload::CommitmentBroken(it) => about(RowKind::CommitmentBroken, &it.commitment_id),
        Payload::CommitmentWithdrawn(it) => about(RowKind::CommitmentWithdrawn, &it.commitment_id),
        Payload::TaskAssigned(_) => plain(RowKind::TaskAssigned),
        Payload::ObligationBreached(it) => Row {
            obligation: Some(obligation(&it.policy, it.policy_version, true)),
            ..about(RowKind::ObligationBreached, &it.obligation_id)
        },
        Payload::ObligationOutcomeRevised(it) => Row {
            obligation: Some(obligation(
                &it.policy,
                it.policy_version,
                is_missed(&it.now),
            )),
            ..about(RowKind::ObligationOutcomeRevised, &it.obligation_id)
        },
        _ => return None,
    })
}

/// Returns the row of an owner's registration or previous brand.
fn background(payload: &Payload) -> Option<Row> {
    Some(match payload {
        Payload::OwnerRegistered(it) => Row {
            market: it.market.clone(),
            tier: it.tier.clone(),
            ..plain(RowKind::OwnerRegistered)
        },
        Payload::PriorBrandRecorded(it) => Row {
            brand: it.brand.clone(),
            tier: it.tier.clone(),
            until: it.until.clone(),
            ..plain(RowKind::PriorBrandRecorded)
        },
        _ => return None,
    })
}

/// Adds the subjects to a row, and writes it with its words.
fn write_row(
    recorded: &Recorded,
    mut row: Row,
    words: &str,
    state: &mut dyn StateMap,
) -> Result<(), FoldError> {
    if let Some(subjects) = &recorded.touchpoint.subjects {
        let category = Category::of_stream(&recorded.stream);
        if !row.kind().is_from_keeper() {
            if category != Some(Category::Owner) {
                row.owner_id.clone_from(&subjects.owner_id);
            }
            row.vin.clone_from(&subjects.vin);
            row.dealer_id.clone_from(&subjects.dealer_id);
        }
        match row.kind() {
            // A defect without an id cannot repeat another; a correction may inherit an id.
            RowKind::DefectReported
                if subjects.defect_id.is_empty() && recorded.touchpoint.corrects.is_none() =>
            {
                return Ok(());
            }
            RowKind::DefectReported => row.defect_id.clone_from(&subjects.defect_id),
            // Validation made sure that the payload's order agrees with the subject.
            RowKind::Repurchased => row.order_id.clone_from(&subjects.order_id),
            RowKind::ResolutionConfirmed | RowKind::ResolutionRejected
                if category != Some(Category::Case) =>
            {
                row.case_id.clone_from(&subjects.case_id);
            }
            _ => {}
        }
    }
    if let (Some(obligation), Some(cause)) = (&mut row.obligation, &recorded.touchpoint.causation) {
        let source = match cause.source.as_str() {
            "" => &recorded.touchpoint.source,
            source => source,
        };
        source.clone_into(&mut obligation.cause_source);
        obligation.cause_id.clone_from(&cause.id);
    }
    row.words = !words.is_empty();
    let tail = history_tail(recorded, &[&recorded.stream])?;
    if row.words {
        WORDS.put_bytes(state, [&recorded.stream], &tail, words.into());
    }
    ROWS.put(state, [&recorded.stream], &tail, &row);
    Ok(())
}

fn raise_signal(
    recorded: &Recorded,
    signal: &IntegritySignalRaised,
    state: &mut dyn StateMap,
) -> Result<(), FoldError> {
    for evidence in &signal.evidence {
        let source = match evidence.source.as_str() {
            "" => &recorded.touchpoint.source,
            source => source,
        };
        let tail = history_tail(recorded, &[source, &evidence.id])?;
        let stream = recorded.stream.as_bytes().to_vec();
        SIGNALS.put_bytes(state, [source, &evidence.id], &tail, stream);
        SUSPECTS.put(state, source, &evidence.id);
    }
    Ok(())
}
