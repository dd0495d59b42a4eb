//! From one touchpoint to its rows. Writes only: nothing is read, so the order of arrival cannot matter.

use ownerline_proto::kind::Category;
use ownerline_proto::v1::advocacy_observed::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{DefectLinked, IntegritySignalRaised};
use prost::Message;

use super::rows::{
    DECISIONS, ORIGINS, Obligation, ROWS, Row, SAME, SIGNALS, SUSPECTS, Says, WORDS, hash,
};
use crate::Recorded;
use crate::fold::key::KeyWriter;
use crate::fold::state::StateMap;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::obligation::is_missed;

/// The view. See the [module documentation](super).
pub const VIEW: ViewDef = ViewDef {
    name: "advocacy",
    version: 2,
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
    "defect_linked",
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
        Payload::DefectLinked(link) => linked(recorded, link, state),
        Payload::IntegritySignalRaised(signal) => raised(recorded, signal, state),
        Payload::IntegrityReviewDecided(review) => {
            let signal = review.signal_id.as_str();
            let tail = history_tail(recorded, &[&recorded.stream, signal])?;
            let key = KeyWriter::table(DECISIONS)
                .text(&recorded.stream)
                .text(signal)
                .raw(&tail);
            state.put(key.finish(), Vec::new());
            Ok(())
        }
        Payload::CaseOpened(opened) if !opened.origin_feedback_id.is_empty() => {
            let feedback_id = opened.origin_feedback_id.as_str();
            let tail = history_tail(recorded, &[feedback_id])?;
            let key = KeyWriter::table(ORIGINS).text(feedback_id).raw(&tail);
            state.put(key.finish(), recorded.stream.as_bytes().to_vec());
            Ok(())
        }
        _ => match said(payload) {
            Some((row, words)) => kept(recorded, row, words, state),
            None => Ok(()),
        },
    }
}

/// What a touchpoint says to the score, and in which words of the owner.
fn said(payload: &Payload) -> Option<(Row, &str)> {
    let plain = |says: Says| Row {
        says: says.into(),
        ..Row::default()
    };
    let about = |says: Says, name: &str| Row {
        about: hash(name),
        ..plain(says)
    };
    let mut words = "";
    let row = match payload {
        Payload::ReferralMade(it) => about(Says::ReferralMade, &it.referee_ref),
        Payload::ConsiderationListed(it) => about(Says::ConsiderationListed, &it.referee_ref),
        Payload::RefereeTestDrove(it) => about(Says::RefereeTestDrove, &it.referee_ref),
        Payload::RefereePurchased(it) => Row {
            order_id: it.order_id.clone(),
            ..about(Says::RefereePurchased, &it.referee_ref)
        },
        Payload::AdvocacyObserved(it) => {
            words = &it.verbatim;
            // Neither for nor against is words alone.
            let says = match it.kind() {
                Kind::Positive | Kind::Negative => Says::AdvocacyObserved,
                Kind::Unspecified => Says::Unknown,
            };
            Row {
                against: it.kind() == Kind::Negative,
                ..about(says, &it.url)
            }
        }
        Payload::Repurchased(_) => plain(Says::Repurchased),
        Payload::Defected(it) => about(Says::Defected, &it.brand),
        Payload::FeedbackReceived(it) => {
            words = &it.verbatim;
            Row {
                score: it.score,
                ..plain(Says::FeedbackReceived)
            }
        }
        Payload::FeedbackEdited(it) => {
            words = &it.verbatim;
            plain(Says::FeedbackEdited)
        }
        Payload::FeedbackExcluded(_) => plain(Says::FeedbackExcluded),
        Payload::CommitmentMade(it) => about(Says::CommitmentMade, &it.commitment_id),
        Payload::CommitmentKept(it) => about(Says::CommitmentKept, &it.commitment_id),
        Payload::CommitmentBroken(it) => about(Says::CommitmentBroken, &it.commitment_id),
        Payload::CommitmentWithdrawn(it) => about(Says::CommitmentWithdrawn, &it.commitment_id),
        Payload::TaskAssigned(_) => plain(Says::TaskAssigned),
        Payload::ResolutionConfirmed(_) => plain(Says::ResolutionConfirmed),
        Payload::ResolutionRejected(_) => plain(Says::ResolutionRejected),
        Payload::DefectReported(_) => plain(Says::DefectReported),
        Payload::ObligationBreached(it) => Row {
            obligation: Some(Obligation {
                policy: it.policy.clone(),
                version: it.policy_version,
                is_missed: true,
                ..Obligation::default()
            }),
            ..about(Says::ObligationBreached, &it.obligation_id)
        },
        Payload::ObligationOutcomeRevised(it) => Row {
            obligation: Some(Obligation {
                policy: it.policy.clone(),
                version: it.policy_version,
                is_missed: is_missed(&it.now),
                ..Obligation::default()
            }),
            ..about(Says::ObligationOutcomeRevised, &it.obligation_id)
        },
        Payload::OwnerRegistered(it) => Row {
            market: it.market.clone(),
            tier: it.tier.clone(),
            ..plain(Says::OwnerRegistered)
        },
        Payload::PriorBrandRecorded(it) => Row {
            brand: it.brand.clone(),
            tier: it.tier.clone(),
            until: it.until.clone(),
            ..plain(Says::PriorBrandRecorded)
        },
        _ => return None,
    };
    Some((row, words))
}

fn kept(
    recorded: &Recorded,
    mut row: Row,
    words: &str,
    state: &mut dyn StateMap,
) -> Result<(), FoldError> {
    if let Some(subjects) = &recorded.touchpoint.subjects {
        let category = Category::of_stream(&recorded.stream);
        if !row.says().is_of_keeper() {
            if category != Some(Category::Owner) {
                row.owner_id.clone_from(&subjects.owner_id);
            }
            row.vin.clone_from(&subjects.vin);
            row.dealer_id.clone_from(&subjects.dealer_id);
        }
        match row.says() {
            // What has no id cannot be said to be the same as another; a correction may inherit one.
            Says::DefectReported
                if subjects.defect_id.is_empty() && recorded.touchpoint.corrects.is_none() =>
            {
                return Ok(());
            }
            Says::DefectReported => row.defect_id.clone_from(&subjects.defect_id),
            // The door made the payload's order agree with the subject.
            Says::Repurchased => row.order_id.clone_from(&subjects.order_id),
            Says::ResolutionConfirmed | Says::ResolutionRejected
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
    let under = |table: u8| KeyWriter::table(table).text(&recorded.stream).raw(&tail);
    if row.words {
        state.put(under(WORDS).finish(), words.as_bytes().to_vec());
    }
    state.put(under(ROWS).finish(), row.encode_to_vec());
    Ok(())
}

fn linked(
    recorded: &Recorded,
    link: &DefectLinked,
    state: &mut dyn StateMap,
) -> Result<(), FoldError> {
    let tail = history_tail(recorded, &[&link.defect_id, &link.same_as])?;
    for (one, other) in [
        (&link.defect_id, &link.same_as),
        (&link.same_as, &link.defect_id),
    ] {
        let key = KeyWriter::table(SAME).text(one).text(other).raw(&tail);
        state.put(key.finish(), Vec::new());
    }
    Ok(())
}

fn raised(
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
        let under = |table: u8| KeyWriter::table(table).text(source).text(&evidence.id);
        let stream = recorded.stream.as_bytes().to_vec();
        state.put(under(SIGNALS).raw(&tail).finish(), stream);
        state.put(under(SUSPECTS).finish(), Vec::new());
    }
    Ok(())
}
