//! The dimensions by which a command groups, declared once per command.

/// Declares `GroupBy`: the values of a flag `--group-by`, the heading of the column of each, and its value in the contract.
macro_rules! group_by {
    ($wire:ty; $($(#[$about:meta])* $dimension:ident: $heading:literal,)+) => {
        /// A dimension to group by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
        pub enum GroupBy {
            $($(#[$about])* $dimension,)+
        }

        impl GroupBy {
            /// The heading of its column.
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$dimension => $heading,)+
                }
            }
        }

        impl From<GroupBy> for $wire {
            fn from(group_by: GroupBy) -> Self {
                match group_by {
                    $(GroupBy::$dimension => Self::$dimension,)+
                }
            }
        }
    };
}
pub(super) use group_by;
