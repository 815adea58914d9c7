//! Apache Parquet: `file` text, `start` and `end` in seconds (`double`), features `float`, `label` text or null.
//!
//! Each field carries its unit, group and meaning as metadata; the file carries set, level, version, settings and their
//! fingerprint. Rows leave in groups of a fixed number, so memory stays flat however long the table is, and the bytes do not
//! depend on how the rows arrived. Floats are split into planes of bytes before compression (`BYTE_STREAM_SPLIT`), which is
//! worth more than the choice of codec: see `docs/formats.md` for the measurement.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, Encoding};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::schema::types::ColumnPath;
use arrow_array::builder::{Float32Builder, Float64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema as ArrowSchema};

use super::{IDENTITY, LABEL, Schema, TableWriter};
use ser_features::feature::{Features, Row};

/// Rows of a row group: 23 MB of functionals, 7 MB of descriptors.
const GROUP_ROWS: usize = 65_536;

/// Rows that are handed over at a time.
const BATCH_ROWS: usize = 2_048;

/// Zstandard at its lowest level: on descriptors of Emo-DB a tenth smaller than Snappy at the same speed; higher levels gain
/// little on floats.
fn compression() -> Compression {
    #[cfg(feature = "zstd")]
    return Compression::ZSTD(::parquet::basic::ZstdLevel::default());
    #[cfg(not(feature = "zstd"))]
    Compression::SNAPPY
}

/// The Arrow schema of a table.
pub fn arrow_schema(schema: &Schema) -> ArrowSchema {
    let [file, start, end] = IDENTITY;
    let second = || HashMap::from([("unit".to_owned(), "s".to_owned())]);
    let mut fields = vec![
        Field::new(file, DataType::Utf8, false),
        Field::new(start, DataType::Float64, false).with_metadata(second()),
        Field::new(end, DataType::Float64, false).with_metadata(second()),
    ];
    fields.extend(schema.features().iter().map(|column| {
        Field::new(column.name, DataType::Float32, false).with_metadata(HashMap::from([
            ("unit".to_owned(), column.unit.to_owned()),
            ("group".to_owned(), column.group.name().to_owned()),
            ("meaning".to_owned(), column.meaning.clone()),
        ]))
    }));
    if schema.classes.is_some() {
        fields.push(Field::new(LABEL, DataType::Utf8, true));
    }
    ArrowSchema::new(fields).with_metadata(schema.facts.iter().cloned().collect::<HashMap<_, _>>())
}

/// Features as an Arrow record batch: `file`, `start`, `end`, then the columns of the set, with units, groups and meanings in the
/// metadata of the fields.
///
/// ```
/// use ser_features::{Extractor, FeatureSet, Level};
/// use ser_tables::parquet::record_batch;
///
/// let mut extractor = Extractor::new(FeatureSet::EGeMapsV02, 16_000, Level::Descriptors)?;
/// extractor.push(&[0.0; 16_000])?;
/// let batch = record_batch(&extractor.finish()?, "silence.wav");
/// assert_eq!((batch.num_rows(), batch.num_columns()), (96, 3 + 25));
/// assert_eq!(batch.schema().field(3).metadata()["unit"], "loudness");
/// # Ok::<(), ser_features::Error>(())
/// ```
pub fn record_batch(features: &Features, file: &str) -> RecordBatch {
    let mut batch = Batch::new(&Schema::new(features.set(), features.level()));
    features.rows().for_each(|row| batch.push(file, None, &row));
    batch.take()
}

/// Rows on their way into a record batch.
pub struct Batch {
    schema: Arc<ArrowSchema>,
    files: StringBuilder,
    starts: Float64Builder,
    ends: Float64Builder,
    columns: Vec<Float32Builder>,
    labels: Option<StringBuilder>,
    rows: usize,
}

impl Batch {
    /// A batch without rows.
    pub fn new(schema: &Schema) -> Self {
        Self {
            schema: Arc::new(arrow_schema(schema)),
            files: StringBuilder::new(),
            starts: Float64Builder::new(),
            ends: Float64Builder::new(),
            columns: schema
                .features()
                .iter()
                .map(|_| Float32Builder::new())
                .collect(),
            labels: schema.classes.as_ref().map(|_| StringBuilder::new()),
            rows: 0,
        }
    }

    /// Appends a row.
    pub fn push(&mut self, file: &str, label: Option<&str>, row: &Row<'_>) {
        self.files.append_value(file);
        self.starts.append_value(row.start_s);
        self.ends.append_value(row.end_s);
        for (column, &value) in self.columns.iter_mut().zip(row.values) {
            column.append_value(value);
        }
        if let Some(labels) = &mut self.labels {
            labels.append_option(label);
        }
        self.rows += 1;
    }

    /// The rows pushed since the last call.
    ///
    /// # Panics
    /// If a row had another number of values than the schema has features.
    pub fn take(&mut self) -> RecordBatch {
        self.rows = 0;
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(self.files.finish()),
            Arc::new(self.starts.finish()),
            Arc::new(self.ends.finish()),
        ];
        arrays.extend(
            self.columns
                .iter_mut()
                .map(|c| Arc::new(c.finish()) as ArrayRef),
        );
        if let Some(labels) = &mut self.labels {
            arrays.push(Arc::new(labels.finish()));
        }
        RecordBatch::try_new(self.schema.clone(), arrays)
            .expect("each row has one value per feature, and the types are those of the schema")
    }
}

/// Writes a table as Parquet.
pub struct ParquetWriter<W: Write + Send> {
    /// `None` after the end.
    writer: Option<ArrowWriter<W>>,
    batch: Batch,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Starts a table.
    ///
    /// # Errors
    /// What the target says.
    pub fn new(target: W, schema: &Schema) -> io::Result<Self> {
        let facts = schema.facts.iter();
        let mut properties = WriterProperties::builder()
            .set_created_by(format!("ser {}", env!("CARGO_PKG_VERSION")))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_compression(compression())
            .set_key_value_metadata(Some(
                facts
                    .map(|(key, value)| KeyValue::new(key.clone(), value.clone()))
                    .collect(),
            ));
        for column in schema.features() {
            let path = ColumnPath::from(column.name);
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT);
        }
        let batch = Batch::new(schema);
        let writer = ArrowWriter::try_new(target, batch.schema.clone(), Some(properties.build()))?;
        Ok(Self {
            writer: Some(writer),
            batch,
        })
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let batch = self.batch.take();
        if let Some(writer) = &mut self.writer {
            writer.write(&batch)?;
        }
        Ok(())
    }
}

impl<W: Write + Send> TableWriter for ParquetWriter<W> {
    fn write(&mut self, file: &str, label: Option<&str>, row: &Row<'_>) -> io::Result<()> {
        self.batch.push(file, label, row);
        if self.batch.rows == BATCH_ROWS {
            self.pass_on()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.pass_on()?;
        if let Some(writer) = self.writer.take() {
            writer.into_inner()?.flush()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;
    use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float32Type, Float64Type};

    fn read(bytes: Vec<u8>) -> (Arc<ArrowSchema>, RecordBatch) {
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(path.path(), bytes).unwrap();
        let file = std::fs::File::open(path.path()).unwrap();
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let schema = builder.schema().clone();
        let batch = builder.build().unwrap().next().unwrap().unwrap();
        (schema, batch)
    }

    #[test]
    fn every_bit_every_odd_name_and_the_metadata_come_back() {
        let mut bytes = Vec::new();
        example::write(&mut ParquetWriter::new(&mut bytes, &example::schema()).unwrap());
        let (schema, batch) = read(bytes);
        assert_eq!((batch.num_rows(), batch.num_columns()), (3, 66));
        assert_eq!(batch.column(0).as_string::<i32>().value(0), example::ODD);
        assert_eq!(batch.column(2).as_primitive::<Float64Type>().value(0), 1.5);
        let values: Vec<f32> = (3..65)
            .map(|i| batch.column(i).as_primitive::<Float32Type>().value(0))
            .collect();
        assert!(example::same_bits(&values, &example::values()));
        let labels = batch.column(65).as_string::<i32>();
        assert_eq!(
            labels.iter().collect::<Vec<_>>(),
            [Some("very sad"), None, Some("anger")]
        );
        assert_eq!(schema.metadata()["set"], "GeMAPSv01b");
        let pitch = schema.field(3);
        assert_eq!(pitch.metadata()["unit"], "semitone");
        assert_eq!(pitch.metadata()["group"], "Pitch");
    }

    #[test]
    fn groups_end_after_a_fixed_number_of_rows() {
        let mut bytes = Vec::new();
        let schema = Schema::new(
            ser_features::FeatureSet::GeMapsV01b,
            ser_features::Level::Descriptors,
        );
        let mut writer = ParquetWriter::new(&mut bytes, &schema).unwrap();
        for i in 0..GROUP_ROWS + 10 {
            let row = Row {
                start_s: i as f64,
                end_s: 0.0,
                values: &[0.5; 18],
            };
            writer.write("a", None, &row).unwrap();
        }
        writer.finish().unwrap();
        drop(writer);
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(path.path(), bytes).unwrap();
        let file = std::fs::File::open(path.path()).unwrap();
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let groups: Vec<i64> = builder
            .metadata()
            .row_groups()
            .iter()
            .map(|g| g.num_rows())
            .collect();
        assert_eq!(groups, [GROUP_ROWS as i64, 10]);
    }
}
