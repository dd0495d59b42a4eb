//! From one touchpoint to its rows. Writes only: nothing is read, so the order of arrival cannot matter.

use ownerline_proto::kind::Category;
use ownerline_proto::v1::advocacy_observed::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{DefectLinked, IntegritySignalRaised};
use prost::Message;

use super::rows::{DECISIONS, ROWS, Row, SAME, SIGNALS, SUSPECTS, Says, WORDS};
use crate::Recorded;
use crate::key::KeyWriter;
use crate::state::StateMap;
use crate::view::{FoldError, history_tail};

pub(super) fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
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
    let mut words = "";
    let row = match payload {
        Payload::ReferralMade(_) => plain(Says::ReferralMade),
        Payload::ConsiderationListed(_) => plain(Says::ConsiderationListed),
        Payload::RefereeTestDrove(_) => plain(Says::RefereeTestDrove),
        Payload::RefereePurchased(_) => plain(Says::RefereePurchased),
        Payload::AdvocacyObserved(it) => {
            words = &it.verbatim;
            // Neither for nor against is words alone.
            let says = match it.kind() {
                Kind::Positive | Kind::Negative => Says::AdvocacyObserved,
                Kind::Unspecified => Says::Unknown,
            };
            Row {
                against: it.kind() == Kind::Negative,
                ..plain(says)
            }
        }
        Payload::Repurchased(_) => plain(Says::Repurchased),
        Payload::Defected(_) => plain(Says::Defected),
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
        Payload::CommitmentKept(_) => plain(Says::CommitmentKept),
        Payload::CommitmentBroken(_) => plain(Says::CommitmentBroken),
        Payload::ResolutionConfirmed(_) => plain(Says::ResolutionConfirmed),
        Payload::ResolutionRejected(_) => plain(Says::ResolutionRejected),
        Payload::DefectReported(_) => plain(Says::DefectReported),
        Payload::ObligationBreached(_) => plain(Says::ObligationBreached),
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
        if Category::of_stream(&recorded.stream) != Some(Category::Owner) {
            row.owner_id.clone_from(&subjects.owner_id);
        }
        row.vin.clone_from(&subjects.vin);
        row.dealer_id.clone_from(&subjects.dealer_id);
        if row.says() == Says::DefectReported {
            // What has no id cannot be said to be the same as another; a correction may inherit one.
            if subjects.defect_id.is_empty() && recorded.touchpoint.corrects.is_none() {
                return Ok(());
            }
            row.defect_id.clone_from(&subjects.defect_id);
        }
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
