//! The Arrow schema that readers look for in a Parquet file, under the key `ARROW:schema`: units and meanings of fields, and which whole numbers are
//! durations, are known from there only.
//!
//! It is an encapsulated IPC message in base64: `FFFFFFFF`, a length, and a Flatbuffer whose tables and slots are those of `Message.fbs` and `Schema.fbs`
//! (Apache Arrow columnar format 1.5, "Serialization and Interprocess Communication"). Written here for three types without the Arrow crates, whose kernels
//! would double the build; read here without trust.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flatbuffers::{FlatBufferBuilder, TableFinishedWIPOffset, WIPOffset};

/// The key of the schema in a file's metadata.
pub(super) const KEY: &str = "ARROW:schema";

/// The type of a field that a table of features has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// UTF-8.
    Text,
    /// 32 bits.
    Float,
    /// 64 bits.
    Double,
}

/// One field of the schema.
pub(super) struct Field<'a> {
    pub name: &'a str,
    pub nullable: bool,
    pub kind: Kind,
    pub metadata: Vec<(&'a str, &'a str)>,
}

/// Places of the fields in the Flatbuffers' tables of `Message.fbs` and `Schema.fbs`.
mod slot {
    pub const MESSAGE_VERSION: u16 = 4;
    pub const MESSAGE_HEADER_TYPE: u16 = 6;
    pub const MESSAGE_HEADER: u16 = 8;
    pub const SCHEMA_FIELDS: u16 = 6;
    pub const SCHEMA_METADATA: u16 = 8;
    pub const FIELD_NAME: u16 = 4;
    pub const FIELD_NULLABLE: u16 = 6;
    pub const FIELD_TYPE_TYPE: u16 = 8;
    pub const FIELD_TYPE: u16 = 10;
    pub const FIELD_CHILDREN: u16 = 14;
    pub const FIELD_METADATA: u16 = 16;
    pub const PAIR_KEY: u16 = 4;
    pub const PAIR_VALUE: u16 = 6;
    /// `FloatingPoint.precision` and `Duration.unit`.
    pub const PARAMETER: u16 = 4;
}

const VERSION_5: i16 = 4;
const HEADER_IS_SCHEMA: u8 = 1;
const TYPE_FLOATING_POINT: u8 = 3;
const TYPE_UTF8: u8 = 5;
const TYPE_DURATION: u8 = 18;
const PRECISION_SINGLE: i16 = 1;
const PRECISION_DOUBLE: i16 = 2;

type Table = WIPOffset<TableFinishedWIPOffset>;

/// The value for [`KEY`].
pub(super) fn encode(fields: &[Field<'_>], facts: &[(String, String)]) -> String {
    let mut builder = FlatBufferBuilder::new();
    let fields: Vec<Table> = fields.iter().map(|f| field(&mut builder, f)).collect();
    let fields = builder.create_vector(&fields);
    let facts = facts.iter().map(|(k, v)| (k.as_str(), v.as_str()));
    let facts = pairs(&mut builder, facts);
    let facts = builder.create_vector(&facts);

    let schema = builder.start_table();
    builder.push_slot_always(slot::SCHEMA_FIELDS, fields);
    builder.push_slot_always(slot::SCHEMA_METADATA, facts);
    let schema = builder.end_table(schema);

    let message = builder.start_table();
    builder.push_slot_always(slot::MESSAGE_VERSION, VERSION_5);
    builder.push_slot_always(slot::MESSAGE_HEADER_TYPE, HEADER_IS_SCHEMA);
    builder.push_slot_always(slot::MESSAGE_HEADER, schema);
    let message = builder.end_table(message);
    builder.finish_minimal(message);

    let data = builder.finished_data();
    let length = data.len().next_multiple_of(8);
    let mut bytes = vec![0xff; 4];
    bytes.extend((length as u32).to_le_bytes());
    bytes.extend(data);
    bytes.resize(8 + length, 0);
    BASE64_STANDARD.encode(bytes)
}

fn field(builder: &mut FlatBufferBuilder<'_>, field: &Field<'_>) -> Table {
    let name = builder.create_string(field.name);
    let precision = match field.kind {
        Kind::Text => None,
        Kind::Float => Some(PRECISION_SINGLE),
        Kind::Double => Some(PRECISION_DOUBLE),
    };
    let kind = builder.start_table();
    if let Some(precision) = precision {
        builder.push_slot_always(slot::PARAMETER, precision);
    }
    let kind = builder.end_table(kind);
    let children = builder.create_vector::<Table>(&[]);
    let metadata = pairs(builder, field.metadata.iter().copied());
    let metadata = builder.create_vector(&metadata);

    let table = builder.start_table();
    builder.push_slot_always(slot::FIELD_NAME, name);
    builder.push_slot_always(slot::FIELD_NULLABLE, field.nullable);
    builder.push_slot_always(
        slot::FIELD_TYPE_TYPE,
        match field.kind {
            Kind::Text => TYPE_UTF8,
            Kind::Float | Kind::Double => TYPE_FLOATING_POINT,
        },
    );
    builder.push_slot_always(slot::FIELD_TYPE, kind);
    builder.push_slot_always(slot::FIELD_CHILDREN, children);
    builder.push_slot_always(slot::FIELD_METADATA, metadata);
    builder.end_table(table)
}

fn pairs<'a>(
    builder: &mut FlatBufferBuilder<'_>,
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<Table> {
    let mut tables = Vec::new();
    for (key, value) in pairs {
        let key = builder.create_string(key);
        let value = builder.create_string(value);
        let table = builder.start_table();
        builder.push_slot_always(slot::PAIR_KEY, key);
        builder.push_slot_always(slot::PAIR_VALUE, value);
        tables.push(builder.end_table(table));
    }
    tables
}

/// The fields that are durations, with the nanoseconds of their unit; nothing for what cannot be read.
pub(super) fn durations(text: &str) -> HashMap<String, i64> {
    let bytes = BASE64_STANDARD.decode(text).unwrap_or_default();
    // Of old the length stood alone, without the marker before it.
    let start = if bytes.starts_with(&[0xff; 4]) { 8 } else { 4 };
    let message = Flatbuffer(bytes.get(start..).unwrap_or_default());
    message.durations().unwrap_or_default()
}

/// A Flatbuffer, each offset of which may lead anywhere.
struct Flatbuffer<'a>(&'a [u8]);

impl<'a> Flatbuffer<'a> {
    fn durations(&self) -> Option<HashMap<String, i64>> {
        let message = self.behind(0)?;
        let header = self.slot(message, slot::MESSAGE_HEADER_TYPE)?;
        if self.0.get(header) != Some(&HEADER_IS_SCHEMA) {
            return None;
        }
        let schema = self.behind(self.slot(message, slot::MESSAGE_HEADER)?)?;
        let fields = self.behind(self.slot(schema, slot::SCHEMA_FIELDS)?)?;
        let count = self.u32(fields)?;
        let mut found = HashMap::new();
        for number in 0..count as usize {
            let field = self.behind(fields + 4 + 4 * number)?;
            let kind = self.slot(field, slot::FIELD_TYPE_TYPE);
            if kind.and_then(|at| self.0.get(at)) != Some(&TYPE_DURATION) {
                continue;
            }
            let parameters = self.behind(self.slot(field, slot::FIELD_TYPE)?)?;
            let unit = match self.slot(parameters, slot::PARAMETER) {
                Some(at) => u16::from_le_bytes(self.bytes(at)?),
                None => 1,
            };
            let unit = *[1_000_000_000, 1_000_000, 1000, 1].get(usize::from(unit))?;
            let name = self.text(self.slot(field, slot::FIELD_NAME)?)?;
            // Names that overlap in a hostile file must not add up to more than the file.
            if found.len() * name.len() > self.0.len() {
                return None;
            }
            found.insert(name.to_owned(), unit);
        }
        Some(found)
    }

    fn bytes<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    fn u32(&self, at: usize) -> Option<u32> {
        self.bytes(at).map(u32::from_le_bytes)
    }

    /// Where the offset at a place leads.
    fn behind(&self, at: usize) -> Option<usize> {
        at.checked_add(self.u32(at)? as usize)
    }

    /// Where a table has the field of a slot; `None` if it has not.
    fn slot(&self, table: usize, slot: u16) -> Option<usize> {
        let back = i32::from_le_bytes(self.bytes(table)?);
        let offsets = usize::try_from(i64::try_from(table).ok()? - i64::from(back)).ok()?;
        let size = u16::from_le_bytes(self.bytes(offsets)?);
        if slot + 2 > size {
            return None;
        }
        match u16::from_le_bytes(self.bytes(offsets + usize::from(slot))?) {
            0 => None,
            offset => Some(table + usize::from(offset)),
        }
    }

    fn text(&self, at: usize) -> Option<&'a str> {
        let start = self.behind(at)?;
        let length = self.u32(start)? as usize;
        let text = self.0.get(start + 4..(start + 4).checked_add(length)?)?;
        std::str::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `pyarrow.schema([("file", pa.string()), ("start", pa.duration("ns")), ("end", pa.duration("ms"))])` in a Parquet file of pyarrow 26.
    const OF_PYARROW: &str = include_str!("arrow_schema.txt");

    #[test]
    fn durations_of_pyarrow_are_known() {
        let found = durations(OF_PYARROW.trim());
        let expected = [("start".to_owned(), 1), ("end".to_owned(), 1_000_000)];
        assert_eq!(found, HashMap::from(expected));
    }

    #[test]
    fn damage_gives_nothing_or_less_but_no_panic() {
        let bytes = BASE64_STANDARD.decode(OF_PYARROW.trim()).unwrap();
        for at in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] = value;
                assert!(durations(&BASE64_STANDARD.encode(&damaged)).len() <= 3);
            }
            assert!(durations(&BASE64_STANDARD.encode(&bytes[..at])).len() <= 2);
        }
    }
}
