//! The defects that a case is about, by its own stream.

use super::history::{CaseHistory, distinct};
use super::kind::CaseFactKind;

/// A defect of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseDefect<'h> {
    /// The defect.
    pub defect_id: &'h str,
    /// The defects that a person said in this case are the same, and nobody unlinked there since.
    pub same_as: Vec<&'h str>,
}

/// The defects that the stream of a case names, the first named first, with its links. A link by a program is none.
#[must_use]
pub(super) fn defects(history: &CaseHistory) -> Vec<CaseDefect<'_>> {
    let named = history.told().flat_map(|fact| {
        let row = &fact.row;
        let linked = match fact.kind() {
            CaseFactKind::DefectLinked | CaseFactKind::DefectUnlinked => row.subject_id.as_str(),
            _ => "",
        };
        [row.defect_id.as_str(), linked, row.same_as.as_str()]
    });
    let mut links: Vec<[&str; 2]> = Vec::new();
    for fact in history.told().filter(|fact| !fact.is_automatic()) {
        let pair = [fact.row.subject_id.as_str(), fact.row.same_as.as_str()];
        let reversed = [pair[1], pair[0]];
        match fact.kind() {
            CaseFactKind::DefectLinked if !links.contains(&pair) && !links.contains(&reversed) => {
                links.push(pair);
            }
            CaseFactKind::DefectUnlinked => {
                links.retain(|link| *link != pair && *link != reversed);
            }
            _ => {}
        }
    }
    let of = |defect_id| {
        let others = links.iter().filter_map(move |[one, other]| match () {
            () if *one == defect_id => Some(*other),
            () if *other == defect_id => Some(*one),
            () => None,
        });
        CaseDefect {
            defect_id,
            same_as: distinct(others),
        }
    };
    distinct(named).into_iter().map(of).collect()
}
