//! Who may see a touchpoint: kept beside what rows say about it.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::{Touchpoint, Visibility};
use prost::Message;

use crate::fold::corrections::{Inherited, Inherits};

/// Who may see a touchpoint.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Sight {
    /// As the touchpoint says.
    #[prost(enumeration = "Visibility", tag = "1")]
    pub visibility: i32,
    /// Not before this instant.
    #[prost(message, optional, tag = "2")]
    pub visible_from: Option<Instant>,
}

impl Sight {
    /// Who may see this touchpoint.
    #[must_use]
    pub fn of(touchpoint: &Touchpoint) -> Self {
        Self {
            visibility: touchpoint.visibility,
            visible_from: touchpoint.visible_from.as_ref().map(Instant::from),
        }
    }

    /// Whether somebody with this visibility may see it at `as_of`; `None`, unspecified and INTERNAL see everything.
    #[must_use]
    pub fn admits(&self, visible_to: Option<Visibility>, as_of: Instant) -> bool {
        let revealed = self.visible_from.is_none_or(|from| from <= as_of);
        match visible_to {
            None | Some(Visibility::Unspecified | Visibility::Internal) => true,
            Some(Visibility::Dealer) => {
                revealed && matches!(self.visibility(), Visibility::Dealer | Visibility::Owner)
            }
            Some(Visibility::Owner) => revealed && self.visibility() == Visibility::Owner,
        }
    }
}

impl Inherits for Sight {
    fn inherit(&mut self, inherited: &Inherited) {
        inherited.fill_sight(self);
    }
}
