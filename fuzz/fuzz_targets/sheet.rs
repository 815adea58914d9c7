//! Any bytes as a table: encoding, separator, quotes, header, numbers and times of every cell.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ser_tables::sheet::Sheet;

fuzz_target!(|data: &[u8]| {
    let Ok(sheet) = Sheet::of_bytes(data) else {
        return;
    };
    let width = sheet.names().len();
    for line in sheet.rows().flatten() {
        for column in 0..width {
            let cell = line.cell(column);
            let _ = (cell.text(), cell.number(), cell.time(1.0));
        }
    }
});
