//! What can change the answer about a case, and whether it has.

use std::collections::BTreeSet;

use super::answer::CaseAnswer;
use super::fact::Place;
use super::sheet::CaseSheet;
use super::silence::{Gap, LONG};
use crate::fold::footprint::Name;
use crate::fold::reach::Reach;

/// Streams of these categories can change what is owed, whatever they name.
const CATEGORIES: [&str; 2] = ["policy", "dealer"];

impl CaseAnswer {
    /// What can change the answer: touchpoints by the names that they touch, and time.
    #[must_use]
    pub fn reach(&self) -> Reach {
        let history = &self.history;
        let sheet = CaseSheet::of(history);
        let mut reach = Reach::default();
        let footprint = &mut reach.footprint;
        footprint.add(Name::Case(&history.case_id));
        for category in CATEGORIES {
            footprint.add(Name::Category(category));
        }
        if sheet.course.last().is_some_and(|it| it.paused().is_some()) {
            // A message of the owner need not name anybody.
            footprint.add(Name::Category("feedback"));
        }
        for feedback_id in history.origins() {
            footprint.add(Name::Stream(&format!("feedback-{feedback_id}")));
        }
        let vins: BTreeSet<&str> = history.vins().into_iter().collect();
        for vin in vins {
            footprint.add(Name::Vehicle(vin));
        }
        for owner_id in history.owners().iter().chain(&history.owner_ids) {
            footprint.add(Name::Owner(owner_id));
        }
        let elsewhere = history.facts.iter().filter(|it| it.place != Place::Stream);
        let replaced = history.replaced.iter().map(|it| &it.fact);
        for fact in elsewhere.chain(replaced) {
            footprint.add(Name::Touchpoint(&fact.key.source, &fact.key.id));
        }
        for instant in self.turns(&sheet) {
            reach.turns.add_unknown(instant);
        }
        reach
    }

    /// The instants after that of the answer at which time alone changes it.
    fn turns(&self, sheet: &CaseSheet<'_>) -> Vec<i64> {
        let history = &self.history;
        let as_of = history.as_of.nearest();
        let reveals = history.facts.iter();
        let reveals = reveals.filter_map(|it| it.row.visible_from);
        let becomes_long = sheet
            .silence
            .present
            .map(|gap| gap.from.saturating_add(LONG).saturating_add(1));
        let turns = reveals.map(|it| it.nearest());
        let of_obligations = self.details.iter();
        let of_obligations = of_obligations.filter_map(|it| it.turns_at(history.as_of));
        // Overdue is what is due before an instant.
        let dates = self.promises.iter().filter_map(|it| it.due_at);
        let turns = turns.chain(history.turns_at).chain(becomes_long);
        let turns = turns.chain(of_obligations);
        let turns = turns.chain(dates.map(|it| it.saturating_add(1)));
        turns.filter(|instant| *instant > as_of).collect()
    }

    /// Everything that is said about the case, but for what changes with every instant: two answers that say the same
    /// differ in nothing else.
    #[must_use]
    pub fn said(&self) -> String {
        let mut sheet = CaseSheet::of(&self.history);
        let silence = &mut sheet.silence;
        let still = |gap: &mut Gap| {
            if gap.is_present {
                gap.until = gap.from;
            }
        };
        let gaps = silence.longest.iter_mut().chain(&mut silence.present);
        gaps.chain(&mut silence.long).for_each(still);
        let history = &self.history;
        let owed = self.details.iter().map(|detail| {
            let mut still = detail.obligation.clone();
            if still.outcome.ended_at.is_none() {
                still.outcome.spent = 0;
                still.outcome.share = 0.0;
            }
            (still, detail.levels_come(history.as_of), &detail.remarks)
        });
        let owed: Vec<_> = owed.collect();
        let named = (history.owners(), history.vins(), self.overdue());
        format!("{sheet:?} {named:?} {owed:?} {:?}", self.promises)
    }
}
