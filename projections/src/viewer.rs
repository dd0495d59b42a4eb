//! Who asks: every query takes a viewer, so that none can forget to.

/// Who asks a question, and what they may see.
///
/// Every query checks scope, sort and filter fields against its viewer before it reads; redaction at
/// the wire is the second net. Until identities exist there is one viewer. A role with its scope and
/// the date of its visibility policy becomes a variant here, and every query has to decide about it,
/// because they match exhaustively.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    /// Sees everything.
    Unrestricted,
}
