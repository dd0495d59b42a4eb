//! Corrections and retractions in plain code: recursive, over all that is known.

use ownerline_projections::{Rank, Recorded, TouchpointKey};
use ownerline_proto::v1::TouchpointRef;
use ownerline_proto::v1::touchpoint::Payload;

fn name(recorded: &Recorded) -> TouchpointKey {
    TouchpointKey::new(&recorded.touchpoint.source, &recorded.touchpoint.id)
}

fn order(recorded: &Recorded) -> (i64, Rank, TouchpointKey) {
    let key = recorded.key();
    (key.occurred_at, key.rank, name(recorded))
}

/// The known touchpoints.
pub(crate) struct Known<'r>(pub(crate) &'r [Recorded]);

impl<'r> Known<'r> {
    /// The order of a history.
    pub(crate) fn history(recorded: &Recorded) -> impl Ord {
        order(recorded)
    }

    fn named(&self, by: &Recorded, to: Option<&TouchpointRef>) -> Option<&'r Recorded> {
        let to = to?;
        let wanted = TouchpointKey::of_reference(to, &by.touchpoint.source);
        self.0.iter().find(|recorded| name(recorded) == wanted)
    }

    fn is_retraction(recorded: &Recorded) -> bool {
        matches!(
            recorded.touchpoint.payload,
            Some(Payload::TouchpointRetracted(_))
        )
    }

    /// What it names in `corrects`, if that fits; it may still be in a circle.
    fn fitting(&self, by: &Recorded) -> Option<&'r Recorded> {
        let to = self.named(by, by.touchpoint.corrects.as_ref())?;
        let fits = to.kind.number == by.kind.number && to.stream == by.stream;
        (fits && !Self::is_retraction(by)).then_some(to)
    }

    fn in_circle(&self, recorded: &Recorded) -> bool {
        let mut at = self.fitting(recorded);
        for _ in self.0 {
            match at {
                Some(there) if name(there) == name(recorded) => return true,
                Some(there) => at = self.fitting(there),
                None => return false,
            }
        }
        false
    }

    pub(crate) fn corrected(&self, by: &Recorded) -> Option<&'r Recorded> {
        self.fitting(by).filter(|_| !self.in_circle(by))
    }

    /// A touchpoint with what it leaves unset of subjects, visibility and `visible_from` taken from what it corrects.
    pub(crate) fn effective(&self, recorded: &Recorded) -> Recorded {
        let mut effective = recorded.clone();
        let Some(corrected) = self.corrected(recorded) else {
            return effective;
        };
        let from = self.effective(corrected).touchpoint;
        let to = &mut effective.touchpoint;
        let (mine, theirs) = (to.subjects.get_or_insert_default(), from.subjects.unwrap());
        for (mine, theirs) in [
            (&mut mine.owner_id, theirs.owner_id),
            (&mut mine.vin, theirs.vin),
            (&mut mine.order_id, theirs.order_id),
            (&mut mine.visit_id, theirs.visit_id),
            (&mut mine.feedback_id, theirs.feedback_id),
            (&mut mine.case_id, theirs.case_id),
            (&mut mine.defect_id, theirs.defect_id),
            (&mut mine.dealer_id, theirs.dealer_id),
        ] {
            if mine.is_empty() {
                *mine = theirs;
            }
        }
        if to.visibility == 0 {
            to.visibility = from.visibility;
        }
        to.visible_from = to.visible_from.or(from.visible_from);
        effective
    }

    /// Every touchpoint of the chain of corrections that this one is in.
    pub(crate) fn chain(&self, recorded: &'r Recorded) -> Vec<&'r Recorded> {
        let root = |recorded: &'r Recorded| {
            let mut root = recorded;
            while let Some(to) = self.corrected(root) {
                root = to;
            }
            name(root)
        };
        let own = root(recorded);
        self.0.iter().filter(|it| root(it) == own).collect()
    }

    fn retracted_ref(by: &Recorded) -> Option<&TouchpointRef> {
        match &by.touchpoint.payload {
            Some(Payload::TouchpointRetracted(retracted)) => retracted.r#ref.as_ref(),
            _ => None,
        }
    }

    fn retracted(&self, by: &Recorded) -> Option<&'r Recorded> {
        let to = self.named(by, Self::retracted_ref(by))?;
        let fits = to.stream == by.stream;
        (fits && (!Self::is_retraction(to) || order(to) < order(by))).then_some(to)
    }

    pub(crate) fn without_effect(&self, by: &Recorded) -> bool {
        let corrects = self.named(by, by.touchpoint.corrects.as_ref());
        let retracts = self.named(by, Self::retracted_ref(by));
        (corrects.is_some() && self.corrected(by).is_none())
            || (retracts.is_some() && self.retracted(by).is_none())
    }

    /// The last retraction of it that is in force.
    pub(crate) fn retracted_by(&self, recorded: &Recorded) -> Option<&'r Recorded> {
        let mut retractions: Vec<&Recorded> = self
            .0
            .iter()
            .filter(|by| {
                self.retracted(by)
                    .is_some_and(|to| name(to) == name(recorded))
            })
            .filter(|by| self.retracted_by(by).is_none())
            .collect();
        retractions.sort_by_key(|by| order(by));
        retractions.pop()
    }

    /// The member in force of a touchpoint and its corrections.
    fn counting(&self, recorded: &'r Recorded) -> Option<&'r Recorded> {
        let mut corrections: Vec<&Recorded> = self
            .0
            .iter()
            .filter(|by| {
                self.corrected(by)
                    .is_some_and(|to| name(to) == name(recorded))
            })
            .collect();
        corrections.sort_by_key(|by| order(by));
        let last = corrections.iter().rev().find_map(|by| self.counting(by));
        last.or_else(|| self.retracted_by(recorded).is_none().then_some(recorded))
    }

    pub(crate) fn in_force(&self, recorded: &'r Recorded) -> bool {
        let mut root = recorded;
        while let Some(to) = self.corrected(root) {
            root = to;
        }
        self.counting(root)
            .is_some_and(|counting| name(counting) == name(recorded))
    }

    /// The first of its chain of corrections, if that is another.
    pub(crate) fn first(&self, recorded: &Recorded) -> Option<TouchpointKey> {
        let mut root = self.corrected(recorded)?;
        while let Some(to) = self.corrected(root) {
            root = to;
        }
        Some(name(root))
    }

    /// The touchpoint in force in its place, unless that is one that it corrects.
    pub(crate) fn corrected_by(&self, recorded: &'r Recorded) -> Option<&'r Recorded> {
        let mut root = recorded;
        let mut above = vec![name(recorded)];
        while let Some(to) = self.corrected(root) {
            root = to;
            above.push(name(to));
        }
        self.counting(root)
            .filter(|counting| !above.contains(&name(counting)))
    }
}
