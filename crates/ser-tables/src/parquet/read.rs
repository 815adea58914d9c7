//! Parquet as cells, of whatever type pandas, polars or Spark gave them.

use std::fs::File;

use ::parquet::basic::{ConvertedType, LogicalType, Type};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::{ByteArray, DataType};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::schema::types::ColumnDescriptor;

use super::arrow_schema;
use crate::cell::Cell;
use crate::encoding::clean;

/// A Parquet file, read whole.
#[derive(Debug)]
pub(crate) struct Stored {
    /// The names of the columns; a nested column is one.
    pub names: Vec<String>,
    /// Metadata of the file.
    pub facts: Vec<(String, String)>,
    /// How many rows there are.
    pub rows: usize,
    columns: Vec<Column>,
}

/// Values of a column, and for columns with gaps where the value of each row is.
#[derive(Debug)]
struct Values<T> {
    values: Vec<T>,
    /// Per row 0 for a gap, otherwise one more than the place of its value; empty if the column has no gaps.
    places: Vec<usize>,
}

#[derive(Debug)]
enum Column {
    Text(Values<ByteArray>),
    Truth(Values<bool>),
    Integer(Values<i64>),
    Unsigned(Values<i64>),
    /// With the nanoseconds of a unit.
    Time(Values<i64>, i64),
    Float(Values<f32>),
    Double(Values<f64>),
    /// Of a type that means nothing here.
    Other(String),
}

impl Stored {
    /// Reads a file.
    ///
    /// # Errors
    /// That it is damaged, or compressed by what this build cannot read.
    pub fn open(file: File) -> Result<Stored, ParquetError> {
        let reader = SerializedFileReader::new(file)?;
        let metadata = reader.metadata().file_metadata();
        let facts = metadata.key_value_metadata().into_iter().flatten();
        let facts: Vec<(String, String)> = facts
            .filter_map(|fact| Some((fact.key.clone(), fact.value.clone()?)))
            .collect();
        let schema = facts.iter().find(|(key, _)| key == arrow_schema::KEY);
        let durations = schema.map(|(_, text)| arrow_schema::durations(text));
        let durations = durations.unwrap_or_default();
        let described = metadata.schema_descr();
        let (mut names, mut columns) = (Vec::new(), Vec::new());
        for (root, field) in described.root_schema().get_fields().iter().enumerate() {
            let leaf = (0..described.num_columns())
                .find(|&leaf| described.get_column_root_idx(leaf) == root);
            let column = match leaf {
                Some(leaf) if field.is_primitive() => column(
                    &reader,
                    leaf,
                    &described.column(leaf),
                    durations.get(field.name()).copied(),
                )?,
                _ => Column::Other("a nested type".to_owned()),
            };
            names.push(clean(field.name()).to_owned());
            columns.push(column);
        }
        // No more than there are values of: a damaged file may claim any number.
        let longest = columns.iter().filter_map(Column::rows).max().unwrap_or(0);
        let rows = usize::try_from(metadata.num_rows()).map_or(0, |rows| rows.min(longest));
        Ok(Stored {
            names,
            facts,
            rows,
            columns,
        })
    }

    /// The cells of a row.
    pub fn row(&self, row: usize) -> Vec<Cell<'_>> {
        self.columns.iter().map(|column| column.cell(row)).collect()
    }
}

/// Reads the column of a leaf through all row groups.
fn column(
    reader: &SerializedFileReader<File>,
    leaf: usize,
    described: &ColumnDescriptor,
    duration: Option<i64>,
) -> Result<Column, ParquetError> {
    let logical = described.logical_type_ref();
    let converted = described.converted_type();
    let text = matches!(
        logical,
        Some(LogicalType::String | LogicalType::Enum | LogicalType::Json)
    ) || matches!(
        converted,
        ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON
    );
    let unsigned = matches!(
        converted,
        ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64
    );
    let signed = matches!(
        converted,
        ConvertedType::NONE
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64
    );
    let plain = logical.is_none() && converted == ConvertedType::NONE;
    let number =
        unsigned || (signed && (plain || matches!(logical, Some(LogicalType::Integer(_)))));
    macro_rules! read {
        ($variant:ident) => {
            values(reader, leaf, described, |column| match column {
                ColumnReader::$variant(column) => Some(column),
                _ => None,
            })?
        };
    }
    Ok(match described.physical_type() {
        Type::BOOLEAN => Column::Truth(read!(BoolColumnReader)),
        Type::FLOAT => Column::Float(read!(FloatColumnReader)),
        Type::DOUBLE => Column::Double(read!(DoubleColumnReader)),
        Type::BYTE_ARRAY if text => Column::Text(read!(ByteArrayColumnReader)),
        Type::INT64 if duration.is_some() => {
            Column::Time(read!(Int64ColumnReader), duration.unwrap_or(1))
        }
        Type::INT64 if number && unsigned => Column::Unsigned(read!(Int64ColumnReader)),
        Type::INT64 if number => Column::Integer(read!(Int64ColumnReader)),
        Type::INT32 if number => {
            let found = read!(Int32ColumnReader);
            let widen = |value: i32| match unsigned {
                true => i64::from(value as u32),
                false => i64::from(value),
            };
            Column::Integer(Values {
                values: found.values.into_iter().map(widen).collect(),
                places: found.places,
            })
        }
        other => Column::Other(match logical {
            Some(logical) => format!("the type {logical:?}"),
            None => format!("the type {other}"),
        }),
    })
}

/// The values of a leaf through all row groups.
fn values<T: DataType>(
    reader: &SerializedFileReader<File>,
    leaf: usize,
    described: &ColumnDescriptor,
    typed: impl Fn(ColumnReader) -> Option<ColumnReaderImpl<T>>,
) -> Result<Values<T::T>, ParquetError> {
    let there = described.max_def_level();
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        let wrong = || ParquetError::General("a column is of another type".to_owned());
        let mut column = typed(group.get_column_reader(leaf)?).ok_or_else(wrong)?;
        loop {
            // Small steps, so that a group which claims more rows than it has costs nothing.
            const STEP: usize = 1 << 16;
            let levels = (there > 0).then_some(&mut levels);
            if column.read_records(STEP, levels, None, &mut values)?.0 == 0 {
                break;
            }
        }
    }
    let mut found = 0;
    let places = levels.into_iter().map(|level| {
        let here = level == there;
        found += usize::from(here);
        if here { found } else { 0 }
    });
    let mut places: Vec<usize> = places.collect();
    if places.len() == values.len() {
        places = Vec::new();
    }
    Ok(Values { values, places })
}

impl<T> Values<T> {
    fn rows(&self) -> usize {
        self.places.len().max(self.values.len())
    }

    fn get(&self, row: usize) -> Option<&T> {
        if self.places.is_empty() {
            return self.values.get(row);
        }
        self.values.get(self.places.get(row)?.checked_sub(1)?)
    }
}

impl Column {
    /// How many rows were read; `None` of what was not.
    fn rows(&self) -> Option<usize> {
        Some(match self {
            Column::Text(values) => values.rows(),
            Column::Truth(values) => values.rows(),
            Column::Integer(values) | Column::Unsigned(values) | Column::Time(values, _) => {
                values.rows()
            }
            Column::Float(values) => values.rows(),
            Column::Double(values) => values.rows(),
            Column::Other(_) => return None,
        })
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        let found = match self {
            Column::Text(values) => values.get(row).and_then(|value| {
                let text = String::from_utf8_lossy(value.data());
                let cleaned = clean(&text);
                (!cleaned.is_empty()).then(|| Cell::Text(cleaned.to_owned().into()))
            }),
            Column::Truth(values) => values
                .get(row)
                .map(|&value| Cell::Text(if value { "true" } else { "false" }.into())),
            Column::Integer(values) => values.get(row).map(|&value| Cell::Number(value as f64)),
            Column::Unsigned(values) => values
                .get(row)
                .map(|&value| Cell::Number(value as u64 as f64)),
            Column::Time(values, unit) => values
                .get(row)
                .map(|value| Cell::Nanoseconds(value.saturating_mul(*unit))),
            Column::Float(values) => values.get(row).map(|&value| Cell::Number(value.into())),
            Column::Double(values) => values.get(row).map(|&value| Cell::Number(value)),
            Column::Other(kind) => Some(Cell::Text(format!("a value of {kind}").into())),
        };
        found.unwrap_or(Cell::Missing)
    }
}
