//! The clocks of budgets: all time, or business time, which passes only while a business is open by its calendar.
//!
//! **Rule.** Business is open at an instant exactly when the wall clock of the calendar's zone shows, at
//! that instant, a time inside an open interval of that date. What a change of the clocks means follows:
//! where the clock jumps forward the skipped time is not open (an interval that begins inside the gap
//! begins at its end); where it is set back, a wall time that comes twice counts twice, whether business
//! is open in both passes or closed in both.
//!
//! **How.** On the wall clock open time is a sum of whole weeks, a part of a week and the corrections of
//! dated exceptions before (`hours::Hours`). Between two changes of its offset a zone moves the wall
//! clock evenly, so open time up to an instant is the sum up to the last change, kept per change
//! (`zone::Line`), and a difference on the wall clock. Both are found by bisection: no question walks
//! over days. A deadline is never after the last instant that 64-bit nanoseconds can name (April 2262); open time is
//! summed up to the year 9999, from April 2262 on without changes of the clocks.

mod business;
mod check;
mod clock;
mod elapsed;
mod hours;
mod pause;
mod zone;

pub use business::Calendar;
pub use check::{CalendarError, CalendarProblem};
pub use clock::BudgetClock;
pub use pause::Pause;
