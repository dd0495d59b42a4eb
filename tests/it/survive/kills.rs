//! kill -9 of the real server at random instants, under every kind of load at once. `OWNERLINE_KILLS` sets how
//! often (default 15; the long run is 200). `OWNERLINE_SEED` repeats a run as far as the machine's scheduler allows:
//!
//! ```sh
//! OWNERLINE_KILLS=200 cargo test --test it -- --nocapture kills::
//! ```

use std::process::Stdio;

use crate::load::{Load, Moment, instant, verified};
use crate::process::{Served, begin_to_serve};
use crate::support::{Dice, asked_for, seed};

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_touchpoints_survive_a_kill_once_and_nothing_else_appears() {
    let kills = asked_for("OWNERLINE_KILLS", 15);
    let seed = seed();
    let mut dice = Dice(seed);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let mut load = Load::new(seed);
    let served = Served::start(data);
    load.begin(&served.remote().await).await;
    served.kill();
    let mut opening = 0;
    for kill in 1..=kills {
        if dice.below(4) == 0 {
            opening += 1;
            kill_while_opening(data, &mut dice);
        }
        // The whole log costs more with every kill.
        let whole = kill % (kills / 10).max(5) == 0;
        if whole && dice.below(2) == 0 {
            verified(data);
        }
        let served = Served::start(data);
        let remote = served.remote().await;
        load.hold(&remote).await;
        if whole {
            load.hold_all(&remote).await;
            verified(data);
            eprintln!("kill {kill}: {}", load.told());
        }
        let moment = Moment::Any(instant(&mut dice));
        load.until(served, moment, Served::kill).await;
    }
    let served = Served::start(data);
    let remote = served.remote().await;
    load.hold(&remote).await;
    load.all_arrive(&remote).await;
    load.hold_all(&remote).await;
    let answers = load.answers(&remote).await;
    assert_eq!(served.terminate(), Some(0));
    verified(data);
    for derived in ["index", "views"] {
        std::fs::remove_dir_all(data.join(derived)).unwrap();
    }
    let served = Served::start(data);
    let rebuilt = load.answers(&served.remote().await).await;
    answers.equal(&rebuilt);
    assert_eq!(served.terminate(), Some(0));
    verified(data);
    eprintln!(
        "{}; {opening} more kills while it opened; {} timelines are equal after a rebuild",
        load.told(),
        rebuilt.timelines.len()
    );
}

/// A start that does not get far.
fn kill_while_opening(data: &std::path::Path, dice: &mut Dice) {
    let mut child = begin_to_serve(data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(instant(dice) / 4);
    child.kill().unwrap();
    child.wait().unwrap();
}
