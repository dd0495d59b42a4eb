//! The layers, the table of keys, and the messages. No test touches the process environment.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;

use super::sections::KEYS;
use super::setting::Setting;
use super::{Config, ConfigErrors, LogFormat, Source};

/// Loads a file of this text under the name `ownerline.toml`, an environment, and overrides.
fn load(
    file: &str,
    environment: &[(&str, &str)],
    overrides: &[(&str, &str)],
) -> Result<Config, ConfigErrors> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ownerline.toml");
    std::fs::write(&path, file).unwrap();
    let overrides: Vec<_> = overrides
        .iter()
        .map(|(key, value)| (*key, (*value).into()))
        .collect();
    Config::load(Some(&path), variables(environment), &overrides)
}

fn variables(environment: &[(&str, &str)]) -> Vec<(String, OsString)> {
    environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).into()))
        .collect()
}

/// The messages of a refused configuration, without the folder of the file.
fn errors(loaded: Result<Config, ConfigErrors>) -> Vec<String> {
    let errors = loaded.expect_err("a refusal");
    errors
        .iter()
        .map(|error| {
            let text = error.to_string();
            match (text.find("file "), text.find("ownerline.toml")) {
                (Some(from), Some(to)) => format!("{}{}", &text[..from + 5], &text[to..]),
                _ => text,
            }
        })
        .collect()
}

fn values(config: &Config) -> Vec<(String, String)> {
    KEYS.iter()
        .map(|key| (key.name().path(), key.toml(config)))
        .collect()
}

#[test]
fn nothing_given_is_the_default_and_valid() {
    let config = Config::load(None, [], &[]).unwrap();
    assert_eq!(values(&config), values(&Config::default()));
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:7431");
    assert_eq!(config.limits.batch_bytes, 4 << 20);
    assert_eq!(config.telemetry.format, LogFormat::Text);
}

#[test]
fn every_default_is_a_value_its_own_key_accepts() {
    let printed = Config::default().to_string();
    let config = load(&printed, &[], &[]).unwrap();
    assert_eq!(values(&config), values(&Config::default()));
}

#[test]
fn a_later_layer_wins_and_each_value_knows_its_source() {
    let file = "[server]\nlisten = \"0.0.0.0:1\"\nconnections = 5\n\n[limits]\npage_entries = 7\n";
    let environment = [
        ("OWNERLINE_SERVER_LISTEN", "0.0.0.0:2"),
        ("OWNERLINE_SERVER_CONNECTIONS", "6"),
    ];
    let config = load(file, &environment, &[("server.listen", "0.0.0.0:3")]).unwrap();
    assert_eq!(config.server.listen.port, 3);
    assert_eq!(config.sources.of("server.listen"), Source::Flag);
    assert_eq!(config.server.connections, 6);
    assert_eq!(
        config.sources.of("server.connections"),
        Source::Environment {
            variable: "OWNERLINE_SERVER_CONNECTIONS".to_owned()
        }
    );
    assert_eq!(config.limits.page_entries, 7);
    assert!(matches!(
        config.sources.of("limits.page_entries"),
        Source::File { path, line: 6 } if path.ends_with("ownerline.toml")
    ));
    assert_eq!(config.sources.of("store.readers"), Source::Default);
}

#[test]
fn a_switch_is_a_bare_boolean_and_nothing_else_is() {
    let off = load("[keeper]\nenabled = false\n", &[], &[]).unwrap();
    assert!(!off.keeper.enabled);
    let on = load("", &[("OWNERLINE_KEEPER_ENABLED", "true")], &[]).unwrap();
    assert!(on.keeper.enabled);
    let wrong = "[keeper]\nenabled = \"yes\"\n\n[telemetry]\nfilter = true\n";
    let found = errors(load(wrong, &[], &[]));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("\"yes\" given, true or false expected"),
        "{found:?}"
    );
    assert!(found[1].starts_with("telemetry.filter"), "{found:?}");
}

#[test]
fn everything_wrong_in_every_layer_is_reported_at_once() {
    let file = "[server]\nlisten = \"nowhere\"\ndrain_timeout = 10\n\n[stroe]\ndata = \"x\"\n\n\
                [limits]\nbatch_byte = 1\nread_batch = 0\n";
    let environment = [
        ("OWNERLINE_TELEMETRY_FILTER", "ownerline=shout"),
        ("OWNERLINE_STORE_READER", "2"),
        ("OWNERLINE_LIMITS_BATCH_BYTES", "2 KiB"),
    ];
    let overrides = [("telemetry.format", "xml"), ("readers", "1")];
    assert_eq!(
        errors(load(file, &environment, &overrides)),
        [
            "server.listen (file ownerline.toml, line 2): \"nowhere\" given, a host and port such \
             as \"127.0.0.1:7431\", \"[::1]:7431\", \"localhost:7431\" or \":7431\" (every interface) expected",
            "server.drain_timeout (file ownerline.toml, line 3): 10 given, a duration from \"100ms\" to \
             \"10m\" (a whole number of ms, s, m or h) expected",
            "stroe (file ownerline.toml, line 5): unknown, did you mean store?",
            "limits.batch_byte (file ownerline.toml, line 9): unknown, did you mean limits.batch_bytes?",
            "limits.read_batch (file ownerline.toml, line 10): 0 given, a whole number from 1 to 4096 \
             expected",
            "OWNERLINE_STORE_READER (environment variable OWNERLINE_STORE_READER): unknown, did you mean \
             OWNERLINE_STORE_READERS?",
            "telemetry.filter (environment variable OWNERLINE_TELEMETRY_FILTER): \"ownerline=shout\" \
             given, a tracing filter such as \"info\" or \"info,ownerline::store=debug\" expected",
            "telemetry.format (flag): \"xml\" given, \"text\" or \"json\" expected",
            "readers (flag): unknown, did you mean store.readers?",
            "limits.batch_bytes = \"2 KiB\" (environment variable OWNERLINE_LIMITS_BATCH_BYTES): must be \
             at least limits.touchpoint_bytes = \"64 KiB\" (default)",
        ]
    );
}

#[test]
fn a_bad_value_is_refused_although_a_later_layer_replaces_it() {
    let loaded = load(
        "[store]\nreaders = 0\n",
        &[("OWNERLINE_STORE_READERS", "2")],
        &[],
    );
    assert_eq!(errors(loaded).len(), 1);
}

#[test]
fn every_syntax_error_of_the_file_names_its_line_and_hides_no_other_error() {
    let found = errors(load(
        "[server]\nlisten = \nconnections = = 2\nheader_bytes = 0\n",
        &[],
        &[],
    ));
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].starts_with("server.header_bytes (file ownerline.toml, line 4): 0 given"));
    assert!(found[1].starts_with("file ownerline.toml, line 2: not TOML: "));
    assert!(found[2].starts_with("file ownerline.toml, line 3: not TOML: "));
}

#[test]
fn a_file_that_is_not_there_is_named_with_the_reason() {
    let missing = Path::new("nothing-here.toml");
    let refused = Config::load(Some(missing), [], &[]).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("nothing-here.toml: cannot be read: "),
        "{refused}"
    );
}

#[test]
fn values_that_are_not_text_or_number_are_refused() {
    let found = errors(load(
        "limits = 3\n[store]\nreaders = 2.0\ndata = 7\nwal_bytes = [1]\n[server]\nlisten = true\n",
        &[],
        &[],
    ));
    let given: Vec<&str> = found
        .iter()
        .map(|error| error.split(": ").nth(1).unwrap())
        .map(|rest| rest.split(" given").next().unwrap())
        .collect();
    assert_eq!(given, ["3", "2.0", "7", "[1]", "true"]);
}

#[test]
fn variables_that_other_parts_read_or_kubernetes_makes_are_left_alone() {
    let foreign = [
        ("OWNERLINE_DATA", "x"),
        ("OWNERLINE_SERVER", "http://127.0.0.1:7431"),
        ("OWNERLINE_CONFIG", "ownerline.toml"),
        ("OWNERLINE_SERVICE_HOST", "10.0.0.1"),
        ("OWNERLINE_SERVER_SERVICE_PORT_GRPC", "7431"),
        ("OWNERLINE_SERVER_PORT", "tcp://10.0.0.1:7431"),
        ("OWNERLINE_SERVER_PORT_7431_TCP_ADDR", "10.0.0.1"),
        ("OWNERLINE_SERVER_PORT_7431_TCP", "tcp://10.0.0.1:7431"),
        ("OWNERLINE_LICENCE_PLATE", "x"),
        ("PATH", "x"),
    ];
    assert!(Config::load(None, variables(&foreign), &[]).is_ok());
}

#[test]
fn an_empty_variable_is_an_unset_one() {
    let empty = [
        ("OWNERLINE_STORE_DATA", ""),
        ("OWNERLINE_SERVER_LISTEN", ""),
        ("OWNERLINE_SEVER_LISTEN", ""),
    ];
    let file = "[store]\ndata = \"elsewhere\"\n";
    let config = load(file, &empty, &[]).unwrap();
    assert_eq!(config.store.data, Path::new("elsewhere"));
    assert_eq!(config.sources.of("server.listen"), Source::Default);
}

#[test]
fn a_path_that_is_not_utf_8_arrives_as_it_was_given_and_nothing_else_may_be() {
    let path = OsStr::from_bytes(b"data-\xff");
    let variable = [("OWNERLINE_STORE_DATA".to_owned(), path.to_owned())];
    let by_variable = Config::load(None, variable, &[]).unwrap();
    let by_flag = Config::load(None, [], &[("store.data", path.to_owned())]).unwrap();
    for config in [&by_variable, &by_flag] {
        assert_eq!(config.store.data, Path::new(path));
        assert!(config.to_string().contains("data = \"data-\u{fffd}\""));
    }
    let other = OsStr::from_bytes(b"data-\xfe").to_owned();
    let other = Config::load(None, [], &[("store.data", other)]).unwrap();
    assert_eq!(by_flag.differences(&other), ["store.data"]);
    let filter = [("telemetry.filter", path.to_owned())];
    let found = errors(Config::load(None, [], &filter));
    assert!(found[0].contains("\"data-\\xFF\" given"), "{found:?}");
}

#[test]
fn a_misspelt_section_of_a_variable_is_refused_with_the_nearest_name() {
    let found = errors(Config::load(
        None,
        variables(&[("OWNERLINE_SEVER_LISTEN", "0.0.0.0:1")]),
        &[],
    ));
    assert!(
        found[0].ends_with("did you mean OWNERLINE_SERVER_LISTEN?"),
        "{found:?}"
    );
}

#[test]
fn a_port_given_alone_is_refused_instead_of_ignored() {
    let found = errors(Config::load(
        None,
        variables(&[("OWNERLINE_SERVER_PORT", "8080")]),
        &[],
    ));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_name_like_nothing_gets_no_suggestion() {
    let found = errors(load("[server]\nzzzzzzzz = 1\n", &[], &[]));
    assert_eq!(
        found,
        ["server.zzzzzzzz (file ownerline.toml, line 2): unknown"]
    );
}

#[test]
fn bounds_are_inclusive_and_checked_for_every_type() {
    for (key, inside, outside) in [
        ("server.drain_timeout", ["100ms", "10m"], ["99ms", "601s"]),
        ("server.header_bytes", ["1 KiB", "1MiB"], ["1023", "2 MiB"]),
        ("limits.read_batch", ["1", "4096"], ["0", "4097"]),
    ] {
        for value in inside {
            let loaded = load("", &[], &[(key, value)]);
            assert!(loaded.is_ok(), "{key} = {value}: {loaded:?}");
        }
        for value in outside {
            assert_eq!(
                errors(load("", &[], &[(key, value)])).len(),
                1,
                "{key} = {value}"
            );
        }
    }
}

#[test]
fn malformed_durations_and_sizes_are_refused() {
    let any = Duration::ZERO..=Duration::MAX;
    for text in [
        "",
        "10",
        "s",
        "-1s",
        "1.5s",
        "1 day",
        "10 sec",
        "99999999999999999999s",
    ] {
        assert_eq!(Duration::parse(text, &any), None, "{text}");
    }
    for text in ["", "KiB", "-1", "1.5 KiB", "1 KB", "99999999999 GiB"] {
        assert_eq!(u64::parse(text, &(0..=u64::MAX)), None, "{text}");
    }
}

#[test]
fn a_rule_between_keys_names_both_values_and_their_sources() {
    for (key, value, other) in [
        (
            "server.connection_window_bytes",
            "64 KiB",
            "server.stream_window_bytes",
        ),
        ("server.request_timeout", "9s", "limits.at_least_wait"),
        ("store.queue_events", "1023", "store.group_events"),
        ("store.tail_events", "1023", "store.group_events"),
        ("limits.batch_bytes", "63 KiB", "limits.touchpoint_bytes"),
    ] {
        let found = errors(load("", &[], &[(key, value)]));
        let message = &found[0];
        assert!(
            message.starts_with(key) && message.contains("(flag)"),
            "{found:?}"
        );
        assert!(
            message.contains(other) && message.ends_with("(default)"),
            "{found:?}"
        );
    }
    let both = [
        ("store.queue_events", "999"),
        ("store.group_events", "999"),
        ("limits.batch_touchpoints", "1000"),
    ];
    let found = errors(load("", &[], &both));
    assert!(
        found[0].contains("limits.batch_touchpoints = 1000 (flag)"),
        "{found:?}"
    );
}

#[test]
fn a_rule_is_not_judged_when_one_of_its_values_is_already_wrong() {
    let found = errors(load(
        "",
        &[],
        &[
            ("limits.touchpoint_bytes", "x"),
            ("limits.batch_bytes", "32 KiB"),
        ],
    ));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn the_printed_configuration_names_sources_and_loads_to_the_same_values() {
    let config = load(
        "[store]\ndata = \"a \\\"b\\\" # c\"\nwal_bytes = 1_048_577\n",
        &[("OWNERLINE_SERVER_KEEPALIVE_INTERVAL", "90s")],
        &[("limits.at_least_wait", "0ms")],
    )
    .unwrap();
    let printed = config.to_string();
    for line in [
        "listen = \"127.0.0.1:7431\" # default",
        "wal_bytes = 1048577 # file ",
        "keepalive_interval = \"90s\" # environment variable OWNERLINE_SERVER_KEEPALIVE_INTERVAL",
        "at_least_wait = \"0ms\" # flag",
    ] {
        assert!(printed.contains(line), "{line} in\n{printed}");
    }
    let again = load(&printed, &[], &[]).unwrap();
    assert_eq!(values(&again), values(&config));
}

#[test]
fn the_reference_page_states_every_key_as_the_table_does() {
    let page = include_str!("../../docs/configuration.md");
    let defaults = Config::default();
    for key in KEYS {
        let name = key.name();
        let row = format!(
            "| `{}` | `{}` | {} | {} |",
            name.name,
            key.toml(&defaults),
            key.expected(),
            name.about
        );
        assert!(
            page.contains(&row),
            "docs/configuration.md lacks the row\n{row}"
        );
        assert!(page.contains(&format!("## `[{}]`", name.section)));
    }
}

proptest! {
    #[test]
    fn whatever_text_is_given_is_loaded_or_refused_and_never_panics(text in "\\PC{0,40}", pick in any::<prop::sample::Index>()) {
        let key = pick.get(KEYS).name();
        let _refused_or_not = Config::load(None, [(key.variable(), text.clone().into())], &[]);
        let _refused_or_not = load(&text, &[], &[(&text, &text)]);
    }

    #[test]
    fn what_a_value_shows_is_read_back(bytes in any::<u64>(), milliseconds in 0_u64..1 << 40) {
        prop_assert_eq!(u64::parse(&bytes.show(), &(0..=u64::MAX)), Some(bytes));
        let duration = Duration::from_millis(milliseconds);
        prop_assert_eq!(Duration::parse(&duration.show(), &(Duration::ZERO..=Duration::MAX)), Some(duration));
    }
}
