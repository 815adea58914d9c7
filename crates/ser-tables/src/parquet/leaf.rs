//! Columns of a row group, taken a few rows at a time.

use std::sync::Arc;

use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::{
    ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type, Int64Type,
};
use ::parquet::errors::ParquetError;
use ::parquet::schema::types::ColumnDescriptor;

/// Texts or bytes.
pub(super) struct Bytes(Leaf<ByteArrayType>);

/// Numbers of any width.
pub(super) enum Numbers {
    Int32(Leaf<Int32Type>),
    Int64(Leaf<Int64Type>),
    Float(Leaf<FloatType>),
    Double(Leaf<DoubleType>),
}

/// Lists of samples. Whole numbers are of 16 bits, and divided by their full scale.
pub(super) struct Lists {
    numbers: Numbers,
    /// The definition level from which on there is an element, with a value or without.
    element: i16,
}

/// A column without lists, or the leaf of one with lists.
pub(super) struct Leaf<T: DataType> {
    reader: ColumnReaderImpl<T>,
    /// The definition level at which there is a value.
    there: i16,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    values: Vec<T::T>,
}

impl<T: DataType> Leaf<T> {
    fn new(reader: ColumnReaderImpl<T>, described: &ColumnDescriptor) -> Self {
        Self {
            reader,
            there: described.max_def_level(),
            definitions: Vec::new(),
            repetitions: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Reads the next rows into the buffers, and says how many there were.
    fn read(&mut self, count: usize, in_lists: bool) -> Result<usize, ParquetError> {
        self.definitions.clear();
        self.repetitions.clear();
        self.values.clear();
        let mut read = 0;
        while read < count {
            let (rows, _, _) = self.reader.read_records(
                count - read,
                (self.there > 0).then_some(&mut self.definitions),
                in_lists.then_some(&mut self.repetitions),
                &mut self.values,
            )?;
            if rows == 0 {
                break;
            }
            read += rows;
        }
        Ok(read)
    }

    /// The next rows of a column without lists.
    fn take<R>(
        &mut self,
        count: usize,
        of: impl Fn(T::T) -> R,
    ) -> Result<Vec<Option<R>>, ParquetError> {
        self.read(count, false)?;
        let there = self.there;
        let mut values = self.values.drain(..);
        Ok(match there {
            0 => values.map(|value| Some(of(value))).collect(),
            _ => {
                let levels = self.definitions.iter();
                levels
                    .map(|&level| (level == there).then(|| values.next().map(&of)).flatten())
                    .collect()
            }
        })
    }

    /// The next rows of a column of lists.
    fn take_lists(
        &mut self,
        count: usize,
        element: i16,
        of: impl Fn(T::T) -> f32,
    ) -> Result<Vec<Option<Vec<Option<f32>>>>, ParquetError> {
        self.read(count, true)?;
        let there = self.there;
        let mut values = self.values.drain(..);
        let mut lists: Vec<Option<Vec<Option<f32>>>> = Vec::new();
        for (&level, &repetition) in self.definitions.iter().zip(&self.repetitions) {
            if repetition == 0 {
                // One below the first element is an empty list, farther below none.
                lists.push((level + 1 >= element).then(Vec::new));
            }
            if level >= element
                && let Some(Some(list)) = lists.last_mut()
            {
                list.push((level == there).then(|| values.next().map(&of)).flatten());
            }
        }
        Ok(lists)
    }
}

impl Bytes {
    /// A column of texts or bytes.
    ///
    /// # Errors
    /// It is of another type than the schema says.
    pub fn new(reader: ColumnReader, described: &ColumnDescriptor) -> Result<Self, ParquetError> {
        match reader {
            ColumnReader::ByteArrayColumnReader(reader) => Ok(Self(Leaf::new(reader, described))),
            _ => Err(other_type()),
        }
    }

    /// The next rows.
    ///
    /// # Errors
    /// That the file is damaged.
    pub fn take(&mut self, count: usize) -> Result<Vec<Option<Arc<[u8]>>>, ParquetError> {
        self.0
            .take(count, |bytes: ByteArray| Arc::from(bytes.data()))
    }
}

impl Numbers {
    /// A column of numbers, or the elements of lists.
    ///
    /// # Errors
    /// It is of another type than the schema says.
    pub fn new(reader: ColumnReader, described: &ColumnDescriptor) -> Result<Self, ParquetError> {
        Ok(match reader {
            ColumnReader::Int32ColumnReader(reader) => Self::Int32(Leaf::new(reader, described)),
            ColumnReader::Int64ColumnReader(reader) => Self::Int64(Leaf::new(reader, described)),
            ColumnReader::FloatColumnReader(reader) => Self::Float(Leaf::new(reader, described)),
            ColumnReader::DoubleColumnReader(reader) => Self::Double(Leaf::new(reader, described)),
            _ => return Err(other_type()),
        })
    }

    /// The next rows.
    ///
    /// # Errors
    /// That the file is damaged.
    pub fn take(&mut self, count: usize) -> Result<Vec<Option<f64>>, ParquetError> {
        match self {
            Self::Int32(leaf) => leaf.take(count, f64::from),
            Self::Int64(leaf) => leaf.take(count, |value| value as f64),
            Self::Float(leaf) => leaf.take(count, f64::from),
            Self::Double(leaf) => leaf.take(count, |value| value),
        }
    }
}

impl Lists {
    /// A column of lists.
    ///
    /// # Errors
    /// It is of another type than the schema says.
    pub fn new(reader: ColumnReader, described: &ColumnDescriptor) -> Result<Self, ParquetError> {
        let may_miss = described.self_type().is_optional();
        Ok(Self {
            numbers: Numbers::new(reader, described)?,
            element: described.max_def_level() - i16::from(may_miss),
        })
    }

    /// The next rows.
    ///
    /// # Errors
    /// That the file is damaged.
    pub fn take(&mut self, count: usize) -> Result<Vec<Option<Vec<Option<f32>>>>, ParquetError> {
        const FULL_SCALE: f32 = 32767.0;
        let element = self.element;
        match &mut self.numbers {
            Numbers::Int32(leaf) => {
                leaf.take_lists(count, element, |value| value as f32 / FULL_SCALE)
            }
            Numbers::Int64(_) => Err(other_type()),
            Numbers::Float(leaf) => leaf.take_lists(count, element, |value| value),
            Numbers::Double(leaf) => leaf.take_lists(count, element, |value| value as f32),
        }
    }
}

fn other_type() -> ParquetError {
    ParquetError::General("a column is of another type".to_owned())
}
