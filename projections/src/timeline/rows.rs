//! The rows and tables of the timeline. Default values take no space.
//!
//! | table | key | value |
//! |---|---|---|
//! | `o` | owner, history key | [`Row`]: a touchpoint that names the owner |
//! | `g` | stream, history key | [`Row`]: a touchpoint of a one-matter stream that names no owner, or a correction elsewhere that names none |
//! | `v` | VIN, history key | [`Row`]: a touchpoint of no one matter that names the vehicle and no owner |
//! | `w` | VIN, stream | empty: the vehicle is named in this one-matter stream |
//! | `s` | stream, history key | [`Names`]: a touchpoint of a one-matter stream that names somebody, or corrects |
//! | `m` | owner, stream | empty: the owner is named in this stream, which is not an owner's |
//! | `a`, `i` | owner, history key | [`Row::listed`] of a row of `g` in a one-matter stream in which the owner is named; [passing](Row::is_passing) ones in `i` |
//! | `b`, `j` | VIN, history key | [`Row::listed`] of a row of `g` in a one-matter stream in which the vehicle is named; [passing](Row::is_passing) ones in `j` |
//! | `l` | stream | the names under which its rows of `g` [are listed](super::listed), if it has any |
//! | `x` | owner, stream | empty: the rows of the stream are not listed under the owner, who is named in it |
//! | `y` | VIN, stream | empty: the rows of the stream are not listed under the vehicle, which is named in it |
//! | `e` | cause's source, cause's id, history key | [`Sight`] of the effect |
//! | `c` | source, id | empty: it has effects; a point look-up is cheaper than an empty scan |

use std::collections::BTreeSet;
use std::sync::LazyLock;

use ownerline_proto::kind::Category;
use ownerline_proto::schema::Schema;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::{Subjects, Visibility};
use prost::Message;

use crate::Recorded;
use crate::fold::corrections::{Inherited, Inherits, fill};
use crate::fold::pairs::PairTable;
use crate::fold::table::HistoryTable;
use crate::person::Names;
use crate::sight::Sight;

pub(super) static OWNED: HistoryTable<Row> = HistoryTable::new("timeline", b'o');
pub(super) static OWNERLESS: HistoryTable<Row> = HistoryTable::new("timeline", b'g');
/// The kinds of the rows of [`OWNERLESS`], read without the rest.
pub(crate) static KINDS_OF_OWNERLESS: HistoryTable<KindOf> = HistoryTable::new("timeline", b'g');
pub(super) static VEHICLES: HistoryTable<Row> = HistoryTable::new("timeline", b'v');
pub(super) const VEHICLE_MATTERS: PairTable = PairTable::new(b'w');
pub(crate) static NAMES: HistoryTable<Names> = HistoryTable::new("timeline", b's');
pub(super) const MATTERS: PairTable = PairTable::new(b'm');
pub(super) static OWNER_LISTED: Listed = Listed::new(b'a', b'i');
pub(super) static VEHICLE_LISTED: Listed = Listed::new(b'b', b'j');
pub(super) const OWNER_STREAMS: PairTable = PairTable::new(b'x');
pub(super) const VEHICLE_STREAMS: PairTable = PairTable::new(b'y');
pub(super) static EFFECTS: HistoryTable<Sight, 2> = HistoryTable::new("timeline", b'e');
pub(super) const CAUSES: PairTable = PairTable::new(b'c');

/// The two tables of a list, so that whoever looks only for what lasts need not walk over the rest.
pub(super) struct Listed {
    pub(super) lasting: HistoryTable<Row>,
    /// See [`Row::is_passing`].
    pub(super) passing: HistoryTable<Row>,
}

impl Listed {
    const fn new(lasting: u8, passing: u8) -> Self {
        Self {
            lasting: HistoryTable::new("timeline", lasting),
            passing: HistoryTable::new("timeline", passing),
        }
    }
}

/// The numbers of the kinds about orders and feedback, of which the last says what there is to know, and of what the
/// clock-keeper issues. What is about a case as well is news of that case.
pub(crate) fn passing_kinds() -> &'static BTreeSet<u32> {
    static NUMBERS: LazyLock<BTreeSet<u32>> = LazyLock::new(|| {
        let passing = Schema::get().kinds().iter().filter(|kind| {
            let mut categories = kind.categories.iter();
            let of_matters = categories
                .all(|it| matches!(it, Category::Order | Category::Feedback | Category::Case));
            let is_of_case_only = kind.categories.iter().all(|it| *it == Category::Case);
            (of_matters && !is_of_case_only) || kind.name.starts_with("obligation_")
        });
        passing.map(|kind| kind.number).collect()
    });
    &NUMBERS
}

/// The part of a touchpoint that the timeline stores; the rest is in the log.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Row {
    /// The number of its kind.
    #[prost(uint32, tag = "1")]
    pub kind: u32,
    /// Its stream, if that is of one matter; left out where the key has it.
    #[prost(string, tag = "2")]
    pub stream: String,
    #[prost(string, tag = "3")]
    pub vin: String,
    #[prost(string, tag = "4")]
    pub dealer_id: String,
    /// This and the next three are left out where the stream names them.
    #[prost(string, tag = "5")]
    pub order_id: String,
    #[prost(string, tag = "6")]
    pub case_id: String,
    #[prost(string, tag = "7")]
    pub visit_id: String,
    #[prost(string, tag = "8")]
    pub feedback_id: String,
    /// See [`Sight`].
    #[prost(enumeration = "Visibility", tag = "9")]
    pub visibility: i32,
    #[prost(message, optional, tag = "10")]
    pub visible_from: Option<Instant>,
    /// Whether it corrects another, so that it may inherit what it leaves out.
    #[prost(bool, tag = "11")]
    pub corrects: bool,
}

impl Row {
    /// The row of a touchpoint; `matter` is the category of its stream if that is of one matter.
    pub(super) fn of(recorded: &Recorded, subjects: &Subjects, matter: Option<Category>) -> Self {
        let unless = |category: Category, id: &String| {
            if matter == Some(category) {
                String::new()
            } else {
                id.clone()
            }
        };
        let sight = Sight::of(&recorded.touchpoint);
        Self {
            kind: recorded.kind.number,
            stream: matter
                .map(|_| recorded.stream.to_string())
                .unwrap_or_default(),
            vin: subjects.vin.clone(),
            dealer_id: subjects.dealer_id.clone(),
            order_id: unless(Category::Order, &subjects.order_id),
            case_id: unless(Category::Case, &subjects.case_id),
            visit_id: unless(Category::Visit, &subjects.visit_id),
            feedback_id: unless(Category::Feedback, &subjects.feedback_id),
            visibility: sight.visibility,
            visible_from: sight.visible_from,
            corrects: recorded.touchpoint.corrects.is_some(),
        }
    }

    /// The row in the lists of owners and vehicles: what is judged before the row itself is read.
    pub(super) fn listed(&self, stream: &str) -> Self {
        Self {
            kind: self.kind,
            stream: stream.to_owned(),
            case_id: self.case_id.clone(),
            corrects: self.corrects,
            ..Self::default()
        }
    }

    /// Whether it may name a case: in a row, in the stream of all rows of a table, or inherited from what it corrects.
    pub(super) fn may_name_case(&self, stream: &str) -> bool {
        let is_in_case = |stream: &str| Category::of_stream(stream) == Some(Category::Case);
        self.corrects || !self.case_id.is_empty() || is_in_case(&self.stream) || is_in_case(stream)
    }

    /// Whether it is of a [passing kind](passing_kinds) and names no case.
    pub(super) fn is_passing(&self) -> bool {
        passing_kinds().contains(&self.kind) && !self.may_name_case("")
    }

    /// Who may see it.
    pub(super) fn sight(&self) -> Sight {
        Sight {
            visibility: self.visibility,
            visible_from: self.visible_from,
        }
    }

    /// Sets the subject that the row's stream names.
    pub(super) fn fill_from_stream(&mut self) {
        if let Some((category, id)) = self.stream.split_once('-') {
            let left_out = match Category::from_name(category) {
                Some(Category::Order) => &mut self.order_id,
                Some(Category::Case) => &mut self.case_id,
                Some(Category::Visit) => &mut self.visit_id,
                Some(Category::Feedback) => &mut self.feedback_id,
                _ => return,
            };
            id.clone_into(left_out);
        }
    }
}

impl Inherits for Row {
    fn inherit(&mut self, inherited: &Inherited) {
        let subjects = &inherited.subjects;
        fill(&mut self.vin, &subjects.vin);
        fill(&mut self.dealer_id, &subjects.dealer_id);
        fill(&mut self.order_id, &subjects.order_id);
        fill(&mut self.case_id, &subjects.case_id);
        fill(&mut self.visit_id, &subjects.visit_id);
        fill(&mut self.feedback_id, &subjects.feedback_id);
        let mut sight = self.sight();
        inherited.fill_sight(&mut sight);
        (self.visibility, self.visible_from) = (sight.visibility, sight.visible_from);
    }
}

/// The kind of a row, without the rest of it.
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct KindOf {
    #[prost(uint32, tag = "1")]
    pub kind: u32,
}
