//! Loads the layers in order, and collects all errors.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::error::{ConfigError, ConfigErrors};
use super::key::{Key, Raw};
use super::names::{self, Variable};
use super::rules;
use super::sections::Config;
use super::source::Source;

/// A file larger than this is not a configuration.
const FILE_BYTES: u64 = 1 << 20;

impl Config {
    /// Loads the layers, each over the one before: defaults, file, environment, and the overrides
    /// (`section.key`, value) from flags.
    ///
    /// # Errors
    /// All errors of all layers, even in values that a later layer replaces.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, OsString)>,
        overrides: &[(&str, OsString)],
    ) -> Result<Self, ConfigErrors> {
        let mut loading = Loading::default();
        if let Some(path) = file {
            loading.file(path);
        }
        loading.environment(environment);
        loading.overrides(overrides);
        loading.finish()
    }

    /// The environment variables that may be configuration, for [`load`](Self::load). Invalid Unicode in a name becomes
    /// replacement characters, so that the variable is refused by name; a value stays as it is, because a path may
    /// hold anything.
    pub fn environment() -> impl Iterator<Item = (String, OsString)> {
        std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
            .filter(|(name, _)| name.starts_with(names::PREFIX))
    }
}

/// The configuration and the errors so far.
#[derive(Default)]
pub(super) struct Loading {
    config: Config,
    errors: Vec<ConfigError>,
    wrong: Vec<String>,
}

impl Loading {
    /// Reads the file.
    pub(super) fn file(&mut self, path: &Path) {
        match read(path) {
            Ok(text) => self.text(path, &text),
            Err(source) => self.errors.push(ConfigError::Unreadable {
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Reads the text of the file, including the parts around syntax errors.
    fn text(&mut self, path: &Path, text: &str) {
        let (document, syntax) = DeTable::parse_recoverable(text);
        // The parser may find several errors in one line, of which the first is the cause.
        let mut broken = BTreeMap::new();
        for error in syntax {
            let start = error.span().unwrap_or_default().start;
            let message = error.message().to_owned();
            broken.entry(line_of(text, start)).or_insert(message);
        }
        let file = File { path, text };
        for (section, value) in in_order(document.get_ref()) {
            self.section(&file, section, value, |line| broken.contains_key(&line));
        }
        for (line, message) in broken {
            let path = path.to_owned();
            let origin = Source::File { path, line };
            self.errors.push(ConfigError::Syntax { origin, message });
        }
    }

    fn section(
        &mut self,
        file: &File<'_>,
        section: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        is_broken: impl Fn(usize) -> bool,
    ) {
        let name: &str = section.get_ref();
        match value.get_ref() {
            _ if !names::is_section(name) => self.errors.push(ConfigError::Unknown {
                key: name.to_owned(),
                origin: file.source(section.span()),
                nearest: names::nearest_section(name).or_else(|| names::nearest_key(name)),
            }),
            DeValue::Table(table) => {
                for (key, value) in in_order(table) {
                    // The parser's recovery of a broken line is not what the file says.
                    if is_broken(line_of(file.text, key.span().start)) {
                        continue;
                    }
                    let path = format!("{name}.{}", key.get_ref());
                    let given = file.text_at(value.span());
                    self.file_value(path, value.get_ref(), given, file.source(key.span()));
                }
            }
            _ => self.errors.push(ConfigError::Invalid {
                key: name.to_owned(),
                origin: file.source(section.span()),
                given: file.text_at(value.span()),
                expected: "a section of keys".to_owned(),
            }),
        }
    }

    fn file_value(&mut self, path: String, value: &DeValue<'_>, given: String, origin: Source) {
        let Some(key) = names::key(&path) else {
            return self.unknown(path, origin);
        };
        let raw = match value {
            DeValue::String(text) => Raw {
                text: text.as_ref().into(),
                integer: false,
            },
            DeValue::Integer(number) if number.radix() == 10 => Raw {
                text: number.as_str().into(),
                integer: true,
            },
            DeValue::Boolean(value) if key.is_boolean() => Raw::text(value.to_string()),
            _ => return self.invalid(path, origin, given, key.expected()),
        };
        self.set(key, &raw, origin);
    }

    /// Reads the environment variables, and ignores those that are not configuration. An empty one counts as unset:
    /// tools that fill in templates cannot leave a variable out.
    pub(super) fn environment(&mut self, variables: impl IntoIterator<Item = (String, OsString)>) {
        let variables = variables.into_iter();
        // An environment has no stable order, but the errors should.
        let mut variables: Vec<_> = variables.filter(|(_, text)| !text.is_empty()).collect();
        variables.sort();
        for (variable, text) in variables {
            let origin = Source::Environment {
                variable: variable.clone(),
            };
            match names::variable(&variable, &text.to_string_lossy()) {
                Variable::Key(key) => self.set(key, &Raw::text(text), origin),
                Variable::Unknown(nearest) => self.errors.push(ConfigError::Unknown {
                    key: variable,
                    origin,
                    nearest,
                }),
                Variable::Foreign => {}
            }
        }
    }

    /// Reads the overrides from flags.
    pub(super) fn overrides(&mut self, overrides: &[(&str, OsString)]) {
        for (path, text) in overrides {
            match names::key(path) {
                Some(key) => self.set(key, &Raw::text(text.clone()), Source::Flag),
                None => self.unknown((*path).to_owned(), Source::Flag),
            }
        }
    }

    /// Returns the configuration, if there were no errors and its values are consistent.
    pub(super) fn finish(mut self) -> Result<Config, ConfigErrors> {
        self.errors.extend(rules::broken(&self.config, &self.wrong));
        if self.errors.is_empty() {
            Ok(self.config)
        } else {
            Err(ConfigErrors(self.errors))
        }
    }

    fn set(&mut self, key: &dyn Key<Config>, raw: &Raw, origin: Source) {
        let path = key.name().path();
        match key.set(&mut self.config, raw) {
            Ok(()) => self.config.sources.set(path, origin),
            Err(expected) => {
                let given = if raw.integer {
                    raw.text.to_string_lossy().into_owned()
                } else {
                    format!("{:?}", raw.text)
                };
                self.invalid(path, origin, given, expected);
            }
        }
    }

    fn invalid(&mut self, key: String, origin: Source, given: String, expected: String) {
        self.wrong.push(key.clone());
        self.errors.push(ConfigError::Invalid {
            key,
            origin,
            given,
            expected,
        });
    }

    fn unknown(&mut self, key: String, origin: Source) {
        let nearest = names::nearest_key(&key);
        self.errors.push(ConfigError::Unknown {
            key,
            origin,
            nearest,
        });
    }
}

/// The path of the file as given, and its text.
struct File<'f> {
    path: &'f Path,
    text: &'f str,
}

impl File<'_> {
    fn source(&self, span: Range<usize>) -> Source {
        Source::File {
            path: self.path.to_owned(),
            line: line_of(self.text, span.start),
        }
    }

    fn text_at(&self, span: Range<usize>) -> String {
        self.text.get(span).unwrap_or_default().to_owned()
    }
}

fn read(path: &Path) -> std::io::Result<String> {
    let bytes = std::fs::metadata(path)?.len();
    if bytes > FILE_BYTES {
        return Err(std::io::Error::new(
            std::io::ErrorKind::FileTooLarge,
            format!("{bytes} bytes, at most {FILE_BYTES} expected"),
        ));
    }
    std::fs::read_to_string(path)
}

/// The entries of a table, in the order of the file.
fn in_order<'t, 'i>(
    table: &'t DeTable<'i>,
) -> Vec<(&'t Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// The line of a byte of the text, counted from 1.
fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    1 + before.filter(|byte| **byte == b'\n').count()
}
