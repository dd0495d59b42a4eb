//! What can be typed behind `proto`.

use std::path::PathBuf;

use clap::Subcommand;

/// What can be done with the contract.
#[derive(Debug, Subcommand)]
pub enum ProtoCommand {
    /// Write the .proto files that this program was built with
    #[command(
        long_about = "Writes the .proto files that this program was built with into a directory, under ownerline/v1.\n\
            Their comments are the reference of the API: shapes, units, bounds, errors. Reflection does\n\
            not carry them. They import nothing but google/protobuf, which every protoc brings along.",
        after_long_help = "Example:\n  \
            ownerline proto export ./proto\n  \
            protoc -I ./proto --python_out=. ./proto/ownerline/v1/*.proto"
    )]
    Export {
        /// Where to; made if it is not there
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
}
