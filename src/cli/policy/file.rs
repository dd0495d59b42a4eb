//! Policies in files: those that `policy publish` publishes, and those by which a query judges instead of the ones in
//! force.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use ownerline_proto::json_input::from_json;
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::{AdvocacyModel, CalendarPolicy, PolicyPublished, SlaPolicy};

use crate::cli::CliError;

/// Reads a policy from a file; `-` is standard input.
pub(in crate::cli) fn read_policy(path: &Path) -> Result<PolicyPublished, CliError> {
    let unreadable = |source| CliError::File {
        action: "read",
        path: path.to_owned(),
        source,
    };
    let text = if path == Path::new("-") {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map(|_| text).map_err(unreadable)?
    } else {
        std::fs::read_to_string(path).map_err(unreadable)?
    };
    from_json(&text).map_err(|source| CliError::NoPolicy {
        path: path.to_owned(),
        source,
    })
}

/// Reads the SLA of a file, if one is named.
pub(in crate::cli) fn read_sla(path: Option<&Path>) -> Result<Option<SlaPolicy>, CliError> {
    read_body(path, "sla", |body| match body {
        Body::Sla(sla) => Some(sla),
        _ => None,
    })
}

/// Reads the calendar of a file, if one is named.
pub(in crate::cli) fn read_calendar(
    path: Option<&Path>,
) -> Result<Option<CalendarPolicy>, CliError> {
    read_body(path, "calendar", |body| match body {
        Body::Calendar(calendar) => Some(calendar),
        _ => None,
    })
}

fn read_body<B>(
    path: Option<&Path>,
    wanted: &'static str,
    body: fn(Body) -> Option<B>,
) -> Result<Option<B>, CliError> {
    let Some(path) = path else {
        return Ok(None);
    };
    let body = read_policy(path)?.body.and_then(body);
    body.map(Some).ok_or_else(|| CliError::OtherPolicy {
        path: path.to_owned(),
        wanted,
    })
}

/// Reads the scoring policy and the lexicon of these files, at most one of each.
pub(in crate::cli) fn read_model(files: &[PathBuf]) -> Result<Option<AdvocacyModel>, CliError> {
    let mut model = AdvocacyModel::default();
    for path in files {
        let body = read_policy(path)?.body;
        let path = || Path::to_owned(path);
        let is_second = match body {
            Some(Body::Scoring(scoring)) => model.scoring.replace(scoring).is_some(),
            Some(Body::Lexicon(lexicon)) => model.lexicon.replace(lexicon).is_some(),
            _ => return Err(CliError::NoModel { path: path() }),
        };
        if is_second {
            return Err(CliError::ModelTwice { path: path() });
        }
    }
    Ok((!files.is_empty()).then_some(model))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_file_of_one_kind_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lexicon.json");
        std::fs::write(&path, r#"{"lexicon":{}}"#).expect("written");
        let one = [path];
        assert!(read_model(&one).expect("a model").is_some());
        let twice = [one[0].clone(), one[0].clone()];
        let error = read_model(&twice).expect_err("refused");
        assert!(matches!(error, CliError::ModelTwice { .. }), "{error}");
        assert_eq!(read_model(&[]).expect("none"), None);
    }
}
