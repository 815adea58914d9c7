//! Columns of a row group on their way into a Parquet file, without Arrow.

use std::io::Write;

use ::parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};

/// Values of a column, some of which may be missing.
#[derive(Debug)]
pub struct Values<T> {
    present: Vec<T>,
    /// 1 where there is a value, 0 where there is none (the definition level).
    levels: Vec<i16>,
}

impl<T> Values<T> {
    /// Appends one.
    pub fn push(&mut self, value: Option<T>) {
        self.levels.push(i16::from(value.is_some()));
        self.present.extend(value);
    }

    fn clear(&mut self) {
        self.present.clear();
        self.levels.clear();
    }
}

impl<T> Default for Values<T> {
    fn default() -> Self {
        Self {
            present: Vec::new(),
            levels: Vec::new(),
        }
    }
}

impl<T> FromIterator<Option<T>> for Values<T> {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(values: I) -> Self {
        let mut all = Self::default();
        values.into_iter().for_each(|value| all.push(value));
        all
    }
}

/// One column of a row group.
#[derive(Debug)]
pub enum Column {
    /// UTF-8.
    Text(Values<ByteArray>),
    /// Whole numbers.
    Integer(Values<i64>),
    /// Numbers of 64 bits.
    Number(Values<f64>),
    /// Numbers of 32 bits, none missing.
    Feature(Vec<f32>),
}

impl Column {
    /// Forgets the values and keeps the room for them.
    pub(super) fn clear(&mut self) {
        match self {
            Self::Text(values) => values.clear(),
            Self::Integer(values) => values.clear(),
            Self::Number(values) => values.clear(),
            Self::Feature(values) => values.clear(),
        }
    }

    fn write(&self, target: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        match self {
            Self::Text(values) => write::<ByteArrayType>(target, values),
            Self::Integer(values) => write::<Int64Type>(target, values),
            Self::Number(values) => write::<DoubleType>(target, values),
            Self::Feature(values) => target
                .typed::<FloatType>()
                .write_batch(values, None, None)
                .map(drop),
        }
    }
}

fn write<T: DataType>(
    target: &mut SerializedColumnWriter<'_>,
    values: &Values<T::T>,
) -> Result<(), ParquetError> {
    let target = target.typed::<T>();
    let may_miss = target.get_descriptor().max_def_level() > 0;
    let levels = may_miss.then_some(&values.levels[..]);
    target.write_batch(&values.present, levels, None).map(drop)
}

/// Writes a row group: the columns in the order of the file's schema.
///
/// # Errors
/// What the target says, or that the columns are not those of the schema.
pub fn write_group(
    writer: &mut SerializedFileWriter<impl Write + Send>,
    columns: &[Column],
) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    let mut columns = columns.iter();
    while let Some(mut target) = group.next_column()? {
        let missing = || ParquetError::General("a column is missing".to_owned());
        columns.next().ok_or_else(missing)?.write(&mut target)?;
        target.close()?;
    }
    group.close().map(drop)
}
