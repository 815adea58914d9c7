//! Any bytes as a table: encoding, separator, quotes, header, numbers and times of every cell.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ser_tables::input_table::InputTable;

fuzz_target!(|data: &[u8]| {
    let Ok(table) = InputTable::of_bytes(data) else {
        return;
    };
    let width = table.names().len();
    for line in table.rows().flatten() {
        for column in 0..width {
            let cell = line.cell(column);
            let _ = (cell.text(), cell.number(), cell.time(1.0));
        }
    }
});
