//! The bar of what goes through a whole log.

use std::fmt::Write;
use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// A bar on a terminal, nothing elsewhere.
pub(super) fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(0);
    // A template that does not parse only costs the bar its looks.
    if let Ok(style) =
        ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} {rate} {eta}")
    {
        bar.set_style(
            style.with_key("rate", |state: &ProgressState, text: &mut dyn Write| {
                // Nothing can be said where the bar cannot be written.
                let _ = write!(text, "{:.0}/s", state.per_sec());
            }),
        );
    }
    bar
}
