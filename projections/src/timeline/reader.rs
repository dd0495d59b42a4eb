//! The reader of the rows of one answer: fills them in and applies the filter.

use ownerline_proto::kind::Category;
use prost::{DecodeError, Message};

use super::horizon::Horizon;
use super::persons::Person;
use super::query::TimelineQuery;
use super::rows::{KindOf, Row};
use super::states::TimelineStates;
use crate::fold::state::StateError;
use crate::person::{Names, Whose};
use crate::vehicles::odometer::PreviousReadings;
use crate::{HistoryKey, Validity, Viewer};

/// The states, the query and the person of one answer.
pub(super) struct Reader<'q, 's> {
    pub(super) states: TimelineStates<'s>,
    pub(super) query: &'q TimelineQuery,
    pub(super) validity: &'s Validity<'s>,
    pub(super) horizon: &'q Horizon,
    pub(super) viewer: &'q Viewer,
    pub(super) person: &'q Person,
    pub(super) whose: Whose<'s>,
    pub(super) readings: PreviousReadings<'s>,
}

impl Reader<'_, '_> {
    /// Fills in the fields that a row inherits from what it corrects, and returns the owner if that is one of them.
    pub(super) fn inherited_owner(
        &self,
        key: &HistoryKey,
        row: &mut Row,
    ) -> Result<Option<String>, StateError> {
        let mut names = Names::default();
        self.validity.inherit(key, row)?;
        self.validity.inherit(key, &mut names)?;
        Ok(Some(names.owner_id).filter(|id| !id.is_empty()))
    }

    /// The encoded row, if its kind may pass the filter. The stream is that of all rows, or empty if each has its own.
    pub(super) fn admits_encoded(
        &self,
        value: &[u8],
        stream: &str,
    ) -> Result<Option<Row>, DecodeError> {
        let filter = &self.query.filter;
        if filter.kinds.is_empty() {
            return Ok(Some(Row::decode(value)?));
        }
        let KindOf { kind } = KindOf::decode(value)?;
        if filter.kinds.contains(&kind) {
            return Ok(Some(Row::decode(value)?));
        }
        if !filter.kinds_about_cases.contains(&kind) {
            return Ok(None);
        }
        let row = Row::decode(value)?;
        Ok(row.may_name_case(stream).then_some(row))
    }

    /// A row that names what an entry of the names of a stream names, if that is an id of the person and its kind may
    /// pass the filter. Its stream is the id.
    pub(super) fn admits_names(&self, value: &[u8]) -> Result<Option<Row>, DecodeError> {
        let names = Names::decode(value)?;
        let filter = &self.query.filter;
        let admitted = !names.owner_id.is_empty()
            && self.person.ids.contains(&names.owner_id)
            && (filter.kinds.is_empty()
                || filter.kinds.contains(&names.kind)
                || filter.kinds_about_cases.contains(&names.kind));
        Ok(admitted.then(|| Row {
            kind: names.kind,
            stream: names.owner_id,
            ..Row::default()
        }))
    }

    /// Whether rows of a stream may pass the filter, by the subject that names the stream.
    pub(super) fn admits_stream(&self, stream: &str) -> bool {
        let filter = &self.query.filter;
        let Some((category, id)) = stream.split_once('-') else {
            return true;
        };
        let wanted = match Category::from_name(category) {
            Some(Category::Order) => &filter.order_id,
            Some(Category::Case) => &filter.case_id,
            Some(Category::Visit) => &filter.visit_id,
            Some(Category::Feedback) => &filter.feedback_id,
            _ => return true,
        };
        wanted.as_deref().is_none_or(|wanted| wanted == id)
    }

    /// Whether a row passes the filter. Instants are bounds of the scan already.
    pub(super) fn admits(&mut self, key: &HistoryKey, row: &Row) -> Result<bool, StateError> {
        let filter = &self.query.filter;
        let is = |filter: &Option<String>, value: &str| {
            filter.as_deref().is_none_or(|filter| filter == value)
        };
        let is_of_kind = filter.kinds.is_empty()
            || filter.kinds.contains(&row.kind)
            || (filter.kinds_about_cases.contains(&row.kind) && !row.case_id.is_empty());
        if !(is_of_kind
            && is(&filter.order_id, &row.order_id)
            && is(&filter.case_id, &row.case_id)
            && is(&filter.visit_id, &row.visit_id)
            && is(&filter.feedback_id, &row.feedback_id)
            && self.horizon.admits(row.sight(), key.position, self.query))
        {
            return Ok(false);
        }
        if filter.vin.is_none() && filter.dealer_id.is_none() && self.viewer.sees_network() {
            return Ok(true);
        }
        let names = self.vin_and_dealer(key, row)?;
        Ok(is(&filter.vin, &names.vin)
            && is(&filter.dealer_id, &names.dealer_id)
            && self.viewer.sees_dealer(&names.dealer_id))
    }

    /// Returns vehicle and dealer of a row: as named, or filled in from its stream if that is of one matter.
    pub(super) fn vin_and_dealer(
        &mut self,
        key: &HistoryKey,
        row: &Row,
    ) -> Result<Names, StateError> {
        let names = Names {
            vin: row.vin.clone(),
            dealer_id: row.dealer_id.clone(),
            ..Names::default()
        };
        if row.stream.is_empty() || (!row.vin.is_empty() && !row.dealer_id.is_empty()) {
            return Ok(names);
        }
        self.whose
            .filled()
            .fill(&row.stream, key.occurred_at, names)
    }
}
