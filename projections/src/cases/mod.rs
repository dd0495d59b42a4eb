//! View `cases`: the facts of every case, as they were and as they were known, and what follows from them.
//!
//! The view files each touchpoint of a case's stream, and each one elsewhere that names the case, as a small row without
//! texts, and lists cases under the dealers, owners, vehicles, agents and feedback that their streams name. It decides
//! nothing about them, but for one hint: which cases nobody has to look at any more.
//!
//! [`CaseReader::history`] loads a [`CaseHistory`]: the facts in force as of an instant and as known at a position, with
//! what corrections add to them, with the owner's words about the feedback that the case came from, and with what the
//! owner said elsewhere while the case waited for them. Everything else is a pure function of it:
//!
//! | function | answers |
//! |---|---|
//! | [`CaseCourse::of`] | opening, episodes, outcomes, pauses, the owner's verdict, and the state |
//! | [`Silence::of`] | how long the owner heard nothing |
//! | [`dealers`] | who was responsible when |
//! | [`CaseSheet::of`] | all of this, and agents, assessment, steps, root cause, updates, defects |
//!
//! What the domain leaves open is decided here:
//! - A case begins with the first `CaseOpened` in force, else with the first fact of its stream that says something of its
//!   own (no event of the clock-keeper, no retraction).
//! - A closing before the opening closes the first episode after 0 s. A reopening opens a closed or resolved case again,
//!   as does an opening after a closing; while a case is simply open a reopening changes nothing.
//! - A rejection voids the last outcome before it that no other rejection voided.
//! - A pause begins while an episode runs, and ends with a resumption, the closing, a new episode or words of the owner.

mod answer;
mod course;
mod dealers;
mod dealings;
mod defects;
mod due;
mod episode;
mod fact;
mod find;
mod flag;
mod fold;
mod head;
mod history;
mod kind;
mod list;
mod load;
mod people;
mod reach;
mod row;
mod sheet;
mod silence;
mod summary;
mod tables;
mod words;

pub use answer::{CASE_VIEWS, CaseAnswer, CaseQuestion, answer};
pub use course::{CaseCourse, CaseState};
pub use dealers::{dealers, dealers_named};
pub use dealings::{Assessment, RootCause, RootCauseState, Step, Updates};
pub use defects::CaseDefect;
pub use episode::{Episode, Outcome, Pause, Verdict};
pub use fact::{CaseFact, Place, ReplacedFact};
pub(crate) use find::positions_of_case;
pub use find::{CaseList, UnfinishedAt, cases_in, every_case, is_unfinished, unfinished_cases};
pub use flag::CaseFlag;
pub use fold::VIEW;
pub use history::CaseHistory;
pub use kind::CaseFactKind;
pub use list::{CasesPage, CasesQuestion, list};
pub use load::{CaseReader, CaseStates};
pub use people::{Advocate, Advocates};
pub use row::CaseRow;
pub use sheet::CaseSheet;
pub use silence::{Gap, Silence};
pub use summary::{CasePlace, CaseSummary, Due};
