//! How long the owners of the network wait, by dealer, and which dealer is the slowest.

use std::fmt::Write as _;

use ownerline_proto::v1::get_response_times_request::GroupBy;
use ownerline_proto::v1::{GetResponseTimesRequest, ResponseTimeGroup, ResponseTimes};
use pbjson_types::Timestamp;

use crate::cli::CliError;
use crate::cli::durations::in_one_unit;
use crate::cli::response_times::{ask, table};
use crate::cli::terminal_text::count;

/// The least number of due items by which a dealer is judged.
const ENOUGH: u64 = 10;

/// The response times of the network as of `now`, once they include everything recorded.
pub(super) async fn report(
    server: &str,
    at_least: &str,
    now: Timestamp,
    width: usize,
) -> Result<String, CliError> {
    let request = GetResponseTimesRequest {
        group_by: GroupBy::Dealer.into(),
        as_of: Some(now),
        at_least: at_least.to_owned(),
        ..GetResponseTimesRequest::default()
    };
    let answer = ask(server, request).await?;
    let total = answer.total.unwrap_or_default();
    let mut text = "\nHow long owners wait for a first reply\n\n".to_owned();
    text += &table("dealer", &answer.groups, &total).aligned(width);
    if let Some((dealer, times)) = slowest(&answer.groups) {
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

/// Returns the dealer with the smallest share in time, among those with enough due items.
fn slowest(groups: &[ResponseTimeGroup]) -> Option<(&str, &ResponseTimes)> {
    let of_dealers = groups.iter().filter(|group| !group.key.is_empty());
    let known = of_dealers.filter_map(|group| {
        let times = group.times.as_ref().filter(|it| it.due >= ENOUGH)?;
        let share = times.on_time.as_ref()?.share?;
        Some((share, group.key.as_str(), times))
    });
    let slowest = known.min_by(|(one, ..), (other, ..)| one.total_cmp(other));
    slowest.map(|(_, dealer, times)| (dealer, times))
}
