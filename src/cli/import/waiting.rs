//! Waits until every read model has what was brought in, so that the next question is answered from all of it.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use ownerline_proto::v1::projection::State;
use ownerline_proto::v1::{ListProjectionsRequest, Projection};

use crate::cli::terminal_text::count;
use crate::cli::{CliError, clients};

/// How often to look.
const LOOK: Duration = Duration::from_millis(200);
/// A read model that has not moved for so long is not waited for any more.
const STANDSTILL: Duration = Duration::from_secs(30);

/// Waits until every read model stands at least on `position`, or none of the others moves any more; answers
/// the names of those.
pub(super) async fn until_visible(
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
            "{} read models have yet to take in up to {} touchpoints",
            running.len(),
            count(farthest.unwrap_or_default())
        ));
        tokio::time::sleep(LOOK).await;
    }
}

/// Those that do not stand on this position. Positions of one log compare as text.
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
    fn a_read_model_is_behind_until_it_stands_on_the_position() {
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
