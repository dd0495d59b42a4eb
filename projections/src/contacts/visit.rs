//! How a visit stands: what a follow-up about it is judged by.

/// Whether a vehicle is still in, by the last drop-off and the last pick-up. A drop-off and a pick-up at one instant
/// have no sequence: the car is out.
pub(crate) fn is_still_in<T: Ord>(dropped_off: Option<T>, picked_up: Option<T>) -> bool {
    dropped_off.is_some() && picked_up < dropped_off
}

/// Whether a visit ended in a refusal: help was declined last, after every attempt at a repair, and the matter was not
/// settled elsewhere since.
pub(crate) fn ended_in_refusal<T: Ord>(
    declined: Option<T>,
    tried: Option<T>,
    elsewhere: Option<T>,
) -> bool {
    declined.is_some() && declined > tried && declined > elsewhere
}
