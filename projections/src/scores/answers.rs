//! The three answers of a feedback that are counted, by the questions of its survey.

use ownerline_proto::v1::SurveyPolicy;
use ownerline_proto::v1::survey_policy::Question;
use ownerline_proto::v1::survey_policy::question::Kind;

use ownerline_proto::time::Instant;

use crate::obligation::{Fact, Invitation, Item};
use crate::policy::{Place, Policies};
use crate::stats::is_satisfied;

/// The survey that applies where none of the feedback's name is published. It ships with the server.
const ANY_SURVEY: &str = "survey";

/// The answers of one owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Answered {
    /// NPS, 0 to 10.
    pub(super) nps: QuestionAnswer<i32>,
    /// CSAT: whether it is one of the top two boxes.
    pub(super) csat: QuestionAnswer<bool>,
    /// CES, 1 to 7.
    pub(super) ces: QuestionAnswer<i32>,
}

/// The answer to one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct QuestionAnswer<T> {
    pub(super) answer: Option<T>,
    /// The answer is not a whole number of the scale.
    pub(super) is_unusable: bool,
}

impl<T> Default for QuestionAnswer<T> {
    fn default() -> Self {
        Self {
            answer: None,
            is_unusable: false,
        }
    }
}

/// The survey in force for a feedback: the one it names, if there is such a policy, else the one for all.
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

/// What an owner answers to the question for NPS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NpsOf {
    /// The score; `None` if there is no answer that counts.
    pub(crate) score: Option<i32>,
    /// The item is excluded by an event with a reason.
    pub(crate) is_excluded: bool,
}

/// The answer of an item to the question for NPS, as of an instant; `None` if it was not received by then.
pub(crate) fn nps_of(item: &Item, as_of: Instant, policies: &Policies) -> Option<NpsOf> {
    let invitation = Invitation::of(item, as_of);
    let received = invitation.received?;
    let dealer_id = item.text(invitation.dealer_of(received));
    let name = item.text(received.survey);
    let survey = survey(policies, name, dealer_id, received.received_at());
    Some(NpsOf {
        score: Answered::of(item, received, survey).nps.answer,
        is_excluded: invitation.excluded.is_some(),
    })
}

impl Answered {
    /// The answers of a feedback to the first question of each kind. The feedback's own score stands in for a missing
    /// answer to the NPS question, if its survey has one: a survey without that question contributes no NPS.
    pub(super) fn of(item: &Item, received: &Fact, survey: Option<&SurveyPolicy>) -> Self {
        let questions = survey.map_or(&[][..], |survey| &survey.questions);
        let first = |kind: Kind| questions.iter().find(|it| it.kind() == kind);
        let on_scale = |question: &Question, value: i32| {
            let is_on_scale = (question.min..=question.max).contains(&value);
            is_on_scale.then_some(value)
        };
        let mut nps = answer(item, received, first(Kind::Nps), on_scale);
        if first(Kind::Nps).is_some() {
            nps.answer = nps.answer.or(received.score);
        }
        Self {
            nps,
            csat: answer(item, received, first(Kind::Csat), |question, value| {
                is_satisfied(value, question.min, question.max)
            }),
            ces: answer(item, received, first(Kind::Ces), on_scale),
        }
    }
}

/// The answer to a question, as far as it can be read.
fn answer<T>(
    item: &Item,
    received: &Fact,
    question: Option<&Question>,
    read: impl Fn(&Question, i32) -> Option<T>,
) -> QuestionAnswer<T> {
    let given = question.and_then(|question| {
        let mut answers = received.answers.iter();
        let given = answers.find(|it| item.text(it.question) == question.id)?;
        Some(given.value.and_then(|value| read(question, value)))
    });
    QuestionAnswer {
        is_unusable: matches!(given, Some(None)),
        answer: given.flatten(),
    }
}
