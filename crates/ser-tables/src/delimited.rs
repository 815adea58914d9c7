//! Texts as records of fields, whoever wrote them.
//!
//! ```text
//! record = field { separator field } line-end        field = bare | '"' { any | '""' } '"'
//! ```
//!
//! The form is that of RFC 4180 with what programs make of it: the separator is the one of comma, semicolon, tab and bar that the first line has most
//! of (a line `sep=;` before it, as Excel writes it, decides), or blanks, if it has none of them. Where the first line has several and fewer than half of the
//! next lines come out as long with the first choice, the one that most of them agree with is taken. Further: lines end in LF, CR LF or CR; empty lines, and lines of
//! separators alone, are no records. A quote that stands inside a bare field, or is followed by more than the end of its field, is an ordinary character; one
//! that is never closed is an error, for it would swallow the rest of the file. Each record knows the line it begins in.
//!
//! Y. Shafranovich (2005), "Common Format and MIME Type for Comma-Separated Values (CSV) Files", RFC 4180.

use std::borrow::Cow;

use crate::encoding::clean;

/// What stands between fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// One character.
    Char(char),
    /// Any number of blanks.
    Blanks,
    /// Nothing: each line is one field.
    None,
}

/// Fields without the blanks around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The line in which it begins, counted from 1.
    pub line: usize,
    /// The fields, at least one.
    pub fields: Vec<Cow<'a, str>>,
}

/// A quote that is never closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: a quote opens here and is never closed")]
pub struct Unclosed {
    /// Its line, counted from 1.
    pub line: usize,
}

/// The records of a text, one after the other.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    rest: &'a str,
    line: usize,
    separator: Separator,
}

impl<'a> Records<'a> {
    /// The records of a decoded text.
    pub fn new(text: &'a str) -> Self {
        let mut records = Self {
            rest: text.trim_start_matches('\u{feff}'),
            line: 1,
            separator: Separator::None,
        };
        records.skip_empty_lines();
        let first = line_of(records.rest);
        if let Some(stated) = stated(first) {
            records.separator = Separator::Char(stated);
            records.rest = &records.rest[first.len()..];
            records.skip_empty_lines();
        } else {
            records.separator = records.likely();
        }
        records
    }

    /// The separator of which the first line has most; where the lines below contradict it, another one of the first line's.
    fn likely(&self) -> Separator {
        let first = line_of(self.rest);
        let candidates = candidates(first);
        let Some(&most) = candidates.first() else {
            return match first.split_whitespace().nth(1).is_some() && !first.starts_with('"') {
                true => Separator::Blanks,
                false => Separator::None,
            };
        };
        if candidates.len() == 1 {
            return Separator::Char(most);
        }
        let (mut best, mut agreeing) = (most, 0);
        for separator in candidates {
            let (alike, of) = self.alike(separator);
            if separator == most && 2 * alike >= of {
                break;
            }
            if alike > agreeing {
                (best, agreeing) = (separator, alike);
            }
        }
        Separator::Char(best)
    }

    /// How many of the next records have as many fields as the first one with this separator, and of how many.
    fn alike(&self, separator: char) -> (usize, usize) {
        const LOOKED_AT: usize = 8;
        let mut trial = Self {
            separator: Separator::Char(separator),
            ..self.clone()
        };
        let width = match trial.next() {
            Some(Ok(first)) => first.fields.len(),
            _ => return (0, 1),
        };
        let (mut alike, mut of) = (0, 0);
        for record in trial.take(LOOKED_AT) {
            of += 1;
            alike += usize::from(record.is_ok_and(|record| {
                let (own, rest) = record.fields.split_at(record.fields.len().min(width));
                own.len() == width && rest.iter().all(|field| field.is_empty())
            }));
        }
        (alike, of)
    }

    /// What stands between fields.
    pub fn separator(&self) -> Separator {
        self.separator
    }

    fn skip_empty_lines(&mut self) {
        loop {
            let line = line_of(self.rest);
            if !clean(line).is_empty() || self.rest.is_empty() {
                return;
            }
            self.rest = &self.rest[line.len()..];
            self.end_line();
        }
    }

    /// Steps over one line end, if one is here.
    fn end_line(&mut self) {
        let ends = ["\r\n", "\n", "\r"];
        if let Some(rest) = ends.iter().find_map(|end| self.rest.strip_prefix(end)) {
            self.rest = rest;
            self.line += 1;
        }
    }

    /// One field; the rest begins with what follows it.
    fn field(&mut self) -> Result<Cow<'a, str>, Unclosed> {
        let is_end = |c: char| match self.separator {
            Separator::Char(separator) => c == separator || c == '\n' || c == '\r',
            Separator::Blanks => c.is_whitespace(),
            Separator::None => c == '\n' || c == '\r',
        };
        let blank = |c: char| c != '\n' && c != '\r' && c.is_whitespace() && !is_end(c);
        let start = self.rest.trim_start_matches(blank);
        if let Some(inner) = start.strip_prefix('"') {
            match quoted(inner) {
                Some((value, after)) => {
                    let after = after.trim_start_matches(blank);
                    if after.is_empty() || after.starts_with(is_end) {
                        let taken = &start[..start.len() - after.len()];
                        self.line += line_ends(taken);
                        self.rest = after;
                        return Ok(value);
                    }
                }
                None => return Err(Unclosed { line: self.line }),
            }
        }
        let length = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(Cow::Borrowed(clean(field)))
    }

    fn record(&mut self) -> Result<Record<'a>, Unclosed> {
        let line = self.line;
        let mut fields = Vec::new();
        loop {
            if self.separator == Separator::Blanks {
                let blank = |c: char| c.is_whitespace() && c != '\n' && c != '\r';
                self.rest = self.rest.trim_start_matches(blank);
                if self.rest.is_empty() || self.rest.starts_with(['\n', '\r']) {
                    break;
                }
            }
            fields.push(self.field()?);
            match self.separator {
                Separator::Char(separator) if self.rest.starts_with(separator) => {
                    self.rest = &self.rest[separator.len_utf8()..];
                }
                Separator::Blanks if !self.rest.is_empty() => {}
                _ => break,
            }
        }
        self.end_line();
        Ok(Record { line, fields })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Unclosed>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.skip_empty_lines();
            if self.rest.is_empty() {
                return None;
            }
            match self.record() {
                Ok(record) if record.fields.iter().all(|field| field.is_empty()) => {}
                Err(error) => {
                    self.rest = "";
                    return Some(Err(error));
                }
                record => return Some(record),
            }
        }
    }
}

/// The line that a text begins with, without its end.
fn line_of(text: &str) -> &str {
    &text[..text.find(['\n', '\r']).unwrap_or(text.len())]
}

fn line_ends(text: &str) -> usize {
    let feeds = text.matches('\n').count();
    feeds + text.matches('\r').count() - text.matches("\r\n").count()
}

/// What a quoted field holds, and what follows its closing quote; `None` if nothing closes it.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut from = 0;
    loop {
        let quote = from + text[from..].find('"')?;
        if !text[quote + 1..].starts_with('"') {
            let inner = &text[..quote];
            let value = match inner.contains("\"\"") {
                true => Cow::Owned(inner.replace("\"\"", "\"")),
                false => Cow::Borrowed(inner),
            };
            return Some((value, &text[quote + 1..]));
        }
        from = quote + 2;
    }
}

/// The separator that a line like `sep=;` states.
fn stated(line: &str) -> Option<char> {
    let head = line.get(..4)?;
    let mut rest = line[4..].trim_end_matches('"').chars();
    match (head.eq_ignore_ascii_case("sep="), rest.next(), rest.next()) {
        (true, Some(separator), None) => Some(separator),
        _ => None,
    }
}

/// The separators that a line has outside of quotes, those that it has most of first.
fn candidates(line: &str) -> Vec<char> {
    let mut inside = false;
    let mut counts = [('\t', 0), (';', 0), (',', 0), ('|', 0)];
    for c in line.chars() {
        inside ^= c == '"';
        if let Some((_, count)) = counts.iter_mut().find(|(known, _)| *known == c && !inside) {
            *count += 1;
        }
    }
    // Stable, so that of equal numbers the order above decides.
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let there = counts.into_iter().filter(|(_, count)| *count > 0);
    there.map(|(separator, _)| separator).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str) -> Vec<(usize, Vec<String>)> {
        Records::new(text)
            .map(|record| {
                let record = record.unwrap();
                let fields = record.fields.iter().map(ToString::to_string).collect();
                (record.line, fields)
            })
            .collect()
    }

    fn strings(fields: &[&str]) -> Vec<String> {
        fields.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_separator_and_line_end_gives_the_same_fields() {
        let expected = [
            (1, strings(&["file", "start", "end"])),
            (2, strings(&["a.wav", "0.1", "0.4"])),
        ];
        for text in [
            "file,start,end\na.wav,0.1,0.4\n",
            "\u{feff}file;start;end\r\na.wav;0.1;0.4",
            "file\tstart\tend\ra.wav\t0.1\t0.4\r",
            "file | start | end\na.wav | 0.1 | 0.4\n\n",
            "file  start end\n a.wav 0.1   0.4 \n",
            "\"file\", \"start\", \"end\"\n\"a.wav\", 0.1, 0.4\n,,\n",
        ] {
            assert_eq!(all(text), expected, "{text:?}");
        }
        assert_eq!(
            all("sep=;\r\nfile;end\r\na,b;1\r\n"),
            [(2, strings(&["file", "end"])), (3, strings(&["a,b", "1"]))]
        );
    }

    #[test]
    fn the_lines_below_decide_where_the_first_has_several_separators() {
        let found = all("file;end;what, if, any, said\na.wav;0,4;no\nb.wav;0,5;oh, yes\n");
        assert_eq!(found[1].1, ["a.wav", "0,4", "no"]);
        assert_eq!(found[2].1, ["b.wav", "0,5", "oh, yes"]);
        // One short row does not turn a table of commas into one of semicolons.
        let found = all("file,label,said; how\na,x,y; z\nb,w; v\nc,x,y; z\n");
        assert_eq!(found[1].1, ["a", "x", "y; z"]);
        assert_eq!(all("a;b,c,d\n")[0].1, ["a;b", "c", "d"]);
    }

    #[test]
    fn lines_are_counted_through_quotes_and_empty_lines() {
        let found = all("a,b\n\n\"x\ny\",1\r\n\r\nz,2\n");
        let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3, 6]);
        assert_eq!(found[1].1, ["x\ny", "1"]);
    }

    #[test]
    fn a_quote_is_an_ordinary_character_where_it_does_not_enclose() {
        assert_eq!(all("a,b\n\"c\".wav,5\" x\n")[1].1, ["\"c\".wav", "5\" x"]);
        assert_eq!(all("a,b\n\"say \"\"no\"\"\",1\n")[1].1, ["say \"no\"", "1"]);
        let open = Records::new("a,b\nx,1\n\"y,2\nz,3\n").last().unwrap();
        assert_eq!(open, Err(Unclosed { line: 3 }));
    }

    #[test]
    fn one_column_is_read_line_by_line() {
        assert_eq!(all("file\nmy voice.wav\n")[1].1, ["my voice.wav"]);
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_comes_back(rows in prop::collection::vec(prop::collection::vec("[ -~\n\r\u{e9}]{0,9}", 3), 1..6)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["a", "b", "c"]).unwrap();
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let found: Vec<Vec<String>> = all(&text).into_iter().skip(1).map(|(_, fields)| fields).collect();
            let kept = |row: &&Vec<String>| row.iter().any(|field| !clean(field).is_empty());
            let tidy = |row: &Vec<String>| -> Vec<String> { row.iter().map(|field| clean(field).to_owned()).collect() };
            let expected: Vec<Vec<String>> = rows.iter().filter(kept).map(tidy).collect();
            let found: Vec<Vec<String>> = found.iter().filter(kept).map(tidy).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn no_text_makes_it_panic_or_run_for_ever(text in "[a,;\"\t \n\r\u{feff}]{0,60}") {
            prop_assert!(Records::new(&text).count() <= 61);
        }
    }
}
