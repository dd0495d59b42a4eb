//! How long the owners of the network wait, by dealer, and which dealer is the slowest.

use std::fmt::Write as _;

use ownerline_proto::v1::get_response_times_request::GroupBy;
use ownerline_proto::v1::{GetResponseTimesRequest, ResponseTimeGroup};

use super::stage::Stage;
use crate::cli::CliError;
use crate::cli::durations::in_one_unit;
use crate::cli::response_times::{ask, table};
use crate::cli::terminal_text::count;

/// The least number of due items by which a dealer is judged.
const ENOUGH: u64 = 10;

/// The response times of the network now, once they include everything recorded.
pub(super) async fn report(stage: &Stage<'_>) -> Result<String, CliError> {
    let request = GetResponseTimesRequest {
        group_by: GroupBy::Dealer.into(),
        as_of: Some(stage.now),
        at_least: stage.at_least.to_owned(),
        ..GetResponseTimesRequest::default()
    };
    let answer = ask(stage.server, request).await?;
    let total = answer.total.unwrap_or_default();
    let mut text = format!(
        "\nHow long owners wait for a first reply: the quickest and the slowest dealer\n\
         $ {} response-times --group-by dealer\n",
        stage.program
    );
    let ends: Vec<ResponseTimeGroup> = ends(&answer.groups).into_iter().cloned().collect();
    let shown = if ends.is_empty() {
        &answer.groups
    } else {
        &ends
    };
    text += &table("dealer", shown, &total).aligned(stage.width);
    if let Some(slowest) = ends.last() {
        let (dealer, times) = (&slowest.key, slowest.times.clone().unwrap_or_default());
        let on_time = times.on_time.unwrap_or_default();
        let _ = writeln!(
            text,
            "\nThe slowest dealer is {dealer}: {} of its {} due items were answered in time.",
            count(on_time.count),
            count(on_time.of),
        );
        let median = times.quantiles.first().and_then(|it| it.at.as_ref());
        let half = match median {
            Some(median) => format!("Half of its owners wait {} or longer", in_one_unit(median)),
            None => "More than half of its owners are still waiting".to_owned(),
        };
        let naive = times.naive_median_of_answered.as_ref();
        let naive = naive.map_or_else(|| "nothing".to_owned(), in_one_unit);
        let _ = writeln!(
            text,
            "{half}; the median of the answered ones alone is {naive}, because it ignores the others."
        );
    }
    Ok(text)
}

/// Returns the dealers with the greatest and the smallest share in time, among those with enough due items.
fn ends(groups: &[ResponseTimeGroup]) -> Vec<&ResponseTimeGroup> {
    let of_dealers = groups.iter().filter(|group| !group.key.is_empty());
    let known = of_dealers.filter_map(|group| {
        let times = group.times.as_ref().filter(|it| it.due >= ENOUGH)?;
        Some((times.on_time.as_ref()?.share?, group))
    });
    let mut known: Vec<_> = known.collect();
    known.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let mut ends: Vec<_> = known.into_iter().map(|(_, group)| group).collect();
    if ends.len() > 2 {
        ends.drain(1..ends.len() - 1);
    }
    ends
}
