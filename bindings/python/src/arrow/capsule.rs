//! Capsules: where Python's objects hand over the structs of the C data interface. The only place with unsafe code, which the interface asks for.

use std::ffi::CStr;
use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi, to_ffi};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::ffi_stream::RecordBatchStreamReader;
use arrow_array::{Array, RecordBatch, RecordBatchIterator, StructArray};
use arrow_data::ArrayData;
use arrow_data::transform::MutableArrayData;
use arrow_schema::{ArrowError, Schema, SchemaRef};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use crate::columns::value_error;

const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";
const STREAM: &CStr = c"arrow_array_stream";

/// Record batches of one schema, which any library of Arrow takes as they are.
#[pyclass(frozen, module = "ser._native", name = "Batches")]
pub struct Batches {
    pub(super) schema: SchemaRef,
    pub(super) batches: Vec<RecordBatch>,
}

impl Batches {
    /// Takes over what a Python object offers: a stream, or a single batch.
    ///
    /// # Errors
    /// `TypeError` for an object that offers nothing, `ValueError` for one that breaks the interface.
    pub(super) fn import(data: &Bound<'_, PyAny>) -> PyResult<Self> {
        if data.hasattr("__arrow_c_stream__")? {
            let capsule = data.call_method0("__arrow_c_stream__")?;
            return Self::of_stream(capsule.cast::<PyCapsule>()?);
        }
        if data.hasattr("__arrow_c_array__")? {
            let pair = data.call_method0("__arrow_c_array__")?;
            let (schema, array): (Bound<'_, PyCapsule>, Bound<'_, PyCapsule>) =
                pair.cast::<PyTuple>()?.extract()?;
            return Self::of_array(&schema, &array);
        }
        let kind = data.get_type().name()?;
        Err(PyTypeError::new_err(format!(
            "expected a table or batch of Arrow (an object with __arrow_c_stream__ or __arrow_c_array__), not {kind}"
        )))
    }

    fn of_stream(capsule: &Bound<'_, PyCapsule>) -> PyResult<Self> {
        let pointer = capsule.pointer_checked(Some(STREAM))?;
        // SAFETY: a capsule of this name holds this struct, and taking it marks it as released there.
        let reader = unsafe { RecordBatchStreamReader::from_raw(pointer.as_ptr().cast()) };
        let reader = reader.map_err(value_error)?;
        let schema = arrow_array::RecordBatchReader::schema(&reader);
        let batches = reader.collect::<Result<Vec<_>, _>>().map_err(value_error)?;
        Ok(Self { schema, batches })
    }

    fn of_array(schema: &Bound<'_, PyCapsule>, array: &Bound<'_, PyCapsule>) -> PyResult<Self> {
        let schema = schema.pointer_checked(Some(SCHEMA))?;
        let array = array.pointer_checked(Some(ARRAY))?;
        // SAFETY: capsules of these names hold these structs; they are taken out, which marks them as released there.
        let data = unsafe {
            let schema = FFI_ArrowSchema::from_raw(schema.as_ptr().cast());
            let metadata = Schema::try_from(&schema).map(|schema| schema.metadata);
            let array = FFI_ArrowArray::from_raw(array.as_ptr().cast());
            from_ffi(array, &schema).map(|data| (data, metadata.unwrap_or_default()))
        };
        let (data, metadata) = data.map_err(value_error)?;
        if !matches!(data.data_type(), arrow_schema::DataType::Struct(_)) {
            return Err(PyTypeError::new_err(
                "expected a batch, a struct of columns, not a single column",
            ));
        }
        let batch = RecordBatch::from(StructArray::from(data));
        let schema = batch.schema().as_ref().clone().with_metadata(metadata);
        let batch = batch.with_schema(Arc::new(schema)).map_err(value_error)?;
        Ok(Self {
            schema: batch.schema(),
            batches: vec![batch],
        })
    }
}

impl Batches {
    /// All rows as one array of structs; a single batch is not copied.
    fn whole(&self) -> Result<ArrayData, ArrowError> {
        let of = |batch: &RecordBatch| StructArray::from(batch.clone()).to_data();
        Ok(match self.batches.as_slice() {
            [] => of(&RecordBatch::new_empty(self.schema.clone())),
            [batch] => of(batch),
            batches => {
                let parts: Vec<ArrayData> = batches.iter().map(of).collect();
                let rows = parts.iter().map(ArrayData::len).sum();
                let mut whole = MutableArrayData::new(parts.iter().collect(), false, rows);
                for (at, part) in parts.iter().enumerate() {
                    whole.try_extend(at, 0, part.len())?;
                }
                whole.freeze()
            }
        })
    }
}

#[pymethods]
impl Batches {
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.schema.as_ref()).map_err(value_error)?;
        PyCapsule::new_with_value(py, schema, SCHEMA)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        let _ = requested_schema; // a request, which need not be met
        let (array, _) = to_ffi(&self.whole().map_err(value_error)?).map_err(value_error)?;
        let schema = self.__arrow_c_schema__(py)?;
        Ok((schema, PyCapsule::new_with_value(py, array, ARRAY)?))
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let batches = self.batches.clone().into_iter().map(Ok);
        let reader = RecordBatchIterator::new(batches, self.schema.clone());
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), STREAM)
    }

    /// The names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        let fields = self.schema.fields().iter();
        fields.map(|field| field.name().clone()).collect()
    }

    /// The number of rows.
    #[getter]
    fn num_rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn __len__(&self) -> usize {
        self.num_rows()
    }

    fn __repr__(&self) -> String {
        let (rows, columns) = (self.num_rows(), self.schema.fields().len());
        format!("<ser.arrow table of {rows} rows and {columns} columns>")
    }
}
