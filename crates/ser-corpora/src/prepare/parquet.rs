//! The manifest as Parquet.
//!
//! Written column by column without Arrow, which would double the build for one table. Compressed with Snappy: every reader has it, and it
//! is pure Rust (zstd would need a C compiler).

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::manifest::{COLUMNS, Cell, Kind, Row};

/// Writes the manifest.
pub(crate) fn write(rows: &[Row<'_>], target: impl Write + Send) -> io::Result<()> {
    try_write(rows, target).map_err(io::Error::other)
}

fn try_write(rows: &[Row<'_>], target: impl Write + Send) -> Result<(), ParquetError> {
    let fields: Vec<String> = COLUMNS
        .iter()
        .map(|column| match column.kind {
            Kind::Text => format!("optional binary {} (UTF8);", column.name),
            Kind::Whole => format!("optional int64 {};", column.name),
            Kind::Number => format!("optional double {};", column.name),
        })
        .collect();
    let schema = Arc::new(parse_message_type(&format!(
        "message manifest {{ {} }}",
        fields.join(" ")
    ))?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .build();
    let mut writer = SerializedFileWriter::new(target, schema, Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for column in COLUMNS {
        let Some(mut target) = group.next_column()? else {
            break;
        };
        let cells: Vec<Cell> = rows.iter().map(column.cell).collect();
        let (mut texts, mut wholes, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        // 1 where there is a value, which is then in its list.
        let levels: Vec<i16> = cells
            .into_iter()
            .map(|cell| match cell {
                Cell::Text(Some(text)) => {
                    texts.push(ByteArray::from(text.into_bytes()));
                    1
                }
                Cell::Whole(Some(whole)) => {
                    wholes.push(whole);
                    1
                }
                Cell::Number(Some(number)) => {
                    numbers.push(number);
                    1
                }
                _ => 0,
            })
            .collect();
        match column.kind {
            Kind::Text => {
                target
                    .typed::<ByteArrayType>()
                    .write_batch(&texts, Some(&levels), None)?
            }
            Kind::Whole => target
                .typed::<Int64Type>()
                .write_batch(&wholes, Some(&levels), None)?,
            Kind::Number => {
                target
                    .typed::<DoubleType>()
                    .write_batch(&numbers, Some(&levels), None)?
            }
        };
        target.close()?;
    }
    group.close()?;
    writer.close()?;
    Ok(())
}
