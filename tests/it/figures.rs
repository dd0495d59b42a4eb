//! Every estimate in the contract comes with its sample size and its uncertainty.
//!
//! Every field of the contract that is a fraction, or is named like an estimate, is in one of two tables here. A new
//! field fails the test until it is added to one of them.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::DESCRIPTOR_SET;
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};

/// An estimate, how many it is of, and how sure it is: an interval's ends, or a confidence. `^` is a field of
/// every message that holds this one.
struct Estimate {
    message: &'static str,
    figure: &'static str,
    of: &'static str,
    spread: &'static [&'static str],
}

const fn estimate(
    message: &'static str,
    figure: &'static str,
    of: &'static str,
    spread: &'static [&'static str],
) -> Estimate {
    Estimate {
        message,
        figure,
        of,
        spread,
    }
}

const INTERVAL: &[&str] = &["low", "high"];

/// Every estimate of the contract.
const ESTIMATES: &[Estimate] = &[
    estimate("AdvocacyBand", "share", "of", INTERVAL),
    estimate(
        "AdvocacyComponentScore",
        "value",
        "contributions",
        &["reliability"],
    ),
    estimate("AdvocacyDistribution", "mean", "n", INTERVAL),
    estimate("AdvocacyExpectation", "mean", "n", INTERVAL),
    estimate("Advocate", "score", "evidence", &["confidence"]),
    estimate("CountedShare", "share", "of", INTERVAL),
    estimate(
        "GetOwnerAdvocacyResponse",
        "score",
        "components",
        &["confidence"],
    ),
    estimate("Loyalty.Median", "at", "^spells", INTERVAL),
    estimate("Loyalty.Point", "not_returned", "at_risk", INTERVAL),
    estimate("Loyalty.Rate", "rate", "returns", INTERVAL),
    estimate("ResponseTimes.Quantile", "at", "^due", INTERVAL),
    estimate("ResponseTimes.Survival", "survival", "^due", INTERVAL),
    estimate("ScoreFigure", "point", "n", INTERVAL),
    estimate("Share", "share", "of", INTERVAL),
    estimate("ShrunkenFigure", "expected", "^n", INTERVAL),
];

/// Every other field that looks like one, and why it is none, or why it stands alone.
const OTHERS: &[(&str, &[&str], &str)] = &[
    ("AdvocacyBand", &["from", "to"], "bounds"),
    (
        "AdvocacyComponentScore",
        &[
            "model_weight",
            "evidence_weight",
            "brand_mean",
            "prior_share",
            "brand_weight",
        ],
        "steps of the sum that is the score; the weight is what there is behind a mean",
    ),
    (
        "AdvocacyContribution",
        &["value", "strength", "suspicion", "decay", "weight", "share"],
        "steps of the sum that is the score, of one touchpoint each",
    ),
    (
        "AdvocacyExpectation",
        &["deviation", "z"],
        "beside n and the mean that they belong to",
    ),
    (
        "Advocate",
        &["lifted_points"],
        "a step of the sum that is the score",
    ),
    ("BenchmarkRecorded", &["value"], "as others published it"),
    ("Feedback", &["score"], "what one owner answered"),
    ("FeedbackReceived", &["score"], "what one owner answered"),
    (
        "EarnedGrowth.OfCurrency",
        &[
            "net_revenue_retention",
            "earned_new_customers",
            "earned_growth",
        ],
        "accounts of all that is known, no samples, beside the sums and customers they are of",
    ),
    (
        "Loyalty.Point",
        &["same_brand", "other_brand"],
        "beside the share of those not back, at risk and interval included",
    ),
    (
        "FunnelPosition",
        &[
            "centre",
            "warning_low",
            "warning_high",
            "alarm_low",
            "alarm_high",
        ],
        "limits around the figure of the network, drawn for the n beside them",
    ),
    (
        "ShrunkenFigure",
        &["network_share"],
        "how far it is pulled, of the expected beside it",
    ),
    ("FieldRules", &["minimum", "maximum"], "rules"),
    ("GetResponseTimesRequest", &["incidence_at"], "asked"),
    (
        "IntegritySignalRaised",
        &["statistic", "p_value"],
        "a test, with its n",
    ),
    ("LastFeedback", &["score"], "what one owner answered"),
    ("ListAdvocatesRequest", &["least_confidence"], "asked"),
    ("ListAdvocatesResponse", &["least_confidence"], "as asked"),
    ("Obligation", &["share"], "of a budget"),
    ("Obligation.Level", &["share"], "of a budget"),
    ("ObligationBreached", &["level"], "of a budget"),
    ("ObligationFilter", &["min_share"], "asked"),
    ("ObligationOutcomeRevised", &["level"], "of a budget"),
    ("ObligationWarned", &["level"], "of a budget"),
    ("Rebuild", &["share", "events_per_second"], "progress"),
    (
        "ResponseTimes",
        &["naive_median_of_answered", "naive_median_in_total"],
        "called naive, with how many were answered, beside the quantiles that are to be read",
    ),
    (
        "ResponseTimes.Incidence",
        &["answered", "closed_unanswered"],
        "beside the survival at the same instants, that has the interval",
    ),
    ("ResponseTimes.Quantile", &["q"], "asked"),
    ("ScoringPolicy", &["k"], "a rule"),
    ("ScoringPolicy.Parameter", &["value"], "a rule"),
    ("SlaPolicy.Obligation", &["warning_shares"], "a rule"),
    ("TargetSet", &["value"], "a rule"),
    (
        "TurnAwayOutcome.Open",
        &["open", "low", "high"],
        "a share with its interval, of the turn-aways that `solved` counts beside it",
    ),
    ("TurnAwayOutcome.Quantile", &["q"], "asked"),
];

/// The names of estimates, as whole words of a field name.
const WORDS: [&str; 21] = [
    "score",
    "share",
    "mean",
    "median",
    "average",
    "nps",
    "csat",
    "ces",
    "rate",
    "ratio",
    "percent",
    "probability",
    "survival",
    "incidence",
    "deviation",
    "estimate",
    "point",
    "odds",
    "growth",
    "retention",
    "z",
];

type Messages = BTreeMap<String, DescriptorProto>;

/// Every message by its name in the package.
fn messages() -> Messages {
    fn add(into: &mut Messages, above: &str, message: &DescriptorProto) {
        let name = format!("{above}{}", message.name());
        for nested in &message.nested_type {
            add(into, &format!("{name}."), nested);
        }
        into.insert(name, message.clone());
    }
    let set = FileDescriptorSet::decode(DESCRIPTOR_SET).unwrap();
    let ours = set.file.iter().filter(|it| it.package() == "ownerline.v1");
    let mut found = Messages::new();
    for message in ours.flat_map(|file| &file.message_type) {
        add(&mut found, "", message);
    }
    found
}

fn looks_like_an_estimate(field: &FieldDescriptorProto) -> bool {
    if matches!(field.r#type(), Type::Double | Type::Float) {
        return true;
    }
    // A message is looked at itself; texts, flags and names of choices estimate nothing.
    let may = match field.r#type() {
        Type::Message => field.type_name() == ".google.protobuf.Duration",
        Type::String | Type::Bytes | Type::Bool | Type::Enum => false,
        _ => true,
    };
    may && field.name().split('_').any(|word| WORDS.contains(&word))
}

fn field<'m>(
    messages: &'m Messages,
    message: &str,
    name: &str,
) -> Option<&'m FieldDescriptorProto> {
    let fields = messages.get(message)?.field.iter();
    fields.into_iter().find(|field| field.name() == name)
}

/// Every message with a field of this type.
fn holders<'m>(messages: &'m Messages, held: &str) -> Vec<&'m str> {
    let held = format!(".ownerline.v1.{held}");
    let holds = |message: &DescriptorProto| message.field.iter().any(|it| it.type_name() == held);
    let found = messages.iter().filter(|(_, message)| holds(message));
    found.map(|(name, _)| name.as_str()).collect()
}

/// Whether it has a sample size: a count, or the list of its parts.
fn counts(field: &FieldDescriptorProto) -> bool {
    field.label() == Label::Repeated
        || matches!(
            field.r#type(),
            Type::Uint64 | Type::Uint32 | Type::Int64 | Type::Int32
        )
}

/// The reasons why an estimate of the table is not accompanied as it must be.
fn wrong_with(messages: &Messages, it: &Estimate) -> Vec<String> {
    let Estimate {
        message,
        figure,
        of,
        spread,
    } = it;
    let mut wrong = Vec::new();
    let mut need = |there: bool, what: String| {
        if !there {
            wrong.push(format!("{message}.{figure}: {what}"));
        }
    };
    need(
        field(messages, message, figure).is_some(),
        "is not there".to_owned(),
    );
    match of.strip_prefix('^') {
        None => need(
            field(messages, message, of).is_some_and(counts),
            format!("{of} says not of how many"),
        ),
        Some(of) => {
            let holders = holders(messages, message);
            let all = holders
                .iter()
                .all(|it| field(messages, it, of).is_some_and(counts));
            need(
                all && !holders.is_empty(),
                format!("{of} of {holders:?} says not of how many"),
            );
        }
    }
    need(
        matches!(spread, [_, _] | [_]),
        "has neither interval nor confidence".to_owned(),
    );
    for end in *spread {
        let found = field(messages, message, end);
        need(
            found.is_some_and(|it| it.label() != Label::Repeated),
            format!("{end} is not beside it"),
        );
    }
    wrong
}

/// Everything that is wrong with a contract.
fn alone(
    messages: &Messages,
    estimates: &[Estimate],
    others: &[(&str, &[&str], &str)],
) -> Vec<String> {
    let mut wrong: Vec<String> = estimates
        .iter()
        .flat_map(|it| wrong_with(messages, it))
        .collect();
    let mut known: BTreeSet<(String, String)> = BTreeSet::new();
    for (message, fields, _) in others {
        for name in *fields {
            if field(messages, message, name).is_none() {
                wrong.push(format!("{message}.{name}: is not there"));
            }
            known.insert(((*message).to_owned(), (*name).to_owned()));
        }
    }
    for it in estimates {
        for name in [&it.figure, &it.of].into_iter().chain(it.spread) {
            known.insert((it.message.to_owned(), (*name).to_owned()));
        }
    }
    for (message, descriptor) in messages {
        for field in descriptor
            .field
            .iter()
            .filter(|it| looks_like_an_estimate(it))
        {
            if !known.contains(&(message.clone(), field.name().to_owned())) {
                let name = field.name();
                wrong.push(format!(
                    "{message}.{name}: say in tests/it/figures.rs what it is of and how sure, or that it is no estimate"
                ));
            }
        }
    }
    wrong
}

#[test]
fn every_estimate_of_the_contract_comes_with_its_sample_and_its_interval() {
    let wrong = alone(&messages(), ESTIMATES, OTHERS);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_estimate_without_its_sample_or_unknown_to_the_list_is_detected() {
    let mut messages = messages();
    let band = messages.get_mut("AdvocacyBand").unwrap();
    band.field.retain(|it| !["of", "high"].contains(&it.name()));
    let mut unheard = band.field[0].clone();
    unheard.name = Some("nps".to_owned());
    unheard.set_type(Type::Int64);
    let mut alone_too = unheard.clone();
    alone_too.name = Some("median_wait".to_owned());
    alone_too.set_type(Type::Message);
    alone_too.type_name = Some(".google.protobuf.Duration".to_owned());
    messages
        .get_mut("Advocate")
        .unwrap()
        .field
        .extend([unheard, alone_too]);
    let wrong = alone(&messages, ESTIMATES, OTHERS);
    let told: Vec<&str> = wrong
        .iter()
        .map(|it| it.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        told,
        [
            "AdvocacyBand.share",
            "AdvocacyBand.share",
            "Advocate.nps",
            "Advocate.median_wait"
        ],
        "{wrong:?}"
    );
}
