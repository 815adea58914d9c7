//! The manifest as Parquet.
//!
//! Compressed with Snappy: every reader has it, and it is pure Rust (zstd would need a C compiler).

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::ByteArray;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use ser_tables::parquet::columns::{Column, write_group};

use super::manifest::{COLUMNS, Cell, CellKind, ManifestRow};

/// Writes the manifest.
pub(crate) fn write(rows: &[ManifestRow<'_>], target: impl Write + Send) -> io::Result<()> {
    let fields: Vec<String> = COLUMNS
        .iter()
        .map(|column| match column.kind {
            CellKind::Text => format!("optional binary {} (UTF8);", column.name),
            CellKind::Integer => format!("optional int64 {};", column.name),
            CellKind::Number => format!("optional double {};", column.name),
        })
        .collect();
    let schema = parse_message_type(&format!("message manifest {{ {} }}", fields.join(" ")))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
    let properties = Arc::new(properties.build());
    let mut writer = SerializedFileWriter::new(target, Arc::new(schema), properties)?;
    let columns = COLUMNS.iter().map(|column| {
        let cells = rows.iter().map(column.cell);
        match column.kind {
            CellKind::Text => Column::Text(
                cells
                    .map(|cell| match cell {
                        Cell::Text(text) => text.map(|text| ByteArray::from(text.into_bytes())),
                        _ => None,
                    })
                    .collect(),
            ),
            CellKind::Integer => Column::Integer(
                cells
                    .map(|cell| match cell {
                        Cell::Integer(integer) => integer,
                        _ => None,
                    })
                    .collect(),
            ),
            CellKind::Number => Column::Number(
                cells
                    .map(|cell| match cell {
                        Cell::Number(number) => number,
                        _ => None,
                    })
                    .collect(),
            ),
        }
    });
    write_group(&mut writer, &columns.collect::<Vec<_>>())?;
    writer.close()?;
    Ok(())
}
