//! The fields that a correction leaves unset and takes from the touchpoint that it corrects.

use ownerline_proto::v1::{Subjects, Visibility};

use super::rows::Fact;
use crate::sight::Sight;

/// The subjects of a touchpoint, and who may see it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inherited {
    /// The subjects, apart from the one that names the stream, which every touchpoint names itself.
    pub subjects: Subjects,
    /// Who may see it.
    pub sight: Sight,
}

impl Eq for Inherited {}

impl Inherited {
    /// Returns the fields that a touchpoint sets itself.
    pub(super) fn declared(fact: &Fact) -> Self {
        Self {
            subjects: fact.subjects.clone().unwrap_or_default(),
            sight: Sight {
                visibility: fact.visibility,
                visible_from: fact.visible_from,
            },
        }
    }

    /// Fills in unset fields from the touchpoint that this one corrects.
    pub(super) fn inherit(&mut self, corrected: &Self) {
        fill_subjects(&mut self.subjects, &corrected.subjects);
        corrected.fill_sight(&mut self.sight);
    }

    /// Fills in unset subjects.
    pub fn fill_subjects(&self, subjects: &mut Subjects) {
        fill_subjects(subjects, &self.subjects);
    }

    /// Fills in unset fields of a sight, visibility and `visible_from` each on its own.
    pub fn fill_sight(&self, sight: &mut Sight) {
        if sight.visibility() == Visibility::Unspecified {
            sight.visibility = self.sight.visibility;
        }
        sight.visible_from = sight.visible_from.or(self.sight.visible_from);
    }
}

fn fill_subjects(mine: &mut Subjects, theirs: &Subjects) {
    for (mine, theirs) in [
        (&mut mine.owner_id, &theirs.owner_id),
        (&mut mine.vin, &theirs.vin),
        (&mut mine.order_id, &theirs.order_id),
        (&mut mine.visit_id, &theirs.visit_id),
        (&mut mine.feedback_id, &theirs.feedback_id),
        (&mut mine.case_id, &theirs.case_id),
        (&mut mine.defect_id, &theirs.defect_id),
        (&mut mine.dealer_id, &theirs.dealer_id),
    ] {
        fill(mine, theirs);
    }
}

/// Sets a text that is empty.
pub(crate) fn fill(mine: &mut String, theirs: &str) {
    if mine.is_empty() {
        theirs.clone_into(mine);
    }
}

/// A row of a view that holds subjects or sight of a touchpoint.
pub(crate) trait Inherits {
    /// Fills in unset fields.
    fn inherit(&mut self, inherited: &Inherited);
}

impl Inherits for Sight {
    fn inherit(&mut self, inherited: &Inherited) {
        inherited.fill_sight(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_that_is_unset_is_inherited_on_its_own() {
        let corrected = Inherited {
            subjects: Subjects {
                owner_id: "ann".to_owned(),
                dealer_id: "d1".to_owned(),
                ..Subjects::default()
            },
            sight: Sight {
                visibility: Visibility::Owner.into(),
                visible_from: Some(9.into()),
            },
        };
        let mut correction = Inherited {
            subjects: Subjects {
                dealer_id: "d2".to_owned(),
                ..Subjects::default()
            },
            sight: Sight {
                visibility: Visibility::Dealer.into(),
                visible_from: None,
            },
        };
        correction.inherit(&corrected);
        assert_eq!(correction.subjects.owner_id, "ann");
        assert_eq!(correction.subjects.dealer_id, "d2");
        assert_eq!(correction.sight.visibility(), Visibility::Dealer);
        assert_eq!(correction.sight.visible_from, Some(9.into()));
    }
}
