//! Which names are configuration, and which known one is nearest to an unknown one.

use super::key::Key;
use super::sections::{Config, KEYS};

/// What the variables of the configuration begin with.
pub(super) const PREFIX: &str = "OWNERLINE_";

/// Variables with our prefix that other parts read: the client's server address, the offline
/// commands' and tests' data directory, the path of the file itself.
const NOT_CONFIGURATION: &[&str] = &["OWNERLINE_CONFIG", "OWNERLINE_DATA", "OWNERLINE_SERVER"];

/// The key named `section.key`.
pub(super) fn key(path: &str) -> Option<&'static dyn Key<Config>> {
    KEYS.iter().copied().find(|key| key.name().path() == path)
}

/// Whether a section of this name exists.
pub(super) fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.name().section == name)
}

/// What a variable of the environment is to us.
pub(super) enum Variable {
    /// The key it sets.
    Key(&'static dyn Key<Config>),
    /// Meant for us, but nothing we know; with the nearest variable we do.
    Unknown(Option<String>),
    /// Not configuration.
    Foreign,
}

/// Says what a variable is. Of names nobody knows, those of a known section and near misses of a known
/// variable are meant for us.
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
    // The common prefix would make every name look near.
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

/// Whether Kubernetes made the variable from the name of a service such as `ownerline` or
/// `ownerline-server`: that must not stop a start.
fn is_service_link(rest: &str, value: &str) -> bool {
    let address = value.contains("://");
    rest.ends_with("SERVICE_HOST")
        || rest.contains("SERVICE_PORT")
        || (rest.ends_with("PORT") && address)
        || (rest.contains("PORT_") && (rest.contains("_TCP") || rest.contains("_UDP")))
}

/// The nearest full name of a key to an unknown `section.key`.
pub(super) fn nearest_key(path: &str) -> Option<String> {
    let whole = nearest(path, KEYS.iter().map(|key| key.name().path()));
    // A right key in a wrong section is far away as text, but is what was meant.
    whole.or_else(|| {
        let name = path.rsplit('.').next()?;
        KEYS.iter()
            .map(|key| key.name())
            .find(|known| known.name == name)
            .map(|known| known.path())
    })
}

/// The nearest section to an unknown one.
pub(super) fn nearest_section(name: &str) -> Option<String> {
    nearest(name, KEYS.iter().map(|key| key.name().section.to_owned()))
}

/// The candidate with the least edit distance, if it is at most a third of the name away.
fn nearest(name: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    candidates
        .map(|candidate| (distance(name, &candidate), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= name.chars().count().div_ceil(3))
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, counting characters.
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
