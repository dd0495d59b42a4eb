//! The wait at the end of an import, until every read model includes what was imported.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use ownerline_proto::v1::projection::State;
use ownerline_proto::v1::{ListProjectionsRequest, Projection};

use crate::cli::terminal_text::count;
use crate::cli::{CliError, clients};

/// The time between two looks.
const LOOK: Duration = Duration::from_millis(200);
/// The wait ends if no read model has moved for this long.
const STANDSTILL: Duration = Duration::from_secs(30);

/// Waits until every read model has reached `position`; returns a remark for people if that did not happen. Everything
/// is stored in any case, so a failure to look is not a failure of the import.
pub(in crate::cli) async fn until_visible(
    server: &str,
    position: &str,
    progress: &ProgressBar,
) -> Option<String> {
    match until_reached(server, position, progress).await {
        Ok(behind) if behind.is_empty() => None,
        Ok(behind) => Some(format!(
            "everything is stored, but not every answer includes it yet: {} are behind; see \
             `ownerline projections list`\n",
            behind.join(", ")
        )),
        Err(error) => Some(format!(
            "everything is stored, but whether every answer includes it could not be checked:\n{}",
            error.explanation()
        )),
    }
}

/// Waits until every read model has reached `position`, or those behind it stop moving; returns their names.
async fn until_reached(
    server: &str,
    position: &str,
    progress: &ProgressBar,
) -> Result<Vec<String>, CliError> {
    let mut client = clients::projections(server).await?;
    let (mut standing, mut since) = (Vec::new(), Instant::now());
    loop {
        let answer = client.list_projections(ListProjectionsRequest {}).await?;
        let behind = behind(answer.into_inner().projections, position);
        let running: Vec<&Projection> = behind
            .iter()
            .filter(|view| view.state() != State::Failed)
            .collect();
        let positions: Vec<String> = running.iter().map(|view| view.position.clone()).collect();
        if positions != standing {
            (standing, since) = (positions, Instant::now());
        }
        if running.is_empty() || since.elapsed() > STANDSTILL {
            return Ok(behind.into_iter().map(|view| view.name).collect());
        }
        let farthest = running.iter().map(|view| view.lag_events).max();
        progress.set_message(format!(
            "waiting for {} read models, up to {} touchpoints behind",
            running.len(),
            count(farthest.unwrap_or_default())
        ));
        tokio::time::sleep(LOOK).await;
    }
}

/// The read models that have not reached this position. Positions of one log compare as text.
fn behind(views: Vec<Projection>, position: &str) -> Vec<Projection> {
    views
        .into_iter()
        .filter(|view| *view.position < *position)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_model_is_behind_until_it_reaches_the_position() {
        let view = |name: &str, position: &str| Projection {
            name: name.to_owned(),
            position: position.to_owned(),
            ..Projection::default()
        };
        let views = vec![
            view("new", ""),
            view("slow", "00000001-0000000000000008"),
            view("there", "00000001-0000000000000009"),
            view("beyond", "00000001-000000000000000a"),
        ];
        let behind = behind(views, "00000001-0000000000000009");
        let names: Vec<&str> = behind.iter().map(|view| &*view.name).collect();
        assert_eq!(names, ["new", "slow"]);
    }
}
