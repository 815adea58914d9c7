//! The formats of tables as values of `--format`.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use ser_tables::Format;

/// Reads a format by its name; the help lists all of them.
pub fn format_parser() -> impl TypedValueParser<Value = Format> {
    let values = Format::ALL.map(|(format, help)| PossibleValue::new(format.name()).help(help));
    PossibleValuesParser::new(values).map(|name| {
        let named = Format::ALL
            .into_iter()
            .find(|(format, _)| format.name() == name);
        named.map_or_else(Format::default, |(format, _)| format)
    })
}
