//! Figures of groups drawn towards the network's.

use ownerline_projections::stats::{
    NpsAnswers, NpsShrinkage, Proportion, ProportionShrinkage, Shrunk, Z_95, wilson,
};

use super::{count, number, rows};

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

/// Whether a figure is close to that of the posterior found by brute force.
fn agrees(found: &Shrunk, row: &[&str], scale: f64) {
    let figures = [found.expected, found.interval.low, found.interval.high];
    for ((figure, cell), exact) in figures.iter().zip(&row[1..]).zip([2e-3, 4e-3, 4e-3]) {
        let off = (figure - number(cell)).abs() / scale;
        assert!(off <= exact, "{figure} is not {cell}: {row:?}");
    }
}

#[test]
fn shares_agree_with_the_exact_posterior_by_brute_force() {
    let rows = rows(include_str!("vectors/betabin.csv"));
    assert_eq!(rows.len(), 200);
    for row in rows {
        let groups: Vec<Proportion> = groups(row[0]).iter().map(proportion).collect();
        let shrinkage = ProportionShrinkage::new(&groups).unwrap();
        agrees(&shrinkage.shrunk(groups[0], Z_95), &row, 1.0);
    }
}

#[test]
fn scores_agree_with_the_posterior_by_brute_force() {
    let rows = rows(include_str!("vectors/dirichlet.csv"));
    assert_eq!(rows.len(), 100);
    for row in rows {
        let groups: Vec<NpsAnswers> = groups(row[0]).iter().map(answers).collect();
        let shrinkage = NpsShrinkage::new(&groups).unwrap();
        agrees(&shrinkage.shrunk(&groups[0], Z_95), &row, 200.0);
    }
}

#[test]
fn no_group_has_less_uncertainty_than_the_network_it_is_drawn_to() {
    // Three groups, all alike: nothing says that they are alike but twelve answers.
    let three = [Proportion { successes: 3, n: 4 }; 3];
    let shrunk = ProportionShrinkage::new(&three)
        .unwrap()
        .shrunk(three[0], Z_95);
    let network = wilson(9, 12, Z_95).unwrap();
    let width = |it: ownerline_projections::stats::Interval| it.high - it.low;
    assert!(width(shrunk.interval) >= width(network), "{shrunk:?}");

    let three = [NpsAnswers {
        promoters: 2,
        passives: 1,
        detractors: 1,
    }; 3];
    let shrunk = NpsShrinkage::new(&three).unwrap().shrunk(&three[0], Z_95);
    let Shrunk { interval, .. } = shrunk;
    assert!(interval.low <= -21.0 && interval.high >= 58.0, "{shrunk:?}");

    // One answer says next to nothing.
    let one = NpsAnswers {
        promoters: 1,
        ..NpsAnswers::default()
    };
    let shrunk = NpsShrinkage::new(&[one]).unwrap().shrunk(&one, Z_95);
    assert!(width(shrunk.interval) > 120.0, "{shrunk:?}");
}

#[test]
fn small_groups_are_drawn_to_the_network_and_large_ones_stay() {
    let network: Vec<Proportion> = [(9, 10), (60, 100), (700, 1_000), (1, 2), (5, 9), (40, 50)]
        .map(|(successes, n)| Proportion { successes, n })
        .to_vec();
    let shrinkage = ProportionShrinkage::new(&network).unwrap();
    let nobody = shrinkage.shrunk(Proportion::default(), Z_95);
    assert!((nobody.network_share - 1.0).abs() < 1e-6);
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
fn the_mean_of_a_large_network_is_known_finely() {
    let group = |k: u64| Proportion {
        successes: 813 + k % 7,
        n: 1_000,
    };
    let network: Vec<Proportion> = (0..300).map(group).collect();
    let all: u64 = network.iter().map(|it| it.successes).sum();
    let shrinkage = ProportionShrinkage::new(&network).unwrap();
    let nobody = shrinkage.shrunk(Proportion::default(), Z_95);
    let mean = all as f64 / 300_000.0;
    assert!((nobody.expected - mean).abs() < 1e-4, "{nobody:?} {mean}");

    let group = |k: u64| NpsAnswers {
        promoters: 523 + k % 5,
        passives: 311,
        detractors: 166 - k % 5,
    };
    let network: Vec<NpsAnswers> = (0..200).map(group).collect();
    let shrinkage = NpsShrinkage::new(&network).unwrap();
    let nobody = shrinkage.shrunk(&NpsAnswers::default(), Z_95);
    assert!((nobody.expected - 36.1).abs() < 0.05, "{nobody:?}");
}

#[test]
fn a_share_that_is_known_of_the_whole_network_is_the_one_drawn_to() {
    let some = vec![
        Proportion {
            successes: 9,
            n: 10
        };
        20
    ];
    let network = Proportion {
        successes: 300_000,
        n: 1_000_000,
    };
    let drawn = ProportionShrinkage::within(&some, network)
        .unwrap()
        .shrunk(Proportion::default(), Z_95);
    assert!((drawn.expected - 0.3).abs() < 1e-5, "{drawn:?}");
    let some = vec![
        NpsAnswers {
            promoters: 10,
            ..NpsAnswers::default()
        };
        20
    ];
    let network = NpsAnswers {
        promoters: 100_000,
        passives: 0,
        detractors: 100_000,
    };
    let drawn = NpsShrinkage::within(&some, &network)
        .unwrap()
        .shrunk(&NpsAnswers::default(), Z_95);
    assert!(drawn.expected.abs() < 0.01, "{drawn:?}");
}

#[test]
fn intervals_stay_bounds_where_all_are_alike_or_all_differ() {
    for groups in [
        vec![[7_u64, 0], [4, 0]],
        vec![[1_000_000, 0], [0, 1_000_000]],
        vec![[400_000, 600_000], [400_100, 599_900]],
        vec![[1, 0], [0, 1]],
        vec![[0, 3]; 40],
    ] {
        let groups: Vec<Proportion> = groups.iter().map(proportion).collect();
        let shrinkage = ProportionShrinkage::new(&groups).unwrap();
        for group in groups.iter().chain([&Proportion::default()]) {
            let Shrunk {
                expected, interval, ..
            } = shrinkage.shrunk(*group, Z_95);
            assert!(interval.low < interval.high, "{groups:?}");
            assert!((0.0..=1.0).contains(&interval.low), "{groups:?}");
            assert!((0.0..=1.0).contains(&interval.high), "{groups:?}");
            assert!((0.0..=1.0).contains(&expected), "{groups:?}");
        }
    }
}

#[test]
fn the_order_of_groups_changes_no_bit() {
    let mut groups: Vec<NpsAnswers> = (1..30_u64)
        .map(|k| NpsAnswers {
            promoters: k * 7 % 40,
            passives: k * 5 % 11,
            detractors: k * 3 % 13,
        })
        .collect();
    let group = groups[4];
    let before = NpsShrinkage::new(&groups).unwrap().shrunk(&group, Z_95);
    groups.reverse();
    let after = NpsShrinkage::new(&groups).unwrap().shrunk(&group, Z_95);
    assert_eq!(before, after);
}
