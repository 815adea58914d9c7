//! Apache Parquet: `file` text, `start` and `end` (and the time of a frame) in seconds (`double`), features `float`, `label` text or null.
//!
//! Each field carries its unit, group and meaning as metadata; the file carries set, level, version, settings and their
//! fingerprint. Rows leave in groups of a fixed number, so memory stays flat however long the table is, and the bytes do not
//! depend on how the rows arrived. Floats are split into planes of bytes before compression (`BYTE_STREAM_SPLIT`), which is
//! worth more than the choice of codec: see `docs/formats.md` for the measurement.

use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::basic::{Compression, Encoding};
use ::parquet::data_type::ByteArray;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use ::parquet::schema::types::{ColumnPath, TypePtr};

use self::arrow_schema::{Field, Kind};
use self::columns::{Column, Values, write_group};
use super::{FrameTime, LABEL, Schema, TableWriter};
use ser_features::feature::Row;
use ser_features::feature::egemaps::columns::Column as Description;

mod arrow_schema;
pub mod columns;
mod layout;
mod leaf;
pub(crate) mod read;
pub mod recordings;

/// Rows of a row group: 23 MB of functionals, 7 MB of descriptors.
const GROUP_ROWS: usize = 65_536;

/// Zstandard at its lowest level: on descriptors of Emo-DB a tenth smaller than Snappy at the same speed; higher levels gain
/// little on floats.
fn compression() -> Compression {
    #[cfg(feature = "zstd")]
    return Compression::ZSTD(::parquet::basic::ZstdLevel::default());
    #[cfg(not(feature = "zstd"))]
    Compression::SNAPPY
}

/// The fields of a table, with what is known of each.
fn fields<'a>(schema: &Schema, features: &'a [Description]) -> Vec<Field<'a>> {
    let field = |name, kind, metadata| Field {
        name,
        nullable: false,
        kind,
        metadata,
    };
    let mut names = schema.identity_names();
    let file = names.next();
    let mut fields: Vec<Field<'a>> = file
        .map(|name| field(name, Kind::Text, Vec::new()))
        .into_iter()
        .collect();
    fields.extend(names.map(|name| field(name, Kind::Double, vec![("unit", "s")])));
    fields.extend(features.iter().map(|column| {
        let metadata = vec![
            ("unit", column.unit),
            ("group", column.group.name()),
            ("meaning", column.meaning.as_str()),
        ];
        field(column.name, Kind::Float, metadata)
    }));
    if schema.classes.is_some() {
        fields.push(Field {
            nullable: true,
            ..field(LABEL, Kind::Text, Vec::new())
        });
    }
    fields
}

/// The schema as Parquet has it.
fn message(fields: &[Field<'_>]) -> io::Result<TypePtr> {
    let lines = fields.iter().map(|field| {
        let repetition = if field.nullable {
            "optional"
        } else {
            "required"
        };
        let (kind, note) = match field.kind {
            Kind::Text => ("binary", " (UTF8)"),
            Kind::Float => ("float", ""),
            Kind::Double => ("double", ""),
        };
        format!("{repetition} {kind} {}{note};", field.name)
    });
    let lines: Vec<String> = lines.collect();
    let text = format!("message features {{ {} }}", lines.join(" "));
    Ok(Arc::new(parse_message_type(&text)?))
}

/// Writes a table as Parquet.
pub struct ParquetWriter<W: Write + Send> {
    /// `None` after the end.
    writer: Option<SerializedFileWriter<W>>,
    /// The rows of the group that is being filled, by columns.
    columns: Vec<Column>,
    frame_time: Option<FrameTime>,
    rows: usize,
    /// The last name, which the next row often has too.
    file: ByteArray,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Starts a table.
    ///
    /// # Errors
    /// What the target says.
    pub fn new(target: W, schema: &Schema) -> io::Result<Self> {
        let features = schema.features();
        let fields = fields(schema, &features);
        let facts = schema.facts.iter();
        let facts = facts.map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
        let encoded = arrow_schema::encode(&fields, &schema.facts);
        let encoded = KeyValue::new(arrow_schema::KEY.to_owned(), encoded);
        let mut properties = WriterProperties::builder()
            .set_created_by(format!("ser {}", env!("CARGO_PKG_VERSION")))
            .set_compression(compression())
            .set_key_value_metadata(Some(facts.chain([encoded]).collect()));
        for column in &features {
            let path = ColumnPath::from(column.name);
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT);
        }
        let properties = Arc::new(properties.build());
        let writer = SerializedFileWriter::new(target, message(&fields)?, properties)?;
        let columns = fields.iter().map(|field| match field.kind {
            Kind::Text => Column::Text(Values::default()),
            Kind::Double => Column::Number(Values::default()),
            Kind::Float => Column::Feature(Vec::new()),
        });
        Ok(Self {
            writer: Some(writer),
            columns: columns.collect(),
            frame_time: schema.frame_time,
            rows: 0,
            file: ByteArray::from(""),
        })
    }

    fn pass_on(&mut self) -> io::Result<()> {
        if let (Some(writer), true) = (&mut self.writer, self.rows > 0) {
            write_group(writer, &self.columns)?;
        }
        self.columns.iter_mut().for_each(Column::clear);
        self.rows = 0;
        Ok(())
    }
}

impl<W: Write + Send> TableWriter for ParquetWriter<W> {
    fn write(&mut self, file: &str, label: Option<&str>, row: &Row<'_>) -> io::Result<()> {
        if self.file.data() != file.as_bytes() {
            self.file = ByteArray::from(file);
        }
        let mut texts = [Some(self.file.clone()), label.map(ByteArray::from)].into_iter();
        let time = self.frame_time.map(|time| time.of(row));
        let mut times = [row.start_s, row.end_s].into_iter().chain(time);
        let mut values = row.values.iter();
        for column in &mut self.columns {
            match column {
                Column::Text(to) => to.push(texts.next().flatten()),
                Column::Number(to) => to.push(times.next()),
                Column::Feature(to) => to.extend(values.next()),
                Column::Integer(_) => {}
            }
        }
        self.rows += 1;
        if self.rows == GROUP_ROWS {
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
    use crate::input_table::Cell;
    use ::parquet::file::reader::{FileReader, SerializedFileReader};

    fn file(bytes: &[u8]) -> std::fs::File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn every_bit_every_odd_name_and_the_metadata_come_back() {
        let mut bytes = Vec::new();
        example::write(&mut ParquetWriter::new(&mut bytes, &example::schema()).unwrap());
        let table = read::Stored::open(file(&bytes)).unwrap();
        assert_eq!((table.rows, table.names.len()), (3, 66));
        let row = table.row(0);
        assert_eq!(row[0], Cell::Text(example::ODD.into()));
        assert_eq!(row[2], Cell::Number(1.5));
        let values: Vec<f32> = row[3..65]
            .iter()
            .map(|cell| cell.number().unwrap().unwrap() as f32)
            .collect();
        assert!(example::same_bits(&values, &example::values()));
        let labels: Vec<_> = (0..3).map(|row| table.row(row)[65].text()).collect();
        assert_eq!(
            labels,
            [Some("very sad".into()), None, Some("anger".into())]
        );
        assert!(table.facts.contains(&("set".into(), "GeMAPSv01b".into())));
        assert!(table.facts.iter().any(|(key, _)| key == arrow_schema::KEY));
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
        let reader = SerializedFileReader::new(file(&bytes)).unwrap();
        let groups = reader.metadata().row_groups().iter();
        let groups: Vec<i64> = groups.map(|g| g.num_rows()).collect();
        assert_eq!(groups, [GROUP_ROWS as i64, 10]);
    }
}
