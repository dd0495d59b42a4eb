//! Counts what a test counts, and judges each count.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::civil::Date;
use ownerline_proto::v1::repeat_repair_policy::Condition;
use ownerline_proto::v1::repeat_repair_policy::Rule;
use ownerline_proto::v1::repeat_repair_policy::rule::Test;
use ownerline_proto::v1::repeat_repair_policy::rule::test::Kind;

use super::defects::Links;
use super::lacks::{NoticeTerms, needed, opportunity_until};
use super::status::{Count, CountDoubt, Defect, Lack, Notice, Outcome, TestStatus, Visit};
use super::visits::days_out;
use super::window::{Included, Window};
use crate::fold::state::StateError;

/// What the tests of a rule are judged by.
pub(super) struct Court<'c, 's> {
    pub(super) visits: &'c [Visit],
    pub(super) defects: &'c [Defect],
    pub(super) notices: &'c [Notice],
    /// The local date of each notice.
    pub(super) noticed_on: &'c [Date],
    /// The local date of the question.
    pub(super) today: Date,
    pub(super) links: &'c mut Links<'s>,
}

/// The visits of one thing that is counted.
struct Counted {
    /// Those in the window, by drop-off.
    visits: Vec<usize>,
    count: u32,
}

/// What is counted.
#[derive(Clone, Copy)]
enum Of<'d> {
    /// Attempts at one defect.
    Defect(usize, &'d Defect),
    /// Attempts at any defect.
    Any,
    /// Days out of service.
    Days,
    /// Nothing, because there is no such defect.
    Nothing,
}

/// Which visits are counted.
#[derive(Clone, Copy)]
struct Which {
    window: Window,
    without_goodwill: bool,
    /// Also those with a report and no attempt.
    with_reports: bool,
}

impl Court<'_, '_> {
    /// Judges a test: one count for each defect where the test counts attempts at the same one, the best first.
    pub(super) fn judge(
        &mut self,
        rule: &Rule,
        test: &Test,
        window: Window,
    ) -> Result<TestStatus, StateError> {
        let defects: &[Defect] = self.defects;
        let of_defects = |safety: bool| {
            let of = defects.iter().enumerate();
            let of = of.filter(move |(_, it)| it.safety || !safety);
            let of: Vec<Of<'_>> = of.map(|(place, it)| Of::Defect(place, it)).collect();
            if of.is_empty() { vec![Of::Nothing] } else { of }
        };
        let counted = match test.kind() {
            Kind::SameDefect => of_defects(false),
            Kind::Safety => of_defects(true),
            Kind::DaysOut => vec![Of::Days],
            Kind::AnyDefect => vec![Of::Any],
            Kind::Unspecified => vec![Of::Nothing],
        };
        let mut counts = Vec::new();
        for of in counted {
            counts.push(self.count(rule, test, window, of)?);
        }
        // The sort is stable, so the defect that came first stays first among equals.
        counts.sort_by_key(|it| Reverse((it.outcome, it.count)));
        Ok(TestStatus {
            kind: test.kind(),
            needed: needed(test),
            counts,
        })
    }

    fn count(
        &mut self,
        rule: &Rule,
        test: &Test,
        window: Window,
        of: Of<'_>,
    ) -> Result<Count, StateError> {
        let needed = needed(test);
        let which = Which {
            window,
            without_goodwill: false,
            with_reports: false,
        };
        let counted = self.counted(of, which);
        let wider = self.reaching(rule, of, which, needed);
        let reaches = wider.is_some();
        // Whatever else a count needs is judged by the visits that reach the threshold.
        let (reaching, mut doubts) = wider.unwrap_or((which, BTreeSet::new()));
        let window = reaching.window;
        let reaching = self.counted(of, reaching);
        if reaches && window.is_unknown() {
            doubts.insert(CountDoubt::Window);
        }
        let mut missing = BTreeSet::new();
        if rule.persists && !self.persists(of) {
            missing.insert(Lack::FaultPersists);
        }
        let mut is_refused = !missing.is_empty();
        let mut noticed = Noticed::default();
        if let Some(terms) = NoticeTerms::of(rule, test) {
            noticed = self.noticed(&terms, of, &reaching, window)?;
            let may_be_needless = terms.if_disclosed && !assumes(rule, Condition::Disclosed);
            if noticed.lack.is_some() && may_be_needless {
                doubts.extend(reaches.then_some(CountDoubt::Notice));
            }
            is_refused |= noticed.lack.is_some() && !may_be_needless;
            missing.extend(noticed.lack);
        }
        let may_be_paused = !rule.pauses.is_empty() && !assumes(rule, Condition::NotPaused);
        let is_doubted = !doubts.is_empty() || may_be_paused && matches!(of, Of::Days);
        let outcome = match (reaches && !is_refused, is_doubted) {
            (false, _) => Outcome::NotMet,
            (true, true) => Outcome::NotDecided,
            (true, false) => Outcome::Met,
        };
        Ok(Count {
            defect: match of {
                Of::Defect(place, _) => Some(place),
                Of::Any | Of::Days | Of::Nothing => None,
            },
            distance: needed.saturating_sub(counted.count),
            count: counted.count,
            visits: counted.visits,
            missing,
            doubts,
            notice: noticed.notice,
            final_opportunity_until: noticed.final_opportunity_until,
            outcome,
        })
    }

    /// The notice that counts, or what is missing of it.
    fn noticed(
        &mut self,
        terms: &NoticeTerms<'_>,
        of: Of<'_>,
        reaching: &Counted,
        window: Window,
    ) -> Result<Noticed, StateError> {
        let Some(place) = self.notice(terms, of, reaching, window)? else {
            return Ok(Noticed {
                lack: Some(Lack::Notice),
                ..Noticed::default()
            });
        };
        let until = self.opportunity(terms, of, place);
        Ok(Noticed {
            lack: until.map(|_| Lack::FinalOpportunity),
            notice: self.notices.get(place).cloned(),
            final_opportunity_until: until,
        })
    }

    /// The visits that reach the threshold, and why they do not decide; `None` if nothing reaches it. Where what counts for
    /// certain does not, visits that only report may, or an extended window, or both together.
    fn reaching(
        &self,
        rule: &Rule,
        of: Of<'_>,
        which: Which,
        needed: u32,
    ) -> Option<(Which, BTreeSet<CountDoubt>)> {
        let reaches = |which: Which| self.counted(of, which).count >= needed;
        let mut doubts = BTreeSet::new();
        let mut reaching = which;
        if !reaches(which) {
            let extended = which.window.extended(rule);
            let extended = extended.filter(|_| !assumes(rule, Condition::NotExtended));
            let with_reports = Which {
                with_reports: true,
                ..which
            };
            let window = extended.unwrap_or(which.window);
            let both = Which {
                window,
                ..with_reports
            };
            if !reaches(both) {
                return None;
            }
            let by_reports = reaches(with_reports);
            let by_extension = reaches(Which { window, ..which });
            if by_reports || !by_extension {
                doubts.insert(CountDoubt::OnlyReported);
                reaching.with_reports = true;
            }
            if by_extension || !by_reports {
                doubts.insert(CountDoubt::Extension);
                reaching.window = window;
            }
        }
        let without_goodwill = Which {
            without_goodwill: true,
            ..reaching
        };
        if !reaches(without_goodwill) {
            doubts.insert(CountDoubt::Goodwill);
        }
        Some((reaching, doubts))
    }

    /// The visits that count, and the count.
    fn counted(&self, of: Of<'_>, which: Which) -> Counted {
        let visits: Vec<usize> = match of {
            Of::Defect(_, it) if which.with_reports => it.visits.clone(),
            Of::Defect(_, it) => it.attempts.clone(),
            Of::Any => self.of_any(which.with_reports),
            Of::Days => (0..self.visits.len()).collect(),
            Of::Nothing => Vec::new(),
        };
        let visits = visits.into_iter();
        let mut included: Vec<(usize, &Visit, Included)> = visits
            .filter_map(|place| {
                let visit = self.visits.get(place)?;
                Some((place, visit, which.window.included(visit)))
            })
            .collect();
        included.retain(|(_, visit, included)| {
            visit.counts
                && included.includes(visit.from)
                && !(which.without_goodwill && visit.goodwill)
        });
        let count = match of {
            Of::Days => days_out(included.iter().map(|(_, visit, included)| match included {
                Included::None => (*visit, None),
                Included::UpTo(last) => (*visit, *last),
            }))
            .count(),
            _ => u32::try_from(included.len()).unwrap_or(u32::MAX),
        };
        Counted {
            visits: included.into_iter().map(|(place, ..)| place).collect(),
            count,
        }
    }

    /// The visits with an attempt at any defect.
    fn of_any(&self, with_reports: bool) -> Vec<usize> {
        let defects = self.defects.iter();
        let visits: BTreeSet<usize> = defects
            .flat_map(|it| {
                if with_reports {
                    &it.visits
                } else {
                    &it.attempts
                }
            })
            .copied()
            .collect();
        visits.into_iter().collect()
    }

    /// Whether what is counted still persists.
    fn persists(&self, of: Of<'_>) -> bool {
        match of {
            Of::Defect(_, defect) => !defect.fixed,
            Of::Any | Of::Days => self.defects.iter().any(|it| !it.fixed),
            Of::Nothing => false,
        }
    }

    /// The first notice that counts: about this defect or none in particular, by a means that counts, at or after the visit
    /// that made up the number.
    fn notice(
        &mut self,
        terms: &NoticeTerms<'_>,
        of: Of<'_>,
        reaching: &Counted,
        window: Window,
    ) -> Result<Option<usize>, StateError> {
        let visits: &[Visit] = self.visits;
        let from = match self.made_up(terms.after, of, reaching, window) {
            Ok(visit) => visit.and_then(|place| visits.get(place)),
            Err(NotMadeUp) => return Ok(None),
        };
        let from = from.map_or(i64::MIN, |visit| visit.began.occurred_at);
        for (place, notice) in self.notices.iter().enumerate() {
            if notice.key.occurred_at < from || !terms.accepts(&notice.means) {
                continue;
            }
            let is_about = match of {
                Of::Defect(_, defect) if !notice.defect_id.is_empty() => {
                    self.links.is_about(&notice.defect_id, defect)?
                }
                Of::Nothing => notice.defect_id.is_empty(),
                _ => true,
            };
            if is_about {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// The visit that made up a number of attempts or days; `None` where the number is 0.
    fn made_up(
        &self,
        number: u32,
        of: Of<'_>,
        reaching: &Counted,
        window: Window,
    ) -> Result<Option<usize>, NotMadeUp> {
        let Some(before) = number.checked_sub(1) else {
            return Ok(None);
        };
        if !matches!(of, Of::Days) {
            let place = usize::try_from(before).ok();
            let place = place.and_then(|before| reaching.visits.get(before));
            return place.map(|place| Some(*place)).ok_or(NotMadeUp);
        }
        // The first visit with which the days reach the number.
        for (n, place) in reaching.visits.iter().enumerate() {
            let so_far = reaching.visits.iter().take(n + 1);
            let so_far = so_far.filter_map(|place| self.visits.get(*place));
            let so_far = so_far.map(|visit| match window.included(visit) {
                Included::None => (visit, None),
                Included::UpTo(last) => (visit, last),
            });
            if days_out(so_far).count() >= number {
                return Ok(Some(*place));
            }
        }
        Err(NotMadeUp)
    }

    /// The last day of the final opportunity while it runs: no visit for the defect followed the notice, and no more than
    /// the days of the rule have gone by.
    fn opportunity(&self, terms: &NoticeTerms<'_>, of: Of<'_>, notice: usize) -> Option<Date> {
        if terms.final_opportunity_days == 0 {
            return None;
        }
        let (given, on) = (self.notices.get(notice)?, self.noticed_on.get(notice)?);
        let visits = match of {
            Of::Defect(_, defect) => defect.visits.clone(),
            Of::Any | Of::Days => self.of_any(true),
            Of::Nothing => Vec::new(),
        };
        let mut visits = visits.iter().filter_map(|place| self.visits.get(*place));
        let had_one = visits.any(|visit| visit.began > given.key);
        let until = opportunity_until(*on, terms.final_opportunity_days);
        (!had_one && self.today <= until).then_some(until)
    }
}

/// The number is not reached.
struct NotMadeUp;

/// The notice of a count.
#[derive(Default)]
struct Noticed {
    lack: Option<Lack>,
    notice: Option<Notice>,
    final_opportunity_until: Option<Date>,
}

/// Whether a rule takes a condition for granted.
pub(super) fn assumes(rule: &Rule, condition: Condition) -> bool {
    rule.assumes().any(|it| it == condition)
}
