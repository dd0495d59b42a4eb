//! Panics as lines of the log: the standard hook writes to standard error by itself, which may block, or panic again.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::Cell;
use std::panic::{self, PanicHookInfo};

use super::format::Own;

thread_local! {
    /// Whether this thread is writing the line of a panic.
    static IN_HOOK: Cell<bool> = const { Cell::new(false) };
}

/// Adds a line with a message and fields to the log.
type AddLine = dyn Fn(&str, &[(&str, Own<'_>)]) + Send + Sync;

/// Hands every panic to `add_line` from now on.
pub(super) fn to_log(add_line: Box<AddLine>) {
    panic::set_hook(Box::new(move |info| write(add_line.as_ref(), info)));
}

/// Writes the line directly, not through tracing: the panic may have happened while tracing formatted a line, and no filter
/// may hide it.
fn write(add_line: &AddLine, info: &PanicHookInfo<'_>) {
    if IN_HOOK.replace(true) {
        return;
    }
    let payload = info.payload();
    let message = payload.downcast_ref::<&str>().copied();
    let message = message.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let place = info.location().map(ToString::to_string);
    let place = place.unwrap_or_default();
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or_default();
    add_line(
        "panic",
        &[
            ("panic", Own::Text(message.unwrap_or("not a text"))),
            ("place", Own::Text(&place)),
            ("thread", Own::Text(thread)),
        ],
    );
    // Only where RUST_BACKTRACE asks for it.
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        for frame in backtrace.to_string().lines() {
            add_line("backtrace", &[("frame", Own::Text(frame.trim()))]);
        }
    }
    IN_HOOK.set(false);
}
