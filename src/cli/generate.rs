//! `generate`: journeys of invented owners as CloudEvents lines.

use clap::Args;
use ownerline_generate::{Network, Settings};
use ownerline_proto::cloudevents::to_line;
use pbjson_types::Timestamp;

use super::error::CliError;
use super::exit_code::SUCCESS;
use super::output::Output;
use super::time;

/// The long help of `generate`.
pub(super) const ABOUT: &str = "Generates the journeys of invented owners and prints one CloudEvents line per touchpoint: dealers \
    with habits, orders, cars, visits, recurring faults, surveys and replies, cases and promises, \
    referrals, resales; and reports that are late, corrected, withdrawn or repeated.\n\n\
    The same arguments print the same bytes on every machine, and the journey of owner k does not \
    depend on the number of owners. Only one owner is in memory at a time. Ids contain the seed, so \
    journeys of several seeds fit into one log.";

/// The examples of `generate`.
pub(super) const EXAMPLES: &str = "Examples:\n  \
    ownerline generate --owners 1000 --seed 7 | ownerline import -\n  \
    ownerline generate --owners 20 --seed 1 --months 6 | jq -r .type | sort | uniq -c\n  \
    ownerline generate --owners 100000 --seed 7 --dealers 80 | gzip > journeys.ndjson.gz\n  \
    ownerline generate --owners 1000 --seed 7 | head -1000";

/// The arguments of `generate`.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// Number of owners, at most 1,000,000,000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=1_000_000_000))]
    pub owners: u64,
    /// Seed of the random numbers; another seed makes other owners
    #[arg(long, value_name = "S")]
    pub seed: u64,
    /// Length of the period in months, 1 to 600
    #[arg(long, value_name = "M", default_value_t = 18, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub months: u32,
    /// Number of dealers in the network, 1 to 1,000
    #[arg(long, value_name = "D", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub dealers: u32,
    /// End of the period: everything happens before it; years 1900 to 2199
    #[arg(long = "to", alias = "until", value_name = "TIME", default_value = "2026-01-01", value_parser = time::within_reach, allow_hyphen_values = true)]
    pub until: Timestamp,
}

pub(super) fn run(args: &GenerateArgs, output: &mut Output<'_>) -> Result<u8, CliError> {
    let network = Network::new(Settings {
        owners: args.owners,
        seed: args.seed,
        months: args.months,
        dealers: args.dealers,
        until: args.until.seconds,
    });
    for journey in network.journeys() {
        for touchpoint in &journey {
            let line = to_line(touchpoint)?;
            writeln!(output.out, "{line}").map_err(CliError::Output)?;
        }
    }
    Ok(SUCCESS)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};

    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, run};

    fn output<'a>(out: &'a mut (dyn Write + 'a), err: &'a mut Vec<u8>) -> Output<'a> {
        Output {
            out: Box::new(out),
            err: Box::new(err),
            width: 80,
            is_terminal: true,
        }
    }

    async fn printed(line: &str) -> String {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let cli = Cli::try_parse_from(line.split(' ')).unwrap();
        let code = run(cli, &mut output(&mut out, &mut err)).await;
        assert_eq!((code, &*err), (SUCCESS, &b""[..]));
        String::from_utf8(out).unwrap()
    }

    #[tokio::test]
    async fn the_same_arguments_print_the_same_bytes() {
        let line = "ownerline generate --owners 3 --seed 7";
        let all = printed(line).await;
        assert_eq!(
            all,
            printed(&format!("{line} --months 18 --dealers 12")).await
        );
        assert_eq!(all, printed(&format!("{line} --until 2026-01-01")).await);
        assert_ne!(all, printed("ownerline generate --owners 3 --seed 8").await);
        let fewer = printed("ownerline generate --owners 2 --seed 7").await;
        assert!(all.starts_with(&fewer) && all.len() > fewer.len());
    }

    /// A pipe whose reader goes away after some bytes.
    struct Pipe(usize);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self
                .0
                .checked_sub(bytes.len())
                .ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_reader_that_goes_away_ends_it_quietly() {
        let line = "ownerline generate --owners 1000000000 --seed 7";
        let cli = Cli::try_parse_from(line.split(' ')).unwrap();
        let (mut out, mut err) = (Pipe(50_000), Vec::new());
        let code = run(cli, &mut output(&mut out, &mut err)).await;
        assert_eq!((code, &*err), (SUCCESS, &b""[..]));
    }

    #[test]
    fn a_value_out_of_range_is_a_usage_error() {
        for wrong in [
            "--months 0",
            "--dealers 0",
            "--dealers 5000",
            "--until 1066-10-14",
            "--owners 2000000000",
        ] {
            let line = format!("ownerline generate --seed 1 --owners 1 {wrong}");
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{wrong}");
        }
    }
}
