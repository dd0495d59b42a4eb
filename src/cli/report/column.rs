//! A table: what each column shows people, and which fields it holds for programs.

use super::value::Value;
use crate::cli::terminal_text::one_line;

/// The default of [`Column::folds`].
const FOLDS: u8 = 1;

type Get<'a, R> = Box<dyn Fn(&R) -> Value + 'a>;
type Show<'a, R> = Box<dyn Fn(&R) -> String + 'a>;

/// One column of a table of rows `R`.
pub(in crate::cli) struct Column<'a, R> {
    head: Head,
    show: Option<Show<'a, R>>,
    fields: Vec<(&'static str, Get<'a, R>)>,
}

/// The heading of a column, and how its cells are laid out.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// Empty for a column that only programs see.
    pub(super) heading: String,
    pub(super) wraps: bool,
    pub(super) right: Option<bool>,
    pub(super) folds: u8,
}

impl<'a, R> Column<'a, R> {
    /// Creates a column of one field; people see its value.
    pub(in crate::cli) fn of(
        heading: &str,
        field: &'static str,
        value: impl Fn(&R) -> Value + 'a,
    ) -> Self {
        Self {
            head: Head::new(heading),
            show: None,
            fields: vec![(field, Box::new(value))],
        }
    }

    /// Creates a column whose cells are written for people; [`Self::field`] adds its fields.
    pub(in crate::cli) fn shown(heading: &str, show: impl Fn(&R) -> String + 'a) -> Self {
        Self {
            head: Head::new(heading),
            show: Some(Box::new(show)),
            fields: Vec::new(),
        }
    }

    /// Creates a column of one field that only programs see.
    pub(in crate::cli) fn hidden(field: &'static str, value: impl Fn(&R) -> Value + 'a) -> Self {
        Self::of("", field, value)
    }

    /// Adds a field for programs.
    pub(in crate::cli) fn field(
        mut self,
        field: &'static str,
        value: impl Fn(&R) -> Value + 'a,
    ) -> Self {
        self.fields.push((field, Box::new(value)));
        self
    }

    /// Lets cells break between words.
    pub(in crate::cli) fn wraps(mut self) -> Self {
        self.head.wraps = true;
        self
    }

    /// Aligns cells to the right; cells of numbers always are.
    pub(in crate::cli) fn right(mut self) -> Self {
        self.head.right = Some(true);
        self
    }

    /// Sets how early the column is folded under its row where lines are too short: columns with the greatest number go
    /// first, from the right. The default is 1.
    pub(in crate::cli) fn folds(mut self, folds: u8) -> Self {
        self.head.folds = folds;
        self
    }
}

impl Head {
    fn new(heading: &str) -> Self {
        Self {
            heading: heading.to_owned(),
            wraps: false,
            right: None,
            folds: FOLDS,
        }
    }
}

/// Rows of typed cells.
#[derive(Debug)]
pub(in crate::cli) struct Table {
    pub(super) heads: Vec<Head>,
    /// The names of all fields, in order.
    pub(super) fields: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// Rows of totals at the end.
    pub(super) totals: usize,
}

#[derive(Debug)]
pub(super) struct Row {
    /// One cell per column.
    pub(super) shown: Vec<String>,
    /// One value per field.
    pub(super) values: Vec<Value>,
}

/// The field that distinguishes the total from the groups.
const ROW_KIND: &str = "row";

impl Table {
    /// Creates the table of these rows.
    pub(in crate::cli) fn new<'r, R: 'r>(
        columns: &[Column<'_, R>],
        rows: impl IntoIterator<Item = &'r R>,
    ) -> Self {
        let rows: Vec<Row> = rows.into_iter().map(|row| Row::of(columns, row)).collect();
        let mut heads: Vec<Head> = columns.iter().map(|column| column.head.clone()).collect();
        for (index, head) in heads.iter_mut().enumerate() {
            let numeric = rows.iter().any(|row| row.is_number(columns, index));
            head.right = head.right.or(Some(numeric));
        }
        Self {
            heads,
            fields: columns
                .iter()
                .flat_map(|column| column.fields.iter().map(|(name, _)| (*name).to_owned()))
                .collect(),
            rows,
            totals: 0,
        }
    }

    /// Creates a table with one row, which only programs see, from a JSON object.
    pub(super) fn of_object(object: &serde_json::Value) -> Self {
        let members = object.as_object().into_iter().flatten();
        let (fields, values) = members
            .map(|(name, value)| (name.clone(), Value::of_json(value)))
            .unzip();
        let shown = Vec::new();
        Self {
            heads: Vec::new(),
            fields,
            rows: vec![Row { shown, values }],
            totals: 0,
        }
    }

    /// Adds the total below the groups. A first field in every row then says which row it is.
    pub(in crate::cli) fn with_total<R>(mut self, columns: &[Column<'_, R>], total: &R) -> Self {
        self.rows.push(Row::of(columns, total));
        self.totals = 1;
        self.fields.insert(0, ROW_KIND.to_owned());
        let groups = self.rows.len() - 1;
        for (index, row) in self.rows.iter_mut().enumerate() {
            let kind = if index < groups { "group" } else { "total" };
            row.values.insert(0, kind.into());
        }
        self
    }
}

impl Row {
    fn of<R>(columns: &[Column<'_, R>], row: &R) -> Self {
        let mut shown = Vec::new();
        let mut values = Vec::new();
        for column in columns {
            let own: Vec<Value> = column.fields.iter().map(|(_, get)| get(row)).collect();
            shown.push(match (&column.show, own.first()) {
                (Some(show), _) => one_line(&show(row)),
                (None, Some(value)) => value.shown(),
                (None, None) => String::new(),
            });
            values.extend(own);
        }
        Self { shown, values }
    }

    /// Whether the cell of a column is a plain number.
    fn is_number<R>(&self, columns: &[Column<'_, R>], index: usize) -> bool {
        let before: usize = columns.iter().take(index).map(|it| it.fields.len()).sum();
        columns
            .get(index)
            .is_some_and(|column| column.show.is_none())
            && self.values.get(before).is_some_and(Value::is_number)
    }
}
