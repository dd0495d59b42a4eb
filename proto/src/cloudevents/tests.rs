//! Lines survive a round trip, and a bad line reports everything that is wrong with it.

use std::io::{BufRead as _, BufReader};

use proptest::prelude::*;

use super::*;
use crate::samples::Chooser;
use crate::schema::Schema;
use crate::v1::{RecordedTouchpoint, Touchpoint};

const MINIMAL: &str = r#"{"specversion":"1.0","id":"1","source":"//crm","type":"com.ownerline.case_note_added.v1","time":"2024-05-01T10:00:00Z""#;

fn line(rest: &str) -> String {
    format!("{MINIMAL}{rest}}}")
}

/// The touchpoint as a line can express it: without empty messages, and without the origin, which the server stamps.
fn normal(mut touchpoint: Touchpoint) -> Touchpoint {
    touchpoint.origin = 0;
    touchpoint.subjects = touchpoint
        .subjects
        .filter(|subjects| *subjects != Default::default());
    touchpoint.actor = touchpoint
        .actor
        .filter(|actor| *actor != Default::default());
    touchpoint
}

fn problems(text: &str) -> Vec<(String, &'static str)> {
    let error = from_line(text).unwrap_err();
    let named = error.problems.into_iter();
    named
        .map(|problem| (problem.field, problem.reason.as_str()))
        .collect()
}

#[test]
fn a_full_touchpoint_of_every_kind_survives_a_line() {
    for kind in Schema::get().kinds() {
        for variant in 0..8 {
            let touchpoint = normal(Chooser::everything(variant).touchpoint(kind));
            let line = to_line(&touchpoint).unwrap();
            assert!(!line.contains('\n'), "{line}");
            assert_eq!(from_line(&line).unwrap(), touchpoint, "{line}");
        }
    }
}

proptest! {
    #[test]
    fn any_touchpoint_survives_a_line(seed: u64, index: prop::sample::Index) {
        let kind = index.get(Schema::get().kinds());
        let touchpoint = normal(Chooser::random(seed).touchpoint(kind));
        let line = to_line(&touchpoint).unwrap();
        prop_assert_eq!(from_line(&line).unwrap(), touchpoint);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text: String) {
        prop_assert!(from_line(&text).is_err());
    }
}

#[test]
fn a_line_reads_as_documented() {
    let touchpoint = from_line(&line(
        r#","receivedtime":"2024-05-01T12:00:00.5+02:00","channel":"in_person","visibility":"dealer",
        "actorid":"a-1","actorkind":"bot","caseid":"c-1","causationid":"0","corrects":"00",
        "correctssource":"//old","data":{"text":"hello"}"#,
    ))
    .unwrap();
    assert_eq!(
        to_line(&touchpoint).unwrap(),
        concat!(
            r#"{"specversion":"1.0","id":"1","source":"//crm","type":"com.ownerline.case_note_added.v1","#,
            r#""time":"2024-05-01T10:00:00Z","receivedtime":"2024-05-01T10:00:00.5Z","#,
            r#""datacontenttype":"application/json","caseid":"c-1","actorid":"a-1","actorkind":"bot","#,
            r#""channel":"in_person","visibility":"dealer","causationid":"0","corrects":"00","#,
            r#""correctssource":"//old","data":{"text":"hello"}}"#
        )
    );
}

#[test]
fn sixty_four_bit_integers_are_strings() {
    let text = line("").replace("case_note_added", "odometer_read");
    let text = text.replace(
        "\"time\"",
        r#""data":{"distanceMetres":"9007199254740993"},"time""#,
    );
    let again = to_line(&from_line(&text).unwrap()).unwrap();
    assert!(again.contains(r#"{"distanceMetres":"9007199254740993"}"#));
}

#[test]
fn a_double_survives_to_its_last_bit() {
    let text = line(r#","data":{"test":"drift","statistic":-1817860.4207984377}"#);
    let text = text.replace("case_note_added", "integrity_signal_raised");
    let again = to_line(&from_line(&text).unwrap()).unwrap();
    assert!(again.contains("-1817860.4207984377"), "{again}");
}

#[test]
fn an_exported_line_can_be_imported_again() {
    let touchpoint = from_line(&line("")).unwrap();
    let recorded = RecordedTouchpoint {
        position: "00000001-0000000000000009".to_owned(),
        stream: "case-1".to_owned(),
        revision: 3,
        recorded_at: touchpoint.occurred_at,
        touchpoint: Some(touchpoint.clone()),
    };
    let exported = to_recorded_line(&recorded).unwrap();
    assert!(exported.contains(
        r#""position":"00000001-0000000000000009","stream":"case-1","revision":"3","recordedtime":"2024-05-01T10:00:00Z""#
    ));
    assert_eq!(from_line(&exported).unwrap(), touchpoint);
}

#[test]
fn all_problems_of_a_line_are_told_at_once() {
    let text = r#"{"specversion":"0.3","source":"","type":"com.ownerline.nothing.v1","time":"yesterday",
        "receivedtime":"2024-13-01T00:00:00Z","channel":"Phone","visibility":"all","actorkind":"robot",
        "causationsource":"//x","datacontenttype":"text/xml","owner":"o-1","subject":"","vin":17,"data":[]}"#;
    assert_eq!(
        problems(text),
        [
            ("specversion", "UNKNOWN_VALUE"),
            ("datacontenttype", "UNKNOWN_VALUE"),
            ("subject", "REQUIRED"),
            ("type", "UNKNOWN_VALUE"),
            ("data", "MALFORMED"),
            ("id", "REQUIRED"),
            ("source", "REQUIRED"),
            ("time", "FORMAT"),
            ("receivedtime", "FORMAT"),
            ("vin", "MALFORMED"),
            ("actorkind", "UNKNOWN_VALUE"),
            ("channel", "UNKNOWN_VALUE"),
            ("visibility", "UNKNOWN_VALUE"),
            ("causationid", "REQUIRED"),
            ("owner", "UNKNOWN_FIELD"),
        ]
        .map(|(name, reason)| (name.to_owned(), reason))
    );
}

#[test]
fn what_is_missing_is_named() {
    let named: Vec<String> = problems("{}").into_iter().map(|(name, _)| name).collect();
    assert_eq!(named, ["specversion", "type", "id", "source", "time"]);
}

#[test]
fn data_that_is_not_the_payload_is_refused_with_its_path() {
    for (data, field, reason) in [
        (r#"{"txt":"x"}"#, "data.txt", "UNKNOWN_FIELD"),
        (r#"{"text":1}"#, "data.text", "MALFORMED"),
        (r#""text""#, "data", "MALFORMED"),
        (
            r#"{"text":"x","caseOpened":{}}"#,
            "data.caseOpened",
            "UNKNOWN_FIELD",
        ),
    ] {
        let text = line(&format!(r#","data":{data}"#));
        assert_eq!(problems(&text), [(field.to_owned(), reason)], "{data}");
    }
    let reply = line(r#","data":{"kind":"KIND_ALIEN"}"#);
    let reply = reply.replace("case_note_added", "dealer_replied");
    assert_eq!(
        problems(&reply),
        [("data.kind".to_owned(), "UNKNOWN_VALUE")]
    );
}

#[test]
fn a_name_given_twice_is_refused_at_every_depth() {
    for (kind, rest, field) in [
        ("case_note_added", r#","id":"2""#, "id"),
        (
            "case_note_added",
            r#","data":{"text":"a","text":"b"}"#,
            "data.text",
        ),
        (
            "feedback_received",
            r#","data":{"score":3,"answers":{"q1":"yes","q1":"no"}}"#,
            r#"data.answers["q1"]"#,
        ),
        (
            "commitment_made",
            r#","data":{"commitmentId":"a","commitment_id":"b"}"#,
            "data.commitment_id",
        ),
        (
            "touchpoint_retracted",
            r#","data":{"ref":{"id":"a","id":"b","source":"//s"},"reason":"x"}"#,
            "data.ref.id",
        ),
        (
            "policy_published",
            r#","data":{"sla":{"obligations":[{"kind":1,"kind":1}]}}"#,
            "data.sla.obligations[0].kind",
        ),
    ] {
        let text = line(rest).replace("case_note_added", kind);
        assert_eq!(problems(&text), [(field.to_owned(), "MALFORMED")], "{text}");
    }
}

#[test]
fn attributes_of_cloudevents_itself_are_taken_and_not_kept() {
    let plain = from_line(&line("")).unwrap();
    for rest in [
        r#","subject":"owner/1""#,
        r#","dataschema":"https://example.org/schema.json""#,
        r#","datacontenttype":null,"dataschema":null,"subject":null,"data":null"#,
        r#","datacontenttype":"application/json; charset=utf-8""#,
        r#","datacontenttype":"Application/JSON;charset=UTF-8""#,
        r#","datacontenttype":"application/vnd.x+json""#,
        r#","tracestate":"a=b","partitionkey":"p","sequence":"1","sequencetype":"Integer""#,
        r#","sampledrate":3"#,
        r#","data_base64":"e30=""#,
    ] {
        assert_eq!(from_line(&line(rest)).unwrap(), plain, "{rest}");
    }
}

#[test]
fn what_cloudevents_does_not_allow_is_refused() {
    for (rest, field, reason) in [
        (r#","subject":"""#, "subject", "REQUIRED"),
        (r#","datacontenttype":"""#, "datacontenttype", "REQUIRED"),
        (
            r#","datacontenttype":"text/plain""#,
            "datacontenttype",
            "UNKNOWN_VALUE",
        ),
        (r#","subject":1"#, "subject", "MALFORMED"),
        (r#","OwnerId":"x""#, "OwnerId", "UNKNOWN_FIELD"),
        (r#","extinteger":10"#, "extinteger", "UNKNOWN_FIELD"),
        (
            r#","data":{},"data_base64":"e30=""#,
            "data_base64",
            "DISAGREES",
        ),
        (r#","data_base64":"e30""#, "data_base64", "MALFORMED"),
        (
            r#","data_base64":"eyJhIjoxfQ==""#,
            "data_base64.a",
            "UNKNOWN_FIELD",
        ),
        (
            r#","receivedtime":"2016-12-31T23:59:60Z""#,
            "receivedtime",
            "FORMAT",
        ),
        (
            r#","visiblefrom":"2016-12-31T23:59:59.0000000001Z""#,
            "visiblefrom",
            "FORMAT",
        ),
    ] {
        assert_eq!(
            problems(&line(rest)),
            [(field.to_owned(), reason)],
            "{rest}"
        );
    }
}

#[test]
fn an_error_keeps_the_id_and_reads_as_a_sentence() {
    let error = from_line(&line(r#","channel":"smoke""#)).unwrap_err();
    assert_eq!(error.id.as_deref(), Some("1"));
    assert!(
        error
            .to_string()
            .starts_with("channel: must be one of in_person, phone,"),
        "{error}"
    );
}

#[test]
fn a_touchpoint_without_payload_has_no_line() {
    assert_eq!(to_line(&Touchpoint::default()), Err(Unwritable::NoPayload));
}

#[test]
fn real_data_lines_survive_both_ways() {
    let Some(folder) = std::env::var_os("OWNERLINE_DATA") else {
        println!("SKIPPED: OWNERLINE_DATA does not name the folder with the help-desk data");
        return;
    };
    let path = std::path::Path::new(&folder).join("helpdesk.touchpoints.ndjson.gz");
    let file = std::fs::File::open(path).unwrap();
    let mut lines = 0;
    for text in BufReader::new(flate2::read::GzDecoder::new(file)).lines() {
        let touchpoint = from_line(&text.unwrap()).unwrap();
        assert_eq!(
            from_line(&to_line(&touchpoint).unwrap()).unwrap(),
            touchpoint
        );
        lines += 1;
    }
    assert_eq!(lines, 40_142);
}
