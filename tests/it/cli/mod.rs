//! The command line as a whole: everyday use, formats, the commands of the documentation, `bench`.

mod bench;
mod documented;
mod everyday;
mod formats;
