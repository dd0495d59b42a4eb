//! Vehicle identification numbers of invented cars, each with a valid check digit.

use ownerline_proto::vin::check_digit_matches;

use crate::chance::Chance;

/// The characters of a VIN, which are without I, O and Q.
const ALPHABET: &[u8; 33] = b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ";
/// The codes of model years from 2010 on, which repeat every 30 years (49 CFR 565.15, table VII).
const YEARS: &[u8; 30] = b"ABCDEFGHJKLMNPRSTVWXY123456789";
/// The check digits.
const CHECKS: &str = "0123456789X";
/// How many cars an owner may have.
pub(crate) const CARS_OF_ONE: u64 = 8;

/// The VIN of an owner's `car`-th car. No two owners of a seed share one. `maker` is its first three characters.
pub(crate) fn vin(maker: &str, seed: u64, owner: u64, car: u64, model_year: i32) -> String {
    let serial = owner * CARS_OF_ONE + car % CARS_OF_ONE;
    let mut line = seed;
    let mut rest = serial / 100_000;
    let digit = |from: &mut u64| {
        let index = usize::try_from(*from % 33).unwrap_or_default();
        *from /= 33;
        ALPHABET.get(index).map_or('0', |byte| char::from(*byte))
    };
    let described: String = (0..3).map(|_| digit(&mut line)).collect();
    let high: String = (0..3).map(|_| digit(&mut rest)).collect();
    let year = usize::try_from((model_year - 2010).rem_euclid(30)).unwrap_or_default();
    let year = YEARS.get(year).map_or('0', |byte| char::from(*byte));
    let (second, last) = high.split_at_checked(2).unwrap_or(("00", "0"));
    let front = format!("{maker}{described}{second}");
    let back = format!("{year}A{last}{:05}", serial % 100_000);
    CHECKS
        .chars()
        .map(|check| format!("{front}{check}{back}"))
        .find(|vin| check_digit_matches(vin) == Some(true))
        .unwrap_or_default()
}

/// The same VIN with a typing error in its serial number, which the check digit always reveals.
pub(crate) fn mistyped(chance: &mut Chance, vin: &str) -> String {
    let place = usize::try_from(chance.between(12, 16)).unwrap_or(16);
    let changed = |c: char| match c.to_digit(10) {
        Some(digit) => char::from_digit((digit + 1) % 10, 10).unwrap_or('0'),
        None => '0',
    };
    vin.chars()
        .enumerate()
        .map(|(index, c)| if index == place { changed(c) } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_number_is_valid_and_given_once() {
        let mut seen = BTreeSet::new();
        for owner in (0..500)
            .chain(900_000..900_500)
            .chain(88_000_000..88_000_100)
        {
            for car in 0..CARS_OF_ONE {
                let vin = vin("4ZZ", 7, owner, car, 2024);
                assert_eq!(check_digit_matches(&vin), Some(true), "{vin}");
                assert!(seen.insert(vin));
            }
        }
    }

    #[test]
    fn a_slip_of_the_hand_is_found_by_the_check_digit() {
        let mut chance = Chance::new(1, 1);
        for owner in 0..200 {
            let right = vin("4ZZ", 7, owner, 0, 2025);
            let wrong = mistyped(&mut chance, &right);
            assert_eq!(check_digit_matches(&wrong), Some(false), "{right} {wrong}");
        }
    }
}
