//! The subjects that touchpoints name.

use ownerline_proto::v1::Subjects;
use prost::Message;

use crate::fold::corrections::{Inherited, Inherits, fill};

/// The subjects that a touchpoint or the first touchpoints of a stream name. Those that are not named are empty.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Names {
    /// The owner.
    #[prost(string, tag = "1")]
    pub owner_id: String,
    /// The vehicle.
    #[prost(string, tag = "2")]
    pub vin: String,
    /// The dealer.
    #[prost(string, tag = "3")]
    pub dealer_id: String,
    /// The number of the kind of the touchpoint; 0 of a stream.
    #[prost(uint32, tag = "4")]
    pub(crate) kind: u32,
}

impl Names {
    /// The names among the subjects of a touchpoint whose kind has this number.
    pub(crate) fn of(subjects: &Subjects, kind: u32) -> Self {
        Self {
            owner_id: subjects.owner_id.clone(),
            vin: subjects.vin.clone(),
            dealer_id: subjects.dealer_id.clone(),
            kind,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.owner_id.is_empty() && self.vin.is_empty() && self.dealer_id.is_empty()
    }

    pub(super) fn is_complete(&self) -> bool {
        !self.owner_id.is_empty() && !self.vin.is_empty() && !self.dealer_id.is_empty()
    }

    /// Takes what is still absent from another.
    pub(super) fn fill_from(&mut self, other: &Self) {
        fill(&mut self.owner_id, &other.owner_id);
        fill(&mut self.vin, &other.vin);
        fill(&mut self.dealer_id, &other.dealer_id);
    }
}

impl Inherits for Names {
    fn inherit(&mut self, inherited: &Inherited) {
        fill(&mut self.owner_id, &inherited.subjects.owner_id);
        fill(&mut self.vin, &inherited.subjects.vin);
        fill(&mut self.dealer_id, &inherited.subjects.dealer_id);
    }
}
