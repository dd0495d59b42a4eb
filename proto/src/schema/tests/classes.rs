//! The declared classes and seals of the schema, and the build script's check of them against planted faults.

use std::collections::BTreeSet;
use std::path::Path;

use prost_reflect::DescriptorPool;
use protox::Compiler;
use protox::file::{
    ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver,
};

use crate::samples::{pool, rules};

#[path = "../../../build/field_classes.rs"]
mod field_classes;

/// Serves one planted file beside the real schema.
struct Planted(String);

impl FileResolver for Planted {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == "ownerline/v1/planted.proto" {
            return File::from_source(name, &self.0);
        }
        Err(protox::Error::file_not_found(name))
    }
}

/// The faults that the build reports for a schema with these messages.
fn faults(messages: &str) -> Vec<String> {
    let mut resolver = ChainFileResolver::new();
    resolver.add(Planted(format!(
        "syntax = \"proto3\"; package ownerline.v1; import \"google/protobuf/any.proto\"; \
         import \"google/protobuf/timestamp.proto\"; import \"ownerline/v1/rules.proto\"; {messages}"
    )));
    resolver.add(IncludeFileResolver::new(
        Path::new(env!("CARGO_MANIFEST_DIR")).to_owned(),
    ));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.open_file("ownerline/v1/planted.proto").unwrap();
    field_classes::faults(&compiler.descriptor_pool())
}

#[track_caller]
fn finds(messages: &str, field: &str, says: &str) {
    let faults = faults(messages);
    assert_eq!(faults.len(), 1, "{faults:?}");
    let fault = &faults[0];
    assert!(fault.contains(field), "{fault}");
    assert!(fault.contains(says), "{fault}");
}

#[test]
fn the_schema_of_this_build_has_no_fault() {
    let faults = field_classes::faults(&pool());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_field_without_a_class_fails_the_build_by_name() {
    finds(
        "message M { int32 n = 1; }",
        "ownerline.v1.M, field `n`:",
        "no class",
    );
    finds(
        "message M { message N { google.protobuf.Timestamp at = 1; } }",
        "ownerline.v1.M.N, field `at`:",
        "no class",
    );
    finds(
        "message M { repeated FieldRules.Format formats = 1; }",
        "field `formats`",
        "no class",
    );
    finds(
        "message M { oneof either { bool yes = 1; } }",
        "field `yes`",
        "no class",
    );
    finds(
        "message M { google.protobuf.Any any = 1; }",
        "field `any`",
        "another package",
    );
}

#[test]
fn a_string_is_not_covered_by_the_default_of_its_message() {
    let text = "text has no class";
    let defaulted = |field: &str| {
        format!("message M {{ option (default_class) = CLASS_FACT; int32 n = 9; {field} }}")
    };
    finds(&defaulted("string s = 1;"), "field `s`", text);
    finds(&defaulted("bytes b = 1;"), "field `b`", text);
    finds(&defaulted("repeated string s = 1;"), "field `s`", text);
    finds(&defaulted("map<int32, string> m = 1;"), "field `m`", text);
    finds(
        &defaulted("string s = 1 [(field_rules).format = FORMAT_ID];"),
        "field `s`",
        text,
    );
    assert!(faults(&defaulted("")).is_empty());
}

#[test]
fn further_classes_without_a_class_fail_the_build() {
    finds(
        "message M { option (default_class) = CLASS_FACT; int32 n = 1 [(field_rules).also = CLASS_SCORE]; }",
        "field `n`",
        "`also`",
    );
}

#[test]
fn text_of_a_touchpoint_says_whether_it_is_sealed() {
    let stored = |rules: &str| {
        format!(
            "message Touchpoint {{ M m = 1; }} message M {{ string s = 1 [(field_rules) = {{{rules}}}]; }}"
        )
    };
    for rules in [
        "class: CLASS_FACT",
        "class: CLASS_FACT, format: FORMAT_LABEL",
        "class: CLASS_INTERNAL, format: FORMAT_URL",
    ] {
        finds(
            &stored(rules),
            "field `s`",
            "`sealed: true` or `sealed: false`",
        );
        assert!(faults(&stored(&format!("{rules}, sealed: true"))).is_empty());
        assert!(faults(&stored(&format!("{rules}, sealed: false"))).is_empty());
    }
    assert!(faults(&stored("class: CLASS_ID, format: FORMAT_ID")).is_empty());
    finds(
        &stored("class: CLASS_WORDS, sealed: false"),
        "field `s`",
        "words",
    );
    finds(
        &stored("class: CLASS_PERSONAL, format: FORMAT_ID"),
        "field `s`",
        "words and personal",
    );
    finds(
        &stored("class: CLASS_FACT, personal: true, sealed: false"),
        "field `s`",
        "`personal`",
    );
    finds(
        "message M { string s = 1 [(field_rules) = {class: CLASS_WORDS, sealed: true}]; }",
        "field `s`",
        "what a touchpoint holds",
    );
}

/// Sealed fields that formats 1 and 2 of the log store in the clear part. Format 3 will follow the declaration and seal
/// them, which empties this list.
const SEALED_FROM_FORMAT_3: [&str; 37] = [
    "Actor.id",
    "AdvocacyObserved.url",
    "AdvocateReleased.reason",
    "AppointmentBooked.reason",
    "AssistanceDeclined.asked_for",
    "CaseClosed.unmet_requests",
    "CaseEscalated.reason",
    "CaseResolved.outcome",
    "ConsiderationListed.referee_ref",
    "DeliveryDateRevised.reason",
    "FeedbackClosed.reason",
    "FeedbackReceived.answers",
    "FeedbackReceived.device_hash",
    "GiftGiven.reason",
    "GoodwillGranted.reason",
    "IncentiveSchemeEnded.payout",
    "IncentiveSchemeStarted.payout",
    "IntegrityReviewDecided.reason",
    "LegalHoldLifted.reason",
    "LegalHoldPlaced.reason",
    "OfferAccepted.title",
    "OfferDeclined.title",
    "OfferMade.title",
    "OrderCancelled.reason",
    "OrderChanged.summary",
    "OrderHeld.reason",
    "RefereePurchased.referee_ref",
    "RefereeTestDrove.referee_ref",
    "ReferralMade.referee_ref",
    "ResolvedElsewhere.where",
    "RootCauseDeclined.reason",
    "StagePhotographed.caption",
    "StagePhotographed.uri",
    "SurveyNotInvited.reason",
    "TaskAssigned.why",
    "TouchpointRetracted.reason",
    "WorkPerformed.summary",
];

fn fields_with(pool: &DescriptorPool, flag: &str) -> BTreeSet<String> {
    pool.all_messages()
        .flat_map(|message| message.fields().collect::<Vec<_>>())
        .filter(|field| rules(pool, field, flag))
        .map(|field| {
            let name = field.full_name();
            name.trim_start_matches("ownerline.v1.").to_owned()
        })
        .collect()
}

#[test]
fn what_is_stored_apart_is_sealed_and_what_else_is_sealed_waits_for_format_3() {
    let pool = pool();
    let (personal, sealed) = (fields_with(&pool, "personal"), fields_with(&pool, "sealed"));
    assert!(personal.is_subset(&sealed));
    let waiting: Vec<&String> = sealed.difference(&personal).collect();
    assert_eq!(waiting, SEALED_FROM_FORMAT_3);
}
