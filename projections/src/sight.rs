//! Who may see a touchpoint, as rows keep it.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::{Touchpoint, Visibility};
use prost::Message;

/// The visibility of a touchpoint and the instant from which it is visible.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Sight {
    /// The visibility that the touchpoint states.
    #[prost(enumeration = "Visibility", tag = "1")]
    pub visibility: i32,
    /// The first instant at which it is visible; `None` if it always was.
    #[prost(message, optional, tag = "2")]
    pub visible_from: Option<Instant>,
}

impl Sight {
    /// The sight of a touchpoint.
    #[must_use]
    pub fn of(touchpoint: &Touchpoint) -> Self {
        Self {
            visibility: touchpoint.visibility,
            visible_from: touchpoint.visible_from.as_ref().map(Instant::from),
        }
    }

    /// Whether somebody with this visibility may see it at `as_of`; `None`, UNSPECIFIED and INTERNAL see everything.
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
