//! The obligations of a case in detail: with their levels and remarks.

use super::super::levels::{IssuedEvent, levels_by};
use super::super::{Detail, FactKind, Obligation, Remark};
use crate::cases::{CaseFactKind, CaseHistory};
use crate::obligation::terms::InForce;

/// The obligations of a case in detail; they are of `history`, by the same terms.
#[must_use]
pub fn details(
    history: &CaseHistory,
    obligations: Vec<Obligation>,
    in_force: &dyn InForce,
) -> Vec<Detail> {
    let obligations = obligations.into_iter();
    obligations
        .filter_map(|obligation| {
            let terms = in_force.terms(&obligation.dealer_at_start, obligation.start);
            let term = obligation.term(terms.of(obligation.kind)?);
            let mut levels = levels_by(issued_about(history), &obligation, &term);
            levels.retain(|level| level.reached || level.issued_by.is_some());
            Some(Detail {
                levels,
                remarks: remarks(&obligation),
                term,
                obligation,
            })
        })
        .collect()
}

/// The events about the obligations of a case.
pub(in crate::obligation) fn issued_about(
    history: &CaseHistory,
) -> impl Iterator<Item = IssuedEvent<'_>> + Clone {
    let facts = history.facts.iter();
    facts.filter_map(|fact| {
        let kind = match fact.kind() {
            CaseFactKind::ObligationWarned => FactKind::Warned,
            CaseFactKind::ObligationBreached => FactKind::Breached,
            CaseFactKind::ObligationOutcomeRevised => FactKind::OutcomeRevised,
            _ => return None,
        };
        Some(IssuedEvent {
            kind,
            says: fact.row.issued.as_deref()?,
            name: (&fact.key.source, &fact.key.id),
            position: fact.position(),
        })
    })
}

fn remarks(obligation: &Obligation) -> Vec<Remark> {
    let answer = obligation.answer.as_ref();
    let own = [
        (obligation.reply_first, Remark::ReplyFirst),
        (
            answer.is_some_and(|it| !it.by_responsible),
            Remark::ByOtherDealer,
        ),
        (obligation.outcome.is_reported_late(), Remark::ReportedLate),
        (obligation.received_first, Remark::ReceivedBeforeOccurred),
    ];
    let own = own.into_iter().filter(|(applies, _)| *applies);
    let own = own.map(|(_, remark)| remark);
    let mut remarks: Vec<Remark> = own.chain(obligation.notes.iter().copied()).collect();
    remarks.sort_unstable();
    remarks
}
