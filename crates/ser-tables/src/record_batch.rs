//! Features as Arrow record batches: `file`, `start`, `end`, then the columns of the set, and `label` where there are labels.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{Float32Builder, Float64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema as ArrowSchema};

use super::{FrameTime, LABEL, Schema};
use ser_features::feature::{Features, Row};

/// The Arrow schema of a table.
pub fn arrow_schema(schema: &Schema) -> ArrowSchema {
    let second = || HashMap::from([("unit".to_owned(), "s".to_owned())]);
    let mut names = schema.identity_names();
    let file = names.next();
    let file = file.map(|name| Field::new(name, DataType::Utf8, false));
    let mut fields: Vec<Field> = file.into_iter().collect();
    fields.extend(
        names.map(|name| Field::new(name, DataType::Float64, false).with_metadata(second())),
    );
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
/// use ser_tables::record_batch::record_batch;
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
    times: Option<(FrameTime, Float64Builder)>,
    columns: Vec<Float32Builder>,
    labels: Option<StringBuilder>,
}

impl Batch {
    /// A batch without rows.
    pub fn new(schema: &Schema) -> Self {
        Self {
            schema: Arc::new(arrow_schema(schema)),
            files: StringBuilder::new(),
            starts: Float64Builder::new(),
            ends: Float64Builder::new(),
            times: schema.frame_time.map(|time| (time, Float64Builder::new())),
            columns: schema
                .features()
                .iter()
                .map(|_| Float32Builder::new())
                .collect(),
            labels: schema.classes.as_ref().map(|_| StringBuilder::new()),
        }
    }

    /// Appends a row.
    pub fn push(&mut self, file: &str, label: Option<&str>, row: &Row<'_>) {
        self.files.append_value(file);
        self.starts.append_value(row.start_s);
        self.ends.append_value(row.end_s);
        if let Some((time, values)) = &mut self.times {
            values.append_value(time.of(row));
        }
        for (column, &value) in self.columns.iter_mut().zip(row.values) {
            column.append_value(value);
        }
        if let Some(labels) = &mut self.labels {
            labels.append_option(label);
        }
    }

    /// The rows pushed since the last call.
    ///
    /// # Panics
    /// If a row had another number of values than the schema has features.
    pub fn take(&mut self) -> RecordBatch {
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(self.files.finish()),
            Arc::new(self.starts.finish()),
            Arc::new(self.ends.finish()),
        ];
        if let Some((_, values)) = &mut self.times {
            arrays.push(Arc::new(values.finish()));
        }
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
