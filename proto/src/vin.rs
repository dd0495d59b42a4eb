//! The check digit of a VIN.

/// Weights by position, 49 CFR 565.15(c).
const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/// Whether the ninth character is the check digit of 49 CFR 565.15. It is mandatory in North America only; elsewhere
/// any character is allowed there. `None` if this is not a VIN of 17 characters.
#[must_use]
pub fn check_digit_matches(vin: &str) -> Option<bool> {
    if vin.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (character, weight) in vin.chars().zip(WEIGHTS) {
        sum += transliterate(character)? * weight;
    }
    let expected = match sum % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10)?,
    };
    vin.chars().nth(8).map(|given| given == expected)
}

/// Whether the VIN was issued in North America, where the check digit is mandatory: its first character is
/// 1 to 5, or 7 with a second one of F to Z or a digit. ISO 3780 orders the second character A to Z, 1 to 9,
/// 0, and gave 7F to 70 to the United States after 1, 4 and 5 had run out; 7A to 7E are New Zealand's.
#[must_use]
pub fn is_north_american(vin: &str) -> bool {
    let mut region = vin.chars();
    vin.len() == WEIGHTS.len()
        && match (region.next(), region.next()) {
            (Some('1'..='5'), _) => true,
            (Some('7'), Some(second)) => !('A'..='E').contains(&second),
            _ => false,
        }
}

fn transliterate(character: char) -> Option<u32> {
    match character {
        '0'..='9' => character.to_digit(10),
        'A' | 'J' => Some(1),
        'B' | 'K' | 'S' => Some(2),
        'C' | 'L' | 'T' => Some(3),
        'D' | 'M' | 'U' => Some(4),
        'E' | 'N' | 'V' => Some(5),
        'F' | 'W' => Some(6),
        'G' | 'P' | 'X' => Some(7),
        'H' | 'Y' => Some(8),
        'R' | 'Z' => Some(9),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_regulation_match() {
        for vin in [
            "1G4AH59H45G118341",
            "1M8GDM9AXKP042788",
            "11111111111111111",
        ] {
            assert_eq!(check_digit_matches(vin), Some(true), "{vin}");
        }
    }

    #[test]
    fn a_changed_character_does_not_match() {
        assert_eq!(check_digit_matches("1M8GDM9A1KP042788"), Some(false));
    }

    #[test]
    fn the_regions_of_north_america_are_those_of_iso_3780() {
        let vin = |region: &str| format!("{region}YGDEE0PA000001");
        for region in [
            "1GX", "2HX", "3VX", "4TX", "5YJ", "7SA", "7FA", "7ZZ", "711", "700",
        ] {
            assert!(is_north_american(&vin(region)), "{region}");
        }
        for region in [
            "7A1", "7EX", "6FP", "8AX", "9BW", "WBA", "JHM", "SAL", "0AA",
        ] {
            assert!(!is_north_american(&vin(region)), "{region}");
        }
        assert!(!is_north_american("7SA"));
        assert!(!is_north_american("chassis~alvis~12345"));
    }

    #[test]
    fn an_older_chassis_number_has_no_check_digit() {
        assert_eq!(check_digit_matches("chassis~alvis~12345"), None);
    }
}
