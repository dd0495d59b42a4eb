//! Counts the obligations of a kind other than the first reply: each once, of feedback and of cases.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use ownerline_proto::v1::Channel;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::counter::{Counted, Question, channel};
use super::{GroupBy, Scope};
use crate::cases::{CaseList, CaseReader, CaseStates, cases_in, every_case};
use crate::civil::CivilCalendar;
use crate::feedback::{self, items, items_of_dealer};
use crate::obligation::terms::is_of_cases;
use crate::obligation::{Item, ItemState, Obligation, case};
use crate::person::PersonLookup;
use crate::{AnswerError, Snapshots, Vantage};

/// Counts what was owed of a kind.
pub(super) fn count_kind(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: Question<'_>,
    kind: Kind,
) -> Result<Counted, AnswerError> {
    let mut counting = Counting {
        question,
        kind,
        calendar: CivilCalendar::default(),
        counted: Counted::default(),
    };
    if matches!(kind, Kind::NextReply | Kind::Resolution) {
        counting.feedback(snapshots, vantage)?;
    }
    if is_of_cases(kind) {
        counting.cases(snapshots, vantage)?;
    }
    Ok(counting.counted)
}

struct Counting<'q> {
    question: Question<'q>,
    kind: Kind,
    calendar: CivilCalendar,
    counted: Counted,
}

impl Counting<'_> {
    fn feedback(
        &mut self,
        snapshots: &Snapshots<'_>,
        vantage: &Vantage<'_>,
    ) -> Result<(), AnswerError> {
        let state = snapshots.state(feedback::VIEW.name);
        let validity = vantage.validity()?;
        let Question {
            scope,
            terms,
            as_of,
            ..
        } = self.question;
        let mut visit = |item: Item| {
            let found = ItemState::at(&item, terms, as_of);
            if let Some(received) = &found.received {
                for owed in &found.obligations {
                    self.add(owed, received.channel, &received.survey);
                }
            }
            match vantage.is_cancelled() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        match scope.dealer_id.as_deref() {
            Some(dealer_id) => {
                let always = i64::MIN..i64::MAX;
                items_of_dealer(state, &validity, dealer_id, always, &mut visit)?;
            }
            None => items(state, &validity, &mut visit)?,
        }
        Ok(())
    }

    fn cases(
        &mut self,
        snapshots: &Snapshots<'_>,
        vantage: &Vantage<'_>,
    ) -> Result<(), AnswerError> {
        let validity = vantage.validity()?;
        let states = CaseStates::of(snapshots);
        let persons = PersonLookup::new(states.timeline.identity, &validity);
        let reader = CaseReader::at(states, vantage, &validity, &persons);
        let mut ids = BTreeSet::new();
        match self.question.scope.dealer_id.as_deref() {
            Some(dealer_id) => ids = cases_in(states.cases, CaseList::Dealer(dealer_id))?,
            None => every_case(states.cases, |case_id| {
                ids.insert(case_id.to_owned());
                Ok(ControlFlow::Continue(()))
            })?,
        }
        for case_id in ids {
            if vantage.is_cancelled() {
                break;
            }
            let Some(history) = reader.history(&case_id)? else {
                continue;
            };
            let channel = history.opening().map_or(0, |opening| opening.row.channel);
            for owed in case::obligations(&history, self.question.terms) {
                self.add(&owed, channel, "");
            }
        }
        Ok(())
    }

    /// Counts an obligation, if it is of the kind and in the scope.
    fn add(&mut self, owed: &Obligation, by_channel: i32, survey: &str) {
        let Question {
            scope,
            network,
            group_by,
            ..
        } = self.question;
        let dealer_id = owed.dealer_at_end.as_str();
        let zone = network.time_zone(dealer_id, owed.start);
        let market = network.dealer(dealer_id, owed.start);
        let market = market.map_or("", |dealer| &dealer.market);
        let answer = owed.answer.as_ref();
        let responder = answer.map_or("", |answer| &answer.actor_id);
        let by_channel = Channel::try_from(by_channel).unwrap_or_default();
        let about = About {
            dealer_id,
            market,
            responder,
            channel: by_channel,
            survey,
        };
        let in_period = scope.period.holds(owed.start, &mut self.calendar, || zone);
        if owed.kind != self.kind || !in_period || !scope.admits_all(&about) {
            return;
        }
        let terms = self.question.terms.terms(&owed.dealer_at_start, owed.start);
        let Some(term) = terms.of(owed.kind) else {
            return;
        };
        let term = owed.term(term);
        let key = group_by.map(|group_by| match group_by {
            GroupBy::Dealer => dealer_id.to_owned(),
            GroupBy::Market => market.to_owned(),
            GroupBy::Channel => channel(by_channel),
            GroupBy::Survey => survey.to_owned(),
            GroupBy::Responder => responder.to_owned(),
            GroupBy::Month => self.calendar.month(zone, owed.start).to_owned(),
        });
        self.counted.total.add_owed(owed, &term);
        if let Some(group) = key.and_then(|key| self.counted.groups.group(&key)) {
            group.add_owed(owed, &term);
        }
    }
}

/// What a scope selects by.
struct About<'a> {
    dealer_id: &'a str,
    market: &'a str,
    responder: &'a str,
    channel: Channel,
    survey: &'a str,
}

impl Scope {
    fn admits_all(&self, about: &About<'_>) -> bool {
        let is = |asked: &Option<String>, found: &str| {
            asked.as_deref().is_none_or(|asked| asked == found)
        };
        is(&self.dealer_id, about.dealer_id)
            && is(&self.market, about.market)
            && is(&self.responder_id, about.responder)
            && is(&self.survey, about.survey)
            && self.channel.is_none_or(|asked| asked == about.channel)
    }
}
