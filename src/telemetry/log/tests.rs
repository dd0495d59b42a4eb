//! What stands in the log after something was traced.

use std::sync::Mutex;

use super::*;

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct NoDuties;

impl Duties for NoDuties {
    fn report(&self, _: LostLines) -> String {
        String::new()
    }

    fn every_second(&self) {}
}

fn config(format: LogFormat, filter: &str) -> TelemetryConfig {
    TelemetryConfig {
        format,
        filter: filter.to_owned(),
    }
}

/// The text that is logged with a configuration while `trace` runs.
fn logged(format: LogFormat, filter: &str, trace: impl FnOnce()) -> String {
    let buffer = Buffer::default();
    let log = Log::begin(buffer.clone()).unwrap();
    let (subscriber, _) = log.subscriber(&config(format, filter), false).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        trace();
        log.flush();
    });
    buffer.text()
}

fn json(line: &str) -> serde_json::Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn a_json_line_carries_values_as_fields_beside_the_message() {
    let line = logged(LogFormat::Json, "info", || {
        tracing::info!(position = 7, open = true, why = ?Some("x"), "group stored");
    });
    let json = json(&line);
    assert_eq!(json["message"], "group stored");
    assert_eq!(json["position"], 7);
    assert_eq!(json["open"], true);
    assert_eq!(json["why"], "Some(\"x\")");
    assert_eq!(json["level"], "INFO");
    assert!(json["target"].as_str().unwrap().contains("telemetry"));
    assert!(json["timestamp"].is_string());
    assert_eq!(json.get("span"), None);
}

#[test]
fn a_json_line_carries_its_spans_with_what_was_recorded_later() {
    let line = logged(LogFormat::Json, "info", || {
        let outer = tracing::info_span!("rpc", id = "7 \"b\"", code = tracing::field::Empty);
        let _outer = outer.enter();
        outer.record("code", "OK");
        let _inner = tracing::info_span!("read").entered();
        tracing::info!("done");
    });
    let json = json(&line);
    let rpc = serde_json::json!({"name": "rpc", "id": "7 \"b\"", "code": "OK"});
    let read = serde_json::json!({"name": "read"});
    assert_eq!(json["span"], read);
    assert_eq!(json["spans"], serde_json::json!([rpc, read]));
}

#[test]
fn a_text_line_has_no_colours_outside_a_terminal() {
    let line = logged(LogFormat::Text, "info", || {
        let span = tracing::info_span!("rpc", id = 3, code = tracing::field::Empty);
        span.record("code", "OK");
        let _entered = span.enter();
        tracing::info!(position = 7, "group stored");
    });
    assert!(
        line.ends_with(
            "rpc{id=3 code=\"OK\"}: ownerline::telemetry::log::tests: group stored position=7\n"
        ),
        "{line}"
    );
    assert!(!line.contains('\u{1b}'));
}

#[test]
fn whatever_a_client_supplies_is_cut_and_escaped_wherever_it_stands() {
    let word = format!("/{}\n\u{1b}[2J", "a".repeat(15_000));
    for format in [LogFormat::Text, LogFormat::Json] {
        let text = logged(format, "info", || {
            let span = tracing::info_span!("rpc", procedure = %word);
            let _entered = span.enter();
            tracing::info!(reason = word, error = ?word, "refused {word}");
        });
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.len() < 5_000, "{} bytes", text.len());
        assert!(text.contains('…') && !text.contains('\u{1b}'), "{text}");
    }
}

#[test]
fn the_filter_decides_what_is_logged() {
    let trace = || {
        tracing::debug!("small");
        tracing::warn!("large");
    };
    assert!(!logged(LogFormat::Text, "info", trace).contains("small"));
    assert!(logged(LogFormat::Text, "ownerline=debug", trace).contains("small"));
    assert_eq!(logged(LogFormat::Text, "off", trace), "");
}

#[test]
fn the_filter_can_be_changed_while_the_process_runs() {
    let buffer = Buffer::default();
    let log = Log::begin(buffer.clone()).unwrap();
    let (subscriber, control) = log.subscriber(&TelemetryConfig::default(), false).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        tracing::debug!("before");
        control.set_filter("ownerline=debug").unwrap();
        tracing::debug!("while it is on");
        control.set_filter("shout=loud").unwrap_err();
        tracing::debug!("still on");
        control.set_filter("info").unwrap();
        tracing::debug!("after");
        log.flush();
    });
    let text = buffer.text();
    assert!(
        text.contains("while it is on") && text.contains("still on"),
        "{text}"
    );
    assert!(
        !text.contains("before") && !text.contains("after"),
        "{text}"
    );
}

#[test]
fn a_filter_that_cannot_be_parsed_is_reported() {
    let log = Log::begin(io::sink()).unwrap();
    let refused = log.subscriber(&config(LogFormat::Text, "ownerline=shout"), false);
    assert_eq!(
        refused.map(|_| ()).unwrap_err().to_string(),
        "the log filter \"ownerline=shout\" cannot be read"
    );
}

#[test]
fn one_place_writes_so_many_lines_a_second_and_the_rest_is_told_in_one() {
    let flood = || {
        for number in 0..200 {
            tracing::warn!(number, "disk is slow");
        }
        for number in 0..200 {
            tracing::debug!(number, "asked for");
        }
    };
    let buffer = Buffer::default();
    // Nothing ends its second.
    let log = Log {
        lines: Lines::start("test", buffer.clone(), NoDuties).unwrap(),
        repeats: Arc::default(),
        is_json: Arc::default(),
    };
    let debug = config(LogFormat::Text, "debug");
    let (subscriber, _) = log.subscriber(&debug, false).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        flood();
        log.flush();
    });
    let text = buffer.text();
    let count = |what| text.lines().filter(|line| line.contains(what)).count();
    assert_eq!(count("disk is slow"), 50, "{text}");
    assert_eq!(count("asked for"), 200, "{text}");
    let told: Vec<_> = text
        .lines()
        .filter(|line| line.contains("more of the same"))
        .collect();
    assert_eq!(told.len(), 1, "{text}");
    assert!(
        told[0].contains(" WARN ") && told[0].contains("count=150"),
        "{told:?}"
    );
    assert!(told[0].contains("telemetry/log/tests.rs"), "{told:?}");
}

#[test]
fn a_line_beside_tracing_looks_like_any_other() {
    let fields = [
        ("queue_full", Own::Count(3)),
        ("place", Own::Text("a \"b\"")),
    ];
    let line = |format| format::direct(format, Level::WARN, "log lines were lost", &fields);
    let text = line(LogFormat::Text);
    assert!(
        text.ends_with(
            "Z  WARN ownerline::telemetry: log lines were lost queue_full=3 place=a \"b\"\n"
        ),
        "{text}"
    );
    let json = json(&line(LogFormat::Json));
    assert_eq!(json["message"], "log lines were lost");
    assert_eq!(json["level"], "WARN");
    assert_eq!(json["queue_full"], 3);
    assert_eq!(json["place"], "a \"b\"");
    assert_eq!(json["target"], "ownerline::telemetry");
}

#[test]
fn the_page_for_operators_states_the_bounds_as_they_are() {
    let page = include_str!("../../../docs/operations.md").replace('\n', " ");
    let (characters, mebibytes) = (
        format::VALUE_CHARACTERS,
        crate::telemetry::QUEUE_BYTES >> 20,
    );
    for stated in [
        format!("at most {characters} characters"),
        format!("a queue of {mebibytes} MiB"),
    ] {
        assert!(page.contains(&stated), "{stated}");
    }
    assert_eq!(LAST_LINES, Duration::from_millis(500));
    assert!(page.contains("waits half a second at most for its last lines"));
}
