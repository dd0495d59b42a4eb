//! Progress bars of commands that take a while.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// The template of a bar for everything that goes through a whole log.
pub(super) const LOG_TEMPLATE: &str = "{wide_bar} {human_pos}/{human_len} {rate} {eta}";

/// Returns a bar on standard error, or a spinner if there is no length; it is hidden where that is not a terminal.
/// Besides the keys of the template language, `{rate}` is the number of steps per second.
pub(super) fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let bar = length.map_or_else(ProgressBar::no_length, ProgressBar::new);
    // A template that does not parse only costs the bar its looks.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(
            style.with_key("rate", |state: &ProgressState, text: &mut dyn Write| {
                // Nothing can be done where the bar cannot be written.
                let _ = write!(text, "{:.0}/s", state.per_sec());
            }),
        );
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
