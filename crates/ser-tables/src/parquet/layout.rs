//! Which columns of a table of recordings there are, and whether they hold what they should.

use std::collections::HashMap;

use ::parquet::basic::{ConvertedType, LogicalType, Type};
use ::parquet::schema::types::SchemaDescriptor;

/// Which leaves of the schema mean what.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub path: Option<usize>,
    pub audio: Option<usize>,
    pub samples: Option<(usize, usize)>,
    pub start: Option<(usize, f64)>,
    pub end: Option<(usize, f64)>,
}

impl Layout {
    /// Finds them by their names.
    ///
    /// # Errors
    /// In words: a column is missing, or holds something else.
    pub fn of(schema: &SchemaDescriptor, durations: &HashMap<String, i64>) -> Result<Self, String> {
        let leaves = |path: &[&str]| {
            let same = |leaf: &usize| schema.column(*leaf).path().parts() == path;
            (0..schema.num_columns()).find(same)
        };
        let root = |name: &str| {
            let under = |leaf: &usize| {
                schema
                    .column(*leaf)
                    .path()
                    .parts()
                    .first()
                    .is_some_and(|part| part == name)
            };
            (0..schema.num_columns()).find(under)
        };
        let flat = |name: &str, kinds: &[Type], what: &str| match leaves(&[name]) {
            Some(leaf) if kinds.contains(&schema.column(leaf).physical_type()) => Ok(Some(leaf)),
            None if root(name).is_none() => Ok(None),
            _ => Err(format!("its column {name} has no {what}")),
        };
        let numbers = [Type::INT32, Type::INT64, Type::FLOAT, Type::DOUBLE];
        let texts = [Type::BYTE_ARRAY];
        let path = match flat("path", &texts, "texts")? {
            Some(path) => Some(path),
            None => flat("file", &texts, "texts")?,
        };
        let inside = leaves(&["audio", "bytes"]);
        let audio = match inside {
            Some(_) => inside,
            None => flat("audio", &texts, "bytes of files")?,
        };
        let path = path.or(leaves(&["audio", "path"]));
        let samples = root("samples")
            .map(|leaf| {
                let described = schema.column(leaf);
                let suits = match described.physical_type() {
                    Type::FLOAT | Type::DOUBLE => true,
                    Type::INT32 => described.converted_type() == ConvertedType::INT_16,
                    _ => false,
                };
                if described.max_rep_level() != 1 || !suits {
                    return Err(
                        "its column samples has no lists of float, double or int16".to_owned()
                    );
                }
                let rate = match flat("rate", &numbers, "whole numbers of Hz")? {
                    Some(rate) => Some(rate),
                    None => flat("sampling_rate", &numbers, "whole numbers of Hz")?,
                };
                Ok((leaf, rate.ok_or("samples need a column rate, in Hz")?))
            })
            .transpose()?;
        if path.or(audio).or(samples.map(|at| at.0)).is_none() {
            let fields = schema.root_schema().get_fields().iter();
            let names: Vec<&str> = fields.map(|field| field.name()).collect();
            return Err(format!(
                "a table of recordings has a column path, audio, or samples with rate; it has {}",
                names.join(", ")
            ));
        }
        let time = |name: &str| -> Result<Option<(usize, f64)>, String> {
            let Some(leaf) = flat(name, &numbers, "times: they are seconds or durations")? else {
                return Ok(None);
            };
            let column = schema.column(leaf);
            let plain = match column.logical_type_ref() {
                None => column.converted_type() == ConvertedType::NONE,
                Some(LogicalType::Integer(_) | LogicalType::Unknown) => true,
                Some(_) => false,
            };
            match durations.get(name) {
                Some(&nanoseconds) => Ok(Some((leaf, nanoseconds as f64 * 1e-9))),
                None if plain => Ok(Some((leaf, 1.0))),
                None => Err(format!(
                    "its column {name} has no times: they are seconds or durations"
                )),
            }
        };
        Ok(Self {
            path,
            audio: if samples.is_some() { None } else { audio },
            samples,
            start: time("start")?,
            end: time("end")?,
        })
    }
}
