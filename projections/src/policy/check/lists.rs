//! Checks of bodies that are lists: roles, plant codes, questions, themes.

use ownerline_proto::Reason;
use ownerline_proto::v1::survey_policy::question::Kind as Question;
use ownerline_proto::v1::{LexiconPolicy, StageMappingPolicy, SurveyPolicy, VisibilityPolicy};

use super::violations::Violations;

pub(super) fn visibility(visibility: &VisibilityPolicy, violations: &mut Violations) {
    let path = |item: usize| format!("visibility.withheld[{item}]");
    let roles = visibility.withheld.iter().enumerate();
    let roles = roles.map(|(item, it)| (format!("{}.role", path(item)), &it.role));
    violations.unique(roles, "the role");
    for (item, withheld) in visibility.withheld.iter().enumerate() {
        let classes = withheld.field_classes.iter().enumerate();
        let field = |place: usize| format!("{}.field_classes[{place}]", path(item));
        violations.unique(classes.map(|(place, it)| (field(place), it)), "the class");
    }
}

pub(super) fn stage_mapping(mapping: &StageMappingPolicy, violations: &mut Violations) {
    let codes = mapping.mappings.iter().enumerate();
    let field = |item: usize| format!("stage_mapping.mappings[{item}].raw_code");
    violations.unique(
        codes.map(|(item, it)| (field(item), &it.raw_code)),
        "the code",
    );
}

pub(super) fn survey(survey: &SurveyPolicy, violations: &mut Violations) {
    let path = |item: usize| format!("survey.questions[{item}]");
    let ids = survey.questions.iter().enumerate();
    violations.unique(
        ids.map(|(item, it)| (format!("{}.id", path(item)), &it.id)),
        "the id",
    );
    if survey.questions.is_empty() {
        violations.add("survey.questions", Reason::Required, "must have a question");
    }
    for (item, question) in survey.questions.iter().enumerate() {
        let (min, max) = (question.min, question.max);
        let exactly = match question.kind() {
            Question::Nps => Some((0, 10)),
            Question::Ces => Some((1, 7)),
            Question::Open => Some((0, 0)),
            Question::Unspecified | Question::Csat | Question::Scale => None,
        };
        match exactly {
            Some((least, greatest)) => {
                for (name, bound, must) in [("min", min, least), ("max", max, greatest)] {
                    if bound != must {
                        let kind = question.kind().as_str_name();
                        let why = format!("must be {must} for {kind}");
                        violations.add(format!("{}.{name}", path(item)), Reason::Range, why);
                    }
                }
            }
            None if min >= max => {
                let field = format!("{}.max", path(item));
                violations.add(field, Reason::Disagrees, "must be greater than min");
            }
            // With two boxes, the top two would be all.
            None if question.kind() == Question::Csat && max == min + 1 => {
                let field = format!("{}.max", path(item));
                let why = "must be at least min + 2 for KIND_CSAT, the share of the top two boxes";
                violations.add(field, Reason::Range, why);
            }
            None => {}
        }
    }
}

pub(super) fn lexicon(lexicon: &LexiconPolicy, violations: &mut Violations) {
    let path = |item: usize| format!("lexicon.themes[{item}]");
    let names = lexicon.themes.iter().enumerate();
    violations.unique(
        names.map(|(item, it)| (format!("{}.name", path(item)), &it.name)),
        "the name",
    );
    for (item, theme) in lexicon.themes.iter().enumerate() {
        let path = path(item);
        if theme.sign != 1 && theme.sign != -1 {
            violations.add(format!("{path}.sign"), Reason::Range, "must be 1 or -1");
        }
        if theme.words.is_empty() {
            violations.add(
                format!("{path}.words"),
                Reason::Required,
                "must have a word",
            );
        }
        let words = theme.words.iter().enumerate();
        let words = words.map(|(place, it)| (format!("{path}.words[{place}]"), it));
        violations.unique(words, "the word");
    }
}
