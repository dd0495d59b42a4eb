//! Rules between keys, for values that are valid alone but not together.

use super::error::ConfigError;
use super::names;
use super::sections::Config;

/// The value of the first key must be at least that of the second.
struct AtLeast {
    first: &'static str,
    second: &'static str,
    holds: fn(&Config) -> bool,
}

const RULES: &[AtLeast] = &[
    AtLeast {
        first: "server.connection_window_bytes",
        second: "server.stream_window_bytes",
        holds: |c| c.server.connection_window_bytes >= c.server.stream_window_bytes,
    },
    // A longer wait than the request could never end with an answer.
    AtLeast {
        first: "server.request_timeout",
        second: "limits.at_least_wait",
        holds: |c| c.server.request_timeout >= c.limits.at_least_wait,
    },
    AtLeast {
        first: "store.queue_events",
        second: "store.group_events",
        holds: |c| c.store.queue_events >= c.store.group_events,
    },
    // A batch that the queue cannot hold would always be refused.
    AtLeast {
        first: "store.queue_events",
        second: "limits.batch_touchpoints",
        holds: |c| c.store.queue_events >= c.limits.batch_touchpoints,
    },
    AtLeast {
        first: "store.tail_events",
        second: "store.group_events",
        holds: |c| c.store.tail_events >= c.store.group_events,
    },
    AtLeast {
        first: "limits.batch_bytes",
        second: "limits.touchpoint_bytes",
        holds: |c| c.limits.batch_bytes >= c.limits.touchpoint_bytes,
    },
];

/// The errors of violated rules. A rule with a key that is invalid already is not checked.
pub(super) fn broken(config: &Config, wrong: &[String]) -> Vec<ConfigError> {
    let value = |path| names::key(path).map(|key| key.toml(config));
    RULES
        .iter()
        .filter(|rule| {
            !wrong
                .iter()
                .any(|key| key == rule.first || key == rule.second)
        })
        .filter(|rule| !(rule.holds)(config))
        .map(|rule| ConfigError::TooSmallFor {
            smaller: rule.first,
            smaller_value: value(rule.first).unwrap_or_default(),
            smaller_origin: config.sources.of(rule.first),
            larger: rule.second,
            larger_value: value(rule.second).unwrap_or_default(),
            larger_origin: config.sources.of(rule.second),
        })
        .collect()
}
