//! Damaged tables and lists of segments end in rows or in an error. Many more: `SER_MUTATIONS=1000000 cargo test --release -p ser-tables --test mutations`.

#[path = "../../../tests/mutate/mod.rs"]
mod mutate;

use ser_tables::input_table::InputTable;
use ser_tables::segment::read_bytes;

fn files() -> Vec<Vec<u8>> {
    let texts = [
        "file,start,end\na.wav,0.1,0.4\nb.wav,1,2\n",
        "\u{feff}file;start;end;label\r\n\"a;b.wav\";0,1;0,4;sad\r\n",
        "# made by x\nfile\tonset (ms)\tduration\na.wav\t100\t0.3\n",
        "\"\",file,start,end\n0,a.wav,0 days 00:00:00.1,PT0.4S\n",
        "a.wav 1 0.1 0.3 word 0.9\na.wav 1 0.5 0.3 other 0.8\n",
        "SPEAKER a 1 0.10 0.30 <NA> <NA> A <NA> <NA>\n;; note\n",
        "0.100000\t0.400000\tangry\n\\\t100\t200\n0.5\t0.7\tsad\n",
        "WEBVTT\n\n1\n00:00:00.100 --> 00:00:00.400\n<v Ann>Hello\n\n00:01.000 --> 00:02.000\nx\n",
        "1\n00:00:00,100 --> 00:00:00,400\nHello\n\n2\n00:00:01,000 --> 00:00:02,000\nx\n",
        "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = 2\ntiers? <exists>\nsize = 1\nitem []:\n    item [1]:\n        class = \"IntervalTier\"\n        name = \"speaker\"\n        xmin = 0\n        xmax = 2\n        intervals: size = 2\n        intervals [1]:\n            xmin = 0\n            xmax = 0.5\n            text = \"a\"\n        intervals [2]:\n            xmin = 0.5\n            xmax = 2\n            text = \"\"\n",
        "<?xml version=\"1.0\"?>\n<ANNOTATION_DOCUMENT><HEADER><MEDIA_DESCRIPTOR MEDIA_URL=\"file:///a.wav\"/></HEADER><TIME_ORDER><TIME_SLOT TIME_SLOT_ID=\"a\" TIME_VALUE=\"100\"/><TIME_SLOT TIME_SLOT_ID=\"b\" TIME_VALUE=\"400\"/></TIME_ORDER><TIER TIER_ID=\"speaker\"><ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1=\"a\" TIME_SLOT_REF2=\"b\"><ANNOTATION_VALUE>y</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>",
    ];
    let wide = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let plain = texts.iter().map(|text| text.as_bytes().to_vec());
    plain.chain([wide(texts[0]), wide(texts[9])]).collect()
}

#[test]
fn damaged_tables_end_in_rows_or_an_error() {
    mutate::each(20_000, 2, &files(), |chance, bytes| {
        let _ = read_bytes(bytes, [None, Some("speaker")][chance.below(2)]);
        let Ok(table) = InputTable::of_bytes(bytes) else {
            return;
        };
        let width = table.names().len();
        for line in table.rows().flatten() {
            assert_eq!(line.cells.len(), width);
            for cell in &line.cells {
                let _ = (cell.text(), cell.number(), cell.time(1.0));
            }
        }
    });
}
