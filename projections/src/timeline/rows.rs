//! The rows of the timeline and the tables they are in. Default values cost nothing.
//!
//! | table | key | value |
//! |---|---|---|
//! | `o` | owner, history key | [`Row`]: a touchpoint that names the owner |
//! | `g` | stream, history key | [`Row`]: a touchpoint of a one-matter stream that names no owner, or a correction elsewhere that names none |
//! | `v` | VIN, history key | [`Row`]: a touchpoint of no one matter that names the vehicle and no owner |
//! | `w` | VIN, stream | empty: the vehicle is named in this one-matter stream |
//! | `s` | stream, history key | [`Names`](crate::person::Names): a touchpoint of a one-matter stream that names somebody, or corrects |
//! | `m` | owner, stream | empty: the owner is named in this stream, which is not an owner's |
//! | `e` | cause's source, cause's id, history key | [`Sight`] of the effect |
//! | `c` | source, id | empty: it has effects; a point look-up is cheaper than an empty scan |

use ownerline_proto::kind::Category;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::{Subjects, Visibility};
use prost::Message;

use crate::Recorded;
use crate::fold::corrections::{Inherited, Inherits, fill};
use crate::fold::state::StateError;
use crate::sight::Sight;

pub(super) const OWNED: u8 = b'o';
pub(crate) const OWNERLESS: u8 = b'g';
pub(super) const VEHICLES: u8 = b'v';
pub(super) const VEHICLE_MATTERS: u8 = b'w';
pub(crate) const NAMES: u8 = b's';
pub(super) const MATTERS: u8 = b'm';
pub(super) const EFFECTS: u8 = b'e';
pub(super) const CAUSES: u8 = b'c';

/// What the timeline keeps of a touchpoint; the rest is in the log.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Row {
    /// The number of its kind.
    #[prost(uint32, tag = "1")]
    pub kind: u32,
    /// Its stream, if that is of one matter; left out where the key says it.
    #[prost(string, tag = "2")]
    pub stream: String,
    #[prost(string, tag = "3")]
    pub vin: String,
    #[prost(string, tag = "4")]
    pub dealer_id: String,
    /// This and the next three are left out where the stream says them.
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
        }
    }

    /// Who may see it.
    pub(super) fn sight(&self) -> Sight {
        Sight {
            visibility: self.visibility,
            visible_from: self.visible_from,
        }
    }

    /// Reads a row; `stream` is what its key says about its stream.
    pub(super) fn read(bytes: &[u8], stream: Option<&str>) -> Result<Self, StateError> {
        let mut row = decode::<Self>(bytes)?;
        if let Some(stream) = stream {
            stream.clone_into(&mut row.stream);
        }
        if let Some((category, id)) = row.stream.split_once('-') {
            let left_out = match Category::from_name(category) {
                Some(Category::Order) => &mut row.order_id,
                Some(Category::Case) => &mut row.case_id,
                Some(Category::Visit) => &mut row.visit_id,
                Some(Category::Feedback) => &mut row.feedback_id,
                _ => return Ok(row),
            };
            id.clone_into(left_out);
        }
        Ok(row)
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

/// Decodes a value of this view.
pub(super) fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, StateError> {
    M::decode(bytes).map_err(|error| StateError::Damaged {
        reason: format!("timeline row: {error}"),
    })
}
