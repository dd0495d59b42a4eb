//! From the answers of one feedback to the three that are counted, by the questions of its survey.

use ownerline_proto::v1::SurveyPolicy;
use ownerline_proto::v1::survey_policy::Question;
use ownerline_proto::v1::survey_policy::question::Kind;

use crate::obligation::{Fact, Item};
use crate::policy::{Place, Policies};
use crate::stats::is_satisfied;

/// The survey that holds where nobody published one of that name; it ships with the server.
const ANY_SURVEY: &str = "survey";

/// What one owner answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Answered {
    /// 0 to 10.
    pub(super) nps: Said<i32>,
    /// One of the top two boxes.
    pub(super) csat: Said<bool>,
    /// 1 to 7.
    pub(super) ces: Said<i32>,
}

/// What was answered to one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said<T> {
    pub(super) answer: Option<T>,
    /// Something was answered that is no whole number of the scale.
    pub(super) is_unusable: bool,
}

impl<T> Default for Said<T> {
    fn default() -> Self {
        Self {
            answer: None,
            is_unusable: false,
        }
    }
}

/// The survey in force for a feedback: the one it names, if there is such a policy, else the one that is
/// for all.
pub(super) fn survey<'p>(
    policies: &'p Policies,
    name: &str,
    dealer_id: &str,
    start: i64,
) -> Option<&'p SurveyPolicy> {
    let market = policies.place(dealer_id, start).market;
    let place = Place { dealer_id, market };
    let start = start.into();
    let named = policies.survey(name, place, start);
    named.or_else(|| policies.survey(ANY_SURVEY, place, start))
}

impl Answered {
    /// What a feedback answers to the first question of each kind. The feedback's own score stands for a missing
    /// answer to the question of NPS, if its survey has one: what asks no such question contributes no NPS.
    pub(super) fn of(item: &Item, received: &Fact, survey: Option<&SurveyPolicy>) -> Self {
        let questions = survey.map_or(&[][..], |survey| &survey.questions);
        let first = |kind: Kind| questions.iter().find(|it| it.kind() == kind);
        let on_scale = |question: &Question, value: i32| {
            let is_told = (question.min..=question.max).contains(&value);
            is_told.then_some(value)
        };
        let mut nps = said(item, received, first(Kind::Nps), on_scale);
        if first(Kind::Nps).is_some() {
            nps.answer = nps.answer.or(received.score);
        }
        Self {
            nps,
            csat: said(item, received, first(Kind::Csat), |question, value| {
                is_satisfied(value, question.min, question.max)
            }),
            ces: said(item, received, first(Kind::Ces), on_scale),
        }
    }
}

fn said<T>(
    item: &Item,
    received: &Fact,
    question: Option<&Question>,
    read: impl Fn(&Question, i32) -> Option<T>,
) -> Said<T> {
    let given = question.and_then(|question| {
        let mut answers = received.answers.iter();
        let given = answers.find(|it| item.text(it.question) == question.id)?;
        Some(given.value.and_then(|value| read(question, value)))
    });
    Said {
        is_unusable: matches!(given, Some(None)),
        answer: given.flatten(),
    }
}
