//! The names of configuration keys, and suggestions for unknown names.

use super::key::Key;
use super::sections::{Config, KEYS};

/// The prefix of the environment variables of the configuration.
pub(super) const PREFIX: &str = "OWNERLINE_";

/// Variables with the prefix that are not configuration: the path of the file, the data directory of offline
/// commands and tests, and the server address of the client.
const NOT_CONFIGURATION: &[&str] = &["OWNERLINE_CONFIG", "OWNERLINE_DATA", "OWNERLINE_SERVER"];

/// The key named `section.key`.
pub(super) fn key(path: &str) -> Option<&'static dyn Key<Config>> {
    KEYS.iter().copied().find(|key| key.name().path() == path)
}

/// Returns whether a section of this name exists.
pub(super) fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.name().section == name)
}

/// The meaning of an environment variable.
pub(super) enum Variable {
    /// It sets a key.
    Key(&'static dyn Key<Config>),
    /// It looks like configuration, but sets no key; with the nearest variable that does.
    Unknown(Option<String>),
    /// It is not configuration.
    Foreign,
}

/// Classifies an environment variable. An unknown name looks like configuration if it begins with a known
/// section, or nearly equals a known variable.
pub(super) fn variable(name: &str, value: &str) -> Variable {
    let Some(rest) = name.strip_prefix(PREFIX) else {
        return Variable::Foreign;
    };
    if NOT_CONFIGURATION.contains(&name) || is_service_link(rest, value) {
        return Variable::Foreign;
    }
    if let Some(key) = KEYS.iter().find(|key| key.name().variable() == name) {
        return Variable::Key(*key);
    }
    // With the common prefix every name would look near.
    let known = KEYS.iter().map(|key| key.name().variable());
    let known = known.filter_map(|name| name.strip_prefix(PREFIX).map(str::to_owned));
    let near = nearest(rest, known).map(|near| format!("{PREFIX}{near}"));
    let section = KEYS.iter().any(|key| {
        let section = key.name().section.to_uppercase();
        rest.strip_prefix(&section)
            .is_some_and(|rest| rest.starts_with('_'))
    });
    if section || near.is_some() {
        Variable::Unknown(near)
    } else {
        Variable::Foreign
    }
}

/// Returns whether Kubernetes set the variable for a service named, for example, `ownerline` or
/// `ownerline-server`. Such a variable must not prevent a start.
fn is_service_link(rest: &str, value: &str) -> bool {
    let address = value.contains("://");
    rest.ends_with("SERVICE_HOST")
        || rest.contains("SERVICE_PORT")
        || (rest.ends_with("PORT") && address)
        || (rest.contains("PORT_") && (rest.contains("_TCP") || rest.contains("_UDP")))
}

/// The full name of the key nearest to an unknown `section.key`.
pub(super) fn nearest_key(path: &str) -> Option<String> {
    let whole = nearest(path, KEYS.iter().map(|key| key.name().path()));
    // A known key in the wrong section is what was meant, although the texts differ much.
    whole.or_else(|| {
        let name = path.rsplit('.').next()?;
        KEYS.iter()
            .map(|key| key.name())
            .find(|known| known.name == name)
            .map(|known| known.path())
    })
}

/// The section nearest to an unknown one.
pub(super) fn nearest_section(name: &str) -> Option<String> {
    nearest(name, KEYS.iter().map(|key| key.name().section.to_owned()))
}

/// The candidate with the smallest edit distance, if that is at most a third of the name's length.
fn nearest(name: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    candidates
        .map(|candidate| (distance(name, &candidate), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= name.chars().count().div_ceil(3))
        .map(|(_, candidate)| candidate)
}

/// The Levenshtein distance, in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, from) in left.chars().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        let mut next = vec![before];
        for (above, to) in row.iter().skip(1).zip(&right) {
            let replaced = diagonal + usize::from(from != *to);
            before = replaced.min(above + 1).min(before + 1);
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
