//! Kinds and categories: their names, their CloudEvents types, and the streams they belong to.

use std::sync::Arc;

use bytes::Buf;
use prost::encoding::{DecodeContext, WireType, decode_key, skip_field};

use crate::field_class::FieldClasses;
use crate::v1::Subjects;

/// The category of a stream: what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// A person.
    Owner,
    /// A vehicle.
    Vehicle,
    /// An order of a car.
    Order,
    /// A visit to a workshop.
    Visit,
    /// A piece of feedback.
    Feedback,
    /// A case: a matter carried to an outcome.
    Case,
    /// A dealer.
    Dealer,
    /// A policy.
    Policy,
    /// The integrity of a dealer's scores.
    Integrity,
    /// Reads of personal data by one principal.
    Access,
}

/// The categories of a payload that may be in any stream: the first whose subject is set.
const ANY_STREAM: [Category; 7] = [
    Category::Feedback,
    Category::Case,
    Category::Visit,
    Category::Order,
    Category::Vehicle,
    Category::Owner,
    Category::Dealer,
];

impl Category {
    /// Every category.
    pub const ALL: [Self; 10] = [
        Self::Owner,
        Self::Vehicle,
        Self::Order,
        Self::Visit,
        Self::Feedback,
        Self::Case,
        Self::Dealer,
        Self::Policy,
        Self::Integrity,
        Self::Access,
    ];

    pub(crate) fn from_number(number: i32) -> Option<Self> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        Self::ALL.get(index).copied()
    }

    /// Returns the prefix of its streams.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Vehicle => "vehicle",
            Self::Order => "order",
            Self::Visit => "visit",
            Self::Feedback => "feedback",
            Self::Case => "case",
            Self::Dealer => "dealer",
            Self::Policy => "policy",
            Self::Integrity => "integrity",
            Self::Access => "access",
        }
    }

    /// Returns the names of all categories.
    #[must_use]
    pub fn names() -> [&'static str; Self::ALL.len()] {
        Self::ALL.map(Self::as_str)
    }

    /// Returns the category with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|category| category.as_str() == name)
    }

    /// Returns the category of a stream.
    #[must_use]
    pub fn of_stream(stream: &str) -> Option<Self> {
        Self::from_name(stream.split('-').next().unwrap_or_default())
    }

    /// Whether a stream of this category is one matter, with one owner, one vehicle and one dealer, so that a
    /// touchpoint that leaves one of them out can take it from another touchpoint of its stream. The stream of an owner
    /// or a vehicle spans many matters.
    #[must_use]
    pub fn is_one_matter(self) -> bool {
        matches!(
            self,
            Self::Order | Self::Visit | Self::Feedback | Self::Case
        )
    }

    /// Returns the field of `Subjects` that names its streams, and the field's value; `None` if a field of the payload
    /// names them.
    #[must_use]
    pub fn subject(self, subjects: &Subjects) -> Option<(&'static str, &str)> {
        let name = match self {
            Self::Owner => "owner_id",
            Self::Vehicle => "vin",
            Self::Order => "order_id",
            Self::Visit => "visit_id",
            Self::Feedback => "feedback_id",
            Self::Case => "case_id",
            Self::Dealer | Self::Integrity => "dealer_id",
            Self::Policy | Self::Access => return None,
        };
        subject(subjects, name).map(|value| (name, value))
    }
}

/// Returns the value of the field of `Subjects` with this name.
#[must_use]
pub fn subject<'s>(subjects: &'s Subjects, name: &str) -> Option<&'s str> {
    Some(match name {
        "owner_id" => &subjects.owner_id,
        "vin" => &subjects.vin,
        "order_id" => &subjects.order_id,
        "visit_id" => &subjects.visit_id,
        "feedback_id" => &subjects.feedback_id,
        "case_id" => &subjects.case_id,
        "defect_id" => &subjects.defect_id,
        "dealer_id" => &subjects.dealer_id,
        _ => return None,
    })
}

/// One kind of payload.
#[derive(Debug, Clone)]
pub struct Kind {
    /// The short name: the name of its field in `Touchpoint.payload`, for example `feedback_received`.
    pub name: Arc<str>,
    /// The CloudEvents type, for example `com.ownerline.feedback_received.v1`.
    pub type_name: String,
    /// The number of its field in `Touchpoint.payload`.
    pub number: u32,
    /// The categories of its stream; the first whose subject is set applies.
    pub categories: Vec<Category>,
    /// The field of the payload (name, number) that names its stream if no subject does.
    named_by: Option<(String, u32)>,
    /// The classes of the fields of a touchpoint of this kind, envelope and payload.
    pub classes: FieldClasses,
}

/// The error of a touchpoint without a stream: the fields of which one must be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoStream {
    /// Paths below the touchpoint, most specific first.
    pub fields: Vec<String>,
}

impl Kind {
    pub(crate) fn new(
        name: &str,
        number: u32,
        categories: Vec<Category>,
        named_by: Option<(String, u32)>,
        classes: FieldClasses,
    ) -> Self {
        let (stem, version) = match name.rsplit_once("_v") {
            Some((stem, version)) if version.parse::<u32>().is_ok() => (stem, version),
            _ => (name, "1"),
        };
        Self {
            name: name.into(),
            type_name: format!("com.ownerline.{stem}.v{version}"),
            number,
            categories: if categories.is_empty() {
                ANY_STREAM.to_vec()
            } else {
                categories
            },
            named_by,
            classes,
        }
    }

    /// Returns the classes withheld from a reader in any touchpoint of this kind, whether or not there was something to
    /// withhold: the mark depends on the kind alone.
    #[must_use]
    pub fn withheld(&self, readable: FieldClasses) -> FieldClasses {
        self.classes.without(readable)
    }

    /// Returns the stream of a touchpoint of this kind with these subjects and this encoding.
    ///
    /// # Errors
    /// If no field names the stream.
    pub fn stream(&self, subjects: &Subjects, encoded: &[u8]) -> Result<String, NoStream> {
        let mut fields = Vec::new();
        for category in &self.categories {
            let Some((field, id)) = category.subject(subjects) else {
                continue;
            };
            if !id.is_empty() {
                return Ok(format!("{}-{id}", category.as_str()));
            }
            fields.push(format!("subjects.{field}"));
        }
        if let Some((name, number)) = &self.named_by {
            let payload = string_field(encoded, self.number);
            match payload.and_then(|payload| string_field(payload, *number)) {
                Some(id) if !id.is_empty() => {
                    let category = self.named_category().as_str();
                    return Ok(format!("{category}-{}", String::from_utf8_lossy(id)));
                }
                _ => fields.push(format!("{}.{name}", self.name)),
            }
        }
        Err(NoStream { fields })
    }

    /// Returns the category of streams that a field of the payload names: the category of this kind without a subject.
    /// A kind that may be in any stream names a policy.
    fn named_category(&self) -> Category {
        let nobody = Subjects::default();
        let mut named = self.categories.iter().copied();
        let named = named.find(|category| category.subject(&nobody).is_none());
        named.unwrap_or(Category::Policy)
    }
}

/// Returns the contents of the last length-delimited field with this number.
fn string_field(encoded: &[u8], wanted: u32) -> Option<&[u8]> {
    let mut rest = encoded;
    let mut contents = None;
    while rest.has_remaining() {
        let (number, wire) = decode_key(&mut rest).ok()?;
        if number == wanted && wire == WireType::LengthDelimited {
            let length = usize::try_from(prost::encoding::decode_varint(&mut rest).ok()?).ok()?;
            let (inner, after) = rest.split_at_checked(length)?;
            contents = Some(inner);
            rest = after;
        } else {
            skip_field(wire, number, &mut rest, DecodeContext::default()).ok()?;
        }
    }
    contents
}
