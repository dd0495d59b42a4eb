//! Figures of small groups drawn towards the network's.

use ownerline_projections::stats::{
    NpsAnswers, NpsShrinkage, Proportion, ProportionShrinkage, Shrunk, Z_95, concentration,
};

use super::{CLOSE, assert_close, count, number, rows};

/// `3/4 0/2`: two groups of two counts.
fn groups<const J: usize>(text: &str) -> Vec<[u64; J]> {
    let group = |text: &str| {
        let counts: Vec<u64> = text.split('/').map(count).collect();
        counts.try_into().unwrap()
    };
    text.split(' ').map(group).collect()
}

fn proportion([successes, others]: &[u64; 2]) -> Proportion {
    Proportion {
        successes: *successes,
        n: successes + others,
    }
}

fn answers([promoters, passives, detractors]: &[u64; 3]) -> NpsAnswers {
    NpsAnswers {
        promoters: *promoters,
        passives: *passives,
        detractors: *detractors,
    }
}

fn agrees(found: &Shrunk, row: &[&str]) {
    assert_close(found.expected, row[3], &row);
    assert_close(found.interval.low, row[4], &row);
    assert_close(found.interval.high, row[5], &row);
}

#[test]
fn beta_binomial_shrinkage_agrees_with_exact_moments_and_scipy() {
    let rows = rows(include_str!("vectors/betabin.csv"));
    assert_eq!(rows.len(), 1_000);
    for row in rows {
        let groups: Vec<Proportion> = groups(row[0]).iter().map(proportion).collect();
        let shrinkage = ProportionShrinkage::new(&groups).unwrap();
        assert_close(shrinkage.concentration().items(), row[2], &row);
        agrees(&shrinkage.shrunk(groups[0], number(row[1])), &row);
    }
}

#[test]
fn dirichlet_multinomial_shrinkage_agrees_with_exact_moments_and_scipy() {
    let rows = rows(include_str!("vectors/dirichlet.csv"));
    assert_eq!(rows.len(), 1_000);
    for row in rows {
        let groups: Vec<NpsAnswers> = groups(row[0]).iter().map(answers).collect();
        let shrinkage = NpsShrinkage::new(&groups).unwrap();
        assert_close(shrinkage.concentration().items(), row[2], &row);
        agrees(&shrinkage.shrunk(&groups[0], number(row[1])), &row);
    }
}

#[test]
fn groups_no_more_different_than_chance_makes_them_are_taken_as_alike() {
    for groups in [
        vec![[5, 5], [5, 5], [5, 5]],
        vec![[1, 0], [0, 1], [1, 0]],
        vec![[4, 0], [7, 0]],
        vec![[3, 9]],
        vec![[3, 9], [0, 0]],
        vec![],
    ] {
        assert_eq!(concentration(&groups).items(), 1e6, "{groups:?}");
    }
    let apart = concentration(&[[50, 0], [0, 50]]);
    assert!(apart.items() < 0.1, "{apart:?}");
}

#[test]
fn small_groups_are_drawn_to_the_network_and_large_ones_stay() {
    let network: Vec<Proportion> = [(9, 10), (60, 100), (700, 1_000), (1, 2)]
        .map(|(successes, n)| Proportion { successes, n })
        .to_vec();
    let shrinkage = ProportionShrinkage::new(&network).unwrap();
    let nobody = shrinkage.shrunk(Proportion::default(), Z_95);
    assert!((nobody.expected - 770.0 / 1_112.0).abs() < 1e-12);
    assert_eq!(nobody.network_share, 1.0);
    let moved = |group: &Proportion| {
        let shrunk = shrinkage.shrunk(*group, Z_95);
        assert!(shrunk.interval.contains(shrunk.expected));
        shrunk.network_share
    };
    let shares: Vec<f64> = network.iter().map(moved).collect();
    assert!(shares[3] > shares[0] && shares[0] > shares[1] && shares[1] > shares[2]);
    assert!(ProportionShrinkage::new(&[Proportion::default()]).is_none());
    assert!(NpsShrinkage::new(&[NpsAnswers::default()]).is_none());
}

#[test]
fn intervals_stay_bounds_where_all_are_alike_or_all_differ() {
    for groups in [
        vec![[7_u64, 0], [4, 0]],
        vec![[1_000_000, 0], [0, 1_000_000]],
        vec![[400_000, 600_000], [400_100, 599_900]],
        vec![[1, 0], [0, 1]],
    ] {
        let groups: Vec<Proportion> = groups.iter().map(proportion).collect();
        let shrinkage = ProportionShrinkage::new(&groups).unwrap();
        for group in groups.iter().chain([&Proportion::default()]) {
            let Shrunk {
                expected, interval, ..
            } = shrinkage.shrunk(*group, Z_95);
            assert!((0.0..=1.0).contains(&interval.low), "{groups:?}");
            assert!((0.0..=1.0).contains(&interval.high), "{groups:?}");
            // The mean of a very skewed distribution lies at its interval's end.
            assert!(interval.low <= expected + CLOSE, "{expected} {interval:?}");
            assert!(expected <= interval.high + CLOSE, "{expected} {interval:?}");
        }
    }
}
