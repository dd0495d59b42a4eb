//! Commands that print what is built into the program: the API contract, completions, manual pages, the version.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use clap_complete::Shell;
use ownerline_proto::SOURCES;

use super::error::CliError;
use super::exit_code::SUCCESS;
use super::output::Output;
use super::report::FormatArgs;

/// The name of the program.
const NAME: &str = "ownerline";

/// The subcommands of `proto`.
#[derive(Debug, Subcommand)]
pub enum ProtoCommand {
    /// Write the .proto files that this program was built with
    #[command(
        long_about = "Writes the .proto files that this program was built with into a directory, under ownerline/v1. \
            Their comments are the reference of the API: shapes, units, bounds, errors. Reflection does \
            not carry them. They import only google/protobuf, which every protoc includes.",
        after_long_help = "Example:\n  \
            ownerline proto export ./proto\n  \
            protoc -I ./proto --python_out=. ./proto/ownerline/v1/*.proto"
    )]
    Export {
        /// The directory to write to; created if it does not exist
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
}

/// The arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// The arguments of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The directory to write to; created if it does not exist
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
}

/// The arguments of `version`.
#[derive(Debug, Args)]
pub struct VersionArgs {
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// Writes the .proto files of this build.
pub(super) fn proto(command: &ProtoCommand, output: &mut Output<'_>) -> Result<u8, CliError> {
    let ProtoCommand::Export { directory } = command;
    for (name, text) in SOURCES {
        let path = directory.join(name);
        create(path.parent().unwrap_or(directory))?;
        fs::write(&path, text).map_err(|source| CliError::File {
            action: "write",
            path,
            source,
        })?;
    }
    output.write(&format!(
        "{} files written to {}.\n",
        SOURCES.len(),
        directory.join("ownerline/v1").display()
    ))?;
    Ok(SUCCESS)
}

/// Prints completions for a shell.
pub(super) fn completions(
    mut definition: clap::Command,
    shell: Shell,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut definition, NAME, &mut script);
    output.out.write_all(&script).map_err(CliError::Output)?;
    Ok(SUCCESS)
}

/// Writes one manual page per command.
pub(super) fn man(
    definition: clap::Command,
    directory: &Path,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    create(directory)?;
    clap_mangen::generate_to(definition, directory).map_err(|source| CliError::File {
        action: "write manual pages into",
        path: directory.to_owned(),
        source,
    })?;
    output.write(&format!(
        "Manual pages written to {}.\n",
        directory.display()
    ))?;
    Ok(SUCCESS)
}

/// Prints the version, commit and profile of this build.
pub(super) fn version(format: FormatArgs, output: &mut Output<'_>) -> Result<u8, CliError> {
    let version = env!("CARGO_PKG_VERSION");
    let commit = Some(env!("OWNERLINE_COMMIT_OF_BUILD")).filter(|it| !it.is_empty());
    let profile = match cfg!(debug_assertions) {
        true => "debug",
        false => "release",
    };
    let answer = serde_json::json!({
        "version": version,
        "commit": commit,
        "profile": profile,
    });
    let text = format!(
        "{NAME} {version}, commit {}, {profile} build\n",
        commit.unwrap_or("unknown")
    );
    output.own_answer(&answer, format, text)
}

fn create(directory: &Path) -> Result<(), CliError> {
    fs::create_dir_all(directory).map_err(|source| CliError::File {
        action: "create",
        path: directory.to_owned(),
        source,
    })
}
